"""The operator's build: a repository's files as the files of a site, verified before anything is published.

    main line ──▶ chains ──▶ scopes ──▶ names ──▶ feeds of names ──▶ feeds of the whole
       │            │           │          │
       └────────────┴───────────┴──────────┴─ what a former build found is not looked at again:
                                              the id of a git folder says whether it is the same

The result is a value: every path of the site with the digest of its bytes, and a way to get them.
Whoever writes it compares and writes only what differs. Nothing in it depends on commits, clocks or
places: the same files give the same site, also when history was written again with other dates.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from registry_tool.core import layout
from registry_tool.core.authorities import Authorities, Government, read_government
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.index import About, Category, Feeds, Listing, Made, Name
from registry_tool.core.kind import Kinds
from registry_tool.core.names import ArtifactId
from registry_tool.core.payload import Files
from registry_tool.core.ports import History
from registry_tool.core.published import (
    authors_of,
    chain_at,
    names_in,
    registry_chains,
    registry_of,
    roots_at,
    scope_chains,
)
from registry_tool.core.release import CatalogueRow
from registry_tool.core.tables import CATEGORIES_TABLE, REGISTRY_TABLE, read_categories, read_registry_table
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.services.built import Build, Prepared, Preparing, Remembered, Spread
from registry_tool.services.indexing import read_name, scope_authorities, whole_chain
from registry_tool.services.mainline import check_main_line
from registry_tool.services.trust_files import copy_of, good_until, offline_files

__all__ = ["FORMAT", "KEPT_BYTES", "Build", "about_of", "build", "prepare"]

FORMAT: Final = 2
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
    kept_bytes: int = KEPT_BYTES,
) -> Build:
    """The site of the commit `head`.

    `key` changes whenever the tool might make other files of the same repository; `remembered` is what
    the last build gave back, or empty; `spread` shares the names among processes; of files that wait to
    be written at most `kept_bytes` are held. Raises `NotTrusted` and `InvalidInput` for a repository that
    does not verify, or whose main line did more than add.
    """
    known = remembered if (remembered.get("format"), remembered.get("key")) == (FORMAT, key) else {}
    checked = False
    try:
        tree = history.tree(head)
        registry, government = registry_of(tree), _government(tree, means)
        until = good_until(tree, government.roots[-1], check=means.check)
        about = replace(about_of(tree, registry, government, kinds), until=until)
        run = _Run(tree, about, government, means, feeds, _about_key(tree, key), known, kept_bytes)
        run.registry()
        run.scopes()
        artifacts = names_in(tree)
        with closing(run.begin(artifacts, spread or run.prepare)) as preparing:
            checked = True
            # While other processes prepare names.
            check_main_line(history, head, until=known.get("commit"), means=means)
            run.names(artifacts, preparing)
        run.whole()
    except RegistryError:
        if not checked:  # what is wrong with the line explains the rest, and is said first
            check_main_line(history, head, until=known.get("commit"), means=means)
        raise
    state = {"format": FORMAT, "key": key, "commit": head, "said": run.said(head), **run.remember}
    kept = run.made.keys() <= run.kept.keys()
    listed = {path: run.made[path].sha256 for path in sorted(filter(layout.is_listed, run.made))}
    whole = run.made | {one.path: one for one in (copy_of(run.made[path]) for path in listed)}
    made = tuple(whole[path] for path in sorted(whole))
    return Build(
        registry,
        about,
        head,
        made,
        names=len(run.rows),
        releases=run.releases,
        verified=run.verified,
        left_out=tuple(sorted(run.left_out)),
        kept=kept,
        listed=listed,
        remember=state,
    )


def prepare(
    history: History, head: str, artifacts: Sequence[ArtifactId], *, kinds: Kinds, means: Means, feeds: Feeds
) -> Iterator[Prepared]:
    """What `build` needs of each of these names, in order: for processes that share the work."""
    tree = history.tree(head)
    registry, government = registry_of(tree), _government(tree, means)
    run = _Run(tree, about_of(tree, registry, government, kinds), government, means, feeds, "", {}, 0)
    yield from run.prepare(artifacts)


def about_of(tree: Tree, registry: Hex, government: Government, kinds: Kinds) -> About:
    """What the tables and the chains say about the registry itself."""
    by_category = {kind.category: kind for kind in kinds}
    rows = read_categories(tree.read(CATEGORIES_TABLE), kinds)
    return About(
        id=registry,
        table=read_registry_table(tree.read(REGISTRY_TABLE)),
        demonstration=government.demonstration,
        categories=tuple(Category(row, by_category.get(row.id)) for row in rows),
        moderators=tuple(
            person.id for person in government.moderators.head.body.people if any(row.active for row in person.keys)
        ),
    )


def _government(tree: Tree, means: Means) -> Government:
    for subject in ("moderators", "policy"):
        whole_chain(tree, subject)
    roots, chains = roots_at(tree), (chain_at(tree, "moderators"), chain_at(tree, "policy"))
    return read_government(roots, *chains, registry=registry_of(tree), check=means.check)


def _about_key(tree: Tree, key: str) -> str:
    """Changes with everything that every page depends on."""
    paths = ("index/trust", "index/moderators", "index/policy", REGISTRY_TABLE, CATEGORIES_TABLE)
    return _digest(key, *(_id(tree, path) for path in paths))


def _id(tree: Tree, path: str) -> str:
    entry = tree.entry(path)
    return entry.id if entry else ""


def _digest(*parts: object) -> str:
    return sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass"))


def _row(value: Mapping[str, Any]) -> CatalogueRow:  # Any: JSON
    """A row as `Name.row` made it, in this build or a former one: it was checked then."""
    lists = {name: tuple(member) for name, member in value.items() if isinstance(member, list)}
    return CatalogueRow.model_construct(**{**value, **lists})


def _ignoring_path(make: Callable[[], bytes]) -> Callable[[str], bytes]:
    return lambda path: make()


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
    room: int
    """Bytes of files that may still be kept."""

    made: dict[str, Made] = field(default_factory=dict)
    rows: list[CatalogueRow] = field(default_factory=list)
    grave: list[Mapping[str, Any]] = field(default_factory=list)  # Any: JSON
    notices: list[Mapping[str, Any]] = field(default_factory=list)  # Any: JSON
    left_out: list[str] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    """Files that wait to be written, by path."""
    releases: int = 0
    verified: int = 0
    remember: dict[str, Any] = field(  # Any: JSON
        default_factory=lambda: {"registry": {}, "scopes": {}, "names": {}, "pages": {}}
    )
    _authorities: dict[str, Authorities] = field(default_factory=dict)
    _scope_keys: dict[str, str] = field(default_factory=dict)
    _unverified: set[str] = field(default_factory=set)
    """Scopes that changed."""
    _keys: dict[ArtifactId, str] = field(default_factory=dict)
    _last: tuple[ArtifactId, Files] | None = None

    def registry(self) -> None:
        """The registry's own chains, and what people signed offline."""
        offline = offline_files(self.tree, self.government.roots[-1], check=self.means.check)
        self.remember["registry"] = self._add({layout.REGISTRY_CHAINS: registry_chains(self.tree), **offline})

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
            authors = authors_of(self.tree, scope)
            files = self._add(scope_chains(self.tree, scope))
            known = {"key": self._scope_key(scope, authors), "authors": list(authors), "files": files}
        else:
            for path, digest in known["files"].items():
                self.made[path] = Made(path, Hex(digest), partial(self._scope_file, scope))
        self._scope_keys[scope] = known["key"]
        self.remember["scopes"][scope] = known

    def _scope_key(self, scope: str, authors: Sequence[str]) -> str:
        folders = [layout.chain_folder(f"scopes/{scope}"), *(layout.chain_folder(f"authors/{one}") for one in authors)]
        return _digest(self.key, scope, list(authors), [_id(self.tree, folder) for folder in folders])

    def _scope_file(self, scope: str, path: str) -> bytes:
        return scope_chains(self.tree, scope)[path]

    def _authorize(self, scope: str) -> Authorities:
        if scope not in self._authorities:
            self._authorities[scope] = scope_authorities(self.tree, scope, self.government, means=self.means)
        return self._authorities[scope]

    def begin(self, artifacts: Sequence[ArtifactId], spread: Spread) -> Preparing:
        """Begins with the names that changed; verifies the scopes that changed and hold none of them."""
        before = self.known.get("names", {})
        self._keys = {
            artifact: _digest(self._scope_keys.get(artifact.scope), _id(self.tree, layout.name_folder(artifact)))
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
            fresh[artifact] = {"key": self._keys[artifact], "files": self._add(files, artifact), **facts}
        before = self.known.get("names", {})
        for artifact in artifacts:
            self._known_name(artifact, fresh.get(artifact), before)

    def _known_name(self, artifact: ArtifactId, fresh: dict[str, Any] | None, before: Remembered) -> None:  # Any: JSON
        known = fresh or before[str(artifact)]
        if fresh is None:
            again = partial(self._again, artifact)
            self.made |= {path: Made(path, digest, again) for path, digest in known["files"].items()}
        if known["row"] is not None:
            self.rows.append(_row(known["row"]))
        self.grave += known["grave"]
        self.notices += known["notices"]
        self.left_out += known["left_out"]
        self.releases += known["releases"]
        self.remember["names"][str(artifact)] = known

    def prepare(self, artifacts: Sequence[ArtifactId]) -> Generator[Prepared, None, None]:
        """Each name, verified: what is remembered of it, and its files."""
        for artifact in artifacts:
            read = read_name(self.tree, artifact, self._authorize(artifact.scope), means=self.means)
            name = read.name
            facts = {
                "row": name.row().value() if name else None,
                "grave": name.grave() if name else [],
                "notices": name.notices() if name else [],
                "releases": len(name.releases) if name else 0,
                "left_out": list(read.left_out),
            }
            yield artifact, facts, self._files(name) if name else {}

    def _files(self, name: Name) -> Files:
        return {path: data for feed in self.feeds.names for path, data in feed(name, self.about).items()}

    def _add(self, files: Files, artifact: ArtifactId | None = None) -> dict[str, str]:
        """Takes files in; what does not fit in memory is made again later."""
        digests: dict[str, str] = {}
        for path, data in files.items():
            digest = Hex(path.rpartition("/")[2]) if path.startswith("objects/sha256/") else sha256(data)
            digests[path] = digest
            if path in self.made:
                continue
            if artifact is None or len(data) <= self.room:
                self.kept[path] = data
                self.room -= len(data)
                self.made[path] = Made(path, digest, self.kept.__getitem__)
            else:
                self.made[path] = Made(path, digest, partial(self._again, artifact))
        return digests

    def _again(self, artifact: ArtifactId, path: str) -> bytes:
        if self._last is None or self._last[0] != artifact:
            _, _, files = next(iter(self.prepare([artifact])))
            self._last = artifact, files
        return self._last[1][path]

    def whole(self) -> None:
        """The files that are made from many names."""
        listing = Listing(self.about, tuple(self.rows), tuple(self.grave), tuple(self.notices))
        known = self.known.get("pages", {})
        for feed in self.feeds.whole:
            for planned in feed(listing):
                key = _digest(self.key, planned.key)
                before = known.get(planned.path)
                if before is not None and before[0] == key:
                    self.made[planned.path] = Made(planned.path, Hex(before[1]), _ignoring_path(planned.make))
                    self.remember["pages"][planned.path] = before
                else:
                    digests = self._add({planned.path: planned.make()})
                    self.remember["pages"][planned.path] = [key, digests[planned.path]]
