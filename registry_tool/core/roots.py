"""The registry's root metadata, from the pinned id on (formats of the registry, part 3).

The files are TUF root metadata as python-tuf writes it in compact form. A client needs only their
keys and thresholds, so it reads them here and leaves the library to those who sign them. A root's
`expires` is judged with the signed index, not here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from registry_tool.core import canonical, limits
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.document import Document, NumberInt, Seq, TimeText, findings_of
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.keys import PublicKey, SignatureCheck, usable_key
from registry_tool.core.quoting import quoted
from registry_tool.core.statements import HeadRef

HexBytes = Annotated[str, Field(pattern=r"^([0-9a-f]{2})+$", max_length=1024)]


class _KeyValue(Document):
    public: HexBytes


class _Key(Document):
    keytype: str
    scheme: str
    keyval: _KeyValue


class _Role(Document):
    keyids: Seq[str]
    threshold: Annotated[int, Field(ge=1, le=99)]


class _SignedRoot(Document):
    type_: Literal["root"] = Field(alias="_type")
    spec_version: Annotated[str, Field(pattern=r"^1\.[0-9.]{1,10}$")]
    version: NumberInt
    expires: TimeText
    consistent_snapshot: bool
    keys: dict[str, _Key]
    roles: dict[Literal["root", "targets", "snapshot", "timestamp"], _Role]
    moderators: HeadRef | None = Field(alias="x-moderators", default=None)


class _Signature(Document):
    keyid: str
    sig: HexBytes


class _RootFile(Document):
    signatures: Annotated[Seq[_Signature], Field(max_length=200)]
    signed: dict[str, Any]  # Any: read by _SignedRoot once its bytes are known


@dataclass(frozen=True, slots=True)
class Root:
    """One root metadata file that was verified."""

    number: int
    sha256: Hex
    keyids: Mapping[str, PublicKey]
    """Of the root role, by the ids that the file gives them: they sign the next root, and the first moderators."""
    threshold: int
    """How many different ones of them it takes."""
    others: tuple[PublicKey, ...]
    """Of the other roles; none of them may be anything else in the registry."""
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


def _read_root(text: bytes, number: int, before: Root | None, check: SignatureCheck) -> Root:
    what = f"root {number}"
    value = canonical.parse(text, limit=limits.ROOT_BYTES, what=what)
    try:
        file = _RootFile.model_validate(value)
        signed = _SignedRoot.model_validate(file.signed)
    except ValidationError as error:
        faults = findings_of(error)
        raise InvalidInput(f"{what}: {faults[0].message}", code="invalid-document", findings=faults) from error
    if signed.version != number:
        raise InvalidInput(f"{what} says that it is version {signed.version}", code="chain-gap")
    if set(signed.roles) != {"root", "targets", "snapshot", "timestamp"}:
        raise InvalidInput(f"{what} does not name the four roles", code="invalid-document")
    _pins(signed.moderators, before, what)
    keys = {keyid: _ed25519(key, what) for keyid, key in signed.keys.items()}
    own = _listed(keys, signed.roles["root"], what)
    message = canonical.encode(file.signed)
    if before is not None:
        _threshold(file.signatures, before.keyids, before.threshold, message, what, f"root {number - 1}'s", check)
    _threshold(file.signatures, own, signed.roles["root"].threshold, message, what, "its own root", check)
    others = [_listed(keys, signed.roles[name], what) for name in ("targets", "snapshot", "timestamp")]
    distinct = tuple(dict.fromkeys(key for role in others for key in role.values()))
    return Root(number, sha256(text), own, signed.roles["root"].threshold, distinct, signed.moderators)


def _pins(pin: HeadRef | None, before: Root | None, what: str) -> None:
    """Each root but the first pins a number of the moderators, and never a lower one than before."""
    if (pin is None) != (before is None):
        fault = "pins no moderators" if pin is None else "pins moderators, which it must come before"
        raise InvalidInput(f"{what} {fault} (x-moderators)", code="invalid-document")
    earlier = before.moderators if before else None
    if pin and earlier and pin.number < earlier.number:
        raise NotTrusted(f"{what} pins moderators {pin.number}, the one before it {earlier.number}", code="bad-root")


def _threshold(
    signatures: Sequence[_Signature],
    keys: Mapping[str, PublicKey],
    threshold: int,
    message: bytes,
    what: str,
    whose: str,
    check: SignatureCheck,
) -> None:
    """Refuses a root that fewer than `threshold` of `keys` signed, and a bad signature by one of them."""
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


def _ed25519(key: _Key, what: str) -> PublicKey:
    if (key.keytype, key.scheme) != ("ed25519", "ed25519"):
        raise InvalidInput(f"{what} lists a key of type {quoted(key.keytype)}, only ed25519 is known", code="bad-key")
    return usable_key(bytes.fromhex(key.keyval.public))


def _listed(keys: Mapping[str, PublicKey], role: _Role, what: str) -> dict[str, PublicKey]:
    missing = [keyid for keyid in role.keyids if keyid not in keys]
    if missing:
        raise InvalidInput(
            f"{what} gives a role to the key {quoted(missing[0])}, which it does not list", code="invalid-document"
        )
    return {keyid: keys[keyid] for keyid in role.keyids}
