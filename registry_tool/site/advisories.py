"""The page of the advisories, newest first; programs read the documents beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_tool.core.index import About, Listing
from registry_tool.core.status import GRAVEST_FIRST
from registry_tool.site.views import Frame, frame, reason_and_note
from registry_tool.site.words import counted, day

PATH = "advisories/index.html"

_ROOT = "../"
_STATUS = dict(GRAVEST_FIRST)


@dataclass(frozen=True, slots=True)
class AdvisoryLine:
    """One advisory."""

    id: str
    artifact: str
    version: str
    href: str
    """The page of the artifact; empty where its kind has no tab."""
    status: str
    date: str
    why: str
    lifted: str
    """The day on which it was lifted; empty where it stands."""


@dataclass(frozen=True, slots=True)
class AdvisoriesPage:
    """All of them."""

    frame: Frame
    count: str
    lines: tuple[AdvisoryLine, ...]


def advisories_page(listing: Listing) -> AdvisoriesPage:
    """The page's model."""
    newest = sorted(listing.notices, key=lambda one: (str(one["at"]), str(one["id"])), reverse=True)
    about = listing.about
    around = frame(about, _ROOT, title="Advisories", description=f"What was taken back in {about.table.name}")
    return AdvisoriesPage(
        around, counted(len(newest), "advisory", "advisories"), tuple(_line(one, about) for one in newest)
    )


def _line(notice: Mapping[str, Any], about: About) -> AdvisoryLine:  # Any: JSON
    category = about.category_of(str(notice["kind"]))
    scope, _, name = str(notice["artifact"])[1:].partition("/")
    return AdvisoryLine(
        id=str(notice["id"]),
        artifact=str(notice["artifact"]),
        version=str(notice["version"]),
        href=f"{_ROOT}{category.row.id}/{scope}/{name}/#v{notice['version']}" if category else "",
        status=_STATUS[str(notice["action"])],
        date=day(str(notice["at"])),
        why=reason_and_note(str(notice["action"]), str(notice["reason"]), str(notice["note"])),
        lifted=day(str(notice["lifted"])) if notice["lifted"] else "",
    )
