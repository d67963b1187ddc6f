"""What a blueprint's contract may hold on the ggui wire, down to the small types that its manifest shares.

Not `Document`s: their canonical form is the wire's own (`wire.canonical`), and what is signed is the
author's JSON value itself, never a model written back. The models only judge; where a value must
survive as it came, `judged_by` keeps it. Source: ggui wire facts, part 2.
"""

import re
from collections.abc import Callable, Mapping, Sized
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, core_schema

from registry_tool.core.canonical import Json
from registry_tool.core.document import Seq

T = TypeVar("T")

ENTRIES = 10_000  # of a list or an object that has no limit of its own; no manifest comes near
PACKAGE = re.compile(r"(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*")
"""An npm package name, as a contract and an import name it."""

_HOOK = r"use[A-Z][A-Za-z0-9]*"
_COMPONENT = r"[A-Z][A-Za-z0-9]*"


class Wire(BaseModel):
    """A closed, immutable object of the wire: unknown members are refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=to_camel)


class OpenWire(Wire):
    """An object of the wire that keeps members it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow", alias_generator=to_camel)


def _not_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("null", "is null; leave it out where there is nothing to say")
    return value


Maybe = Annotated[T | None, BeforeValidator(_not_null)]
"""A member that may be absent; `null` does not stand for that."""


def matching(pattern: str, example: str) -> AfterValidator:
    """A check that a text is `pattern` from end to end; `example` is shown where it is not."""
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise PydanticCustomError("form", "has not the form it needs, as {example}", {"example": example})
        return text

    return AfterValidator(check)


def units(least: int, most: int) -> AfterValidator:
    """A check that a text has `least` to `most` UTF-16 units, which is how JavaScript counts."""

    def check(text: str) -> str:
        found = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if not least <= found <= most:
            raise PydanticCustomError(
                "length",
                "must have {least} to {most} characters (UTF-16 units), it has {found}",
                {"least": least, "most": most, "found": found},
            )
        return text

    return AfterValidator(check)


def counted(least: int, most: int) -> AfterValidator:
    """A check that a list or an object has `least` to `most` entries; it waits until each of them is good."""

    def check(value: Sized) -> Sized:
        if not least <= len(value) <= most:
            limits = {"least": least, "most": most, "found": len(value)}
            raise PydanticCustomError("count", "must have {least} to {most} entries, it has {found}", limits)
        return value

    return AfterValidator(check)


def judged_by(model: Any, *, also: Callable[[object], bool] = lambda _value: False) -> GetPydanticSchema:  # Any: a type
    """A value that `model` accepts (or `also` does), kept as it came."""

    def keep(value: object, judge: core_schema.ValidatorFunctionWrapHandler) -> object:
        if not also(value):
            judge(value)
        return value

    return GetPydanticSchema(
        lambda _source, handler: core_schema.no_info_wrap_validator_function(keep, handler.generate_schema(model))
    )


def _whole(value: object) -> object:
    """JavaScript has one kind of number: 5.0 is 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[str, Field(min_length=1)]
Sentence = Annotated[str, units(1, 280)]
Hook = Annotated[str, matching(_HOOK, "useSolar")]
Component = Annotated[str, matching(_COMPONENT, "SolarMap")]
ExportName = Annotated[str, matching(f"{_HOOK}|{_COMPONENT}", "useSolar or SolarMap")]
PackageName = Annotated[str, matching(PACKAGE.pattern, "@acme/solar")]
ToolName = Annotated[str, matching(r"[A-Za-z0-9_.-]{1,128}", "get_weather")]
_Wait = Annotated[int, BeforeValidator(_whole), Field(ge=0)]
_SCALARS = ("string", "number", "integer", "boolean", "array", "object", "null")


def _types(value: Json) -> Json:
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) and name in _SCALARS for name in names):
        raise PydanticCustomError("types", "must be one of {known}, or a list of them", {"known": ", ".join(_SCALARS)})
    return value


class JsonSchema(OpenWire):
    """A JSON Schema, of whose keywords only these are looked at."""

    type: Annotated[Json, AfterValidator(_types)] = None
    description: Maybe[str] = None
    enum: Maybe[Seq[Json]] = None
    default: Json = None
    example: Json = None
    items: "Maybe[JsonSchema]" = None
    properties: "Maybe[dict[str, JsonSchema]]" = None
    required: Maybe[Seq[str]] = None
    additional_properties: Annotated[Json, judged_by("JsonSchema", also=lambda value: isinstance(value, bool))] = None
    format: Maybe[str] = None


class Prop(Wire):
    """One property that the component takes."""

    schema_: JsonSchema = Field(alias="schema")
    description: Maybe[str] = None
    required: Maybe[bool] = None
    default: Json = None
    example: Json = None
    source_tool: Maybe[str] = None


class Props(Wire):
    """All properties that the component takes."""

    description: Maybe[str] = None
    properties: dict[str, Prop]


class Action(Wire):
    """Something that the person can do in the component."""

    label: str
    description: Maybe[str] = None
    schema_: Maybe[JsonSchema] = Field(default=None, alias="schema")
    example: Json = None
    icon: Maybe[str] = None
    confirm: Maybe[bool] = None
    next_step: Maybe[Text] = None


class StreamSource(Wire):
    """The tool that feeds a stream."""

    tool: str
    args: Maybe[dict[str, Json]] = None


class Stream(Wire):
    """Data that keeps coming in."""

    schema_: JsonSchema = Field(alias="schema")
    description: Maybe[str] = None
    example: Json = None
    mode: Maybe[Literal["append", "replace"]] = None
    replay: Maybe[Literal["latest", "all", "none"]] = None
    complete: Maybe[bool] = None
    source: Maybe[StreamSource] = None


class Context(Wire):
    """What the component tells the agent."""

    schema_: JsonSchema = Field(alias="schema")
    description: Maybe[str] = None
    default: Json = None
    debounce_ms: Maybe[_Wait] = None
    example: Json = None


class ToolInfo(Wire):
    """What a tool takes and gives."""

    input_schema: JsonSchema
    description: Maybe[str] = None
    output_schema: Maybe[JsonSchema] = None


class ServerInfo(Wire):
    """The server that a tool is on."""

    name: str
    version: Maybe[str] = None


class ToolExample(Wire):
    """One call of a tool and its answer."""

    input: Json
    output: Json


class AgentTool(Wire):
    """One tool that the agent needs."""

    tool_info: ToolInfo
    server_info: Maybe[ServerInfo] = None
    usage: Maybe[str] = None
    example: Maybe[ToolExample] = None


class AgentCapabilities(OpenWire):
    """What the agent must be able to do."""

    tools: dict[str, AgentTool]


class GadgetUse(Wire):
    """How one export of a gadget is used."""

    description: Maybe[str] = None
    usage: Maybe[str] = None


class ClientCapabilities(Wire):
    """Which gadgets the component uses."""

    gadgets: dict[PackageName, Annotated[dict[ExportName, GadgetUse], counted(1, ENTRIES)]]


class Contract(OpenWire):
    """What a blueprint's component promises, and what it needs."""

    props_spec: Maybe[Props] = None
    action_spec: Maybe[dict[str, Action]] = None
    stream_spec: Maybe[dict[str, Stream]] = None
    context_spec: Maybe[dict[str, Context]] = None
    agent_capabilities: Maybe[AgentCapabilities] = None
    client_capabilities: Maybe[ClientCapabilities] = None


ContractValue = Annotated[Mapping[str, Json], judged_by(Contract)]
"""A contract that was judged and is kept as the author wrote it."""
