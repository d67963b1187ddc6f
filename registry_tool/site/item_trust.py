"""Why anybody should believe it: the three marks, who its author is, who let it in, what is signed, what was said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core import layout
from registry_tool.core.index import Name, Release
from registry_tool.core.profiles import claim_value
from registry_tool.core.status import TREATMENT
from registry_tool.site.words import claim_words, day, line, visible

_ADDRESS: Final = re.compile(r"https://[!-~]{1,490}")
"""A text that nobody checked and that may be a link all the same: nothing in it hides."""
ADVISORIES: Final = 20
"""On the page; the page of all advisories has the rest."""


@dataclass(frozen=True, slots=True)
class Seals:
    """The marks of an artifact on its page."""

    verified: str
    """What a moderator confirmed of its author; empty where that is nothing."""
    official: bool
    imported: str
    """Where it was taken from; empty where its author published it."""
    imported_href: str
    """The same as a link; empty where it is no address."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """Something that whoever has it installed should hear of."""

    id: str
    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the author says that the files come from."""

    repository: str
    commit: str
    where: str
    """Path and name in it, where they are told."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything about who stands for it."""

    confirmed: tuple[str, ...]
    """What was confirmed of its author, by whom and when."""
    note: str
    """What who let it in wrote about it."""
    signed: tuple[str, ...]
    source: Source | None
    manifest: str
    manifest_href: str
    bundle: str
    bundle_href: str
    """Empty where it is withheld."""
    evidence_href: str
    advisories: tuple[Advisory, ...]
    more: int
    """Advisories that are not here."""


def seals(name: Name) -> Seals:
    """The marks of an artifact."""
    imported = name.shown.manifest.imported
    origin = imported.from_ if imported else ""
    return Seals(
        ", ".join(_claims(name)) if name.marks.author_verified else "",
        name.marks.official,
        line(origin) if imported else "",
        origin if _ADDRESS.fullmatch(origin) else "",
    )


def _claims(name: Name) -> tuple[str, ...]:
    standing = name.author
    return tuple(claim_words(claim_value(one.claim, standing)) for one in standing.confirmed) if standing else ()


def trust(name: Name, root: str) -> Trust:
    """Who stands for `name.shown`, for a page that lies `root` below."""
    shown, standing = name.shown, name.author
    files = shown.manifest.bundle.sha256
    notices = name.notices()[::-1]
    confirmed = (
        tuple(f"{words}, confirmed by {', '.join(one.by)} on {day(one.at)}"
              for words, one in zip(_claims(name), standing.confirmed, strict=True))
        if standing and name.marks.author_verified else ()
    )  # fmt: skip
    return Trust(
        confirmed=confirmed,
        note=visible(str(shown.admitted["note"])),
        signed=_signed(shown),
        source=_source(shown),
        manifest=shown.digest,
        manifest_href=f"{root}{layout.object_path(shown.digest)}",
        bundle=files,
        bundle_href=f"{root}{layout.object_path(shown.manifest.bundle.sha256)}"
        if TREATMENT[shown.status].bundle
        else "",
        evidence_href=f"{root}{layout.name_path(name.artifact)}",
        advisories=tuple(_advisory(one, root) for one in notices[:ADVISORIES]),
        more=max(0, len(notices) - ADVISORIES),
    )


def _signed(release: Release) -> tuple[str, ...]:
    keys = [f"the key {one.k16} of {release.manifest.author}" for one in release.signatures]
    return tuple(keys + [f"{line(one.subject)}, says {line(one.issuer)}, without a key" for one in release.identities])


def _source(release: Release) -> Source | None:
    told = release.manifest.source
    if told is None:
        return None
    parts = [f"the folder {line(told.path)}" if told.path else "", f"as {line(told.ref)}" if told.ref else ""]
    return Source(told.repository, told.commit, ", ".join(part for part in parts if part))


def _advisory(notice: Mapping[str, Any], root: str) -> Advisory:  # Any: `Name.notices`
    lifted = f", lifted on {day(notice['lifted'])}" if notice["lifted"] else ""
    words = f"{notice['version']}: {notice['action']} on {day(notice['at'])} ({visible(notice['reason'])}){lifted}"
    return Advisory(notice["id"], f"{root}advisories/#{notice['id']}", words)
