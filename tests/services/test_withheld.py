"""Files that are gone on purpose: what may be deleted from the main line, and that all else works without them."""

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, Unreachable
from registry_tool.core.names import parse_artifact, parse_wanted
from registry_tool.core.published import PublishedTree
from registry_tool.services.look import show, verify_whole
from registry_tool.stores.git import GitHistory
from tests.builders import KINDS, RegistryInMemory, SiteInMemory, a_registry
from tests.services.person import Person
from tests.sites import AUTHOR, built, committed, files_of, named

SOLAR = "@ann/solar"
ID = parse_artifact(SOLAR)
SHARED, ALONE = b"/* both */\n", b"/* 1.1.0 */\n"
PAYLOAD = {"1.0.0": {"theme.css": SHARED}, "1.1.0": {"theme.css": SHARED, "more.css": ALONE}}


def blob(data: bytes) -> str:
    return layout.blob_path(ID, sha256(data))


def a_shared_registry() -> RegistryInMemory:
    """Two versions of a theme with one file in common, and another theme."""
    registry = named(a_registry(demo=False))
    for version, files in PAYLOAD.items():
        registry.release(SOLAR, version, files)
    return registry.release("@bob/moon", "1.0.0", {"theme.css": b"/* moon */\n"})


def withheld(*versions: str) -> RegistryInMemory:
    registry = a_shared_registry()
    for version in versions:
        registry.event(SOLAR, version, "withhold")
    return registry


def without(files: Mapping[str, bytes], *paths: str) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path not in paths}


def test_a_site_is_the_same_with_and_without_withheld_files() -> None:
    """The build looks at no file of a withheld release, so its absence changes no byte of the site."""
    registry = withheld("1.1.0")
    one = files_of(built(committed(registry.files)).made)
    two = files_of(built(committed(registry.files, without(registry.files, blob(ALONE)))).made)

    assert one == two
    assert layout.object_path(registry.manifest(SOLAR, "1.1.0").bundle.sha256) not in one
    assert [] == [path for path, data in one.items() if ALONE in data]


def test_a_history_that_never_had_them_builds_too() -> None:
    """A history that was written again without the files gives the same site."""
    registry = withheld("1.0.0", "1.1.0")
    whole = files_of(built(committed(registry.files)).made)
    cut = committed(without(registry.files, blob(ALONE), blob(SHARED)))

    assert whole == files_of(built(cut).made)


def on_disk(folder: Path, *states: Mapping[str, bytes]) -> GitHistory:
    """The same states in a bare repository on disk."""
    history = GitHistory.init(folder, bare=True)
    for files in states:
        old = history.resolve("main")
        new = history.commit(files, onto=old, message="x", author=AUTHOR, at=1_800_000_000)
        history.move("main", old=old, new=new)
    return history


def lose(folder: Path, data: bytes) -> None:
    """Takes a file's object out of the object store."""
    found = [
        path
        for path in folder.glob("objects/??/*")
        if zlib.decompress(path.read_bytes()) == b"blob %d\0%s" % (len(data), data)
    ]
    assert 1 == len(found)
    found[0].unlink()


def test_objects_that_the_store_lacks_are_not_missed(tmp_path: Path) -> None:
    """With the withheld files gone from git's object store, build and whole verification of the clone go on."""
    registry = withheld("1.0.0", "1.1.0")
    whole = files_of(built(on_disk(tmp_path / "whole.git", registry.files)).made)
    on_disk(tmp_path / "reg.git", registry.files).close()
    lose(tmp_path / "reg.git", SHARED)
    lose(tmp_path / "reg.git", ALONE)
    history = GitHistory.open(tmp_path / "reg.git")

    assert whole == files_of(built(history).made)
    clone = PublishedTree(history.tree(history.resolve("main") or ""), where="clone")
    person = Person(tmp_path)
    found = verify_whole(person.contact(_as_site(clone, registry), registry.id, demo=False))
    assert (2, 3) == (found["names"], found["releases"])


def _as_site(clone: PublishedTree, registry: RegistryInMemory) -> SiteInMemory:
    """What a clone answers, as files; nothing is asked of it that is withheld."""
    paths = sorted(registry.site(), key=lambda path: path.startswith("objects/"))
    answers = {path: clone.fetch(path, limit=10**7) for path in paths}
    gone = {layout.object_path(registry.manifest(SOLAR, version).bundle.sha256) for version in PAYLOAD}
    assert gone == {path for path, data in answers.items() if data is None}
    return SiteInMemory({path: data for path, data in answers.items() if data is not None})


def test_a_missing_object_of_another_release_is_told(tmp_path: Path) -> None:
    """What is not withheld must be there: the build stops and names the object."""
    registry = withheld("1.1.0")
    on_disk(tmp_path / "reg.git", registry.files).close()
    lose(tmp_path / "reg.git", SHARED)

    with pytest.raises(Unreachable) as found:
        built(GitHistory.open(tmp_path / "reg.git"))
    assert "missing-objects" == found.value.code


def test_the_manifest_of_a_withheld_release_stays_readable(tmp_path: Path) -> None:
    """`show` says everything about it, from a site that has no bundle of it."""
    registry = withheld("1.1.0")
    site = files_of(built(committed(without(registry.files, blob(ALONE)))).made)
    person = Person(tmp_path)

    shown = show(
        person.contact(SiteInMemory(site), registry.id, demo=False), parse_wanted(f"{SOLAR}@1.1.0"), kinds=KINDS
    )
    assert ("withheld", ["more.css", "theme.css"]) == (shown["status"], [one["path"] for one in shown["files"]])


def lifted_and_back(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    digest = registry.event(SOLAR, "1.1.0", "withhold")
    held = dict(registry.files)
    gone = without(held, blob(ALONE))
    registry.event(SOLAR, "1.1.0", "restore", lifts=digest, by=("mod",))
    return [held, gone, dict(registry.files)]


def lifted_and_gone(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    return [*(states := lifted_and_back(registry))[:2], without(states[2], blob(ALONE))]


def deleted(data: bytes, *versions: str) -> Callable[[RegistryInMemory], list[dict[str, bytes]]]:
    """A history in which a file is deleted after these versions were withheld."""

    def states(registry: RegistryInMemory) -> list[dict[str, bytes]]:
        for version in versions:
            registry.event(SOLAR, version, "withhold")
        return [dict(registry.files), without(registry.files, blob(data))]

    return states


def manifest_deleted(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    registry.event(SOLAR, "1.1.0", "withhold")
    return [dict(registry.files), without(registry.files, blob(registry.manifest(SOLAR, "1.1.0").to_bytes()))]


def signature_deleted(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    registry.event(SOLAR, "1.1.0", "withhold")
    beside = blob(registry.manifest(SOLAR, "1.1.0").to_bytes()) + "."
    return [dict(registry.files), without(registry.files, next(path for path in registry.files if beside in path))]


def changed(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    registry.event(SOLAR, "1.1.0", "withhold")
    return [dict(registry.files), {**registry.files, blob(ALONE): b"other"}]


def forged(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    """A withholding that the author signed; hints would take it."""
    registry.event(SOLAR, "1.1.0", "withhold", by=("ann signing",))
    return [dict(registry.files), without(registry.files, blob(ALONE))]


def waiting(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    registry.publish(SOLAR, "2.0.0", {"theme.css": b"/* 2 */\n"})
    registry.event(SOLAR, "1.1.0", "withhold")
    return [dict(registry.files), without(registry.files, blob(b"/* 2 */\n"))]


def too_early(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    return [dict(registry.files), without(registry.files, blob(ALONE))]


def of_another_name(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    registry.event(SOLAR, "1.1.0", "withhold")
    there = layout.blob_path(parse_artifact("@bob/moon"), sha256(b"/* moon */\n"))
    return [dict(registry.files), without(registry.files, there)]


def quarantined(registry: RegistryInMemory) -> list[dict[str, bytes]]:
    registry.event(SOLAR, "1.1.0", "quarantine")
    return [dict(registry.files), without(registry.files, blob(ALONE))]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param(deleted(ALONE, "1.1.0"), "", id="the only release that lists it is withheld"),
        pytest.param(deleted(SHARED, "1.0.0", "1.1.0"), "", id="both releases that list it are withheld"),
        pytest.param(lifted_and_back, "", id="withheld for a while, and back"),
        pytest.param(deleted(SHARED, "1.1.0"), "main-line", id="another release lists it too"),
        pytest.param(too_early, "main-line", id="nothing is withheld"),
        pytest.param(quarantined, "main-line", id="it is in quarantine only"),
        pytest.param(manifest_deleted, "main-line", id="a manifest"),
        pytest.param(signature_deleted, "main-line", id="a signature"),
        pytest.param(changed, "main-line", id="changed and not deleted"),
        pytest.param(waiting, "main-line", id="a file of a release that nobody admitted"),
        pytest.param(of_another_name, "main-line", id="a file of another name"),
        pytest.param(forged, "not-authorised", id="withheld by somebody who may not"),
        pytest.param(lifted_and_gone, "main-line", id="lifted, and not back"),
    ],
)
def test_only_files_of_withheld_releases_may_go(
    states: Callable[[RegistryInMemory], list[dict[str, bytes]]], expected: str
) -> None:
    """A deletion is allowed where every admitted release of that name that lists the file is withheld, verified."""
    history = committed(*states(a_shared_registry()))

    if not expected:
        assert 3 == built(history).releases
        return
    with pytest.raises((NotTrusted, InvalidInput)) as found:
        built(history)
    assert expected in (found.value.code, _cause(found.value))


def _cause(error: RegistryError) -> str:
    """The code of what stood behind an error."""
    found = error.__context__
    return found.code if isinstance(found, RegistryError) else ""


def test_a_lifted_withholding_needs_its_files() -> None:
    """Where a withholding was lifted and the file is not back, nothing is published."""
    with pytest.raises(RegistryError):
        built(committed(*lifted_and_gone(a_shared_registry())))


def test_a_clone_gives_no_withheld_bundle() -> None:
    """A clone answers as its site: no bundle of a withheld release, but those of the others."""
    registry = withheld("1.1.0")
    clone = registry.source()
    clone.fetch(layout.name_path(ID), limit=10**6)
    bundles = [Hex(registry.manifest(SOLAR, version).bundle.sha256) for version in PAYLOAD]

    assert [True, False] == [clone.fetch(layout.object_path(one), limit=10**6) is not None for one in bundles]
