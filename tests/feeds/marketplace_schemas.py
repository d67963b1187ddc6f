"""What the marketplace's read routes answer, as JSON schemas: the members of M3 and M10, and ours beside them."""

from typing import Any, Final

Schema = dict[str, Any]

_HEX: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_ID: Final = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$"}
_SLUG: Final = {"type": "string", "pattern": "^[a-z0-9-]+__[a-z0-9-]+$"}
_TIME: Final = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}
_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_BOOL: Final = {"type": "boolean"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_ADDRESS: Final = {"type": "string", "pattern": r"^(https?://[^\s/]+/)?[a-z0-9][^\s]*$"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _closed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Schema:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": False,
    }


FLAT: Final = {
    "kind": {"enum": ["apps", "blueprints", "gadgets", "plugins", "skills", "themes", "widgets"]},
    "name": _SLUG,
    "version": _TEXT,
    "author_id": _ID,
    "package_sha256": _HEX,
    "permissions": _TEXTS,
    "manifest_signature": _or_null({"type": "string", "pattern": "^[A-Za-z0-9+/]{86}==$"}),
}
"""The manifest of M3, whole."""
_KEY: Final = _or_null({"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"})
_STANDING: Final = {
    "moderation_status": {"enum": ["published", "yanked", "quarantined", "revoked", "withheld"]},
    "status": {"enum": ["active", "deprecated", "yanked", "quarantined", "revoked", "withheld"]},
}
_ROW: Final = {
    **FLAT,
    **_STANDING,
    "author_public_key": _KEY,
    "package_size": _COUNT,
    "package_url": _or_null(_ADDRESS),
    "artifact": {"type": "string", "pattern": "^@[a-z0-9-]+/[a-z0-9-]+$"},
    "title": _TEXT,
    "description": {"type": "string", "minLength": 1, "maxLength": 4000},
    "tags": _TEXTS,
    "published_at": _TIME,
    "updated_at": _TIME,
    "author_verified": _BOOL,
    "official": _BOOL,
    "imported": _BOOL,
    "rating": _or_null(
        _closed({"count": {"type": "integer", "minimum": 1}, "mean": {"pattern": r"^[1-5]\.[0-9]{2}$"}})
    ),
    "installs": _or_null(_COUNT),
    "item_url": _ADDRESS,
    "page_url": _ADDRESS,
}
_VERSION: Final = _closed(
    {
        "version": _TEXT,
        "author_id": _ID,
        **_STANDING,
        "published_at": _TIME,
        "package_sha256": _HEX,
        "package_size": _COUNT,
        "package_url": _or_null(_ADDRESS),
        "manifest": _closed(FLAT),
        "author_public_key": _KEY,
    },
    {"reason": _TEXT},
)
_REVIEW: Final = _closed(
    {
        "author": _ID,
        "version": _TEXT,
        "manifest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "text": _TEXT,
        "at": _TIME,
    }
)
ITEM: Final = _closed(
    {
        **_ROW,
        "license": _TEXT,
        "links": {"type": "object", "additionalProperties": _TEXT},
        "manifest": _closed(FLAT),
        "versions": {"type": "array", "minItems": 1, "maxItems": 100, "items": _VERSION},
        "versions_count": {"type": "integer", "minimum": 1},
        "stars": _closed(dict.fromkeys("12345", _COUNT)),
        "reviews": {"type": "array", "maxItems": 20, "items": _REVIEW},
    }
)
ITEMS: Final = _closed(
    {
        "category": _TEXT,
        "items": {
            "type": "array",
            "items": _closed({**_ROW, "moderation_status": {"const": "published"}, "package_url": _ADDRESS}),
        },
    }
)
CATEGORIES: Final = _closed(
    {
        "categories": {
            "type": "array",
            "items": _closed(
                {
                    "id": _TEXT,
                    "name": _TEXT,
                    "description": _TEXT,
                    "icon": _TEXT,
                    "install_target": _TEXT,
                    "count": _COUNT,
                    "items_url": _ADDRESS,
                }
            ),
        }
    }
)
