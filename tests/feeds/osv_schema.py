"""The Open Source Vulnerability format 1.7 as a JSON schema, written from its specification.

Two lists of the published schema are left out on purpose: the prefixes of ids and the names of
ecosystems, which name the public databases alone.
"""

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"}
_SEVERITY: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "score"],
        "properties": {"type": {"enum": ["CVSS_V2", "CVSS_V3", "CVSS_V4", "Ubuntu"]}, "score": _TEXT},
        "additionalProperties": False,
    },
}
_EVENTS: Final = {
    "type": "array",
    "minItems": 1,
    "contains": {"required": ["introduced"]},
    "items": {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": dict.fromkeys(("introduced", "fixed", "last_affected", "limit"), _TEXT),
        "additionalProperties": False,
    },
}
_AFFECTED: Final = {
    "type": "object",
    "properties": {
        "package": {
            "type": "object",
            "required": ["ecosystem", "name"],
            "properties": {
                "ecosystem": {"type": "string", "minLength": 1},
                "name": {"type": "string", "minLength": 1},
                "purl": _TEXT,
            },
            "additionalProperties": False,
        },
        "severity": _SEVERITY,
        "ranges": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "events"],
                "properties": {
                    "type": {"enum": ["GIT", "SEMVER", "ECOSYSTEM"]},
                    "repo": _TEXT,
                    "events": _EVENTS,
                    "database_specific": {"type": "object"},
                },
                "additionalProperties": False,
            },
        },
        "versions": {"type": "array", "items": _TEXT},
        "ecosystem_specific": {"type": "object"},
        "database_specific": {"type": "object"},
    },
    "additionalProperties": False,
}
_REFERENCES: Final = ("ADVISORY", "ARTICLE", "DETECTION", "DISCUSSION", "EVIDENCE", "FIX", "GIT", "INTRODUCED")

OSV: Final[dict[str, Any]] = {  # Any: a JSON schema
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "modified"],
    "properties": {
        "schema_version": {"type": "string", "pattern": r"^1\.7\.[0-9]+$"},
        "id": {"type": "string", "pattern": "^[A-Za-z]+-[^ ]+$"},
        "modified": _TIME,
        "published": _TIME,
        "withdrawn": _TIME,
        "aliases": {"type": "array", "items": _TEXT, "uniqueItems": True},
        "upstream": {"type": "array", "items": _TEXT, "uniqueItems": True},
        "related": {"type": "array", "items": _TEXT, "uniqueItems": True},
        "summary": {"type": "string", "maxLength": 300},
        "details": _TEXT,
        "severity": _SEVERITY,
        "affected": {"type": "array", "items": _AFFECTED},
        "references": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "url"],
                "properties": {
                    "type": {"enum": [*_REFERENCES, "PACKAGE", "REPORT", "WEB"]},
                    "url": {"type": "string", "format": "uri"},
                },
                "additionalProperties": False,
            },
        },
        "credits": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "database_specific": {"type": "object"},
    },
    "additionalProperties": False,
}
