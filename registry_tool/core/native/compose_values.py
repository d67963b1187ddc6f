"""The small values of a compose file: variables and images (compose specification).

Each comes in several spellings; here it becomes one value or a `Fault` that says what to write.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from registry_tool.core.quoting import quoted

INPUT_PREFIX: Final = "REGISTRY_INPUT_"
"""Put before each variable's name in what is installed: compose prefers variables of the shell that
starts it, and a name as `${AWS_SECRET_ACCESS_KEY}` would copy what is exported there into the app."""

VARIABLE_DEPTH: Final = 8  # defaults inside defaults

CAPABILITIES: Final = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID IPC_LOCK KILL NET_BIND_SERVICE SETGID SETUID SYS_CHROOT".split()
)
"""All that can be granted: none of them reaches out of a container without other rights."""

NEEDLESS: Final[Mapping[str, str]] = MappingProxyType({"SYS_NICE": "programs work without it, at the usual priority"})
"""Capabilities that are never granted and that nothing fails without."""

VALUES: Final = ".values"
"""Folder beside `compose.yaml` for texts that containers find as files; no container sees the folder itself."""

RESERVED_FILES: Final = re.compile(r"(?:\.env.*|\.values|(?:docker-)?compose.*\.ya?ml)", re.IGNORECASE)
"""Files that compose reads by itself beside `compose.yaml`; nothing of the author's has such a name."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR: Final = re.compile(r":-|-|:\?|\?|:\+|\+")
_IMAGE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:/[a-z0-9][a-z0-9._-]*)+|[a-z0-9][a-z0-9._-]*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_OPEN_TAG: Final = re.compile(
    r"(?P<name>.+):\$(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?::?\?[^{}]*)?\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))"
)
"""An image whose whole tag is left to a variable without a default."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Fault(Exception):
    """One value that cannot be taken, with the line that mends it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Variable:
    """One `${NAME}` with what stands behind its name."""

    name: str
    operator: str
    """Empty, `-`, `:-`, `?`, `:?`, `+` or `:+`."""
    rest: str
    """The default, the message or the replacement, as written."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a service runs."""

    name: str
    tag: str
    """Empty where there is none."""
    digest: str
    """`sha256:…`, or empty."""

    @property
    def tagged(self) -> str:
        """`name:tag`, as people and registries of images call it."""
        return f"{self.name}:{self.tag}" if self.tag else self.name


def pieces(text: str) -> Iterator[str | Variable]:
    """`text` cut at its variables; `$$` stays as it is. Raises `Fault` for a `$` that means nothing."""
    start = 0
    while (at := text.find("$", start)) >= 0:
        yield text[start:at]
        if text[at + 1 : at + 2] == "$":
            yield "$$"
            start = at + 2
        elif text[at + 1 : at + 2] == "{":
            end = _closing(text, at + 2)
            yield _variable(text[at + 2 : end])
            start = end + 1
        else:
            name = _NAME.match(text, at + 1)
            if not name:
                raise _dollar(text)
            yield Variable(name[0], "", "")
            start = name.end()
    yield text[start:]


def _dollar(text: str) -> Fault:
    return Fault(f"the $ in {quoted(text)} begins no variable", "write $$ for a $ of the text itself")


def _closing(text: str, at: int) -> int:
    depth = 1
    for index in range(at, len(text)):
        if text[index] == "}":
            depth -= 1
            if not depth:
                return index
        elif text.startswith("${", index):
            depth += 1
            if depth > VARIABLE_DEPTH:
                break
    raise _dollar(text)


def _variable(inner: str) -> Variable:
    name = _NAME.match(inner)
    operator = _OPERATOR.match(inner, name.end()) if name else None
    if not name or (name.end() < len(inner) and not operator):
        raise _dollar("${" + inner + "}")
    return Variable(name[0], operator[0] if operator else "", inner[operator.end() :] if operator else "")


def baked(
    text: str, known: Mapping[str, str] = NOTHING, *, unset: Callable[[str], str | None] = lambda name: None
) -> str:
    """`text` with its variables put in: what the author's .env says (`known`), else their defaults.

    For places where what is installed may not depend on a variable. `unset` gives a value for a variable that has
    neither. Raises `Fault` for one without a value.
    """
    found = []
    for piece in pieces(text):
        if isinstance(piece, str):
            found.append("$" if piece == "$$" else piece)
            continue
        value = known.get(piece.name)
        if value == "" and piece.operator.startswith(":"):
            value = None
        if piece.operator in ("+", ":+"):
            value = "" if value is None else baked(piece.rest, known, unset=unset)
        elif value is None and piece.operator in ("-", ":-"):
            value = baked(piece.rest, known, unset=unset)
        elif value is None:
            value = unset(piece.name)
        if value is None:
            raise Fault(
                f"${{{piece.name}}} decides something that is granted and has no default",
                f"write the value, or a default: ${{{piece.name}:-…}}",
            )
        found.append(value)
    return "".join(found)


def renamed(text: str, note: Callable[[Variable], None]) -> str:
    """`text` with `INPUT_PREFIX` before each variable's name; `note` hears of each. Raises `Fault`."""
    found = []
    for piece in pieces(text):
        if isinstance(piece, str):
            found.append(piece)
        else:
            note(piece)
            found.append(f"${{{INPUT_PREFIX}{piece.name}{piece.operator}{renamed(piece.rest, note)}}}")
    return "".join(found)


def read_image(text: str, known: Mapping[str, str] = NOTHING) -> Image:
    """The image that a service names. Raises `Fault` where it is not one.

    A tag that is left to a variable without a value is none: then what is fetched is the newest.
    """
    open_tag = _OPEN_TAG.fullmatch(text)
    if open_tag and not known.get(open_tag["braced"] or open_tag["bare"]):
        text = open_tag["name"]
    named, at, digest = baked(text, known).partition("@")
    head, _, tail = named.rpartition(":")
    name, tag = (head, tail) if head and "/" not in tail else (named, "")
    if not _IMAGE_NAME.fullmatch(name) or (tag and not _TAG.fullmatch(tag)):
        raise Fault(f"{quoted(text)} is not the name of an image", "as: image: ghcr.io/acme/wiki:1.2.3")
    if at and not re.fullmatch("sha256:[0-9a-f]{64}", digest):
        raise Fault(f"{quoted(digest)} is not the digest of an image", "a digest is sha256: and 64 hex digits")
    return Image(name, tag, digest)
