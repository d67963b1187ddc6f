"""Other people's catalogues, read as what might be taken in from them (B15). Nothing that they say is believed.

    agent-skills index   {"$schema": "…/discovery/0.2.0/…", "skills": [{name, type, url, digest}]}
    marketplace          {"items": [{kind, name, version, package_sha256, permissions, url}]}, or that list alone
    plugin marketplace   {"plugins": [{name, source, version}]}
    list                 an address of a repository, or a folder, on each line; `#` begins a comment

A catalogue that came over the network never leads to a file of this machine, and a file never leads out of its folder.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urljoin, urlsplit

from registry_tool.core import limits
from registry_tool.core.addresses import is_site
from registry_tool.core.canonical import parse_loose
from registry_tool.core.digest import is_hex
from registry_tool.core.errors import InvalidInput
from registry_tool.core.names import parse_part
from registry_tool.core.quoting import quoted

OFFERS_BYTES: Final = 16 * limits.MIB
MOST_OFFERS: Final = 10_000
SKILLS_SCHEMA: Final = "https://schemas.agentskills.io/discovery/0.2.0/schema.json"
WELL_KNOWN: Final = "/.well-known/"
_URLS: Final = ("url", "package_url", "download_url")
"""Where a marketplace says that a package lies; the first that is there counts."""
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")

Row = Mapping[str, Any]  # Any: JSON
Form = Literal["file", "archive", "repository", "folder"]


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a catalogue lists."""

    name: str
    """What the catalogue calls it; empty where it says no name."""
    form: Form
    where: str
    """The address, or the path on this machine."""
    origin: str
    """The same as people are told: the address, or the path as the catalogue says it, and never this machine's."""
    sha256: str = ""
    """What its bytes must have, bare hex; empty where the catalogue says nothing."""
    kind: str = ""
    version: str = ""
    permissions: tuple[str, ...] | None = None
    path: str = ""
    """The folder in a repository; empty for all of it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that cannot be taken in."""

    name: str
    why: str

    def value(self) -> dict[str, str]:
        """The same for scripts."""
        return {"name": self.name, "why": self.why}


def read_offers(data: bytes, *, where: str) -> tuple[Offer | Refused, ...]:
    """What a catalogue lists, in its order; rows that are none come as `Refused`.

    `where` is its address, or the whole path of its file with `/`. `InvalidInput` (`bad-catalogue`) for what is none.
    """
    text = data.lstrip()
    if len(data) > OFFERS_BYTES:
        raise _bad(f"it may have at most {OFFERS_BYTES} bytes", where)
    if text[:1] not in (b"{", b"["):
        return _counted(list(_lines(data, where)), where)
    value = parse_loose(data, limit=OFFERS_BYTES, what="the catalogue", floats=True)
    rows = value if isinstance(value, list) else value.get("items")
    read: Callable[[Row, str], Offer] = _item
    if isinstance(value, dict) and "skills" in value:
        if value.get("$schema") != SKILLS_SCHEMA:
            raise _bad(f"its $schema is {quoted(str(value.get('$schema')))}, read is {SKILLS_SCHEMA}", where)
        rows, read = value["skills"], _skill
    elif isinstance(value, dict) and "plugins" in value:
        rows, read = value["plugins"], _plugin
    if not isinstance(rows, list):
        raise _bad("it has no list `items`, `skills` or `plugins`", where)
    return _counted([_read(row, where, read) for row in rows[: MOST_OFFERS + 1]], where)


def name_in(text: str) -> str:
    """A foreign name as a name here: `ann__solar_wind` is `solar-wind`; `InvalidInput` where it cannot be one."""
    return parse_part(re.sub(r"[\s._]+", "-", text.rpartition("__")[2].strip().lower()), "name")


def _counted(found: list[Offer | Refused], where: str) -> tuple[Offer | Refused, ...]:
    if len(found) > MOST_OFFERS:
        raise _bad(f"it lists more than {MOST_OFFERS} things", where)
    return tuple(found)


def _bad(reason: str, where: str) -> InvalidInput:
    hint = "give a marketplace's JSON, an agent-skills index, a plugin marketplace, or a list of repositories"
    return InvalidInput(
        f"this is no catalogue that is read here: {reason}", where=where, code="bad-catalogue", hint=hint
    )


def _read(row: object, where: str, read: Callable[[Row, str], Offer]) -> Offer | Refused:
    if not isinstance(row, dict):
        return Refused("", "its row is no JSON object")
    try:
        return read(row, where)
    except InvalidInput as error:
        return Refused(str(row.get("name", ""))[:200], error.message)


def _text(row: Row, name: str, *, missing: str | None = None) -> str:
    value = row.get(name, missing)
    if not isinstance(value, str) or len(value) > 1000 or not value.isprintable():
        raise InvalidInput(f"its member {name} is no text of one line")
    return value


def _skill(row: Row, where: str) -> Offer:
    form, digest = _text(row, "type"), _text(row, "digest")
    forms: Mapping[str, Form] = {"skill-md": "file", "archive": "archive"}
    if form not in forms:
        raise InvalidInput(f"its type is {quoted(form)}, read are skill-md and archive")
    hexes = digest.removeprefix("sha256:")
    if not digest.startswith("sha256:") or not is_hex(hexes):
        raise InvalidInput(f"its digest is {quoted(digest)}, and not sha256: and 64 hex digits")
    return Offer(_text(row, "name"), forms[form], *_led(where, _text(row, "url")), hexes, kind="skill")


def _item(row: Row, where: str) -> Offer:
    """A row in the flat form (M3): missing `kind` means skills."""
    permissions = row.get("permissions", [])
    if not isinstance(permissions, list) or not all(isinstance(one, str) for one in permissions):
        raise InvalidInput("its permissions are no list of texts")
    digest = _text(row, "package_sha256").removeprefix("sha256:")
    if not is_hex(digest):
        raise InvalidInput("its package_sha256 is not 64 hex digits")
    url = next((name for name in _URLS if name in row), None)
    if url is None:
        raise InvalidInput("it does not say where its package lies: it has no member url")
    return Offer(
        _text(row, "name"),
        "archive",
        *_led(where, _text(row, url)),
        digest,
        kind=_text(row, "kind", missing="skills"),
        version=_text(row, "version"),
        permissions=tuple(permissions),
    )


def _plugin(row: Row, where: str) -> Offer:
    name, version = _text(row, "name"), _text(row, "version", missing="")
    source = row.get("source")
    if isinstance(source, str):
        if is_site(where):
            raise InvalidInput("its folder lies beside the catalogue: give the address of the repository instead")
        return Offer(name, "folder", *_led(where, _text(row, "source")), version=version)
    if not isinstance(source, dict):
        raise InvalidInput("it does not say its source")
    match source.get("source"):
        case "github":
            repository = _text(source, "repo")
            if not _REPOSITORY.fullmatch(repository):
                raise InvalidInput(f"its repository is {quoted(repository)}, and not owner/name")
            address = f"https://github.com/{repository}"
        case "url" | "git" | "git-subdir":
            address = _text(source, "url")
        case other:
            raise InvalidInput(f"its source is a {quoted(str(other))}, which is not read here")
    path = _inside(_text(source, "path", missing=""))
    return Offer(name, "repository", *_repository(where, address), version=version, path=path)


def _lines(data: bytes, where: str) -> Iterator[Offer | Refused]:
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise _bad(f"it is not UTF-8 at byte {error.start}", where) from error
    for line in lines:
        text = line.partition(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        try:
            if is_site(text):
                yield Offer("", "repository", *_repository(where, text))
            else:
                yield Offer("", "folder", *_folder(where, text))
        except InvalidInput as error:
            yield Refused(text[:200], error.message)


def _repository(where: str, address: str) -> tuple[str, str]:
    """The address of a repository, and as people are told it: without what one may write or leave out at its end."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidInput(f"{quoted(address)} is no address of a repository")
    _not_here(where, address)
    clean = address.rstrip("/").removesuffix(".git")
    return clean, clean


def _led(where: str, text: str) -> tuple[str, str]:
    """Where `text` leads from the catalogue at `where` (RFC 3986, part 5)."""
    if not is_site(text) and not is_site(where):
        return _folder(where, text)
    led = text if is_site(text) else urljoin(where, text)
    if not is_site(led):
        raise InvalidInput(f"{quoted(text)} is no address")
    _not_here(where, led)
    return led, led


def _not_here(where: str, address: str) -> None:
    """Refuses an address of this machine, which plain http is for, in a catalogue that came from another one."""
    if (urlsplit(where).scheme, urlsplit(address).scheme) == ("https", "http"):
        raise InvalidInput(f"{quoted(address)} is plain http, and a catalogue of the network leads to https only")


def _folder(where: str, text: str) -> tuple[str, str]:
    """A path below the folder in which the catalogue lies; below its root for one in a `.well-known` folder."""
    if is_site(where):
        raise InvalidInput(
            f"{quoted(text)} is no address, and a catalogue of the network names no folder of this machine"
        )
    base = where.rpartition("/")[0]
    if text.startswith("/") and WELL_KNOWN in where:
        base, text = where.partition(WELL_KNOWN)[0], text.removeprefix("/")
    path = _inside(text.removeprefix("./"))
    return (f"{base}/{path}", path) if path else (base, ".")


def _inside(path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or "\\" in path or "://" in path or any(ord(one) < 32 for one in path):
        raise InvalidInput(f"{quoted(path)} leads out of the folder of its catalogue")
    return "/".join(parts)
