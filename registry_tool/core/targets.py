"""What the people who sign offline say about the index: `<n>.targets.json` (TUF 1.0.33 part 4.5).

    root ──▶ targets ──▶ bins          whose key signs the bins, how many there are, how long they stay fresh
                └──────▶ trust/trusted_root.json     which sigstore instance is believed

Stock clients read the same file with their library. Here a repository is read with it: by the build,
by landings, and by clients of a clone, who need the trust root and nothing else of the index.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from registry_tool.core import canonical, layout, limits
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.document import Document, HexText, NumberInt, Seq, TimeText, findings_of
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.keys import PublicKey, SignatureCheck
from registry_tool.core.roots import MetadataFile, MetadataKey, Root, ed25519_key, met_by
from registry_tool.core.tree import Tree

MOST_BITS: Final = 16
"""65,536 bins: as many as one second has versions for."""

DaysInt = Annotated[int, Field(ge=1, le=36_500)]


class Days(Document):
    """How long what is signed stays fresh, in days: what jobs sign, and what people sign the next time."""

    root: DaysInt = 3650
    targets: DaysInt = 3650
    bins: DaysInt
    snapshot: DaysInt
    timestamp: DaysInt


class _Hashes(Document):
    sha256: HexText


class _Target(Document):
    length: Annotated[int, Field(ge=0, le=limits.CATALOGUE_BYTES)]
    hashes: _Hashes


class _Bins(Document):
    keyids: Annotated[Seq[str], Field(min_length=1, max_length=20)]
    threshold: Annotated[int, Field(ge=1, le=20)]
    bit_length: Annotated[int, Field(ge=1, le=MOST_BITS)]
    name_prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]


class _Delegations(Document):
    keys: dict[str, MetadataKey]
    succinct_roles: _Bins


class _SignedTargets(Document):
    type_: Literal["targets"] = Field(alias="_type")
    spec_version: Annotated[str, Field(pattern=r"^1\.[0-9.]{1,10}$")]
    version: NumberInt
    expires: TimeText
    targets: dict[str, _Target]
    delegations: _Delegations
    days: Days = Field(alias="x-days")


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets metadata that enough people signed."""

    number: int
    expires: str
    """Judged by those who ask for freshness."""
    bits: int
    """There are 2 to this power bins."""
    prefix: str
    """What the names of the bins begin with."""
    bin_keys: Mapping[str, PublicKey]
    """Who signs the bins, by the ids that the file gives them."""
    bin_threshold: int
    days: Days
    trusted_root: Hex | None
    """The digest of the sigstore trust root; `None` where this registry believes no keyless signature."""
    text: bytes

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return 1 << self.bits


def read_targets(text: bytes, number: int | None, root: Root, *, check: SignatureCheck) -> Targets:
    """The targets metadata in `text`, signed by the threshold of `root`'s targets keys.

    `number` is the one that it must have, `None` where any will do. Raises `InvalidInput` for what is
    not well formed, `NotTrusted` for too few signatures.
    """
    targets, file = _parsed(text, number)
    what, whose = f"targets {targets.number}", f"root {root.number}'s targets"
    met_by(file.signatures, root.targets, root.targets_threshold, canonical.encode(file.signed), what, whose, check)
    return targets


def draft_targets(text: bytes, number: int) -> Targets:
    """The targets in `text`, whatever signatures they have; `InvalidInput` for what is not well formed."""
    return _parsed(text, number)[0]


def _parsed(text: bytes, number: int | None) -> tuple[Targets, MetadataFile]:
    """Targets and the file that they are in; its signatures are for the caller to look at."""
    what = f"targets {number}" if number else "the targets"
    value = canonical.parse(text, limit=limits.ROOT_BYTES, what=what)
    try:
        file = MetadataFile.model_validate(value)
        signed = _SignedTargets.model_validate(file.signed)
    except ValidationError as error:
        faults = findings_of(error)
        raise InvalidInput(f"{what}: {faults[0].message}", code="invalid-document", findings=faults) from error
    if number is not None and signed.version != number:
        raise InvalidInput(f"{what} says that it is version {signed.version}", code="chain-gap")
    listed, bins = signed.delegations.keys, signed.delegations.succinct_roles
    missing = [keyid for keyid in bins.keyids if keyid not in listed]
    if missing:
        raise InvalidInput(f"{what} lets a key sign the bins that it does not list", code="invalid-document")
    trusted_root = signed.targets.get(layout.TRUSTED_ROOT)
    targets = Targets(
        signed.version,
        signed.expires,
        bins.bit_length,
        bins.name_prefix,
        {keyid: ed25519_key(listed[keyid], what) for keyid in bins.keyids},
        bins.threshold,
        signed.days,
        Hex(trusted_root.hashes.sha256) if trusted_root else None,
        text,
    )
    return targets, file


def targets_at(tree: Tree, root: Root, *, check: SignatureCheck) -> Targets | None:
    """The newest targets of a repository, signed under its newest root; `None` where it has none yet."""
    number = newest_targets(tree)
    if number == 0:
        return None
    text = tree.read(layout.targets_path(number)) or b""
    return read_targets(text, number, root, check=check)


def newest_targets(tree: Tree) -> int:
    """The number of the newest targets file; 0 where there is none."""
    numbers = [layout.locate(f"{layout.TRUST}/{entry.name}") for entry in tree.list(layout.TRUST)]
    return max((one.number for one in numbers if one.role == "targets"), default=0)


def trusted_root_at(tree: Tree, root: Root, *, check: SignatureCheck) -> bytes | None:
    """The sigstore trust root that a repository's targets list, verified; `None` where they list none."""
    text = targets_text(tree)
    return listed_trust_root(text, trusted_root_text(tree), root, check=check) if text is not None else None


def targets_text(tree: Tree) -> bytes | None:
    """The newest targets metadata as it lies there, for whoever verifies it; `None` where there is none."""
    number = newest_targets(tree)
    return tree.read(layout.targets_path(number)) if number else None


def trusted_root_text(tree: Tree) -> bytes | None:
    """The sigstore trust root that the newest targets list, for whoever verifies both; `None` where they list none."""
    text = targets_text(tree)
    if text is None:
        return None
    try:
        signed = canonical.parse(text, limit=limits.ROOT_BYTES, what="the targets")["signed"]
        digest = signed["targets"][layout.TRUSTED_ROOT]["hashes"]["sha256"]
    except (InvalidInput, KeyError, TypeError):
        return None
    path = layout.trusted_root_path(Hex(str(digest)))
    return tree.read(path) if layout.locate(path).role == "trusted-root" else None


def listed_trust_root(text: bytes, data: bytes | None, root: Root, *, check: SignatureCheck) -> bytes | None:
    """The sigstore trust root `data`, if the targets in `text` list it; `None` where they list none.

    `NotTrusted` where it is missing or another one.
    """
    digest = read_targets(text, None, root, check=check).trusted_root
    if digest is not None and (data is None or sha256(data) != digest):
        raise NotTrusted(
            "the sigstore trust root is not the one that the registry's targets list",
            code="bad-digest",
            hint="try another mirror",
        )
    return data if digest is not None else None
