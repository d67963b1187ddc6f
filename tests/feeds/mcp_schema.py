"""Answers to the read routes of the MCP registry API as JSON schemas, from its OpenAPI description (2025-12-01)."""

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"}
_TRANSPORT: Final = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": ["stdio", "streamable-http", "sse"]}, "url": _TEXT},
}
_PACKAGE: Final = {
    "type": "object",
    "required": ["registryType", "identifier", "transport"],
    "properties": {
        "registryType": _TEXT,
        "identifier": _TEXT,
        "version": {"type": "string", "minLength": 1, "not": {"const": "latest"}},
        "fileSha256": {"type": "string", "pattern": "^[a-f0-9]{64}$"},
        "transport": _TRANSPORT,
        "runtimeArguments": {"type": "array"},
        "packageArguments": {"type": "array"},
        "environmentVariables": {"type": "array", "items": {"type": "object", "required": ["name"]}},
    },
}
_REMOTE: Final = {
    "type": "object",
    "required": ["type", "url"],
    "properties": {"type": {"enum": ["streamable-http", "sse"]}, "url": _TEXT},
}
_SERVER: Final = {
    "type": "object",
    "required": ["name", "description", "version"],
    "properties": {
        "name": {
            "type": "string",
            "minLength": 3,
            "maxLength": 200,
            "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$",
        },
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "maxLength": 255},
        "packages": {"type": "array", "items": _PACKAGE},
        "remotes": {"type": "array", "items": _REMOTE},
        "_meta": {"type": "object"},
    },
}
_OFFICIAL: Final = {
    "type": "object",
    "properties": {
        "status": {"enum": ["active", "deprecated", "deleted"]},
        "statusMessage": {"type": "string", "maxLength": 500},
        "statusChangedAt": _TIME,
        "publishedAt": _TIME,
        "updatedAt": _TIME,
        "isLatest": {"type": "boolean"},
    },
    "required": ["status", "publishedAt", "isLatest"],
    "additionalProperties": False,
}

ANSWER: Final[dict[str, Any]] = {  # Any: a JSON schema
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["server", "_meta"],
    "properties": {
        "server": _SERVER,
        "_meta": {
            "type": "object",
            "required": ["io.modelcontextprotocol.registry/official"],
            "properties": {"io.modelcontextprotocol.registry/official": _OFFICIAL},
            "additionalProperties": True,
        },
    },
    "additionalProperties": False,
}
LIST: Final[dict[str, Any]] = {  # Any: a JSON schema
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["servers", "metadata"],
    "properties": {
        "servers": {"type": "array", "items": ANSWER},
        "metadata": {
            "type": "object",
            "required": ["count"],
            "properties": {"nextCursor": {"type": "string", "minLength": 1}, "count": {"type": "integer"}},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
