"""Receipts: what an install wrote, so that it can be taken back exactly.

.registry/receipts/<scope>__<name>.json     {schema, artifact, record, steps, made}
"""

import json
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from registry_tool.core import canonical, limits
from registry_tool.core.document import ArtifactText, Document, HexText, Seq
from registry_tool.core.errors import InvalidInput
from registry_tool.core.names import parse_artifact
from registry_tool.stores.rooted import Rooted, checked

FOLDER: Final = ".registry"
RECEIPTS: Final = f"{FOLDER}/receipts"
RECEIPT_BYTES: Final = 64 * limits.MIB  # 5,000 paths of 150 bytes with their digests, in the folders of fifty agents


class TreeStep(Document):
    """A folder of the artifact's own."""

    step: Literal["tree"]
    path: str
    files: dict[str, HexText]
    """Path below it to the SHA-256 of what was written."""
    own: Seq[str] = ()
    """Paths below it of files that are the person's: begun by an install, removed by an uninstall, never compared."""


class MemberStep(Document):
    """A member of an object in a JSON file."""

    nullable: ClassVar[frozenset[str]] = frozenset(("value", "replaced"))

    step: Literal["member"]
    path: str
    pointer: Seq[str]
    name: str
    written: Any = Field(alias="value")  # any JSON
    replaced: str | None
    """The text that stood there before."""


class RowStep(Document):
    """A row of an array in a JSON file."""

    nullable: ClassVar[frozenset[str]] = frozenset(("replaced",))

    step: Literal["row"]
    path: str
    pointer: Seq[str]
    by: str
    written: dict[str, Any] = Field(alias="value")  # any JSON
    replaced: str | None
    """The text that stood there before."""


class ItemStep(Document):
    """A text in an array of a JSON file."""

    step: Literal["item"]
    path: str
    pointer: Seq[str]
    written: str = Field(alias="value")
    added: bool
    """Whether an install put it there; otherwise it was the person's and stays."""


JsonStep = MemberStep | RowStep | ItemStep
WrittenStep = Annotated[TreeStep | MemberStep | RowStep | ItemStep, Field(discriminator="step")]


class Made(Document):
    """What is removed with the last artifact that needs it, if it is empty then."""

    folders: Seq[str]
    """Folders that installs made around what they wrote."""
    containers: dict[str, Seq[Seq[str]]]
    """JSON file to the pointers of objects and arrays that installs made; `[]` is the file itself."""


class Receipt(Document):
    """What one install wrote."""

    schema_: Literal["registry.receipt/1"] = Field(alias="schema")
    artifact: ArtifactText
    record: dict[str, Any]  # the caller's
    steps: Seq[WrittenStep]
    made: Made


def target_of(step: JsonStep) -> tuple[str, ...]:
    """What tells the place of one JSON step from all others."""
    match step:
        case MemberStep():
            return ("member", step.path, *step.pointer, step.name)
        case RowStep():
            return ("row", step.path, *step.pointer, step.by, json.dumps(step.written.get(step.by), sort_keys=True))
        case ItemStep():
            return ("item", step.path, *step.pointer, step.written)


def receipt_path(artifact: str) -> str:
    """Where the receipt of `@scope/name` lies; `InvalidInput` for another name."""
    return f"{RECEIPTS}/{parse_artifact(artifact).slug}.json"


def receipt_bytes(receipt: Receipt) -> bytes:
    """The receipt as it is written: for people too, and the same everywhere.

    `InvalidInput` (`too-large`) where nobody would read it any more.
    """
    data = json.dumps(receipt.value(), indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    if len(data) > RECEIPT_BYTES:
        hint = "install it for fewer agents at a time"
        raise InvalidInput(f"its receipt would have more than {RECEIPT_BYTES} bytes", code="too-large", hint=hint)
    return data


def read_receipts(files: Rooted) -> tuple[Receipt, ...]:
    """All receipts below the target's root, by artifact; `InvalidInput` naming one that is damaged."""
    names = (name for name in files.names(RECEIPTS) if name.endswith(".json"))
    return tuple(sorted((_read(files, f"{RECEIPTS}/{name}") for name in names), key=lambda receipt: receipt.artifact))


def _read(files: Rooted, path: str) -> Receipt:
    where = str(files.root / path)
    data = files.read(path, limit=RECEIPT_BYTES) or b""
    try:
        receipt = Receipt.of(canonical.parse_loose(data, limit=RECEIPT_BYTES, what="the receipt", floats=True))
        if receipt_path(receipt.artifact) != path:
            raise InvalidInput(f"the receipt is that of {receipt.artifact}")
        for step in receipt.steps:
            checked(step.path)
            for file in (*step.files, *step.own) if isinstance(step, TreeStep) else ():
                checked(file)
        for folder in receipt.made.folders:
            checked(folder)
    except (InvalidInput, TypeError, ValueError) as error:
        hint = "bring it back from version control, or remove it together with what it installed"
        reason = error.message if isinstance(error, InvalidInput) else "it is not a JSON object"
        raise InvalidInput(f"the receipt is damaged: {reason}", where=where, code="bad-receipt", hint=hint) from error
    return receipt
