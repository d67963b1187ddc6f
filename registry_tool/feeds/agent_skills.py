"""Skills for programs that look for them on a site: the agent-skills discovery index, version 0.2.0.

    .well-known/agent-skills/index.json                                  every skill that can be installed, once
    .well-known/agent-skills/<scope>/<name>/<version>/SKILL.md           a skill that is one file
    .well-known/agent-skills/<scope>/<name>/<version>.tar.gz             one that is more
    <category>/<scope>/<name>/.well-known/agent-skills/index.json        that skill alone

The last one makes the address of a skill's page an address to install from, so that nobody fetches every skill
to have one. An archive is the bundle that the author signed, in a gzip wrapper that compresses nothing: no two
libraries compress alike, and `gunzip` gives back the very bytes that the manifest names.
"""

import struct
import zlib
from collections.abc import Iterable
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

from registry_tool.core import canonical
from registry_tool.core.bundle import pack
from registry_tool.core.digest import digest_of, sha256
from registry_tool.core.index import About, Listing, Name, Planned
from registry_tool.core.payload import Files, Payload
from registry_tool.core.status import TREATMENT
from registry_tool.feeds.native_names import folded, holders, marked_name, scoped_name, skill_claims, told_claims

FOLDER: Final = ".well-known/agent-skills/"
INDEX: Final = FOLDER + "index.json"
SCHEMA: Final = "https://schemas.agentskills.io/discovery/0.2.0/schema.json"
FACT: Final = "agent-skills"
KIND: Final = "skill"
ENTRY: Final = "SKILL.md"
DESCRIPTION: Final = 1024
"""UTF-16 units: what the agent-skills format allows, counted as the programs that read it count."""

_BLOCK: Final = 0xFFFF  # bytes in a stored block (RFC 1951 part 3.2.4)
_GZIP: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no time, no name, an unknown system (RFC 1952 part 2.3)


def installable(name: Name) -> bool:
    """Whether programs that take what is newest may have it."""
    return TREATMENT[name.shown.status].chosen and name.shown.manifest.visibility == "public"


def is_skill(name: Name) -> bool:
    """Whether agents can read it as a skill, and may have it."""
    return name.kind == KIND and installable(name) and ENTRY in entry_as_named(name.shown.payload)


def skill_files(name: Name, about: About) -> Files:
    """The artifact of a skill's newest release, and the index that has this skill alone."""
    if not is_skill(name):
        return {}
    path, data = _artifact(name)
    files = {FOLDER + path: data}
    category = about.category_of(KIND)
    if category is not None:
        called = folded(name.shown.manifest.native_name)
        entry = _entry(called, name.shown.manifest.description, path, digest_of(data), up=f"{'../' * 5}{FOLDER}")
        files[f"{category.row.id}/{name.artifact.scope}/{name.artifact.name}/{INDEX}"] = _document([entry])
    return files


def skill_fact(name: Name, about: About) -> dict[str, Any] | None:  # Any: JSON
    """What the index needs to know of a skill: the names that it claims, and its entry where it can be installed."""
    if name.kind != KIND:
        return None
    claims = skill_claims(name)
    if not is_skill(name):
        return {"claims": claims}
    path, data = _artifact(name)
    names = [folded(name.shown.manifest.native_name), scoped_name(name.artifact), marked_name(name.artifact)]
    return {"claims": claims, "names": names, "path": path, "digest": digest_of(data)}


def skill_index(listing: Listing) -> Iterable[Planned]:
    """The index of all skills, sorted by what each is called in it.

    That is its native name for who holds it, else `<scope>-<name>`, else that with a mark.
    """
    told = listing.facts[FACT]
    held = holders(told_claims(told))
    entries: list[tuple[str, str, str, str]] = []
    for row in listing.rows:
        fact = told.get(row.artifact, {})
        called = next((one for one in fact.get("names", ()) if held[one] == row.artifact), None)
        if called is not None:
            entries.append((called, row.description, fact["path"], fact["digest"]))
    entries.sort()
    yield Planned(INDEX, sha256(canonical.encode(entries)), partial(_index, entries))


def _index(entries: Iterable[tuple[str, str, str, str]]) -> bytes:
    return _document([_entry(*one) for one in entries])


def warnings(about: About) -> tuple[str, ...]:
    """What an operator should know: programs look for skills at the root of a site's origin, and nowhere else."""
    parts = urlsplit(about.table.url)
    if parts.path in ("", "/"):
        return ()
    origin = f"{parts.scheme}://{parts.netloc}"
    warning = (
        f"programs that look for skills at {origin}/{INDEX} find none, since the site's address is {about.table.url}: "
        f"serve it at the root of {origin}/, or have the first address lead to {about.table.url}{INDEX}"
    )
    return (warning,)


def entry_as_named(payload: Payload) -> Payload:
    """A skill's files, its entry under the one name that every agent reads: some authors write skill.md."""
    if ENTRY in payload:
        return payload
    return {ENTRY if path == ENTRY.lower() else path: file for path, file in payload.items()}


def _artifact(name: Name) -> tuple[str, bytes]:
    """What is downloaded, and where it lies below `FOLDER`."""
    release, folder = name.shown, f"{name.artifact.scope}/{name.artifact.name}/{name.shown.manifest.version}"
    payload = entry_as_named(release.payload)
    if set(payload) == {ENTRY}:
        return f"{folder}/{ENTRY}", payload[ENTRY].data
    bundle = release.bundle if ENTRY in release.payload else pack(payload)
    return f"{folder}.tar.gz", wrapped(bundle)


def wrapped(data: bytes) -> bytes:
    """`data` as a gzip file of stored blocks (RFC 1951 part 3.2.4, RFC 1952): the same bytes on every machine."""
    blocks = [data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK)] or [b""]
    parts = [_GZIP]
    for number, block in enumerate(blocks, 1):
        parts += (struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ _BLOCK), block)
    return b"".join((*parts, struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)))


def _entry(called: str, description: str, path: str, digest: str, up: str = "") -> dict[str, Any]:  # Any: JSON
    """One row of an index; its address is relative to the index (RFC 3986 part 4.2)."""
    return {
        "name": called,
        "type": "skill-md" if path.endswith(f"/{ENTRY}") else "archive",
        "description": _cut(description),
        "url": up + quote(path, safe="/+"),
        "digest": digest,
    }


def _cut(text: str) -> str:
    return text.encode("utf-16-le")[: 2 * DESCRIPTION].decode("utf-16-le", "ignore")


def _document(entries: list[dict[str, Any]]) -> bytes:  # Any: JSON
    return canonical.encode({"$schema": SCHEMA, "skills": entries})
