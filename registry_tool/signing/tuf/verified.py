"""What the library verified, read from where it keeps it: the only use of its private parts.

`tests/signing/test_tuf_client.py` fails where another version of the library keeps it elsewhere.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from registry_tool.core import layout
from registry_tool.core.digest import Hex, is_hex
from registry_tool.core.errors import NotTrusted
from registry_tool.core.freshness import WITH, Listed
from registry_tool.core.times import from_seconds

if TYPE_CHECKING:
    from tuf.ngclient import Updater


def judge_at(updater: "Updater", now: int) -> None:
    """Lets `now`, in seconds since 1970, decide what expired; the library reads the clock itself."""
    updater._trusted_set.reference_time = datetime.fromtimestamp(now, UTC)  # noqa: SLF001  # it takes no argument


def demand_roots(updater: "Updater") -> None:
    """Raises the library's `DownloadError` where the timestamp, verified by now, names a root that did not come."""
    from tuf.api.exceptions import DownloadError

    trusted = updater._trusted_set  # noqa: SLF001  # nothing public shows it
    named = trusted.timestamp.unrecognized_fields.get("x-root")
    if isinstance(named, int) and named > trusted.root.version:
        raise DownloadError(f"its timestamp names root {named}, and root {trusted.root.version + 1} is not there")


def listed_by(updater: "Updater", path: str) -> dict[str, Listed | None]:
    """What the index says of one path, and of the chain that its row names with it.

    Only people list the sigstore trust root, whatever a bin says.
    """
    offline = updater._trusted_set.targets.targets  # noqa: SLF001  # nothing public shows it
    target = updater.get_targetinfo(path) if layout.is_listed(path) else offline.get(path)
    if target is None:
        return {path: None}
    found: dict[str, Listed | None] = {path: _listed(path, target.hashes.get("sha256"), target.length)}
    custom = target.unrecognized_fields.get("custom")
    row, chain = custom.get(WITH) if isinstance(custom, dict) else None, layout.read_with(path)
    if chain is not None and isinstance(row, list) and len(row) == 2:
        found[chain] = _listed(chain, row[0], row[1])
    return found


def _listed(path: str, digest: object, size: object) -> Listed:
    if not isinstance(digest, str) or not is_hex(digest) or type(size) is not int or size < 0:
        raise NotTrusted(f"the signed index lists {path} without its sha256 and size", code="index-not-trusted")
    return Listed(Hex(digest), size)


def expiries_of(updater: "Updater") -> tuple[dict[str, str], dict[str, int]]:
    """When each role that was read expires, and for how many days jobs sign."""
    trusted = updater._trusted_set  # noqa: SLF001  # nothing public shows it
    days = trusted.targets.unrecognized_fields.get("x-days")
    expires: dict[str, str] = {}
    for signed in trusted:  # root, timestamp, snapshot, targets, and the bins, which are targets too
        role = "bins" if signed.type == "targets" and signed is not trusted.targets else signed.type
        time = from_seconds(int(signed.expires.timestamp()))
        expires[role] = min(time, expires.get(role, time))
    said = days if isinstance(days, dict) else {}
    return expires, {role: said[role] for role in sorted(said) if isinstance(said[role], int)}
