"""Attacks on the formats (part 12): each is refused, and the honest neighbours pass."""
