"""What is installed and pinned, held against the newest state of its registries that can be had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from registry_tool.core.chains import SignedBytes
from registry_tool.core.errors import NotFound
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import parse_artifact
from registry_tool.core.reasons import reason_words
from registry_tool.core.release import Status
from registry_tool.core.status import GRAVEST_FIRST, TREATMENT, Standing
from registry_tool.core.stored import hinted_standing
from registry_tool.services.contact import Contact, Name
from registry_tool.services.indexed import IndexedSource
from registry_tool.services.lockfile import NAME, read_lock
from registry_tool.services.project import Project, Receipt, installed

State = Status | Literal["gone", "other-release", "unknown"]
"""What its registry says of a release; `unknown` where nothing is known of that."""

_ACTIONS: Mapping[str, str] = {status: action for action, status in GRAVEST_FIRST}
_TAKEN_BACK = "taken-back"
"""The reason of a release that no event revoked, but whose key or author was."""


@dataclass(frozen=True, slots=True)
class Item:
    """One release that a project has, or that its lock file pins."""

    artifact: str
    version: str
    manifest: str
    """The digest of its manifest."""
    registry: str
    installed: bool
    """Whether its files are there; if not, the lock file alone names it."""


@dataclass(frozen=True, slots=True)
class Row:
    """An item, and what its registry says of it."""

    item: Item
    state: State
    reason: str = ""
    note: str = ""
    since: str = ""
    """When it was said; empty where that is not known."""
    as_of: str = ""
    """The time of the state that this is from; empty where nothing is known."""

    @property
    def goes(self) -> bool:
        """Whether it must not stay."""
        return self.state in ("gone", "other-release") or not (
            self.state == "unknown" or TREATMENT[self.state].stays  # type: ignore[index]  # the other two are above
        )

    @property
    def words(self) -> str:
        """What is with it and why, in one line."""
        what = f"{self.item.artifact}@{self.item.version}"
        match self.state:
            case "gone":
                return f"{what} is not in its registry any more"
            case "other-release":
                return f"{what} is another release in its registry than the one here"
            case "unknown":
                return f"nothing is known of {what}: {self.note}"
            case "active":
                return f"{what} is active"
            case status:
                since = f" since {self.since}" if self.since else ""
                return f"{what} is {status}{since}: {self.why}"

    @property
    def why(self) -> str:
        """The reason in words, with the note of who said it."""
        return why_words(self.state, self.reason, self.note)

    @property
    def command(self) -> str:
        """What to type next; empty where nothing needs to be done."""
        if self.goes and not self.item.installed:
            return f"remove its line from {NAME}"
        if self.goes:
            return f"registry uninstall {self.item.artifact}"
        return f"registry update {self.item.artifact}" if self.state in ("yanked", "deprecated") else ""

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The row for `--json`."""
        return {
            "id": self.item.artifact,
            "version": self.item.version,
            "manifest": self.item.manifest,
            "registry": self.item.registry,
            "installed": self.item.installed,
            "status": self.state,
            "reason": self.reason,
            "note": self.note,
            "since": self.since,
            "as_of": self.as_of,
            "goes": self.goes,
        }


def why_words(status: str, reason: str, note: str) -> str:
    """Why a release has a status: the reason, our sentence for it, and the note in quotes, on one line."""
    if reason == _TAKEN_BACK:
        return "Whoever signed it was taken back, and everything since with it."
    line = " ".join(note.split())
    return f"{reason}. {reason_words(_ACTIONS.get(status, ''), reason)}" + (f" “{line}”" if line else "")


def said_of(name: Name, version: str) -> Standing:
    """What was said of a version of a name; its events were verified with the name, and are only read again here."""
    status = name.statuses[version]
    events = [SignedBytes.of(entry) for entry in name.record.versions[version].events]
    standing = hinted_standing(events, name.authorities.taken_back)
    return standing if standing.status == status else Standing(status, _TAKEN_BACK)


def items_of(project: Project) -> tuple[Item, ...]:
    """Everything that is installed, and what the lock file pins besides, sorted."""
    found = [
        Item(name, str(one["record"]["version"]), str(one["record"]["manifest"]), str(one["record"]["registry"]), True)
        for name, one in installed(project).items()
    ]
    there = {(one.artifact, one.manifest) for one in found}
    found += [
        Item(name, row.version, row.manifest, row.registry, False)
        for name, row in read_lock(project.lock_text()).items()
        if (name, row.manifest) not in there
    ]
    return tuple(sorted(found, key=lambda one: (one.artifact, one.version, one.manifest)))


def held_against(contact: Contact, items: Sequence[Item]) -> tuple[Row, ...]:
    """What the registry says now of items that came from it, in order; `NotTrusted` where it lies."""
    mine = [one for one in items if one.registry == contact.registry]
    names = _names(contact, sorted({one.artifact for one in mine}))
    as_of = as_of_contact(contact, list(names.values()))
    return tuple(_row(one, names.get(one.artifact), as_of) for one in mine)


def other_files(receipt: Receipt, manifest: Manifest) -> tuple[str, ...]:
    """Files that a receipt says were written and that are other ones than the release has, sorted.

    Only of folders that hold the whole release; what an install makes of its files, such as a compose file
    of our own, is in no manifest.
    """
    signed = {file.path: file.sha256 for file in manifest.files}
    found = []
    for step in receipt["steps"]:
        written = step["files"] if step["step"] == "tree" else {}
        if signed.keys() <= written.keys():
            found += [f"{step['path']}/{path}" for path, digest in signed.items() if written[path] != digest]
    return tuple(sorted(found))


def unknown(items: Sequence[Item], seen: Mapping[str, Any], why: str) -> tuple[Row, ...]:  # Any: JSON of `Seen`
    """The same where the registry's state cannot be had: only that something was said, where that was seen."""
    chains = seen.get("chains", {})
    return tuple(Row(one, "unknown", note=_heard(chains.get(f"{one.artifact}@{one.version}")) or why) for one in items)


def as_of_contact(contact: Contact, names: Sequence[Name]) -> str:
    """The time of the state that a contact shows: the signed index's; else the newest word in what was read."""
    source = contact.source
    if isinstance(source, IndexedSource) and source.freshness is not None:
        return source.freshness.as_of
    times = [row.published for name in names for row in name.record.versions.values()]
    times += [said_of(name, version).since for name in names for version in name.record.versions]
    return max(times, default="")


def _heard(chain: Mapping[str, Any] | None) -> str:  # Any: JSON
    return "" if chain is None else "something was said of it when its registry was last read, ask again"


def _names(contact: Contact, wanted: Sequence[str]) -> dict[str, Name]:
    """The names that the registry has."""
    artifacts = [parse_artifact(one) for one in wanted]
    try:
        return {str(name.artifact): name for name in contact.names(artifacts)}
    except NotFound:
        if len(wanted) == 1:
            return {}
    return {name: found for one in wanted for name, found in _names(contact, [one]).items()}


def _row(item: Item, name: Name | None, as_of: str) -> Row:
    record = name.record.versions.get(item.version) if name is not None else None
    if name is None or record is None:
        return Row(item, "gone", as_of=as_of)
    if record.manifest != item.manifest:
        return Row(item, "other-release", as_of=as_of)
    said = said_of(name, item.version)
    return Row(item, said.status, said.reason, said.note, said.since, as_of)
