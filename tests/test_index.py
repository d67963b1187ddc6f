"""`index/` is a registry of ours: made by the tool, verified as clients do, and known for a demonstration."""

import subprocess
import sys
from pathlib import Path

import pytest

from registry_tool.core.demo_keys import DEMO_KEY_IDS
from registry_tool.core.errors import NotTrusted
from registry_tool.core.layout import ATTRIBUTES
from registry_tool.core.names import ArtifactId, parse_artifact
from registry_tool.core.published import PublishedTree, names_in, registry_of, version_folders
from registry_tool.kinds import all_kinds
from registry_tool.services.contact import Contact
from registry_tool.services.seen import Seen
from registry_tool.stores.foldertree import FolderTree
from tests.demo_registry import ARTIFACTS, AUTHOR_SEEDS, INDEX, RELEASES, ROOT, differences, index_files, on_disk, write
from tests.sites import means

pytestmark = pytest.mark.slow

TREE = FolderTree(ROOT)
KINDS = all_kinds()
PUBLISHED = [(name, version) for name in names_in(TREE) for version in version_folders(TREE, name)]


def contact(*, demo: bool) -> Contact:
    source = PublishedTree(TREE, where="index")
    return Contact(source, registry_of(TREE), means=means(KINDS), seen=Seen({}), demo=demo)


def test_the_tool_makes_the_same_index_again() -> None:
    """Publishing and approving every demo artifact anew gives `index/` byte for byte."""
    wrong = differences(index_files(), on_disk())

    assert [] == wrong, "make it anew: python -m tests.demo_registry"


@pytest.mark.parametrize(
    "setting", [{"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"}, {"TZ": "America/Adak", "LC_ALL": "C"}]
)
def test_the_index_is_the_same_anywhere(setting: dict[str, str], tmp_path: Path) -> None:
    """Another time zone, hash seed, locale and folder change no byte of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo_registry", "--check"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **setting},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)


def test_what_is_wrong_with_an_index_is_told_and_mended(tmp_path: Path) -> None:
    """A missing, a changed and a foreign file are each named; writing mends all three and then writes nothing."""
    made = {"index/a/one": b"1", "index/b": b"2", "index/c": b"3"}
    write({"index/a/two": b"1", "index/b": b"2", "index/c": b"4"}, tmp_path)
    told = differences(made, on_disk(tmp_path))

    assert ["index/a/one: missing", "index/a/two: not made by this", "index/c: other bytes"] == told
    assert (3, 0) == (write(made, tmp_path), write(made, tmp_path))
    assert made == on_disk(tmp_path)


def test_there_are_two_of_each_kind() -> None:
    """Every kind has at least two names in the registry."""
    kinds = [name.record.kind for name in contact(demo=True).names(names_in(TREE))]

    assert {kind.id: True for kind in KINDS} == {kind.id: kinds.count(kind.id) >= 2 for kind in KINDS}


@pytest.mark.parametrize(("artifact", "version"), PUBLISHED, ids=str)
def test_a_release_verifies_as_clients_do_it(artifact: ArtifactId, version: str) -> None:
    """From the pinned id down to the last byte: its payload is the author's folder, and it has a free licence."""
    client = contact(demo=True)
    (name,) = client.names([artifact])
    verified = client.verified(name, version)
    folder = next(
        ARTIFACTS / one
        for _, one, _ in RELEASES
        if one in (f"{name.record.kind}-{artifact.name}-{version}", f"{name.record.kind}-{artifact.name}")
    )
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    assert {path for path in files if "__pycache__" not in path} == set(verified.payload)
    assert {path: (folder / path).read_bytes() for path in verified.payload} == {
        path: file.data for path, file in verified.payload.items()
    }
    assert ("MIT", True) == (verified.manifest.license, "LICENSE" in verified.payload)


def test_who_does_not_say_demo_is_refused() -> None:
    """Without `demo` the registry is not trusted, whatever is asked of it."""
    with pytest.raises(NotTrusted) as refused:
        contact(demo=False).names([parse_artifact("@harbor/clock")])

    assert "demonstration" == refused.value.code


def test_no_key_of_it_is_anybody_s_own() -> None:
    """Every key of a moderator, a gate or an author is a published test key."""
    from registry_tool.core.keys import key_id

    client = contact(demo=True)
    names = client.names(names_in(TREE))
    people = client.government.moderators.head.body
    rows = [row for person in people.people for row in person.keys] + list(people.gate)
    rings = {author: ring for name in names for author, ring in name.authorities.keyrings.items()}
    keys = [row.raw for row in rows] + [row.raw for ring in rings.values() for row in ring.head.body.keys]

    assert sorted(AUTHOR_SEEDS) == sorted(rings)
    assert set() == {key_id(key) for key in keys} - DEMO_KEY_IDS


def test_one_version_asks_for_more_than_the_one_before() -> None:
    """`@harbor/cpu-load` 1.1.0 reads one topic more and asks more often, so its page has something to show."""
    client = contact(demo=True)
    (name,) = client.names([parse_artifact("@harbor/cpu-load")])
    older, newer = (client.verified(name, version).manifest.permissions for version in ("1.0.0", "1.1.0"))

    assert ["data:read.metrics.cores", "refresh:10s"] == [
        one for one in newer if not KINDS["widget"].grammar.covered(older, one)
    ]


def test_no_checkout_changes_a_byte_of_it() -> None:
    """The repository's attributes keep git from touching what lies in `index/`."""
    lines = (ROOT / ".gitattributes").read_text("utf-8").splitlines()

    assert ATTRIBUTES.strip() in lines
    assert INDEX.is_dir()
