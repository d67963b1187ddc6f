"""JSON Feed 1.1 as a JSON schema, written from its specification; members that we never write are closed out."""

from typing import Any, Final

_TEXT: Final = {"type": "string", "minLength": 1}
_URL: Final = {"type": "string", "pattern": "^https?://"}
_TIME: Final = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"}

JSON_FEED: Final[dict[str, Any]] = {  # Any: a JSON schema
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": _TEXT,
        "home_page_url": _URL,
        "feed_url": _URL,
        "language": {"const": "en"},
        "items": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["id"],
                "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
                "additionalProperties": False,
                "properties": {
                    "id": _TEXT,
                    "url": _URL,
                    "title": _TEXT,
                    "content_text": _TEXT,
                    "date_published": _TIME,
                    "date_modified": _TIME,
                    "tags": {"type": "array", "items": _TEXT},
                },
            },
        },
    },
}
