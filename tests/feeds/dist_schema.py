"""The lists that agents read in a git repository, as JSON schemas, written from what agents document of them.

A list has a name without spaces, an owner, and plugins whose source is a folder of the repository, written `./…`. A
plugin.json has at least a name; an .mcp.json starts a server with a command or reaches it at an address.
"""

from typing import Any, Final

Schema = dict[str, Any]  # Any: a JSON schema

_NAME: Final[Schema] = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_PERSON: Final[Schema] = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
_ABOUT: Final[Schema] = {
    "name": _NAME,
    "version": {"type": "string", "minLength": 1},
    "description": {"type": "string", "minLength": 1},
    "author": _PERSON,
    "homepage": {"type": "string", "format": "uri"},
    "license": {"type": "string"},
    "keywords": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
}
_NEEDED: Final = ["name", "version", "description", "author", "license"]

PLUGIN: Final[Schema] = {
    "type": "object",
    "required": _NEEDED,
    "properties": {**_ABOUT, "mcpServers": {"type": "string", "pattern": r"^\./"}},
    "additionalProperties": False,
}
MARKETPLACE: Final[Schema] = {
    "type": "object",
    "required": ["name", "owner", "plugins"],
    "properties": {
        "$schema": {"type": "string"},
        "name": _NAME,
        "owner": _PERSON,
        "description": {"type": "string"},
        "plugins": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [*_NEEDED, "source"],
                "properties": {
                    **_ABOUT,
                    "source": {"type": "string", "pattern": r"^\./plugins/[a-z0-9_-]+$"},
                    "category": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
_TEXTS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "string"}}
SERVERS: Final[Schema] = {
    "type": "object",
    "required": ["mcpServers"],
    "properties": {
        "mcpServers": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[A-Za-z0-9_-]{1,64}$"},
            "additionalProperties": {
                "oneOf": [
                    {
                        "required": ["command", "args"],
                        "properties": {
                            "command": {"enum": ["python3", "node", "npx", "uvx", "docker"]},
                            "args": {"type": "array", "items": {"type": "string"}},
                            "env": _TEXTS,
                            "cwd": {"const": "."},
                        },
                        "additionalProperties": False,
                    },
                    {
                        "required": ["type", "url"],
                        "properties": {"type": {"const": "http"}, "url": {"type": "string"}, "headers": _TEXTS},
                        "additionalProperties": False,
                    },
                ]
            },
        }
    },
    "additionalProperties": False,
}
