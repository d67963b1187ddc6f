"""The agent-skills discovery index 0.2.0 as a JSON schema, written from its specification and from what readers refuse.

A name is 1 to 64 of a-z, 0-9 and single hyphens (agentskills.io/specification), a description at most 1,024 characters,
an address may be relative to the index, and a digest is of the bytes that lie there.
"""

from typing import Any, Final

SKILL_INDEX: Final[dict[str, Any]] = {  # Any: a JSON schema
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["$schema", "skills"],
    "properties": {
        "$schema": {"const": "https://schemas.agentskills.io/discovery/0.2.0/schema.json"},
        "skills": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "type", "description", "url", "digest"],
                "properties": {
                    "name": {"type": "string", "maxLength": 64, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
                    "type": {"enum": ["skill-md", "archive"]},
                    "description": {"type": "string", "minLength": 1, "maxLength": 1024},
                    "url": {"type": "string", "format": "uri-reference", "minLength": 1},
                    "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
