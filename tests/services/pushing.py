"""Pushing at an office: commits that no branch names yet, and what is said of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from registry_tool.core.pushes import Update
from registry_tool.services.author import signature_of
from registry_tool.services.receiving import received
from registry_tool.stores.git.objects import commit_bytes
from registry_tool.stores.git.write import COMMIT, object_id
from tests.builders import RegistryInMemory
from tests.services.office import Office

MAIN = "refs/heads/main"
GOOD = [(0, "")]
Build = Callable[[RegistryInMemory], object]


def commit(office: Office, files: Mapping[str, bytes], *, onto: str = "", **more: Any) -> str:
    """A commit of `files` that no branch names."""
    return office.history.commit(
        files, onto=onto or office.commit, message="pushed\n", author=signature_of("eve"), at=office.tick(), **more
    )


def said(office: Office, ref: str, new: str | None, old: str | None = None) -> list[tuple[int, str]]:
    """Exit code and code of what the gate says of a push to `ref`; `GOOD` where it takes it."""
    found = received(office.bench(), [Update(ref, old, new)])
    return [(one.error.exit_code, one.error.code) for one in found] or GOOD


def pushed(office: Office, new: str | None, *, old: str | None = None) -> list[tuple[int, str]]:
    """The same for the main line."""
    return said(office, MAIN, new, old or office.commit)


def landing(office: Office, act: Callable[[], object]) -> str:
    """The newest commit that a verb landed; the main line is where it was again, as where it is only pushed."""
    before = office.commit
    act()
    after = office.commit
    assert before != after
    office.history.move("main", old=after, new=before)
    return after


def by_hand(office: Office, build: Build, *, onto: str = "") -> str:
    """A commit of what `build` adds to the registry in memory, which says that it is now."""
    office.registry._seconds = office.now
    return commit(office, office.evolve(build), onto=onto)


def merge(office: Office, files: Mapping[str, bytes], other: str) -> str:
    """A commit of `files` on the main line with `other` as its second parent."""
    single = commit(office, files)
    text = office.history._objects.text(single)
    raw = commit_bytes(replace(text, parents=(*text.parents, other)))
    name = object_id(COMMIT, raw)
    office.history._objects.keep({name: (COMMIT, raw)})
    return name


def both(*builds: Build) -> Build:
    return lambda registry: [build(registry) for build in builds]


SUBMISSION = "ab" * 32


def said_by(*by: str, action: str = "reject", submission: str = SUBMISSION, **more: Any) -> Build:
    """What somebody says about a submission."""

    def build(registry: RegistryInMemory) -> None:
        value = {
            "schema": "registry.moderation/1",
            "registry": registry.id,
            "subject": f"moderation/2027/{submission}",
            "number": 1,
            "previous": None,
            "mode": "continue",
            "under": {"moderators": registry.head("moderators")},
            "action": action,
            "submission": submission,
            "manifests": [],
            "reason": "other",
            "note": "",
            "at": registry.now(),
            **more,
        }
        registry.document(f"index/moderation/2027/{submission}/1.json", value, by)

    return build
