"""A change of what people sign offline, on its way from person to person until enough of them signed.

    {schema, registry, roots: [those that are], targets?: the one that is,
     new_root?, new_targets?, trusted_root?: what shall be}

It carries what it changes, so whoever is asked verifies both from the registry's id down and reads in
words what they sign, also on a machine without a network. Nothing in it is believed: the words come
from the texts, and what lands is verified as a client would.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from registry_tool.core import canonical, layout, limits
from registry_tool.core.digest import is_hex, sha256
from registry_tool.core.document import Seq, Signed, load
from registry_tool.core.errors import InvalidInput, NotTrusted, StateForbids
from registry_tool.core.keys import PublicKey, SignatureCheck, Signer, k16
from registry_tool.core.payload import Files
from registry_tool.core.roots import RoleKeys, Root, draft_root, read_roots, signers_of
from registry_tool.core.stored import registry_of, roots_at
from registry_tool.core.targets import Targets, draft_targets, read_targets, targets_at
from registry_tool.core.tree import Overlay, Tree
from registry_tool.services.trusting import Trust, demand_fresh, names_in, trust_at

CHANGE_BYTES: Final = 8 * limits.MIB
"""Dozens of roots, and the largest of everything else."""

Text = Annotated[str, Field(max_length=limits.ROOT_BYTES)]
AddSignature = Callable[[bytes, Signer], bytes]
"""Metadata with one signature more; `signing.tuf.offline.add_signature`."""


class TrustChange(Signed):
    """The file that travels."""

    schema_: Literal["registry.trust-change/1"] = Field(alias="schema")
    roots: Annotated[Seq[Text], Field(min_length=1, max_length=1000)]
    targets: Text | None = None
    new_root: Text | None = None
    new_targets: Text | None = None
    trusted_root: Annotated[str, Field(max_length=limits.MIB)] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One text, and those of whom some must sign it."""

    what: str
    """`root` or `targets`."""
    number: int
    roles: tuple[tuple[str, RoleKeys], ...]
    """Whose threshold it needs, in words, with their keys."""
    signed: frozenset[PublicKey]

    @property
    def missing(self) -> tuple[tuple[str, int, tuple[PublicKey, ...]], ...]:
        """For each role that is not complete: whose, how many signatures more, and who can give them."""
        rows = []
        for whose, role in self.roles:
            absent = tuple(PublicKey(key) for key in role.keys if key not in self.signed)
            lack = role.threshold - (len(role.keys) - len(absent))
            if lack > 0:
                rows.append((whose, lack, absent))
        return tuple(rows)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was read and holds, signatures apart."""

    registry: str
    roots: tuple[Root, ...]
    """Those that are."""
    targets: Targets | None
    new_root: Root | None
    new_targets: Targets | None
    trusted_root: bytes | None
    """The one that comes with it."""
    asked: tuple[Asked, ...]

    @property
    def complete(self) -> bool:
        """Whether enough people signed."""
        return not any(one.missing for one in self.asked)

    @property
    def root(self) -> Root:
        """The newest root, when this has landed."""
        return self.new_root or self.roots[-1]

    def wanted(self) -> tuple[PublicKey, ...]:
        """The keys whose signature it could use still."""
        return tuple(dict.fromkeys(key for one in self.asked for _, _, absent in one.missing for key in absent))

    def files(self) -> Files:
        """What lands, by path in the repository."""
        files: dict[str, bytes] = {}
        if self.new_root is not None:
            files[layout.root_path(self.new_root.number)] = self.new_root.text
        if self.new_targets is not None:
            files[layout.targets_path(self.new_targets.number)] = self.new_targets.text
        if self.trusted_root is not None:
            files[layout.trusted_root_path(sha256(self.trusted_root))] = self.trusted_root
        return files

    def to_bytes(self) -> bytes:
        """The file."""
        texts = {
            "targets": self.targets.text if self.targets else None,
            "new_root": self.new_root.text if self.new_root else None,
            "new_targets": self.new_targets.text if self.new_targets else None,
            "trusted_root": self.trusted_root,
        }
        value = {
            "schema": "registry.trust-change/1",
            "registry": self.registry,
            "roots": [root.text.decode("utf-8") for root in self.roots],
            **{name: text.decode("utf-8") for name, text in texts.items() if text is not None},
        }
        return TrustChange.of(value).to_bytes()


def new_change(
    trust: Trust, *, root: bytes | None, targets: bytes | None, trusted_root: bytes | None, check: SignatureCheck
) -> Change:
    """A change of `trust` with these new texts, which nobody signed yet."""
    believed = trusted_root if trusted_root != trust.trusted_root else None
    return _change(trust.government.registry, trust.government.roots, trust.targets, root, targets, believed, check)


def read_change(data: bytes, *, check: SignatureCheck) -> Change:
    """The change in a file; its registry is the one whose id it says, and everything else follows from that.

    Raises `InvalidInput` for what is not well formed or does not follow, `NotTrusted` for what is signed
    wrongly or by too few where it is in force already.
    """
    value = canonical.parse(data, limit=CHANGE_BYTES, what="the change")
    registry = value.get("registry") if isinstance(value, dict) else None
    if not isinstance(registry, str) or not is_hex(registry):
        raise InvalidInput("the change says of no registry that it is its own", code="invalid-document")
    file = load(TrustChange, data, limit=CHANGE_BYTES, registry=registry, what="the change")
    roots = read_roots([text.encode() for text in file.roots], registry=file.registry, check=check)
    targets = read_targets(file.targets.encode(), None, roots[-1], check=check) if file.targets is not None else None
    new_root = file.new_root.encode() if file.new_root is not None else None
    new_targets = file.new_targets.encode() if file.new_targets is not None else None
    believed = file.trusted_root.encode() if file.trusted_root is not None else None
    return _change(file.registry, roots, targets, new_root, new_targets, believed, check)


def _change(
    registry: str,
    roots: Sequence[Root],
    targets: Targets | None,
    new_root: bytes | None,
    new_targets: bytes | None,
    trusted_root: bytes | None,
    check: SignatureCheck,
) -> Change:
    """1. Something changes. 2. The new root follows the last, the new targets too. 3. What stays holds under what
    comes. 4. The trust root is the one that the targets list. 5. Signatures are by those who are asked.
    """
    if new_root is None and new_targets is None:  # 1
        raise InvalidInput("it changes nothing", code="empty-change")
    root = draft_root(new_root, roots[-1]) if new_root is not None else None  # 2
    number = (targets.number if targets else 0) + 1
    draft = draft_targets(new_targets, number) if new_targets is not None else None
    last = root or roots[-1]
    if draft is None and targets is not None:  # 3
        read_targets(targets.text, targets.number, last, check=check)
    _demand_listed(targets, draft, trusted_root)  # 4
    asked = []
    if root is not None and new_root is not None:  # 5
        roles = ((f"root {roots[-1].number}", roots[-1].roles["root"]), (f"root {root.number}", root.roles["root"]))
        asked.append(_asked("root", root.number, new_root, roles, check))
    if draft is not None and new_targets is not None:
        whose = (("the targets", last.roles["targets"]),)
        asked.append(_asked("targets", draft.number, new_targets, whose, check))
    return Change(registry, tuple(roots), targets, root, draft, trusted_root, tuple(asked))


def _asked(
    what: str, number: int, text: bytes, roles: tuple[tuple[str, RoleKeys], ...], check: SignatureCheck
) -> Asked:
    keys = [PublicKey(key) for _, role in roles for key in role.keys]
    return Asked(what, number, roles, signers_of(text, keys, check=check))


def _demand_listed(targets: Targets | None, new: Targets | None, trusted_root: bytes | None) -> None:
    listed = new.trusted_root if new else None
    if trusted_root is not None and sha256(trusted_root) != listed:
        raise InvalidInput("it carries a sigstore trust root that its targets do not list", code="bad-digest")
    before = targets.trusted_root if targets else None
    if listed is not None and trusted_root is None and listed != before:
        raise InvalidInput("its targets list a sigstore trust root that it does not carry", code="bad-digest")


def signed(change: Change, signers: Sequence[Signer], *, add: AddSignature, check: SignatureCheck) -> Change:
    """The change with a signature by each of `signers` wherever theirs is asked for and missing."""
    root = change.new_root.text if change.new_root else None
    targets = change.new_targets.text if change.new_targets else None
    for one in change.asked:
        keys = {key for _, role in one.roles for key in role.keys} - one.signed
        for signer in signers:
            if signer.key in keys and one.what == "root" and root is not None:
                root = add(root, signer)
            elif signer.key in keys and targets is not None:
                targets = add(targets, signer)
    return _change(change.registry, change.roots, change.targets, root, targets, change.trusted_root, check)


def landing(change: Change, tip: Tree, *, check: SignatureCheck, now: int) -> Files:
    """The files that bring a complete change to a repository, verified on its tip as a client would.

    Raises `NotTrusted` for another registry or where the result does not hold, `StateForbids` where the
    repository went on (`moved`) or signatures lack (`half-signed`).
    """
    if registry_of(tip) != change.registry:
        raise NotTrusted("this is a change of another registry", code="other-registry", hint="name its own repository")
    files = change.files()
    if all(tip.read(path) == data for path, data in files.items()):
        raise StateForbids("this change landed already", code="landed", hint="nothing is left to do")
    same = [root.text for root in change.roots] == list(roots_at(tip))
    there = targets_at(tip, change.roots[-1], check=check) if same else None
    if not same or (there.text if there else None) != (change.targets.text if change.targets else None):
        raise StateForbids(
            "the registry's root or targets changed since this change was begun",
            code="moved",
            hint="begin it again: registry trust rotate",
        )
    if not change.complete:
        raise StateForbids("not enough people signed it", code="half-signed", hint="send it to those who are missing")
    demand_fresh(trust_at(Overlay(tip, files), check=check), now)
    return files


def has_landed(change: Change, tip: Tree) -> bool:
    """Whether a repository holds what a change says, whoever signed it there and whatever came after."""
    pairs = [(data, tip.read(path)) for path, data in change.files().items()]
    return registry_of(tip) == change.registry and all(
        there is not None and _unsigned(there) == _unsigned(data) for data, there in pairs
    )


def _unsigned(data: bytes) -> object:
    """What is signed in a text of root or targets; all of any other."""
    value = canonical.parse_loose(data, limit=len(data), what="a text")
    return value.get("signed", value) if isinstance(value, dict) else value


def words(change: Change) -> tuple[str, ...]:
    """What it changes, a sentence each, from the texts alone."""
    said: list[str] = []
    before, after = change.roots[-1], change.new_root
    if after is not None:
        names = {**names_in(before), **names_in(after)}
        said.append(f"root {after.number} follows root {before.number}; it is good until {after.expires}")
        said += _people("the root", before.roles["root"], after.roles["root"], names)
        said += _people("the targets", before.roles["targets"], after.roles["targets"], names)
        said += _people("snapshot and timestamp", before.roles["timestamp"], after.roles["timestamp"], names)
        if before.roles["snapshot"] != before.roles["timestamp"] or after.roles["snapshot"] != after.roles["timestamp"]:
            said += _people("the snapshot", before.roles["snapshot"], after.roles["snapshot"], names)
        said += [
            f"{_key(key, names_in(before))} is called {names_in(after).get(key, 'nothing')} from now on"
            for key in dict.fromkeys((*after.roles["root"].keys, *after.roles["targets"].keys))
            if key in names_in(before) and names_in(after).get(key) != names_in(before)[key]
        ]
        if after.moderators is not None:
            said.append(f"it pins the moderators as they are in number {after.moderators.number}")
    if change.new_targets is not None:
        said += _targets_words(change.targets, change.new_targets, before)
    return tuple(said)


def _people(what: str, before: RoleKeys, after: RoleKeys, names: Mapping[bytes, str]) -> list[str]:
    if before == after:
        return []
    until = f"until now {before.threshold} of {len(before.keys)}"
    said = [f"{what}: signed by {after.threshold} of {len(after.keys)}, {until}"]
    said += [f"{what}: {_key(key, names)} may sign from now on" for key in after.keys if key not in before.keys]
    said += [f"{what}: {_key(key, names)} may sign no longer" for key in before.keys if key not in after.keys]
    return said


def _key(key: bytes, names: Mapping[bytes, str]) -> str:
    return f"{names[key]} ({k16(key)})" if key in names else f"the key {k16(key)}"


def _targets_words(before: Targets | None, after: Targets, root: Root) -> list[str]:
    said = [f"targets {after.number} are good until {after.expires}"]
    ours = RoleKeys(tuple(after.bin_keys.values()), after.bin_threshold)
    old = RoleKeys(tuple(before.bin_keys.values()), before.bin_threshold) if before else root.roles["snapshot"]
    said += _people("the bins of the index", old, ours, {})
    if before is None or before.bits != after.bits:
        said.append(f"the index has {after.bins} bins" + (f", until now {before.bins}" if before else ""))
    if before is not None and (before.bits == after.bits) != (before.prefix == after.prefix):
        said.append(f"the bins are called {after.prefix}, until now {before.prefix}")
    days = after.days
    if before is None or before.days != days:
        said.append(
            f"jobs sign for: bins {days.bins} days, snapshot {days.snapshot}, timestamp {days.timestamp}; "
            f"people for: root {days.root}, targets {days.targets}"
        )
    if (before.trusted_root if before else None) != after.trusted_root:
        said.append(
            f"keyless signatures are believed by the sigstore trust root {after.trusted_root}"
            if after.trusted_root
            else "keyless signatures are believed no longer"
        )
    return said
