"""Which files of a large site one change writes: each class of them is named here, so that nobody adds one unseen."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from registry_tool.core.counts import Counts
from registry_tool.services.built import Build
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory
from tests.building_profiles import review
from tests.generate import begun, content, large_registry
from tests.sites import AUTHOR, built, committed

pytestmark = pytest.mark.slow

NAMES, VERSIONS = 300, 600
ARTIFACT = "@newcomer/skill-x"
ORDERS = ("new", "popular", "rating", "recent")
_CLASSES = (
    (r"[0-9a-f]{64}", "<digest>"),
    (r"newcomer(/|__)skill-x", r"<scope>\1<name>"),
    (r"newcomer", "<scope>"),
    (r"skill-x", "<name>"),
    (r"1\.[0-9]\.0", "<version>"),
    (r"^objects/sha256/../", "objects/sha256/<aa>/"),
    (r"(^|/)ne(?=/|\.json)", r"\1<aa>"),
    (r"/-/all/[^/]+/", "/-/all/<letters>/"),
    (r"/[0-9]+(?=/|\.)", "/<n>"),
    (r"^tags/(generated|quiet)/", "tags/<tag>/"),
    (r"REG-[0-9a-f]{32}", "<id>"),
    (r"^find/data/([a-z]+)/.*", r"find/data/\1/…"),
)
"""What stands for itself in a path, and what for its like."""


def release(registry: RegistryInMemory, version: int) -> None:
    """One more release of the newcomer."""
    _, permissions, spec = begun("skill", ARTIFACT)
    files = content("skill", ARTIFACT, version, 5)
    registry.release(
        ARTIFACT,
        f"1.{version}.0",
        files,
        kind="skill",
        spec=spec,
        permissions=list(permissions),
        tags=["generated", "quiet"],
        title="The newcomer",
    )


@dataclass
class Scene:
    """A repository that grows, and the site of its last commit."""

    registry: RegistryInMemory
    history: GitHistory
    site: Build

    def after(self, change: Callable[[RegistryInMemory], object], counts: Counts | None = None) -> set[str]:
        """The classes of the files that differ after one change; the site of before is forgotten."""
        before = dict(self.registry.files)
        change(self.registry)
        new = {path: data for path, data in self.registry.files.items() if before.get(path) != data}
        tip = self.history.resolve("main")
        if new:
            commit = self.history.commit(new, onto=tip, message="x", author=AUTHOR, at=1_800_000_100)
            self.history.move("main", old=tip, new=commit)
        site = built(self.history, remembered=self.site.remember, counts=counts)
        one, other = digests(self.site), digests(site)
        self.site = site
        return {class_of(path) for path in one.keys() | other.keys() if one.get(path) != other.get(path)}


def digests(site: Build) -> Mapping[str, str]:
    """Of every file."""
    return {one.path: one.sha256 for one in site.made}


def class_of(path: str) -> str:
    """A path with its like."""
    for pattern, word in _CLASSES:
        path = re.sub(pattern, word, path)
    return path


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A registry of three hundred names and one that came last."""
    registry = large_registry(NAMES, VERSIONS).with_author("bob")
    registry._seconds += 400 * 86_400  # what comes now is the newest
    history = committed(registry.files)
    return Scene(registry, history, built(history, counts=counted(registry.id, 499)))


def counted(registry: str, installs: int, before: int = 0) -> Counts:
    """Installs of the newcomer, one day and before."""
    days = {"before": before, "2026-03-01": installs}
    names = {ARTIFACT: {"1.0.0": days}}
    return Counts.of({"schema": "registry.counts/1", "registry": registry, "until": "2026-03-01", "names": names})


_PAGES = {f"skills/<scope>/<name>/index.{end}" for end in ("html", "md")}
_LISTS = {
    "authors/<scope>/index.html",
    "index.html",
    *(f"skills/{order}index.html" for order in ("", "-/new/", "-/rating/", "-/recent/")),
    *(f"tags/<tag>/{order}index.html" for order in ("", "-/new/", "-/rating/", "-/recent/")),
}
"""That show a row among those of other names; the newcomer is on the first page of each."""
_ROW = {
    *_PAGES,
    *_LISTS,
    "api/v1/marketplace/skills/items.json",
    "api/v1/marketplace/skills/items/<scope>__<name>.json",
    "find/data/d/…",
}
_CATALOGUE = {"index/catalogue.json", "index/<digest>.catalogue.json"}
_RECORD = {"index/<aa>/<scope>/<name>.json", "index/<aa>/<scope>/<digest>.<name>.json"}
_STATUS = {
    *_ROW,
    *_CATALOGUE,
    *_RECORD,
    ".well-known/agent-skills/<scope>/<name>/<version>.tar.gz",
    ".well-known/agent-skills/index.json",
    "badges/<scope>/<name>.svg",
    "skills/<scope>/<name>/.well-known/agent-skills/index.json",
    "skills/<scope>/<name>/feed.xml",
    *(f"feeds/{of}updated.{end}" for of in ("", "skills/") for end in ("json", "xml")),
}
_VERSION = {
    *_STATUS,
    "objects/sha256/<aa>/<digest>",
    *(f"sitemap{of}.xml" for of in ("", "-about", "-authors", "-skills")),
}
_NAME = {
    *_VERSION,
    "_redirects",
    "api/v1/marketplace/categories.json",
    "authors/index.html",
    "chains/scopes/<aa>/<scope>.json",
    "chains/scopes/<aa>/<digest>.<scope>.json",
    "counts/<aa>.json",
    "counts/index.json",
    *(f"feeds/{of}new.{end}" for of in ("", "skills/") for end in ("json", "xml")),
    *("find/index.html", "find/data/m.json", "find/data/o/…", "find/data/t/…"),
    "llms.txt",
    *("skills/-/all/index.html", "skills/-/all/<letters>/index.html"),
    *("tags/<tag>/-/all/index.html", "tags/<tag>/-/all/<letters>/index.html"),
    *(f"{of}/-/{order}/<n>/index.html" for of in ("skills", "tags/<tag>") for order in ORDERS),
    "tags/index.html",
}
_REVIEW = {
    *_ROW,
    *_CATALOGUE,
    *("authors/bob/index.html", "authors/index.html"),
    "find/data/o/…",
    *("index/reviews/<aa>/<scope>/<name>.json", "index/reviews/<aa>/<scope>/<digest>.<name>.json"),
}
_ALARM = {
    *_PAGES,
    *_RECORD,
    *(f"advisories/{name}" for name in ("<id>.json", "all.json", "feed.json", "feed.xml", "index.html")),
    "api/v1/marketplace/skills/items/<scope>__<name>.json",
    *(f"feeds/{of}security.{end}" for of in ("", "skills/") for end in ("json", "xml")),
    *("index/revoked.json", "index/<digest>.revoked.json"),
    "skills/<scope>/<name>/feed.xml",
}
_LIVE = {"counts/<aa>.json"}
_ROUNDED = {*_ROW, *_LIVE, "find/data/installs.json", "find/data/m.json"}


def test_each_change_writes_its_own_files_and_no_more(scene: Scene) -> None:
    """A new name, a version, a review, a yank, a revocation, one install more, and one that makes a round number.

    What grew so is, byte for byte, what a build from nothing gives.
    """
    registry = scene.registry.id
    changes: list[tuple[set[str], Callable[[RegistryInMemory], object], Counts]] = [
        (_NAME, lambda one: release(one, 0), counted(registry, 499)),
        (_VERSION, lambda one: release(one, 1), counted(registry, 499)),
        (_REVIEW, lambda one: review(one, ARTIFACT, author="bob"), counted(registry, 499)),
        (_STATUS, lambda one: one.event(ARTIFACT, "1.1.0", "yank"), counted(registry, 499)),
        (_ALARM, lambda one: one.event(ARTIFACT, "1.1.0", "revoke", by=("mod",)), counted(registry, 499)),
        (_LIVE, lambda one: None, counted(registry, 0, 499)),
        (_ROUNDED, lambda one: None, counted(registry, 1, 499)),
    ]
    for number, (expected, change, counts) in enumerate(changes):
        assert (number, expected) == (number, scene.after(change, counts))

    assert digests(built(scene.history, counts=counted(registry, 1, 499))) == digests(scene.site)
