"""The recorded behaviour of the ggui client, read from `tests/vectors`."""

import base64
import json
from pathlib import Path

from registry_tool.core.canonical import Json

FOLDER = Path(__file__).resolve().parents[1] / "vectors"


def vectors(name: str, member: str = "vectors") -> list[Json]:
    """The cases of one file."""
    cases: list[Json] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))[member]
    return cases


def named(case: Json) -> str:
    """The name of a case, for test ids."""
    return str(case["name"])


def bundle_of(case: Json) -> bytes:
    """The bytes of a case's bundle, which is given as base64 or as one byte that repeats."""
    if "bundleFill" in case:
        return bytes.fromhex(case["bundleFill"]["byteHex"]) * int(case["bundleFill"]["length"])
    return base64.b64decode(case["bundleBase64"])


def gadget(**members: Json) -> dict[str, Json]:
    """A small valid gadget manifest with `members` put over it."""
    export = {"hook": "useDemo", "description": "d", "usage": "u", "example": None}
    base = {"kind": "gadget", "scope": "@test-scope", "name": "demo-hook", "version": "1.0.0", "visibility": "private"}
    return {**base, "description": "A demo", "bundle": "src/index.ts", "exports": [export], **members}


def blueprint(**members: Json) -> dict[str, Json]:
    """A small valid blueprint manifest with `members` put over it."""
    base = {"kind": "blueprint", "scope": "@test-scope", "name": "demo-card", "version": "1.0.0"}
    return {**base, "visibility": "private", "source": "export default () => null;\n", **members}
