"""RFC 8785 canonical JSON, read as strictly as it is written.

Signed documents are stored as exactly the bytes that were signed, so reading one back and writing
it again must give the same bytes (formats of the registry, part 1). That one comparison refuses a
byte order mark, white space, duplicate keys, other escapes and another order of members at once;
the few things that it cannot see (floats, large integers, depth) are looked at beside it.

A build reads every manifest of a registry, so the work is done by the JSON library in C wherever
it writes what RFC 8785 says; the package `rfc8785` does the rest.
"""

import json
import math
import re
from collections import Counter
from typing import Any, Final, NoReturn

import rfc8785

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted

Json = Any  # what json.loads returns; every reader narrows it through a document model

_WRITER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
_ASTRAL_LEADS: Final = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")
"""The first bytes of such a character in UTF-8; looking for each is quicker than the pattern."""
_TOO_DEEP: Final = f"it is nested deeper than {limits.JSON_DEPTH}"


def encode(value: Json) -> bytes:
    """`value` in RFC 8785 form.

    Raises `InvalidInput` for what that form or our documents cannot hold: NaN, integers at or above
    2**53, lone surrogates, keys that are not text, depth over 32, values that JSON does not know.
    """
    try:
        if _is_plain(value, limits.JSON_DEPTH):
            return _WRITER.encode(value).encode("utf-8")
        return rfc8785.dumps(value)
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"it cannot be written as canonical JSON: {error}", code="not-canonical") from error


def parse(data: bytes, *, limit: int, what: str) -> Json:
    """The value that the canonical document `data` holds.

    `limit` is in bytes, `what` names the document in messages. Raises `InvalidInput` with code
    `too-large` or `not-canonical`.
    """
    value = _read(data, limit, what, _STRICT)
    # Not `encode`: numbers were looked at while they were read, and keys are text.
    if _written(value) != data:
        parse_loose(data, limit=limit, what=what)  # says so where it knows what is wrong
        raise InvalidInput(
            f"{what} is not in canonical form (RFC 8785): reading and writing it gives other bytes",
            code="not-canonical",
            hint="write it with the tool, and do not edit or reformat it",
        )
    return value


def parse_loose(data: bytes, *, limit: int, what: str, floats: bool = False) -> Json:
    """The value of JSON that people wrote: any order and white space, but no ambiguity.

    Refuses duplicate keys, a byte order mark, lone surrogates, NaN, integers at or above 2**53 and
    depth over 32; floats too unless `floats`. Raises `InvalidInput`.
    """
    value = _read(data, limit, what, _LOOSE_WITH_FLOATS if floats else _LOOSE)
    if b"\\u" in data and _has_half_pair(value):
        raise InvalidInput(f"{what} holds half of a surrogate pair", code="not-canonical")
    return value


def _read(data: bytes, limit: int, what: str, decoder: json.JSONDecoder) -> Json:
    """What `decoder` makes of `data`, within `limit` bytes and our depth."""
    if len(data) > limit:
        raise InvalidInput(f"{what} may have at most {limit} bytes, it has {len(data)}", code="too-large")
    if data.startswith(b"\xef\xbb\xbf"):
        hint = "save it as UTF-8 without BOM"
        raise InvalidInput(f"{what} begins with a byte order mark", code="not-canonical", hint=hint)
    try:
        value = decoder.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{what} is not UTF-8 at byte {error.start}", code="not-canonical") from error
    except RecursionError as error:
        raise InvalidInput(f"{what} is nested deeper than {limits.JSON_DEPTH}", code="not-canonical") from error
    except ValueError as error:
        raise InvalidInput(f"{what} is not JSON: {error}", code="not-canonical") from error
    # As many brackets as levels there must be at least; most documents have fewer than are allowed.
    if data.count(b"{") + data.count(b"[") > limits.JSON_DEPTH and _is_deep(value, limits.JSON_DEPTH):
        raise InvalidInput(f"{what} is nested deeper than {limits.JSON_DEPTH}", code="not-canonical")
    return value


def _written(value: Json) -> bytes | None:
    """What `encode` gives for a value that was read strictly; `None` for a lone surrogate."""
    try:
        data = _WRITER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        return None
    if data.isascii() or not any(lead in data for lead in _ASTRAL_LEADS):
        return data
    return encode(value)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {quoted(twice)} is there twice")
    return members


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number that JSON knows")


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{quoted(text)} is not a whole number, and only whole numbers are signed")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{quoted(text)} is too large for a number")
    return number


def _whole(text: str) -> int:
    # 2**53 has 16 digits; a longer text is never turned into a number.
    if len(text) < 16 or (len(text) < 18 and abs(int(text)) < limits.JSON_INTEGER):
        return int(text)
    raise ValueError(f"{quoted(text)} is too large, whole numbers end below 2**53")


def _is_plain(value: Json, depth: int) -> bool:
    """Whether the JSON library writes `value` as RFC 8785 does, which `rfc8785` is ten times slower at.

    It does not for floats, nor for the order of keys above U+FFFF: Python sorts by code point, RFC
    8785 by UTF-16 unit. Raises `ValueError` or `TypeError` for what neither may write.
    """
    if isinstance(value, dict):
        if not depth:
            raise ValueError(_TOO_DEEP)
        plain = True
        for key, member in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {quoted(repr(key))} is not text")
            if not key.isascii() and _ASTRAL.search(key):
                plain = False
            if type(member) is not str and not _is_plain(member, depth - 1):
                plain = False
        return plain
    if isinstance(value, (list, tuple)):
        if not depth:
            raise ValueError(_TOO_DEEP)
        plain = True
        for item in value:
            if type(item) is not str and not _is_plain(item, depth - 1):
                plain = False
        return plain
    if isinstance(value, int) and abs(value) >= limits.JSON_INTEGER:
        raise ValueError(f"{value} is too large, whole numbers end below 2**53")
    return not isinstance(value, float)


def _is_deep(value: Json, depth: int) -> bool:
    """Whether more than `depth` objects and arrays lie in one another."""
    if type(value) not in _NESTED:
        return False
    if not depth:
        return True
    for member in value.values() if type(value) is dict else value:
        if type(member) in _NESTED and _is_deep(member, depth - 1):
            return True
    return False


def _has_half_pair(value: Json) -> bool:
    """Whether text or a key in `value` cannot be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


_NESTED: Final = (dict, list)
_STRICT: Final = json.JSONDecoder(parse_int=_whole, parse_float=_no_float, parse_constant=_no_constant)
_LOOSE: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_float=_no_float, parse_constant=_no_constant
)
_LOOSE_WITH_FLOATS: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_float=_finite, parse_constant=_no_constant
)
