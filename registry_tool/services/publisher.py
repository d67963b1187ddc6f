"""The operator's build: a repository's files as the files of a site, verified before anything is published.

    main line ──▶ chains ──▶ scopes ──▶ names ──▶ feeds of names ──▶ feeds of the whole
       │            │           │          │
       └────────────┴───────────┴──────────┴─ what a former build found is not looked at again:
                                              the id of a git folder says whether it is the same

The result is a value: every path of the site with the digest of its bytes, and a way to get them.
Whoever writes it compares and writes only what differs. Nothing in it depends on commits, clocks or
places: the same files give the same site, also when history was written again with other dates.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from registry_tool.core import layout
from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.counts import Counts, coarse
from registry_tool.core.errors import RegistryError
from registry_tool.core.index import About, Feeds, Listing, Name
from registry_tool.core.kind import Kinds
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Files
from registry_tool.core.people import publishers_of, scope_at
from registry_tool.core.ports import History
from registry_tool.core.published import (
    authors_of,
    names_in,
    registry_chains,
    registry_of,
    scope_chains,
    version_folders,
)
from registry_tool.core.release import CatalogueRow
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.core.waiting import Queue
from registry_tool.core.without import Without
from registry_tool.services.about import about_key, about_of, id_at, key_of, whole_government
from registry_tool.services.built import Build, Prepared, Preparing, Remembered, Spread
from registry_tool.services.indexing import Read, read_name, scope_authorities
from registry_tool.services.mainline import check_main_line
from registry_tool.services.making import Making
from registry_tool.services.merged import uncountersigned_heads
from registry_tool.services.people import PeopleOfBuild
from registry_tool.services.trust_files import copy_of, good_until, offline_files
from registry_tool.services.wholes import Render, make_whole, rendered, row_of, tell, told_before

__all__ = ["FORMAT", "KEPT_BYTES", "Build", "build", "prepare"]

FORMAT: Final = 5
KEPT_BYTES: Final = 256 * 1024 * 1024
"""Of files that were made and wait to be written; what is more is made again when its turn comes."""


def build(  # noqa: PLR0913 - all that a build depends on, named
    history: History,
    head: str,
    *,
    kinds: Kinds,
    means: Means,
    feeds: Feeds,
    key: str,
    remembered: Remembered,
    spread: Spread | None = None,
    render: Render = rendered,
    kept_bytes: int = KEPT_BYTES,
    queue: Queue | None = None,
    counts: Counts | None = None,
) -> Build:
    """The site of the commit `head`.

    `key` changes whenever the tool might make other files of the same repository; `remembered` is what
    the last build gave back, or empty; `spread` shares the names among processes, `render` the files of
    many names; of files that wait to be written about `kept_bytes` are held; `queue` is what waits and
    `counts` how often things were installed, to be shown. Raises `NotTrusted` and `InvalidInput` for a
    repository that does not verify, or whose main line did more than add.
    """
    known = remembered if (remembered.get("format"), remembered.get("key")) == (FORMAT, key) else {}
    checked = False
    try:
        tree = history.tree(head)
        registry, government = registry_of(tree), whole_government(tree, means)
        until = good_until(tree, government.roots[-1], check=means.check)
        about = replace(about_of(tree, registry, government, kinds), until=until)
        run = _Run(tree, about, government, means, feeds, about_key(tree, key), known, Making(kept_bytes), counts)
        run.registry()
        run.scopes()
        artifacts = names_in(tree)
        with closing(run.begin(artifacts, spread or run.prepare)) as preparing:
            checked = True
            # While other processes prepare names.
            check_main_line(history, head, until=known.get("commit"), means=means)
            run.names(artifacts, preparing)
        run.whole(queue, render)
    except RegistryError:
        if not checked:  # what is wrong with the line explains the rest, and is said first
            check_main_line(history, head, until=known.get("commit"), means=means)
        raise
    return run.build(head, key)


def prepare(
    history: History,
    head: str,
    artifacts: Sequence[ArtifactId],
    *,
    kinds: Kinds,
    means: Means,
    feeds: Feeds,
    counts: Counts | None = None,
) -> Iterator[Prepared]:
    """What `build` needs of each of these names, in order: for processes that share the work."""
    tree = history.tree(head)
    registry, government = registry_of(tree), whole_government(tree, means)
    run = _Run(tree, about_of(tree, registry, government, kinds), government, means, feeds, "", {}, Making(0), counts)
    yield from run.prepare(artifacts)


@dataclass
class _Run:
    """One build while it goes on."""

    tree: Tree
    about: About
    government: Government
    means: Means
    feeds: Feeds
    key: str
    known: Remembered
    making: Making
    counts: Counts | None

    rows: list[CatalogueRow] = field(default_factory=list)
    grave: list[Mapping[str, Any]] = field(default_factory=list)  # Any: JSON
    notices: list[Mapping[str, Any]] = field(default_factory=list)  # Any: JSON
    left_out: list[str] = field(default_factory=list)
    releases: int = 0
    verified: int = 0
    remember: dict[str, Any] = field(  # Any: JSON
        default_factory=lambda: {"registry": {}, "scopes": {}, "names": {}}
    )
    _authorities: dict[str, Authorities | None] = field(default_factory=dict)
    _scope_keys: dict[str, str] = field(default_factory=dict)
    _unverified: set[str] = field(default_factory=set)
    """Scopes that changed."""
    _keys: dict[ArtifactId, str] = field(default_factory=dict)
    _last: tuple[ArtifactId, Files] | None = None

    def __post_init__(self) -> None:
        self._people = PeopleOfBuild(self.tree, self.government, self.means, self.key)

    def registry(self) -> None:
        """The registry's own chains, and what people signed offline."""
        offline = offline_files(self.tree, self.government.roots[-1], check=self.means.check)
        self.remember["registry"] = self.making.add({layout.REGISTRY_CHAINS: registry_chains(self.tree), **offline})

    def build(self, head: str, key: str) -> Build:
        """What came of it."""
        files = self.making.made
        listed = {path: files[path].sha256 for path in sorted(filter(layout.is_listed, files))}
        whole = files | {one.path: one for one in (copy_of(files[path]) for path in listed)}
        return Build(
            self.about.id,
            self.about,
            head,
            tuple(whole[path] for path in sorted(whole)),
            names=len(self.rows),
            releases=self.releases,
            verified=self.verified,
            left_out=tuple(sorted(self.left_out)),
            kept=self.making.kept,
            listed=listed,
            remember={"format": FORMAT, "key": key, "commit": head, "said": self.said(head), **self.remember},
        )

    def said(self, head: str) -> dict[str, Any]:  # Any: JSON
        """What a build of the same commit says again without looking."""
        return {
            "registry": self.about.id,
            "name": self.about.table.name,
            "url": self.about.table.url,
            "demonstration": self.about.demonstration,
            "commit": head,
            "artifacts": len(self.rows),
            "releases": self.releases,
            "left_out": sorted(self.left_out),
        }

    def scopes(self) -> None:
        """Every scope's chains; `begin` sees to it that those that changed are verified."""
        for shard in self.tree.list("index/scopes"):
            for entry in self.tree.list(f"index/scopes/{shard.name}"):
                self._scope(entry.name)

    def _scope(self, scope: str) -> None:
        known = self.known.get("scopes", {}).get(scope)
        authors: Sequence[str] = known["authors"] if known else ()
        if known is None or known["key"] != self._scope_key(scope, authors):
            self._unverified.add(scope)
            self.left_out += self._hide(scope)
            authors = authors_of(self.tree, scope)
            files = self.making.add(scope_chains(self.tree, scope))
            found = scope_at(self.tree, scope)
            known = {
                "key": self._scope_key(scope, authors),
                "authors": list(authors),
                "people": publishers_of(found) if found else {},
                "files": files,
            }
        else:
            self.making.know(known["files"], partial(self._scope_file, scope))
        self._scope_keys[scope] = known["key"]
        self.remember["scopes"][scope] = known

    def _scope_key(self, scope: str, authors: Sequence[str]) -> str:
        folders = [layout.chain_folder(f"scopes/{scope}"), *(layout.chain_folder(f"authors/{one}") for one in authors)]
        return key_of(self.key, scope, list(authors), [id_at(self.tree, folder) for folder in folders])

    def _scope_file(self, scope: str, path: str) -> bytes:
        return scope_chains(self.tree, scope)[path]

    def _hide(self, scope: str) -> list[str]:
        """Leaves out statements that were merged without the signature they need: they hold up nobody else."""
        hidden = uncountersigned_heads(self.tree, scope, self.government, self.means)
        if hidden:
            self.tree = Without(self.tree, hidden)
            self._people.read_from(self.tree)
        return [path for path in sorted(hidden) if path.endswith(".json")]

    def _authorize(self, scope: str) -> Authorities | None:
        """Everybody who may say something about a scope; `None` where no moderator ever signed its first statement."""
        if scope not in self._authorities:
            self._hide(scope)
            found = self.tree.list(layout.chain_folder(f"scopes/{scope}"))
            made = scope_authorities(self.tree, scope, self.government, means=self.means) if found else None
            self._authorities[scope] = made
        return self._authorities[scope]

    def begin(self, artifacts: Sequence[ArtifactId], spread: Spread) -> Preparing:
        """Begins with the names that changed; verifies the scopes that changed and hold none of them."""
        before = self.known.get("names", {})
        self._keys = {
            artifact: key_of(
                self._scope_keys.get(artifact.scope),
                id_at(self.tree, layout.name_folder(artifact)),
                self._people.key_of(artifact, self.remember["scopes"].get(artifact.scope, {}).get("authors", ())),
                self._installs(artifact),
            )
            for artifact in artifacts
        }
        changed = [one for one in artifacts if before.get(str(one), {}).get("key") != self._keys[one]]
        preparing = spread(changed)  # each name is verified with its scope
        try:
            for scope in sorted(self._unverified - {one.scope for one in changed}):
                self._authorize(scope)
        except BaseException:
            preparing.close()
            raise
        return preparing

    def names(self, artifacts: Sequence[ArtifactId], preparing: Preparing) -> None:
        """Every name's files: as they were where nothing of it changed, else verified and made anew."""
        fresh: dict[ArtifactId, dict[str, Any]] = {}  # Any: JSON
        for artifact, facts, files in preparing:
            self.verified += 1
            digests = self.making.add(files, partial(self._again, artifact))
            fresh[artifact] = {"key": self._keys[artifact], "files": digests, **facts}
        before = self.known.get("names", {})
        for artifact in artifacts:
            self._known_name(artifact, fresh.get(artifact), before)

    def _known_name(self, artifact: ArtifactId, fresh: dict[str, Any] | None, before: Remembered) -> None:  # Any: JSON
        known = fresh or before[str(artifact)]
        if fresh is None:
            self.making.know(known["files"], partial(self._again, artifact))
        if known["row"] is not None:
            self.rows.append(row_of(known["row"]))
        self.grave += known["grave"]
        self.notices += known["notices"]
        self.left_out += known["left_out"]
        self.releases += known["releases"]
        self.remember["names"][str(artifact)] = known

    def prepare(self, artifacts: Sequence[ArtifactId]) -> Generator[Prepared, None, None]:
        """Each name, verified: what is remembered of it, and its files."""
        for artifact in artifacts:
            authorities = self._authorize(artifact.scope)
            read = (
                read_name(self.tree, artifact, authorities, means=self.means)
                if authorities is not None
                else Read(None, tuple(f"{artifact}@{folder}" for folder in version_folders(self.tree, artifact)))
            )
            name = self._people.told(read.name, authorities, self.about) if read.name and authorities else None
            name = replace(name, installs=self._installs(artifact)) if name else None
            facts = {
                "grave": name.grave() if name else [],
                "notices": name.notices() if name else [],
                "releases": len(name.releases) if name else 0,
                "left_out": list(read.left_out),
                **(tell(name, self.about, self.feeds.facts) if name else {"row": None, "facts": {}, "keys": {}}),
            }
            yield artifact, facts, self._files(name) if name else {}

    def _installs(self, artifact: ArtifactId) -> int | None:
        return coarse(self.counts.total(str(artifact))) if self.counts is not None else None

    def _files(self, name: Name) -> Files:
        return {path: data for feed in self.feeds.names for path, data in feed(name, self.about).items()}

    def _again(self, artifact: ArtifactId, path: str) -> bytes:
        if self._last is None or self._last[0] != artifact:
            _, _, files = next(iter(self.prepare([artifact])))
            self._last = artifact, files
        return self._last[1][path]

    def whole(self, queue: Queue | None, render: Render) -> None:
        """The files that are made from many names."""
        roles = {scope: known["people"] for scope, known in self.remember["scopes"].items()}
        authors = self._people.authors(roles, self.known.get("authors", {}))
        self.remember["authors"] = self._people.remember
        told = told_before(self.remember["names"], self.feeds.facts)
        listing = Listing(
            self.about,
            tuple(self.rows),
            tuple(self.grave),
            tuple(self.notices),
            queue,
            authors,
            facts=told["facts"],
            counts=self.counts,
            keys=told["keys"],
        )
        known = self.known.get("pages", {})
        self.remember |= make_whole(self.feeds.whole, listing, self.making, key=self.key, known=known, render=render)
