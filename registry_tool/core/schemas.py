"""JSON Schemas (draft 2020-12) of every document, made from the models that read them.

For other people's tools. What a schema cannot say, the models say all the same: that a list is
sorted, that two members agree, that a key is a point of the curve. Root metadata is TUF's and has
no schema here.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from registry_tool.core.artifact_reviews import ArtifactReview
from registry_tool.core.auditing import Audited
from registry_tool.core.card import Card
from registry_tool.core.catalogue import Catalogue
from registry_tool.core.counts import Counts
from registry_tool.core.distributed import DistTable
from registry_tool.core.document import Document, HexText, IdText, Signed, VersionText, schema_of
from registry_tool.core.kind import Kinds
from registry_tool.core.listed import AdvisoryList, LiveCounts, RevokedList
from registry_tool.core.manifest import Manifest
from registry_tool.core.people import AuthorFile, ReviewsFile
from registry_tool.core.profiles import Profile
from registry_tool.core.release import (
    Admission,
    Approval,
    AuthorChain,
    EntryPoint,
    Evidence,
    NameRecord,
    Pointer,
    RegistryChains,
    ScopeChains,
)
from registry_tool.core.settings import Settings
from registry_tool.core.statements import Event, Keyring, Moderation, Moderators, Policy, Scope
from registry_tool.core.waiting import Queue, Waitlist
from registry_tool.core.waivers import Waiver

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

SIGNED: Final[tuple[type[Signed], ...]] = (
    Admission,
    AdvisoryList,
    Approval,
    ArtifactReview,
    AuthorFile,
    Catalogue,
    Counts,
    DistTable,
    EntryPoint,
    Event,
    Evidence,
    Keyring,
    LiveCounts,
    Moderation,
    Moderators,
    NameRecord,
    Pointer,
    Policy,
    Profile,
    Queue,
    ReviewsFile,
    RevokedList,
    Scope,
    Waitlist,
    Waiver,
)
"""Documents that name their own schema; the manifest, which takes a part of each kind, comes beside them."""

OTHERS: Final[Mapping[str, type[Document]]] = {
    "artifact": Card,
    "chains-author": AuthorChain,
    "chains-registry": RegistryChains,
    "chains-scope": ScopeChains,
    "registry.audit-1": Audited,
    "settings": Settings,
}
"""Documents that do not, or are nobody's to sign, by the name that their schema has."""


def schemas(kinds: Kinds) -> Mapping[str, dict[str, Any]]:
    """Every schema by its file's name, as `registry.manifest-1.json`; the same values each time.

    `registry.<name>-<n>.json` is of the documents `registry.<name>/<n>`, `spec-<kind>.json` of a
    manifest's `spec`, `artifact.json` of `artifact.yaml`, `manifest-flat.json` of the flat manifest.
    """
    made: dict[str, dict[str, Any]] = {_file(schema_of(model)): _schema(model) for model in SIGNED}
    made.update({f"{name}.json": _schema(model) for name, model in OTHERS.items()})
    made.update({f"spec-{kind.id}.json": _schema(kind.spec) for kind in kinds})
    made[_file(schema_of(Manifest))] = _manifest(kinds)
    made["manifest-flat.json"] = _flat(kinds)
    return {name: {"$schema": DIALECT, "$id": name, **made[name]} for name in sorted(made)}


def schema_names(kinds: Kinds) -> tuple[str, ...]:
    """The names of `schemas`, sorted, without making them."""
    signed = [_file(schema_of(model)) for model in SIGNED]
    others = [f"{name}.json" for name in (*OTHERS, "manifest-flat", *(f"spec-{kind.id}" for kind in kinds))]
    return tuple(sorted([*signed, _file(schema_of(Manifest)), *others]))


class _Generator(GenerateJsonSchema):
    """pydantic's schemas, but `null` only where a document may hold it."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The schema of one model."""
        made = super().model_schema(schema)
        model: type[Document] = schema["cls"]
        for name, member in made["properties"].items():
            if name not in model.nullable:
                made["properties"][name] = _without_null(member)
        return made

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """The schema of a map; a name that does not fit is refused, where pydantic lets it pass."""
        made = super().dict_schema(schema)
        for pattern, value in made.pop("patternProperties", {}).items():
            made["propertyNames"] = {**made.get("propertyNames", {}), "pattern": pattern}
            made["additionalProperties"] = value
        return made


def _without_null(member: JsonSchemaValue) -> JsonSchemaValue:
    """A member's schema that `null` does not fit; absent says the same."""
    choices = [one for one in member.get("anyOf", ()) if one != {"type": "null"}]
    kept = {name: value for name, value in member.items() if name not in ("anyOf", "default")}
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


@cache
def _schema(model: type[Document]) -> dict[str, Any]:
    """The schema of a model, which takes a few milliseconds; not to be changed."""
    return model.model_json_schema(schema_generator=_Generator)


def _file(schema: str) -> str:
    return schema.replace("/", "-") + ".json"


def _manifest(kinds: Kinds) -> dict[str, Any]:
    """The manifest's schema; where the kind is one that is known, its `spec` is of that kind's form."""
    specs = [
        {
            "if": {"properties": {"kind": {"const": kind.id}}, "required": ["kind"]},
            "then": {"properties": {"spec": {"$ref": f"spec-{kind.id}.json"}}},
        }
        for kind in kinds
    ]
    return {**_schema(Manifest), "allOf": specs}


def _flat(kinds: Kinds) -> dict[str, Any]:
    """The schema of the flat manifest; the signature is not there yet where an author writes it."""
    members = {
        "kind": {"enum": [kind.category for kind in kinds]},
        "name": {"type": "string", "pattern": "^[a-z0-9_-]{2,130}$"},
        "version": _text(VersionText),
        "author_id": _text(IdText),
        "package_sha256": _text(HexText),
        "permissions": {"type": "array", "items": {"type": "string"}},
        "manifest_signature": {"type": "string", "contentEncoding": "base64"},
    }
    return {
        "title": "Flat manifest",
        "description": "The manifest as foreign readers know it; the signature is over the rest of it (RFC 8785).",
        "type": "object",
        "additionalProperties": False,
        "properties": members,
        "required": [name for name in members if name != "manifest_signature"],
    }


def _text(form: Any) -> dict[str, Any]:  # Any: an annotated type
    return TypeAdapter(form).json_schema()
