"""Taking in what other catalogues list, as one reviewed batch that the registry's importer signs (B15).

    catalogue ──▶ offers ──fetch──▶ folders ──describe, check──▶ a submission, each release marked `imported`
                                            └──▶ what could not be taken, and why

Nothing is taken for good because a catalogue lists it: every release is read, checked and approved as any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from registry_tool.core import limits
from registry_tool.core.describe import CARD, Said, describe, read_card
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.kind import Kinds
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import parse_artifact
from registry_tool.core.offers import Offer, Refused, name_in
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.published import registry_of
from registry_tool.core.quoting import quoted
from registry_tool.core.standing import government_at
from registry_tool.core.tree import Tree, walk
from registry_tool.core.unpacking import ARCHIVE_BYTES, unpack_archive
from registry_tool.services.author import Desk, Folder, Prepared, assemble, prepare

RELEASES: Final = 20
"""In one batch, where policy does not say: what a person can still read (as the check of submissions has it)."""
DEPTH: Final = 4
"""How deep folders of a repository are looked for."""
_SKIPPED: Final = frozenset({"node_modules", "__pycache__", ".venv", ".registry", ".hg", ".svn"})


@dataclass(frozen=True, slots=True)
class Checkout:
    """A repository that was fetched."""

    address: str
    tree: Tree
    commit: str
    number: int | None = None
    """Its number in its forge, where that is known."""

    @property
    def origin(self) -> str:
        """What a release says that it was imported from, the folder apart."""
        return self.address + (f", repository {self.number}" if self.number else "")


class Library(Protocol):
    """Where what catalogues list comes from; everything raises one of our errors."""

    def read(self, where: str, *, limit: int) -> bytes:
        """The bytes at an address or of a file, at most `limit`."""
        ...

    def repository(self, address: str) -> Checkout:
        """The newest commit of a repository."""
        ...

    def prefetch(self, checkout: Checkout, folder: str) -> None:
        """Brings the files of a folder at once."""
        ...

    def folders(self, path: str) -> Sequence[Folder]:
        """What can be published in a folder of this machine."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What an importer wants."""

    scope: str
    author: str
    version: str
    """Of what says none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What an import comes to."""

    folders: tuple[Folder, ...]
    """What is taken in, as it is described."""
    prepared: Prepared | None
    """A trial of the submission; `None` where there is nothing new to take in."""
    taken: tuple[Mapping[str, str], ...]
    refused: tuple[Refused, ...]
    already: tuple[str, ...]
    """What is published already."""
    left: int
    """How much of the catalogue was not looked at: it is for the next batch."""

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The same for scripts."""
        return {
            "submission": self.prepared.id if self.prepared else None,
            "branch": self.prepared.branch if self.prepared else None,
            "taken": [dict(one) for one in self.taken],
            "refused": [one.value() for one in self.refused],
            "already": list(self.already),
            "left": self.left,
        }


def batch(
    offers: Sequence[Offer | Refused],
    order: Order,
    *,
    library: Library,
    tip: Tree,
    desk: Desk,
    demo: bool,
) -> Batch:
    """The next batch of a catalogue: at most as many releases as policy lets one submission have.

    `desk` keeps no keys and signs nothing for good: what it prepares is a trial. `demo` takes a demonstration.
    """
    most = _most(tip, desk)
    chosen: list[Folder] = []
    taken: list[Mapping[str, str]] = []
    refused: list[Refused] = []
    already: list[str] = []
    left = 0
    for place, offer in enumerate(offers):
        if len(chosen) >= most:
            left = len(offers) - place
            break
        if isinstance(offer, Refused):
            refused.append(offer)
            continue
        for found in _found(offer, order, library, desk.kinds):
            judged = found if isinstance(found, Refused) else _judged(found, order, tip, desk, demo, taken)
            if isinstance(judged, Refused):
                refused.append(judged)
            elif isinstance(judged, str):
                already.append(judged)
            elif len(chosen) < most:
                folder, manifest = judged
                chosen.append(folder)
                taken.append({"artifact": manifest.artifact, "version": manifest.version, "from": folder.said.imported})
            else:
                left = len(offers) - place
    prepared = prepare(chosen, tip=tip, desk=desk, demo=demo) if chosen else None
    return Batch(tuple(chosen), prepared, tuple(taken), tuple(refused), tuple(already), left)


def _most(tip: Tree, desk: Desk) -> int:
    government = government_at(tip, registry=registry_of(tip), check=desk.means.check)
    return government.policy.head.body.limits.get("releases", RELEASES)


def _judged(
    folder: Folder, order: Order, tip: Tree, desk: Desk, demo: bool, taken: Sequence[Mapping[str, str]]
) -> tuple[Folder, Manifest] | Refused | str:
    """The folder under its name here with its manifest; or what is there already, or why it cannot be taken."""
    registry = registry_of(tip)
    try:
        read = describe(folder.payload, kinds=desk.kinds, registry=registry, said=folder.said)
        native = read.manifest.name if read.manifest else str(read.reading.fields.get("name") or folder.where)
        name = parse_artifact(f"@{order.scope}/{name_in(native.rpartition('/')[2])}")
        if any(one["artifact"] == str(name) for one in taken):
            return Refused(folder.where, f"another one in this batch is called {name} too")
        named = replace(folder, said=replace(folder.said, artifact=str(name)))
        looked = assemble([named], tip=tip, desk=desk, demo=demo)
    except RegistryError as error:
        if error.code == "version-exists":
            return error.message.partition(" is published")[0]
        first = next((one for one in error.findings if one.level == "fail"), None)
        return Refused(folder.where, first.message if first else error.message)
    (manifest,) = (one.manifest for one in looked.described)
    fault = next((one for one in looked.report.findings if one.level == "fail"), None)
    if fault is not None or manifest is None:
        return Refused(folder.where, fault.message if fault else "it cannot be described")
    return named, manifest


def _found(offer: Offer, order: Order, library: Library, kinds: Kinds) -> Iterator[Folder | Refused]:
    """What an offer holds; usually one thing, of a repository all that can be published in it."""
    kind = _kind(offer, kinds)
    said = Said(author=order.author, scope=order.scope, tag=order.version, version=offer.version, kind=kind)
    name = offer.name or offer.origin
    try:
        if offer.form == "folder":
            for folder in library.folders(offer.where):
                # Nothing of this machine goes into what is signed: a repository, else the path as it is listed.
                inside = offer.origin + folder.where.removeprefix(offer.where)
                origin = folder.said.source.get("repository") or inside
                tag = folder.said.tag or said.tag
                told = replace(said, tag=tag, source=folder.said.source, imported=origin[:500])
                yield replace(folder, where=inside, said=told)
            return
        if offer.form == "repository":
            yield from _in_repository(offer, said, library, kinds)
            return
        data = library.read(offer.where, limit=limits.NATIVE_BYTES if offer.form == "file" else ARCHIVE_BYTES)
        if offer.sha256 and sha256(data) != offer.sha256:
            yield Refused(name, f"its bytes are not those that the catalogue lists: sha256 {sha256(data)}")
            return
        payload = {"SKILL.md": PayloadFile(data)} if offer.form == "file" else unpack_archive(data)
        permissions = _permissions(offer, kinds)
        yield Folder(name, payload, replace(said, permissions=permissions, imported=offer.origin[:500]))
    except RegistryError as error:
        yield Refused(name, error.message)


def _kind(offer: Offer, kinds: Kinds) -> str:
    return kinds[offer.kind].id if offer.kind in {word for kind in kinds for word in (kind.id, kind.category)} else ""


def _permissions(offer: Offer, kinds: Kinds) -> tuple[str, ...] | None:
    """What the catalogue says that it asks for, in our words."""
    kind = _kind(offer, kinds)
    if offer.permissions is None or not kind:
        return offer.permissions
    return tuple(kinds[kind].own_permission(one) for one in offer.permissions)


def _in_repository(offer: Offer, said: Said, library: Library, kinds: Kinds) -> Iterator[Folder | Refused]:
    checkout = library.repository(offer.where)
    native = frozenset(name for kind in kinds for name in kind.native) | {CARD}
    folders = list(publishable(checkout.tree, native, offer.path))
    if not folders:
        yield Refused(offer.name or offer.where, "nothing in it says what it is")
    for folder in folders:
        library.prefetch(checkout, folder)
        where = f"{checkout.address}/{folder}" if folder else checkout.address
        payload = _payload(checkout.tree, folder, native)
        if isinstance(payload, str):
            yield Refused(where, payload)
            continue
        source = {"repository": checkout.address, "commit": checkout.commit, **({"path": folder} if folder else {})}
        imported = checkout.origin + (f", {folder}" if folder else "")
        told = replace(said, imported=imported[:500], source=source if checkout.address.startswith("https://") else {})
        yield Folder(where, payload, told)


def publishable(tree: Tree, native: frozenset[str], root: str = "", depth: int = DEPTH) -> Iterator[str]:
    """The folders of a repository that are something by themselves; one inside another is part of it."""
    entries = tree.list(root)
    if any(one.name in native and one.type in ("file", "executable") for one in entries):
        yield root
    elif depth > 0:
        for one in entries:
            if one.type == "folder" and one.name not in _SKIPPED and not one.name.startswith(".git"):
                yield from publishable(tree, native, f"{root}/{one.name}" if root else one.name, depth - 1)


def _payload(tree: Tree, folder: str, native: frozenset[str]) -> Payload | str:
    """The files of a folder, or why it cannot be taken."""
    files: dict[str, PayloadFile] = {}
    total = 0
    for path, entry in walk(tree, folder):
        inside = path.removeprefix(f"{folder}/") if folder else path
        if any(part.startswith(".git") or part in _SKIPPED for part in inside.split("/")):
            continue
        data = tree.read(path) if entry.type in ("file", "executable") else None
        if data is None:
            return f"{quoted(inside)} is a {entry.type}, and no regular file"
        total += len(data)
        if total > limits.PAYLOAD_BYTES or len(files) >= limits.PAYLOAD_FILES:
            return f"it holds more than {limits.PAYLOAD_FILES} files or {limits.PAYLOAD_BYTES} bytes"
        files[inside] = PayloadFile(data, entry.type == "executable")
    card = read_card(files)[0]
    return {path: file for path, file in files.items() if path in native or path == card.entry or card.takes(path)}
