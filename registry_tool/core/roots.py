"""The registry's root metadata, from the pinned id on (formats of the registry, part 3).

The files are TUF root metadata as python-tuf writes it in compact form. A client needs only their
keys and thresholds, so it reads them here and leaves the library to those who sign them. A root's
`expires` is judged with the signed index, not here. A root that waits for signatures is read by
`draft_root`, and `signers_of` says who signed it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from registry_tool.core import canonical, limits
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.document import Document, NumberInt, Seq, TimeText, findings_of
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.keys import PublicKey, SignatureCheck, usable_key
from registry_tool.core.names import PART_PATTERN
from registry_tool.core.quoting import quoted
from registry_tool.core.statements import HeadRef

Role = Literal["root", "targets", "snapshot", "timestamp"]
ROLES: Final[tuple[Role, ...]] = ("root", "targets", "snapshot", "timestamp")

NameText = Annotated[str, Field(pattern=f"^{PART_PATTERN}$")]
HexBytes = Annotated[str, Field(pattern=r"^([0-9a-f]{2})+$", max_length=1024)]


class KeyValue(Document):
    """The public half of a key."""

    public: HexBytes


class MetadataKey(Document):
    """A key as TUF metadata lists it (TUF 1.0.33 part 4.2)."""

    keytype: str
    scheme: str
    keyval: KeyValue


class MetadataRole(Document):
    """Who signs for a role, and how many of them."""

    keyids: Seq[str]
    threshold: Annotated[int, Field(ge=1, le=99)]


class _SignedRoot(Document):
    type_: Literal["root"] = Field(alias="_type")
    spec_version: Annotated[str, Field(pattern=r"^1\.[0-9.]{1,10}$")]
    version: NumberInt
    expires: TimeText
    consistent_snapshot: Literal[True]
    keys: dict[str, MetadataKey]
    roles: dict[Role, MetadataRole]
    moderators: HeadRef | None = Field(alias="x-moderators", default=None)
    names: dict[str, NameText] = Field(alias="x-names", default_factory=dict)


class MetadataSignature(Document):
    """One signature, by the id that the file gives the key."""

    keyid: str
    sig: HexBytes


class MetadataFile(Document):
    """What every file of TUF metadata is: signatures, and what they are over."""

    signatures: Annotated[Seq[MetadataSignature], Field(max_length=200)]
    signed: dict[str, Any]  # Any: read once its bytes are known


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """Who signs for a role."""

    keys: tuple[bytes, ...]
    """Ed25519 public keys, 32 bytes each."""
    threshold: int = 1
    """How many different ones of them it takes."""


@dataclass(frozen=True, slots=True)
class Root:
    """One root metadata file that was verified."""

    number: int
    sha256: Hex
    keyids: Mapping[str, PublicKey]
    """Of the root role, by the ids that the file gives them: they sign the next root, and the first moderators."""
    threshold: int
    """How many different ones of them it takes."""
    targets: Mapping[str, PublicKey]
    """Of the targets role, by the ids that the file gives them: they sign what the index delegates."""
    targets_threshold: int
    expires: str
    """Until when it is fresh; clients ask for it with the signed index only."""
    others: tuple[PublicKey, ...]
    """Of the other roles, but for root keys that sign targets too; none may be anything else in the registry."""
    roles: Mapping[Role, RoleKeys]
    """Who signs for each role."""
    names: Mapping[str, str]
    """What the people are called who sign offline, by the ids of their keys; empty where nobody is named."""
    text: bytes
    moderators: HeadRef | None
    """From this root on, the moderators' chain is pinned here, and earlier roots sign nothing for it.

    Every root but the first has it.
    """

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """Of the root role, each once."""
        return tuple(dict.fromkeys(self.keyids.values()))


def read_roots(texts: Sequence[bytes], *, registry: str, check: SignatureCheck) -> tuple[Root, ...]:
    """The roots 1..n, each signed by the threshold of the one before it and by its own.

    1. The first file's SHA-256 is the registry's id.
    2. Each is canonical, of type root, and its version is its place.
    3. Signatures: its own threshold, and the previous root's (TUF 1.0.33 part 5.3.4).
    4. Each but the first pins the moderators, and no pin falls behind the one before it.

    Raises `NotTrusted` for 1, 3 and a falling pin, `InvalidInput` otherwise.
    """
    if not texts or sha256(texts[0]) != registry:
        found = sha256(texts[0]) if texts else "nothing"
        raise NotTrusted(
            f"this is another registry: its id should be {registry}, it is {found}",
            code="other-registry",
            hint="ask the operator for the registry's id by another way than this address",
        )
    roots: list[Root] = []
    for number, text in enumerate(texts, start=1):
        roots.append(_read_root(text, number, roots[-1] if roots else None, check))
    return tuple(roots)


def registry_id(first_root: bytes) -> Hex:
    """The id of the registry whose `1.root.json` this is."""
    return sha256(first_root)


def draft_root(text: bytes, before: Root) -> Root:
    """The root in `text`, which shall follow `before`, whatever signatures it has; raises as `read_roots` else."""
    return _parsed(text, before.number + 1, before)[0]


def signers_of(text: bytes, keys: Iterable[PublicKey], *, check: SignatureCheck) -> frozenset[PublicKey]:
    """Who of `keys` signed the metadata in `text`.

    Raises `NotTrusted` for a signature by one of them that does not hold, and `InvalidInput` for one by
    anybody else: what travels from person to person carries nothing that nobody asked for.
    """
    what = "the metadata"
    value = canonical.parse(text, limit=limits.ROOT_BYTES, what=what)
    try:
        file = MetadataFile.model_validate(value)
    except ValidationError as error:
        raise _invalid(error, what) from error
    by_id = {metadata_id(key): key for key in keys}
    strange = [one.keyid for one in file.signatures if one.keyid not in by_id]
    if strange:
        raise InvalidInput(f"it is signed by {quoted(strange[0][:16])}, whom it does not ask", code="unknown-key")
    return met_by(file.signatures, by_id, 0, canonical.encode(file.signed), what, "no", check)


def metadata_id(key: bytes) -> str:
    """The id that TUF metadata gives an Ed25519 key (TUF 1.0.33 part 4.2): of its JSON, not of its bytes."""
    listed = {"keytype": "ed25519", "keyval": {"public": key.hex()}, "scheme": "ed25519"}
    return sha256(canonical.encode(listed))


def _read_root(text: bytes, number: int, before: Root | None, check: SignatureCheck) -> Root:
    what = f"root {number}"
    root, file = _parsed(text, number, before)
    message = canonical.encode(file.signed)
    if before is not None:
        met_by(file.signatures, before.keyids, before.threshold, message, what, f"root {number - 1}'s", check)
    met_by(file.signatures, root.keyids, root.threshold, message, what, "its own root", check)
    return root


def _parsed(text: bytes, number: int, before: Root | None) -> tuple[Root, MetadataFile]:
    """A root and the file that it is in; its signatures are for the caller to look at."""
    what = f"root {number}"
    value = canonical.parse(text, limit=limits.ROOT_BYTES, what=what)
    try:
        file = MetadataFile.model_validate(value)
        signed = _SignedRoot.model_validate(file.signed)
    except ValidationError as error:
        raise _invalid(error, what) from error
    if signed.version != number:
        raise InvalidInput(f"{what} says that it is version {signed.version}", code="chain-gap")
    if set(signed.roles) != set(ROLES):
        raise InvalidInput(f"{what} does not name the four roles", code="invalid-document")
    _pins(signed.moderators, before, what)
    keys = {keyid: ed25519_key(key, what) for keyid, key in signed.keys.items()}
    listed = {role: _listed(keys, signed.roles[role], what) for role in ROLES}
    own = set(listed["root"].values())
    offline = [key for key in listed["targets"].values() if key not in own]
    root = Root(
        number,
        sha256(text),
        listed["root"],
        signed.roles["root"].threshold,
        listed["targets"],
        signed.roles["targets"].threshold,
        signed.expires,
        tuple(dict.fromkeys([*offline, *listed["snapshot"].values(), *listed["timestamp"].values()])),
        {role: RoleKeys(tuple(dict.fromkeys(listed[role].values())), signed.roles[role].threshold) for role in ROLES},
        signed.names,
        text,
        signed.moderators,
    )
    return root, file


def _invalid(error: ValidationError, what: str) -> InvalidInput:
    faults = findings_of(error)
    return InvalidInput(f"{what}: {faults[0].message}", code="invalid-document", findings=faults)


def _pins(pin: HeadRef | None, before: Root | None, what: str) -> None:
    """Each root but the first pins a number of the moderators, and never a lower one than before."""
    if (pin is None) != (before is None):
        fault = "pins no moderators" if pin is None else "pins moderators, which it must come before"
        raise InvalidInput(f"{what} {fault} (x-moderators)", code="invalid-document")
    earlier = before.moderators if before else None
    if pin and earlier and pin.number < earlier.number:
        raise NotTrusted(f"{what} pins moderators {pin.number}, the one before it {earlier.number}", code="bad-root")


def met_by(
    signatures: Sequence[MetadataSignature],
    keys: Mapping[str, PublicKey],
    threshold: int,
    message: bytes,
    what: str,
    whose: str,
    check: SignatureCheck,
) -> frozenset[PublicKey]:
    """Who of `keys` signed; refuses fewer than `threshold` of them, and a bad signature by one of them."""
    if len({one.keyid for one in signatures}) != len(signatures):
        raise InvalidInput(f"{what} has two signatures by one key", code="invalid-document")
    good = set()
    for one in signatures:
        if one.keyid not in keys:
            continue
        if not check(keys[one.keyid], message, bytes.fromhex(one.sig)):
            raise NotTrusted(f"{what}: the signature by {one.keyid[:16]} does not hold", code="bad-signature")
        good.add(keys[one.keyid])
    if len(good) < threshold:
        raise NotTrusted(f"{what} is not signed by {threshold} of {whose} keys", code="bad-root")
    return frozenset(good)


def ed25519_key(key: MetadataKey, what: str) -> PublicKey:
    """The key; `InvalidInput` for one of another type, or that nobody may use."""
    if (key.keytype, key.scheme) != ("ed25519", "ed25519"):
        raise InvalidInput(f"{what} lists a key of type {quoted(key.keytype)}, only ed25519 is known", code="bad-key")
    return usable_key(bytes.fromhex(key.keyval.public))


def _listed(keys: Mapping[str, PublicKey], role: MetadataRole, what: str) -> dict[str, PublicKey]:
    missing = [keyid for keyid in role.keyids if keyid not in keys]
    if missing:
        raise InvalidInput(
            f"{what} gives a role to the key {quoted(missing[0])}, which it does not list", code="invalid-document"
        )
    return {keyid: keys[keyid] for keyid in role.keyids}
