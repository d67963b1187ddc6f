"""Documents that are written to a file or a wire: their base, and how one is read.

pydantic stays behind this module. Its faults are told as our findings, all at once, and nobody ever
reads its prose.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator

from registry_tool.core import canonical, limits
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.findings import Finding
from registry_tool.core.names import PART_PATTERN, parse_artifact, parse_part
from registry_tool.core.quoting import quoted
from registry_tool.core.times import to_seconds
from registry_tool.core.versions import parse_version

T = TypeVar("T")


def _that(parse: Callable[[str], object]) -> AfterValidator:
    """A check of text by one of our parsers; the text stays as it is."""

    def checked(text: str) -> str:
        try:
            parse(text)
        except InvalidInput as error:
            raise ValueError(error.message) from error
        return text

    return AfterValidator(checked)


# What a pattern of the reader's engine cannot say; for JSON Schema, whose engines know lookahead.
_DEVICE = "(con|prn|aux|nul|com[0-9]|lpt[0-9])"
_NO_PART = {"not": {"pattern": f"^(..--|{_DEVICE}$)"}}
_NO_ARTIFACT = {"not": {"pattern": f"[@/](..--|{_DEVICE}(/|$))"}}
_IDENTIFIER = "(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER: dict[str, Any] = {
    "pattern": r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    rf"(-{_IDENTIFIER}(\.{_IDENTIFIER})*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$"
}

Seq = Annotated[tuple[T, ...], Strict(False)]
"""A JSON list, kept as a tuple; its items stay strict."""

HexText = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
DigestText = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
K16Text = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
TimeText = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"),
    _that(to_seconds),
]
NumberInt = Annotated[int, Field(ge=1, lt=limits.JSON_INTEGER)]
LineText = Annotated[str, Field(min_length=1, max_length=280)]
NoteText = Annotated[str, Field(max_length=4000)]
KeyText = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
Base64Text = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
IdText = Annotated[
    str,
    Field(pattern=f"^{PART_PATTERN}$", json_schema_extra=_NO_PART),
    _that(lambda text: parse_part(text, "name")),
]
ArtifactText = Annotated[
    str, Field(pattern=f"^@{PART_PATTERN}/{PART_PATTERN}$", json_schema_extra=_NO_ARTIFACT), _that(parse_artifact)
]
VersionText = Annotated[
    str, Field(max_length=limits.VERSION_CHARACTERS, json_schema_extra=_SEMVER), _that(parse_version)
]
_REVERSE_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")

_SCHEMA = re.compile(r"registry\.([a-z-]+)/([1-9][0-9]{0,3})")


class Document(BaseModel):
    """A closed, immutable document: unknown members are refused, `null` is not "absent"."""

    # Built at first use: an install needs few of all models, and building costs more than importing.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True, defer_build=True)

    nullable: ClassVar[frozenset[str]] = frozenset()
    """The members in which `null` has a meaning."""

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, value: Any) -> Any:  # Any: what json.loads or a caller gives
        if isinstance(value, dict) and None in value.values():
            for name, member in value.items():
                if member is None and name not in cls.nullable:
                    raise ValueError(f"{name} is null; leave it out where there is nothing to say")
        return value

    def value(self) -> dict[str, Any]:
        """The document as JSON values, unset members absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def to_bytes(self) -> bytes:
        """The document's canonical bytes."""
        return canonical.encode(self.value())

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """The document that `value` holds; `InvalidInput` with all faults otherwise."""
        try:
            return cls.model_validate(dict(value))
        except ValidationError as error:
            faults = findings_of(error)
            raise InvalidInput(
                f"it is not a valid {cls.__name__}: {_first(faults)}", code="invalid-document", findings=faults
            ) from error


class Signed(Document):
    """What every signed document begins with (formats of the registry, part 1.3)."""

    schema_: str = Field(alias="schema")
    """`registry.<name>/<n>`."""
    registry: HexText
    """The id of the registry that it belongs to."""
    extensions: dict[str, Any] = Field(default_factory=dict)  # Any: shown, never deciding
    """Reverse-DNS names to anything, at most 4 kB; shown, never deciding."""

    @model_validator(mode="after")
    def _small_extensions(self) -> Self:
        for name, member in self.__dict__.items():
            if type(member) in _JSON and _holds_null(member):
                raise ValueError(f"{name} holds a null; leave it out where there is nothing to say")
        for name in self.extensions:
            if not _REVERSE_NAME.fullmatch(name):
                raise ValueError(f"extensions: {quoted(name)} is not a reverse-DNS name as org.example.thing")
        if self.extensions and len(canonical.encode(self.extensions)) > limits.EXTENSIONS_BYTES:
            raise ValueError(f"extensions hold at most {limits.EXTENSIONS_BYTES} bytes")
        return self


_JSON = (dict, list)


def _holds_null(value: object) -> bool:
    """Whether there is a null in JSON that no model describes (part 1.2); members of models say it themselves."""
    if isinstance(value, dict):
        return any(member is None or _holds_null(member) for member in value.values())
    return isinstance(value, list) and any(item is None or _holds_null(item) for item in value)


S = TypeVar("S", bound=Signed)


def load(model: type[S], data: bytes, *, limit: int, registry: str, what: str) -> S:
    """The signed document that `data` holds, of the registry with the id `registry`.

    In the order of part 1.1, signatures apart: size, parse, canonical form, registry, schema, the
    rest. Raises `InvalidInput` for a document that is not well formed and `NotTrusted` for one of
    another registry.
    """
    value = canonical.parse(data, limit=limit, what=what)
    if not isinstance(value, dict):
        raise InvalidInput(f"{what} is not a JSON object", code="invalid-document")
    expected = schema_of(model)
    found = value.get("schema")
    if value.get("registry") != registry:
        raise NotTrusted(
            f"{what} belongs to another registry: expected {registry}, it says {value.get('registry')!r}",
            code="other-registry",
        )
    if found != expected:
        _refuse_schema(expected, found, what)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = findings_of(error)
        raise InvalidInput(f"{what}: {_first(faults)}", code="invalid-document", findings=faults) from error


def schema_of(model: type[Signed]) -> str:
    """The schema name that `model` reads, from its Literal."""
    literal = model.model_fields["schema_"].annotation
    return str(getattr(literal, "__args__", ("",))[0])


def _refuse_schema(expected: str, found: object, what: str) -> None:
    ours, theirs = _SCHEMA.fullmatch(expected), _SCHEMA.fullmatch(str(found))
    if ours and theirs and ours[1] == theirs[1] and int(theirs[2]) > int(ours[2]):
        raise InvalidInput(
            f"{what} is written in {found}, this tool reads up to {expected}",
            code="newer-schema",
            hint="update the tool",
        )
    raise InvalidInput(f"{what}: expected the schema {expected}, it says {found!r}", code="invalid-document")


def findings_of(error: ValidationError, *, check: str = "document", path: str = "") -> tuple[Finding, ...]:
    """pydantic's faults as findings, in the order of their places."""
    told = error.errors(include_url=False)
    # An item that is refused counts as missing too; that it is refused says more.
    inside = {fault["loc"][:-depth] for fault in told for depth in range(1, len(fault["loc"]))}
    faults = [
        Finding(check, "fail", f"{_place(fault['loc'])}: {_words(fault)}", path, _hint(fault))
        for fault in told
        if fault["type"] != "too_short" or fault["loc"] not in inside
    ]
    return tuple(sorted(set(faults), key=lambda fault: fault.message))


def _first(faults: tuple[Finding, ...]) -> str:
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return faults[0].message + more


def _place(loc: Iterable[int | str]) -> str:
    place = ""
    for part in loc:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place or "it"


def _words(fault: Any) -> str:  # Any: pydantic's ErrorDetails
    given = fault.get("input")
    shown = f"{given!r}" if isinstance(given, str | int | float | bool) else type(given).__name__
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    match fault["type"]:
        case "extra_forbidden":
            return "is not a member that is known here"
        case "missing":
            return "is missing"
        case "string_pattern_mismatch":
            return f"{shown} has not the form it needs"
        case "too_short":
            return f"needs at least {fault['ctx']['min_length']} item(s), it has {fault['ctx']['actual_length']}"
        case "too_long":
            return f"may have at most {fault['ctx']['max_length']} item(s)"
        case "tuple_type":
            return f"expected a list, it is {shown}"
        case "dict_type" | "model_type":
            return f"expected an object, it is {shown}"
        case "value_error":
            return str(fault["ctx"]["error"])
        case _:
            text = str(fault["msg"])
            return f"{text[:1].lower()}{text[1:]}, it is {shown}"


def _hint(fault: Any) -> str:  # Any: pydantic's ErrorDetails
    if fault["type"] == "string_type" and isinstance(fault.get("input"), bool | int | float):
        return "put it in quotes: YAML reads it as something else than text"
    if fault["type"] == "extra_forbidden":
        return "remove it, or look for a typing mistake"
    return ""
