"""A registry that is nothing but a git repository and static files."""

__version__ = "0.1.0"
