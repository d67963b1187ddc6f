"""The author's files as a value: path to bytes and the executable bit."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """One regular file of a payload."""

    data: bytes
    """Its bytes, exactly the author's."""
    executable: bool = False
    """Whether it is installed with mode 0755 instead of 0644."""


Payload = Mapping[str, PayloadFile]
"""Relative path with `/` to file."""

Files = Mapping[str, bytes]
"""Path to bytes: a commit's additions, a feed, the gallery, a template."""
