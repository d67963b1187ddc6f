"""What was verified at the last contact, kept so that the same timestamp needs neither library nor download.

Nobody signs it: it lies in the person's own folder, with its digest against a disk that errs. What
cannot be read is as if it were not there, and everything is verified anew.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from registry_tool.core import canonical, limits
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import RegistryError, StateForbids
from registry_tool.core.freshness import Freshness, Listed

KNOWN_BYTES: Final = 4 * limits.MIB


@dataclass(frozen=True, slots=True)
class Known:
    """What the index says, as far as it was asked."""

    timestamp: Hex
    """The digest of the timestamp that it follows from."""
    as_of: str
    """When the registry was asked."""
    expires: Mapping[str, str]
    lifetimes: Mapping[str, int]
    """Both as in `Freshness`."""
    listed: Mapping[str, Listed | None]
    """By path; `None` where the index has no such file."""

    @property
    def until(self) -> str:
        """When the first part of it stops to be fresh."""
        return min(self.expires.values())

    def freshness(self, *, asked: bool) -> Freshness:
        """How fresh it is; `asked` says whether the registry answered now."""
        return Freshness(self.as_of, asked, self.expires, self.lifetimes)


def read_known(path: Path) -> Known | None:
    """What is kept at `path`; `None` where there is nothing, or something else than was written."""
    try:
        value: Any = canonical.parse(path.read_bytes(), limit=KNOWN_BYTES, what="what is known")  # Any: JSON
        known = value["known"]
        if value["sha256"] != sha256(canonical.encode(known)):
            return None
        rows = {name: Listed(Hex(row[0]), row[1]) if row else None for name, row in known["listed"].items()}
        return Known(Hex(known["timestamp"]), known["as_of"], known["expires"], known["lifetimes"], rows)
    except (OSError, RegistryError, LookupError, TypeError, AttributeError):
        return None  # of another version of this tool, or damaged


def write_known(path: Path, known: Known) -> None:
    """Keeps `known` at `path`; `StateForbids` where the disk does not let it."""
    value = {
        "timestamp": known.timestamp,
        "as_of": known.as_of,
        "expires": dict(known.expires),
        "lifetimes": dict(known.lifetimes),
        "listed": {name: [row.sha256, row.size] if row else None for name, row in known.listed.items()},
    }
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(canonical.encode({"known": value, "sha256": sha256(canonical.encode(value))}))
        os.replace(new, path)
    except OSError as error:
        raise StateForbids(f"cannot remember the signed index: {error}", code="disk") from error
