"""The ggui wire: its canonical JSON, its digests and its Ed25519 envelopes.

    payload   = bundle bytes (gadget)  |  canonical(manifest) (blueprint)
    digest    = SHA-384(payload), 48 raw bytes: what Ed25519 signs
    envelope  = {"algorithm": "ed25519", "bundleSha384": base64(digest), "signature": base64(64 bytes),
                 "publicKeyId": 16 characters, "signedAt": text that nothing covers}

This canonical JSON is not RFC 8785 (`canonical.py`): it is what JavaScript writes for objects whose
keys were inserted in sorted order. Source: ggui wire facts, parts 3 and 4.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from math import inf, isinf
from typing import NoReturn

import rfc8785

from registry_tool.core import limits
from registry_tool.core.canonical import Json
from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted

Sign = Callable[[bytes], bytes]
"""The 48 raw digest bytes to the 64 bytes of an Ed25519 signature."""

Check = Callable[[bytes, bytes, bytes], bool]
"""Public key, message and signature to whether it holds."""

KEY_BYTES = 32  # RFC 8032, 5.1.5
SIGNATURE_BYTES = 64  # RFC 8032, 5.1.6

_ED25519 = ("bundleSha384", "signature", "publicKeyId", "signedAt")
_SIGSTORE = ("bundleSha384", "bundle", "signedAt")
_LAST_INDEX = 2**32 - 2  # ECMA-262, 6.1.7: the largest array index
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BASE64 = re.compile(r"([A-Za-z0-9+/]*)={0,2}")
_PLAIN = re.compile(r"[A-Za-z0-9_@/$.-]{1,60}")
_PROTO = "__proto__"


def canonical(value: Json) -> bytes:
    """The bytes that are signed for `value`.

    Loses what JavaScript loses: members called `__proto__`, digits beyond 2**53, numbers beyond the
    doubles (they become `null`). `publishable` refuses input where that would happen. Raises
    `InvalidInput` for nesting that no reader follows.
    """
    try:
        return "".join(_written(value, "", sort=True)).encode("utf-8")
    except RecursionError as error:
        raise InvalidInput("it is nested too deeply to be written as JSON", code="not-canonical") from error


def pretty(value: Json) -> bytes:
    """`value` as `JSON.stringify(value, null, 2)` writes it, with a newline at the end.

    The form of `ggui.json` and `ggui.ui.json`: members keep their order, save that integer-like keys
    come first. Raises `InvalidInput` as `canonical` does.
    """
    try:
        return ("".join(_written(value, "\n", sort=False)) + "\n").encode("utf-8")
    except RecursionError as error:
        raise InvalidInput("it is nested too deeply to be written as JSON", code="not-canonical") from error


def parse_wire(data: bytes) -> Json:
    """What `JSON.parse` makes of `data`: the last of duplicate keys wins, every number is a double.

    Whole numbers below 2**53 come as `int`, others as `float`; too large ones are infinite. For
    reading what others signed; what we publish is read by `publishable`. Raises `InvalidInput`.
    """
    return _parsed(data, dict, _double)


def publishable(data: bytes, *, limit: int = limits.NATIVE_BYTES) -> Json:
    """The value of a manifest that loses nothing when it is signed; `limit` is in bytes.

    Refuses what canonical form would drop or change in silence: duplicate keys, members called
    `__proto__`, numbers whose digits a double cannot keep; and halves of surrogate pairs and nesting
    deeper than `limits.JSON_DEPTH`, which other readers do not take. Raises `InvalidInput`.
    """
    if len(data) > limit:
        raise InvalidInput(f"the manifest may have at most {limit} bytes, it has {len(data)}", code="too-large")
    value = _parsed(data, _unique, _exact)
    for place, words in losses(value):
        raise InvalidInput(f"{place or 'the manifest'} {words}", code="not-publishable")
    return value


def losses(value: Json, place: str = "", depth: int = limits.JSON_DEPTH) -> Iterator[tuple[str, str]]:
    """The places in `value` that signing or installing would change, each with what is wrong there."""
    if depth < 0:
        yield place, f"is nested deeper than {limits.JSON_DEPTH}"
    elif isinstance(value, Mapping):
        for key, member in value.items():
            inner = inside(place, key)
            if key == _PROTO:
                yield inner, "would vanish from what is signed: JavaScript takes that name for something else"
            if _SURROGATE.search(key):
                yield inner, "holds half of a surrogate pair"
            yield from losses(member, inner, depth - 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from losses(item, inside(place, number), depth - 1)
    elif isinstance(value, str) and _SURROGATE.search(value):
        yield place, "holds half of a surrogate pair"


def inside(place: str, part: str | int) -> str:
    """The place of member or item `part` of what is at `place`, as `exports[0].hook`; odd names are quoted."""
    if isinstance(part, int):
        return f"{place}[{part}]"
    name = part if _PLAIN.fullmatch(part) else quoted(part)
    return f"{place}.{name}" if place else name


def payload_of(manifest: Json, bundle: bytes | None) -> bytes:
    """The bytes that the signature of this artifact covers.

    A gadget's are its bundle, and nothing of its manifest; a blueprint's are its whole manifest.
    Raises `InvalidInput` for a gadget without a bundle.
    """
    if manifest.get("kind") == "blueprint":
        return canonical(manifest)
    if bundle is None:
        raise InvalidInput("a gadget is signed over its bundle, and there is none", code="bundle-missing")
    return bundle


def public_key_id(raw: bytes) -> str:
    """The 16 characters that name a public key: base64url of its SHA-256, cut.

    `raw` is the key's 32 bytes; raises `InvalidInput` for another length.
    """
    if len(raw) != KEY_BYTES:
        raise InvalidInput(f"an Ed25519 public key has {KEY_BYTES} bytes, this one has {len(raw)}", code="bad-key")
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode("ascii")[:16]


def envelope(payload: bytes, *, sign: Sign, public: bytes, signed_at: str) -> dict[str, str]:
    """The Ed25519 envelope of `payload`.

    `sign` gets the 48 raw bytes of its SHA-384; `public` is the signer's raw key; `signed_at` is an ISO
    time with milliseconds and `Z`, which nothing protects. Raises `InvalidInput` for a key of another length.
    """
    digest = hashlib.sha384(payload).digest()
    return {
        "algorithm": "ed25519",
        "bundleSha384": base64.b64encode(digest).decode("ascii"),
        "signature": base64.b64encode(sign(digest)).decode("ascii"),
        "publicKeyId": public_key_id(public),
        "signedAt": signed_at,
    }


def envelope_shape(envelope: Json) -> bool:
    """Whether `envelope` has the members of an Ed25519 or a sigstore envelope, before any cryptography."""
    if not isinstance(envelope, Mapping):
        return False
    match envelope.get("algorithm"):
        case "ed25519":
            return all(isinstance(envelope.get(name), str) for name in _ED25519)
        case "sigstore-cosign":
            return all(isinstance(envelope.get(name), str) for name in _SIGSTORE)
        case _:
            return False


def verify_envelope(envelope: Json, payload: bytes, *, public: bytes, check: Check) -> str | None:
    """None where the Ed25519 `envelope` is good for `payload` and the raw key `public`, else a reason word.

    1. the shape: `envelope_shape`, `algorithm`
    2. the digest, compared as text: `digest_mismatch`
    3. the key: `public_key_wrong_length`, `key_id_mismatch`
    4. the signature: `signature_not_base64`, `signature_wrong_length`, `signature_wrong`

    That `public` may sign for this artifact is the caller's to know: whoever serves both can make both.
    """
    # 1
    if not envelope_shape(envelope):
        return "envelope_shape"
    if envelope["algorithm"] != "ed25519":
        return "algorithm"
    # 2
    digest = hashlib.sha384(payload).digest()
    if envelope["bundleSha384"] != base64.b64encode(digest).decode("ascii"):
        return "digest_mismatch"
    # 3
    if len(public) != KEY_BYTES:
        return "public_key_wrong_length"
    if envelope["publicKeyId"] != public_key_id(public):
        return "key_id_mismatch"
    # 4
    signature = decode_base64(envelope["signature"])
    if signature is None:
        return "signature_not_base64"
    if len(signature) != SIGNATURE_BYTES:
        return "signature_wrong_length"
    return None if check(public, digest, signature) else "signature_wrong"


def decode_base64(text: str) -> bytes | None:
    """The bytes of standard base64, its padding optional; None for anything else, base64url too."""
    match = _BASE64.fullmatch(text)
    if match is None:
        return None
    try:
        return base64.b64decode(match[1] + "=" * (-len(match[1]) % 4), validate=True)
    except binascii.Error:  # one character more than a multiple of four
        return None


def _parsed(
    data: bytes,
    members: Callable[[list[tuple[str, Json]]], dict[str, Json]],
    number: Callable[[str], int | float],
) -> Json:
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=members,
            parse_int=number,
            parse_float=number,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the JSON is not UTF-8 at byte {error.start}", code="not-json") from error
    except RecursionError as error:
        raise InvalidInput("the JSON is nested too deeply to be read", code="not-json") from error
    except ValueError as error:
        raise InvalidInput(f"it is not JSON: {error}", code="not-json") from error


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number that JSON knows")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for key, member in pairs:
        if key in members:
            raise ValueError(f"the key {quoted(key)} is there twice, and only the last would be signed")
        members[key] = member
    return members


def _double(text: str) -> int | float:
    value = float(text)
    whole = not isinf(value) and value.is_integer() and abs(value) < limits.JSON_INTEGER
    return int(value) if whole else value


def _exact(text: str) -> int | float:
    value = _double(text)
    if isinf(value):
        raise ValueError(f"the number {_short(text)} is too large: it would be signed as null")
    # Zero is looked at first: an exponent far below the doubles is also far below what Decimal takes.
    lost = re.search("[1-9]", text.lower().split("e")[0]) if value == 0 else Decimal(text) != Decimal(_number(value))
    if lost:
        raise ValueError(f"the number {_short(text)} would be signed as {_number(value)}; write it as text")
    return value


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def _written(value: Json, line: str, *, sort: bool) -> Iterator[str]:
    """The pieces of `value` as JSON; `line` is the line break with its indent, empty for one line."""
    if isinstance(value, Mapping):
        yield from _members(value, line, sort=sort)
    elif isinstance(value, list | tuple):
        deeper = line and line + "  "
        for number, item in enumerate(value):
            yield ("," if number else "[") + deeper
            yield from _written(item, deeper, sort=sort)
        yield line + "]" if value else "[]"
    elif isinstance(value, str):
        yield _text(value)
    elif value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    else:
        yield _number(value)


def _members(value: Mapping[str, Json], line: str, *, sort: bool) -> Iterator[str]:
    deeper, colon = (line + "  ", ": ") if line else ("", ":")
    keys = _ordered(value, sort=sort)
    for number, key in enumerate(keys):
        yield ("," if number else "{") + deeper + _text(key) + colon
        yield from _written(value[key], deeper, sort=sort)
    yield line + "}" if keys else "{}"


def _ordered(value: Mapping[str, Json], *, sort: bool) -> list[str]:
    """The keys as JavaScript lists them: array indexes as numbers, then the others."""
    indexes = [key for key in value if _INDEX.fullmatch(key) and int(key) <= _LAST_INDEX]
    known = frozenset(indexes)
    others = [key for key in value if key not in known]
    if sort:
        others = sorted((key for key in others if key != _PROTO), key=_utf16)
    return sorted(indexes, key=int) + others


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _text(value: str) -> str:
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(value, ensure_ascii=False))


def _number(value: int | float) -> str:
    """ECMA-262, Number::toString; what is no finite double is `null`, as JSON.stringify has it."""
    try:
        double = float(value)
    except OverflowError:
        double = inf
    return rfc8785.dumps(double).decode("ascii") if abs(double) < inf else "null"
