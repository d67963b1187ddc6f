"""One build of a site: from what the last one left, as far as that goes, to the folder."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry_tool.cli.trust_keys import Given
from registry_tool.core import layout
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.wiring import BRANCH, World

if TYPE_CHECKING:
    from registry_tool.core.payload import Files
    from registry_tool.services.built import Build
    from registry_tool.services.trusting import Trust
    from registry_tool.signing.tuf.index import Jobs, SignedIndex
    from registry_tool.stores.buildstate import BuildState
    from registry_tool.stores.output import Change
    from registry_tool.stores.seen import SeenSite

TURNS: Final = (
    *("removals that make room", "objects", "pages and feeds", "tables that name them", "the entry"),
    *("the index's bins", "its snapshot", "its roots", "its timestamp", "removals"),
)
"""What is uploaded in which turn (`stores/output.py`)."""


@dataclass(frozen=True, slots=True)
class Job:
    """One build, as it was asked for."""

    here: World
    repository: Path
    folder: Path
    since: str | None
    given: Given
    dry_run: bool
    queue: bytes | None
    """What waits, as it lies in its file."""
    counts: bytes | None
    """How often things were installed, likewise."""
    changes: Path | None
    """Where to say what to upload, in which order."""
    fewer: bool
    """Whether it may lack releases that are served at `since`."""

    @property
    def inputs(self) -> list[str]:
        """Changes with what the build is given beside the repository: the next one looks whether it is the same."""
        return ["" if one is None else hashlib.sha256(one).hexdigest() for one in (self.queue, self.counts)]


def build_site(job: Job, *, unsigned: bool) -> dict[str, Any]:  # Any: JSON
    """Builds it, and writes what differs; what came of it, as `registry build --json` says it."""
    from registry_tool.site.templates import template_folder
    from registry_tool.stores.buildstate import BuildState, tool_key
    from registry_tool.stores.seen import SeenSite

    state, seen = BuildState(job.repository), None
    head, state_id = state.head()
    key = tool_key((Path(str(files("registry_tool"))), template_folder()))
    index, tip = head.get("index", {}), state.tip(BRANCH)
    same = tip is not None and (head.get("key"), head.get("commit")) == (key, tip)
    same = same and (head.get("inputs"), head.get("out")) == (job.inputs, str(job.folder))
    if same and bool(index.get("files")) is not unsigned:
        seen = SeenSite(state.seen, job.folder)
        due = index["until"] <= job.here.now() if index["files"] else False
        if not due and seen.is_unchanged(state_id):
            # Most builds of a timer end here, without the libraries that verify.
            counts = {"written": 0, "kept": head["files"], "removed": 0, "bytes": 0}
            said = {**head["said"], "out": str(job.folder), "dry_run": job.dry_run}
            value = {**said, **index["said"], "signed": [], "verified": 0, "files": counts}
            return {**value, "upload": _told(job, ())}
    return _build_anew(job, state, key, seen or SeenSite(state.seen, job.folder), unsigned=unsigned)


def _build_anew(job: Job, state: "BuildState", key: str, seen: "SeenSite", *, unsigned: bool) -> dict[str, Any]:
    from registry_tool.cli import site_index
    from registry_tool.cli.building import build_of, warnings_of
    from registry_tool.stores.output import write_site
    from registry_tool.stores.workers import cores

    here, remembered = job.here, state.load()
    jobs = None if unsigned else _keys_of(job)
    built = build_of(here, job.repository, key=key, remembered=remembered, queue=job.queue, counts=job.counts)
    made, until, under = list(built.made), 0, ""
    signed: list[str] = []
    said: dict[str, Any] = {"expires": {}, "warnings": list(warnings_of(built.about))}  # Any: JSON
    if jobs is not None:
        trust = _trust(job, built.commit)
        under = site_index.authority_of(trust).digest
        index = _index(job, trust, built, jobs, remembered)
        made += site_index.as_made(index.files)
        signed, until = list(index.signed), site_index.sign_until(trust, index.expires)
        fresh = site_index.freshness_of(here, trust, index.expires)
        said = {"expires": dict(fresh.expires), "warnings": [*fresh.warnings(here.now()), *said["warnings"]]}
    counts = write_site(job.folder, made, dry_run=job.dry_run, processes=cores() if built.kept else 1, seen=seen)
    beside = {"files": counts.signed if jobs else {}, "stayed": list(counts.stayed)}
    remember = {
        **built.remember,
        "inputs": job.inputs,
        "out": str(job.folder),
        "files": counts.written + counts.kept,
        "index": {**beside, "under": under, "until": until, "said": said},
    }
    if not job.dry_run:
        state_id = state.save(remember) if remember != remembered else state.head()[1]
        digests = {one.path: str(one.sha256) for one in made} | dict(counts.signed)
        seen.save(state_id, digests, counts.stayed, [one.path for one in counts.changes])
    return {
        **built.remember["said"],
        **said,
        "out": str(job.folder),
        "dry_run": job.dry_run,
        "signed": signed,
        "verified": built.verified,
        "files": {
            "written": counts.written,
            "kept": counts.kept,
            "removed": counts.removed,
            "bytes": counts.bytes_written,
        },
        "upload": _told(job, counts.changes),
    }


def _told(job: Job, changes: "Sequence[Change]") -> dict[str, Any]:  # Any: JSON
    """In which order to upload what changed; written to the file that was named for it."""
    turns: dict[int, dict[str, Any]] = {}  # Any: JSON
    for one in changes:
        turn = turns.setdefault(one.turn, {"turn": one.turn, "what": TURNS[one.turn], "put": 0, "delete": 0})
        turn[one.do] += 1
    if job.changes is not None and not job.dry_run:
        from registry_tool.stores.output import changes_file, write_file
        from registry_tool.stores.rooted import told

        try:
            write_file(str(job.changes), changes_file(changes))
        except OSError as error:
            raise told(error, str(job.changes)) from error
    return {"file": str(job.changes) if job.changes else "", "turns": [turns[turn] for turn in sorted(turns)]}


def _index(
    job: Job,
    trust: "Trust",
    built: "Build",
    jobs: "Jobs",
    remembered: Mapping[str, Any],  # Any: JSON
) -> "SignedIndex":
    """The index of a build that goes on from what the last one remembers."""
    from registry_tool.cli import site_index
    from registry_tool.cli.floor import demand_no_less
    from registry_tool.signing.tuf.index import Memory
    from registry_tool.stores.output import read_right

    before: Mapping[str, Any] = remembered.get("index", {})
    known: Mapping[str, str] = before.get("files", {})
    jobs = replace(jobs, memory=Memory(before.get("under", ""), frozenset(known.values())))
    previous: Files = {}
    if job.since is None and remembered.get("out") == str(job.folder):
        previous = read_right(job.folder, known)
    if layout.TIMESTAMP not in previous:  # it is another one than is remembered: somebody signed since
        previous = site_index.shown_by(job.here, trust, job.since or job.folder)
    if job.since is not None and not job.fewer:
        demand_no_less(job.here, trust, job.since, previous, built)
    return site_index.index_of(job.here, trust, built, jobs, previous, job.folder)


def _trust(job: Job, commit: str) -> "Trust":
    from registry_tool.services.trusting import trust_at

    return trust_at(job.here.history(job.repository).tree(commit), check=job.here.check)


def _keys_of(job: Job) -> "Jobs":
    """The keys that the index takes, before anything else is done."""
    from registry_tool.cli import site_index
    from registry_tool.cli.building import build_of, head_of

    try:
        trust = _trust(job, head_of(job.here.history(job.repository)))
    except (InvalidInput, NotTrusted):
        build_of(job.here, job.repository)  # where the main line did more than add, that is what is said
        raise
    return site_index.ready(job.here, trust, job.given)
