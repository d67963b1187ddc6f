"""What kind of address a text is, without looking at what lies there."""

from urllib.parse import urlsplit


def is_site(where: str) -> bool:
    """Whether `where` is the address of a site and not a path."""
    return urlsplit(where).scheme in ("http", "https")


def is_git_address(where: str) -> bool:
    """Whether `where` can only be a git repository behind a network: `ssh://`, `git@host:…`, `….git`."""
    scheme = urlsplit(where).scheme
    return (
        scheme in ("ssh", "git") or where.startswith("git@") or (scheme in ("http", "https") and where.endswith(".git"))
    )
