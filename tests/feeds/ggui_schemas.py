"""What the ggui wire answers, as JSON schemas written from its facts (parts 1, 4, 6, 7 and 11)."""

from typing import Any, Final

import jsonschema

Schema = dict[str, Any]

_PART: Final = "[a-z0-9][a-z0-9-]{0,62}[a-z0-9]"
_ID: Final = {"type": "string", "pattern": f"^@{_PART}/{_PART}$"}
_VERSION: Final = {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+(-[\w.]+)?(\+[\w.]+)?$"}
_TIME: Final = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"}
_KIND: Final = {"enum": ["gadget", "blueprint"]}
_URL: Final = {"type": "string", "pattern": "^https?://[^/]+/"}
_DIGEST: Final = "[A-Za-z0-9+/]{64}"
_KEY: Final = {"type": "string", "pattern": "^[A-Za-z0-9+/]+={0,2}$"}
_TAGS: Final = {
    "type": "array",
    "maxItems": 20,
    "items": {"type": "string", "pattern": "^[a-z0-9-]+$", "minLength": 1, "maxLength": 64},
}
_TOOL: Final = {"type": "string", "pattern": r"^[A-Za-z0-9_.-]{1,128}$"}
_TOOLS: Final = {
    "type": "array",
    "minItems": 1,
    "maxItems": 16,
    "items": {
        "type": "object",
        "properties": {"tool": _TOOL, "server": _TOOL},
        "required": ["tool"],
        "additionalProperties": False,
    },
}
_VERIFICATION: Final = {
    "scopeVerification": {"enum": ["verified", "unverified"]},
    "verifiedDomain": {"type": "string", "pattern": r"^[a-z0-9.-]+\.[a-z]{2,}$"},
}
_PAIRED: Final = {
    "if": {"required": ["verifiedDomain"]},
    "then": {"properties": {"scopeVerification": {"const": "verified"}}, "required": ["scopeVerification"]},
}


def _closed(required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any) -> Schema:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": False,
        **more,
    }


RESULT: Final = _closed(
    {"artifactId": _ID, "latestVersion": _VERSION, "kind": _KIND, "publishedAt": _TIME},
    {
        "description": {"type": "string", "minLength": 1, "maxLength": 280},
        "tags": _TAGS,
        "mcpTools": _TOOLS,
        "mcpToolsSource": {"enum": ["declared", "derived"]},
        **_VERIFICATION,
    },
    **_PAIRED,
)
SEARCH: Final = _closed(
    {"results": {"type": "array", "maxItems": 200, "items": RESULT}}, {"nextCursor": {"type": "string"}}
)
STATIC_SEARCH: Final = _closed({"results": {"type": "array", "items": RESULT}})
"""A file: never a cursor."""
VERSIONS: Final = _closed(
    {
        "artifactId": _ID,
        "versions": {
            "type": "array",
            "minItems": 1,
            "items": _closed(
                {
                    "version": _VERSION,
                    "publishedAt": _TIME,
                    "yanked": {"type": "boolean"},
                    "kind": _KIND,
                    "visibility": {"const": "public"},
                }
            ),
        },
    }
)
_BODY: Final = {
    "signatureUrl": _URL,
    "authorPublicKey": _KEY,
    "publishedAt": _TIME,
    "publishedBy": {"type": "string", "minLength": 1},
}
GADGET: Final = _closed(
    {
        **_BODY,
        "manifest": {"type": "object", "properties": {"kind": {"const": "gadget"}}, "required": ["kind"]},
        "bundleUrl": {**_URL, "not": {"pattern": "/bundles/private/"}},
        "bundleSri": {"type": "string", "pattern": f"^sha384-{_DIGEST}$"},
    },
    _VERIFICATION,
    **_PAIRED,
)
BLUEPRINT: Final = _closed(
    {
        **_BODY,
        "manifest": {"type": "object", "properties": {"kind": {"const": "blueprint"}}, "required": ["kind"]},
    },
    _VERIFICATION,
    **_PAIRED,
)
ENVELOPE: Final = {
    "oneOf": [
        _closed(
            {
                "algorithm": {"const": "ed25519"},
                "bundleSha384": {"type": "string", "pattern": f"^{_DIGEST}$"},
                "signature": {"type": "string", "pattern": "^[A-Za-z0-9+/]{86}==$"},
                "publicKeyId": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"},
                "signedAt": _TIME,
            }
        ),
        _closed(
            {
                "algorithm": {"const": "sigstore-cosign"},
                "bundleSha384": {"type": "string", "pattern": f"^{_DIGEST}$"},
                "bundle": {"type": "string", "pattern": "^{"},
                "signedAt": _TIME,
            }
        ),
    ]
}
ERROR: Final = _closed({"error": {"const": "invalid_request"}, "message": {"type": "string", "minLength": 1}})


def faults(value: object, schema: Schema) -> list[str]:
    """What is wrong with a value, in the validator's words."""
    jsonschema.Draft202012Validator.check_schema(schema)
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(value)]
