"""Payloads written down shortly, and what the author's tool makes of one."""

import json
from collections.abc import Mapping

from registry_tool.core.canonical import Json
from registry_tool.core.describe import Described, Said, describe
from registry_tool.core.kind import Kind, Kinds
from registry_tool.core.payload import Payload, PayloadFile
from tests.kinds.releases import REGISTRY, card_of

ANN = Said(author="ann")


def files(**named: str | bytes | Mapping[str, Json]) -> Payload:
    """A payload; `__` in a name stands for `/` and `_` for a dot, objects are written as JSON."""
    return {
        name.replace("__", "/").replace("_", "."): PayloadFile(
            data.encode() if isinstance(data, str) else data if isinstance(data, bytes) else json.dumps(data).encode()
        )
        for name, data in named.items()
    }


def fails(kind: Kind, payload: Payload) -> list[tuple[str, str]]:
    """Check and file of each fault that refuses the payload, each once, sorted."""
    findings = kind.read(payload, card_of(payload)).findings
    return sorted({(one.check, one.path) for one in findings if one.level == "fail"})


def described(kind: Kind, payload: Payload, said: Said = ANN) -> Described:
    """What the author's tool makes of it, where this is the only kind."""
    return describe(payload, kinds=Kinds.of([kind]), registry=REGISTRY, said=said)
