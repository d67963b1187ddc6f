"""Names of artifacts, scopes and authors (formats of the registry, part 5).

`@scope/name` names an artifact, `@scope/name@version` one release of it. Text from outside becomes
one of the types below or an error that says what to write instead; nothing is corrected quietly.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NewType

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted
from registry_tool.core.versions import parse_version

Scope = NewType("Scope", str)
"""A scope without its `@`, as `acme`."""

Name = NewType("Name", str)
"""The part of an artifact's name after the `/`, as `solar`."""

AuthorId = NewType("AuthorId", str)
"""An author's id, as `ann`."""

PART_PATTERN: Final = "[a-z0-9][a-z0-9-]{0,62}[a-z0-9]"
"""What a scope, a name and an author's id look like; `parse_part` also refuses what this cannot say."""

RESERVED_SCOPES: Final = frozenset(
    # The first line is the ggui wire's own list (ggui wire facts, part 1).
    "ggui-ai ggui guuey anthropic claude openai google gemini meta microsoft aws amazon apple "
    "registry registry-tool official admin moderators system trusted verified".split()
)
"""Scopes that nobody can claim by publishing."""

WINDOWS_DEVICES: Final = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)]
)
"""Names that Windows opens as a device in every folder, whatever extension follows."""

_PART: Final = re.compile(PART_PATTERN)
_PART_CHARACTERS: Final = 64
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_LOOKALIKES: Final = str.maketrans("01i|5", "ollls")
_SEPARATORS: Final = re.compile(r"[\s@/._-]+")


@dataclass(frozen=True, slots=True, order=True)
class ArtifactId:
    """Which artifact; one registry holds each once, across all kinds."""

    scope: Scope
    """Who publishes it."""
    name: Name
    """What it is called there."""

    def __str__(self) -> str:
        """`@scope/name`."""
        return f"@{self.scope}/{self.name}"

    @property
    def slug(self) -> str:
        """`<scope>__<name>`, for a folder or a flat list; parts hold no underscore, so no two share one."""
        return f"{self.scope}__{self.name}"

    @property
    def shard(self) -> str:
        """The folder that spreads scopes: the first two characters of the scope."""
        return self.scope[:2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for on a command line or in a file."""

    artifact: ArtifactId
    """Which artifact."""
    version: str | None
    """The one exact version, or `None` for the newest."""

    def __str__(self) -> str:
        """As it is typed: `@scope/name` or `@scope/name@version`."""
        return str(self.artifact) if self.version is None else f"{self.artifact}@{self.version}"


@lru_cache(maxsize=4096)
def parse_part(text: str, what: str) -> str:
    """`text`, a good scope, name or author id; `what` is the word for it in messages.

    Raises `InvalidInput` (part 5): 2 to 64 of `a-z 0-9 -`, a letter or digit at both ends, no `--`
    at places 3 and 4 (those are encoded names of other alphabets), no Windows device name.
    """
    fault = _part_fault(text)
    if not fault:
        return text
    suggestion = _suggested(text)
    hint = f"write {suggestion!r}" if suggestion else "write 2 to 64 of a-z, 0-9 and '-', as 'solar-2'"
    raise InvalidInput(f"the {what} {quoted(text)} {fault}", code="bad-name", hint=hint)


def parse_author(text: str) -> AuthorId:
    """The author's id that `text` is. Raises `InvalidInput`."""
    return AuthorId(parse_part(text, "author id"))


def parse_scope(text: str) -> Scope:
    """The scope that `text` is, with or without its `@`. Raises `InvalidInput`."""
    return Scope(parse_part(text.removeprefix("@"), "scope"))


@lru_cache(maxsize=4096)
def parse_artifact(text: str) -> ArtifactId:
    """The artifact that `@scope/name` names.

    Raises `InvalidInput`: a missing `@` or `/`, a part that is not good, a version behind it, or
    scope and name together over 100 characters (part 5).
    """
    scope, slash, name = text.removeprefix("@").partition("/")
    if not text.startswith("@") or not slash:
        hint = _whole_name_hint(text, scope, name)
        raise InvalidInput(f"an artifact is named @scope/name, this is {quoted(text)}", code="bad-name", hint=hint)
    if "@" in name:
        hint = "leave out the '@' and what follows it"
        raise InvalidInput(f"no version is wanted here, this is {quoted(text)}", code="bad-name", hint=hint)
    artifact = ArtifactId(Scope(parse_part(scope, "scope")), Name(parse_part(name, "name")))
    if len(scope) + len(name) > limits.NAME_CHARACTERS:
        raise InvalidInput(
            f"scope and name together may have at most {limits.NAME_CHARACTERS} characters, "
            f"{quoted(text)} has {len(scope) + len(name)}",
            code="bad-name",
            hint="choose a shorter name",
        )
    return artifact


def parse_wanted(text: str) -> Wanted:
    """What `@scope/name` or `@scope/name@version` asks for; the last `@` begins the version.

    Raises `InvalidInput`, for `latest` and for ranges too: one exact version, or none.
    """
    artifact_text, at, version = text.rpartition("@")
    if not at or not artifact_text:
        return Wanted(parse_artifact(text), None)
    artifact = parse_artifact(artifact_text)
    if not version or version.lower() == "latest":
        raise InvalidInput(
            f"an exact version is expected behind {artifact}@, this is {quoted(version)}",
            code="bad-version",
            hint=f"leave the version out: {artifact} means the newest",
        )
    return Wanted(artifact, str(parse_version(version)))


def is_reserved_scope(scope: str) -> bool:
    """Whether nobody can claim `scope` (with or without its `@`) by publishing."""
    return scope.removeprefix("@") in RESERVED_SCOPES


def skeleton(text: str) -> str:
    """What is left of `text` when everything that the eye confuses is one thing.

    Two names with one skeleton look alike: case, separators, `0/o`, `1/l/i`, `5/s`, `rn/m` and
    `vv/w` are folded. Only for comparing, never to be shown.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SEPARATORS.sub("", folded).translate(_LOOKALIKES).replace("rn", "m").replace("vv", "w")


def is_windows_device(component: str) -> bool:
    """Whether Windows opens a device for this part of a path, as for `NUL.txt` or `com²`."""
    stem = component.partition(".")[0].rstrip(" ").lower()
    return stem.translate(_SUPERSCRIPTS) in WINDOWS_DEVICES


def _part_fault(text: str) -> str:
    """What is wrong with a scope, name or author id, as the end of a sentence; empty where it is good."""
    if len(text) < 2:
        return "is too short: at least 2 characters"
    if len(text) > _PART_CHARACTERS:
        return f"is too long: at most {_PART_CHARACTERS} characters, it has {len(text)}"
    if not _PART.fullmatch(text):
        if text != text.lower():
            return "has upper-case letters, only lower-case ones are allowed"
        odd = re.search("[^a-z0-9-]", text)
        return f"holds {quoted(odd[0])}, only a-z, 0-9 and '-' are allowed" if odd else "begins or ends with '-'"
    if text[2:4] == "--":
        return "has '--' at places 3 and 4, which marks an encoded name of another alphabet"
    return "is the name of a device on Windows" if text in WINDOWS_DEVICES else ""


def _suggested(text: str) -> str:
    """The nearest good spelling, or an empty text."""
    spelling = re.sub("[^a-z0-9]+", "-", text[: 2 * _PART_CHARACTERS].lower()).strip("-")[:_PART_CHARACTERS].rstrip("-")
    return "" if _part_fault(spelling) else spelling


def _whole_name_hint(text: str, scope: str, name: str) -> str:
    """What to write instead of a name that lacks its `@`, its scope or its `/`."""
    if scope and name and not _part_fault(scope) and not _part_fault(name):
        return f"write @{scope}/{name}"
    if not scope or name or _part_fault(scope):
        return "write it as @acme/solar: '@', the scope, '/', the name"
    if text.startswith("@"):
        return f"write the name behind the scope: @{scope}/…"
    return f"put its scope before it, as @acme/{scope}"
