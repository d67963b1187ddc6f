"""The page of the advisories, newest first; programs read the documents beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.index import About, Listing, Name
from registry_tool.core.status import GRAVEST_FIRST
from registry_tool.site.item_versions import PAGE, SHOWN
from registry_tool.site.views import Frame, frame, reason_and_note
from registry_tool.site.words import counted, day

PATH = "advisories/index.html"

FACTS: Final = "older-advised"
"""The id under which `Listing.facts` has where versions stand that are not on their artifact's own page."""

MOST: Final = 500
"""On the page; the file for programs has all, and an artifact's page its own."""

_ROOT = "../"
_MOST = 20
"""Versions of one artifact of which that is told; of the others the artifact's page is linked."""
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
    """The newest of them."""

    frame: Frame
    count: str
    lines: tuple[AdvisoryLine, ...]
    left: str
    """How many are not on the page; empty where all are."""


def older_advised(name: Name, about: About) -> dict[str, str] | None:
    """The page of older versions for each version of `name` that people must hear of and its own page does not show."""
    del about
    older = {
        one.manifest.version: f"versions/{(len(name.releases) - 1 - place) // PAGE + 1}/"
        for place, one in enumerate(name.releases)
        if place >= SHOWN
    }
    told = [str(one["version"]) for one in name.notices()] if older else []
    found = {version: older[version] for version in told if version in older}
    return dict(sorted(found.items())[-_MOST:]) or None


def advisories_page(listing: Listing) -> AdvisoriesPage:
    """The page's model."""
    newest = sorted(listing.notices, key=lambda one: (str(one["at"]), str(one["id"])), reverse=True)
    about = listing.about
    around = frame(about, _ROOT, title="Advisories", description=f"What was taken back in {about.table.name}")
    left = len(newest) - MOST
    return AdvisoriesPage(
        around,
        counted(len(newest), "advisory", "advisories"),
        tuple(_line(one, listing) for one in newest[:MOST]),
        counted(left, "older one", "older ones") if left > 0 else "",
    )


def _line(notice: Mapping[str, Any], listing: Listing) -> AdvisoryLine:  # Any: JSON
    category = listing.about.category_of(str(notice["kind"]))
    scope, _, name = str(notice["artifact"])[1:].partition("/")
    older = listing.facts.get(FACTS, {}).get(notice["artifact"], {}).get(notice["version"], "")
    return AdvisoryLine(
        id=str(notice["id"]),
        artifact=str(notice["artifact"]),
        version=str(notice["version"]),
        href=f"{_ROOT}{category.row.id}/{scope}/{name}/{older}#v{notice['version']}" if category else "",
        status=_STATUS[str(notice["action"])],
        date=day(str(notice["at"])),
        why=reason_and_note(str(notice["action"]), str(notice["reason"]), str(notice["note"])),
        lifted=day(str(notice["lifted"])) if notice["lifted"] else "",
    )
