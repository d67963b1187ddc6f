"""Pins of tool definitions: what a tool said of itself when it was first seen.

A server tells an agent in a tool's definition what the tool does, and the agent believes it. One that changes
it after people said yes ("rug pull") is noticed by the digest of the definition:

    sha256:  of the members below that are there and not null, as RFC 8785 writes them

Numbers are doubles in that form, as they are for every JSON reader that agents are written with: 1 and 1.0 are one
number, and whole numbers from 2**53 on are rounded.
"""

from collections.abc import Mapping
from typing import Final

import rfc8785

from registry_tool.core.canonical import Json
from registry_tool.core.digest import Digest, digest_of
from registry_tool.core.errors import InvalidInput
from registry_tool.core.limits import JSON_INTEGER

PINNED: Final = ("annotations", "description", "inputSchema", "name", "outputSchema", "title")
"""The members of a definition that are pinned. The gate shows no other ones, so all that an agent sees is pinned."""


def definition_digest(tool: Mapping[str, Json]) -> Digest:
    """The digest of one member of `tools` in the answer to `tools/list`, as the server gave it.

    Raises `InvalidInput` for what canonical JSON cannot hold (lone surrogates, NaN, values that JSON does not know)
    and for what is nested too deep.
    """
    pinned = {member: tool[member] for member in PINNED if tool.get(member) is not None}
    try:
        return digest_of(rfc8785.dumps(_doubles(pinned)))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidInput(f"the definition cannot be pinned: {error}", code="not-canonical") from error


def _doubles(value: Json) -> Json:
    """`value` with whole numbers that RFC 8785 cannot write as the doubles that its readers make of them."""
    if isinstance(value, Mapping):
        return {key: _doubles(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_doubles(item) for item in value]
    if type(value) is int and abs(value) >= JSON_INTEGER:
        return float(value)
    return value
