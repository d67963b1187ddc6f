"""Digests as the formats write them: bare hex, `sha256:<hex>` and `sha384-<base64>`."""

import base64
import hashlib
import re
from typing import NewType

Hex = NewType("Hex", str)
"""64 lower-case hex digits: a bare SHA-256, as in paths, `files` and `bundle`."""

Digest = NewType("Digest", str)
"""`sha256:` and 64 lower-case hex digits."""

_HEX = re.compile(r"[0-9a-f]{64}")


def sha256(data: bytes) -> Hex:
    """The bare hex SHA-256 of `data`."""
    return Hex(hashlib.sha256(data).hexdigest())


def digest_of(data: bytes) -> Digest:
    """The SHA-256 of `data` in the form that documents use."""
    return Digest("sha256:" + sha256(data))


def prefixed(value: Hex) -> Digest:
    """A bare digest in the form that documents use."""
    return Digest("sha256:" + value)


def bare(digest: Digest) -> Hex:
    """A document's digest as bare hex, as paths use it."""
    return Hex(digest.removeprefix("sha256:"))


def is_hex(text: str) -> bool:
    """Whether `text` is 64 lower-case hex digits."""
    return _HEX.fullmatch(text) is not None


def sri(data: bytes) -> str:
    """Subresource integrity of `data` (W3C SRI): `sha384-` and standard base64."""
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode("ascii")
