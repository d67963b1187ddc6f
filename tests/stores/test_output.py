"""A site's folder: only what differs is written, what is gone goes, nothing else is touched."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, RegistryError, StateForbids
from registry_tool.core.index import Made
from registry_tool.stores.output import MARKER, Change, Counts, changes_file, read_right, write_site

OBJECT = layout.object_path(sha256(b"object"))


class Loads:
    """Makes files and counts what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def made(self, files: Mapping[str, bytes]) -> tuple[Made, ...]:
        """`files` as a build gives them."""

        def load(path: str) -> bytes:
            self.asked.append(path)
            return files[path]

        return tuple(Made(path, sha256(data), load) for path, data in files.items())


FILES = {
    layout.ENTRY: b"{}",
    MARKER: b"chains",
    OBJECT: b"object",
    "index.html": b"home",
    "themes/ann/solar/index.html": b"solar",
}


def on_disk(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, files: Mapping[str, bytes], *, dry_run: bool = False) -> tuple[Counts, list[str]]:
    """What `write_site` says, and which files it wanted."""
    loads = Loads()
    return write_site(folder, loads.made(files), dry_run=dry_run), loads.asked


def test_a_site_is_written_whole(tmp_path: Path) -> None:
    """An absent folder is made and holds exactly the files."""
    counts, asked = write(tmp_path / "a" / "site", FILES)

    assert Counts(written=5, kept=0, removed=0, bytes_written=23) == counts
    assert FILES == on_disk(tmp_path / "a" / "site")
    assert (MARKER, layout.ENTRY) == (asked[0], asked[-1])


def test_nothing_changed_writes_and_loads_nothing(tmp_path: Path) -> None:
    """A second time no file is written, none is made, and no time of change moves."""
    write(tmp_path, FILES)
    before = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}
    counts, asked = write(tmp_path, FILES)

    assert (Counts(0, 5, 0, 0), []) == (counts, asked)
    assert before == {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    """One changed, one new and one removed file are three changes, in this order: new object, page, removal."""
    write(tmp_path, FILES)
    other = layout.object_path(sha256(b"other"))
    after = {**FILES, "index.html": b"new home", other: b"other"}
    del after["themes/ann/solar/index.html"]
    counts, asked = write(tmp_path, after)

    assert Counts(written=2, kept=3, removed=1, bytes_written=13) == counts
    assert [other, "index.html"] == asked
    assert after == on_disk(tmp_path)
    assert not (tmp_path / "themes").exists()


def test_a_page_that_somebody_edited_is_mended(tmp_path: Path) -> None:
    """What differs is found by content, whoever changed it; strange files go."""
    write(tmp_path, FILES)
    (tmp_path / "index.html").write_bytes(b"hime")
    (tmp_path / "extra" / "deep").mkdir(parents=True)
    (tmp_path / "extra" / "deep" / "file").write_bytes(b"x")
    counts, _ = write(tmp_path, FILES)

    assert (1, 1) == (counts.written, counts.removed)
    assert FILES == on_disk(tmp_path)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """It says the same counts and makes not even the folder."""
    counts, asked = write(tmp_path / "site", FILES, dry_run=True)

    assert (5, [], False) == (counts.written, asked, (tmp_path / "site").exists())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": b"1"}, {"a/b": b"2"}),
        ({"a/b": b"1", "a/c": b"1"}, {"a": b"2"}),
        ({"a/b/c": b"1"}, {"a/b": b"2", "a/d": b"2"}),
    ],
)
def test_files_and_folders_change_places(tmp_path: Path, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """A file becomes a folder, and a folder a file."""
    write(tmp_path, {**FILES, **before})
    write(tmp_path, {**FILES, **after})

    assert {**FILES, **after} == on_disk(tmp_path)


def test_links_are_replaced_and_never_followed(tmp_path: Path) -> None:
    """A link in the folder, to a file or a folder, goes; what it led to stays as it was."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"home")
    site = tmp_path / "site"
    write(site, FILES)
    (site / "index.html").unlink()
    (site / "index.html").symlink_to(outside / "file")
    (site / "linked").symlink_to(outside)
    counts, _ = write(site, FILES)

    assert (1, 1) == (counts.written, counts.removed)
    assert FILES == on_disk(site)
    assert not (site / "index.html").is_symlink()
    assert {"file": b"home"} == on_disk(outside)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """A folder that is no site is refused, because a build removes what is not of the site."""
    (tmp_path / "thesis.txt").write_bytes(b"years of work")

    with pytest.raises(StateForbids) as caught:
        write(tmp_path, FILES)
    assert "not-a-site" == caught.value.code
    assert {"thesis.txt": b"years of work"} == on_disk(tmp_path)


def test_hidden_names_at_the_top_stay(tmp_path: Path) -> None:
    """The git folder of a site that is published from a branch is not touched."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(b"ref")
    write(tmp_path, FILES)
    write(tmp_path, FILES)

    assert {**FILES, ".git/HEAD": b"ref"} == on_disk(tmp_path)


def test_the_well_known_folder_is_of_the_site(tmp_path: Path) -> None:
    """What the site has below `.well-known` is written and removed; a certificate's proof of a host's stays."""
    skills = ".well-known/agent-skills/index.json"
    proof = tmp_path / ".well-known" / "acme-challenge" / "token"
    write(tmp_path, {**FILES, skills: b"{}"})
    proof.parent.mkdir()
    proof.write_bytes(b"proof")
    there = on_disk(tmp_path)
    counts, _ = write(tmp_path, FILES)

    assert b"{}" == there[skills]
    assert 1 == counts.removed
    assert {**FILES, ".well-known/acme-challenge/token": b"proof"} == on_disk(tmp_path)


def test_the_order_of_upload_is_told(tmp_path: Path) -> None:
    """Objects come first, then what names them, the entry, the signed index with its timestamp last, then removals."""
    copy = f"index/{'a' * 64}.catalogue.json"
    signed = ("tuf/2.root.json", "tuf/2.snapshot.json", "tuf/2.index-00.json", "tuf/timestamp.json")
    first = {**FILES, copy: b"{}", "index/catalogue.json": b"{}", **dict.fromkeys(signed, b"{}")}
    counts, _ = write(tmp_path, first)
    after = {path: data for path, data in first.items() if path != "index.html"}
    del after["themes/ann/solar/index.html"]
    gone, _ = write(tmp_path, {**after, "themes/ann/solar": b"now a file", "index.html": b"new"})

    assert [
        (1, "put", OBJECT),
        (2, "put", "index.html"),
        (2, "put", copy),
        (2, "put", "themes/ann/solar/index.html"),
        (3, "put", MARKER),
        (3, "put", "index/catalogue.json"),
        (4, "put", layout.ENTRY),
        (5, "put", "tuf/2.index-00.json"),
        (6, "put", "tuf/2.snapshot.json"),
        (7, "put", "tuf/2.root.json"),
        (8, "put", "tuf/timestamp.json"),
    ] == [(one.turn, one.do, one.path) for one in counts.changes]
    assert (
        Change(0, "delete", "themes/ann/solar/index.html"),
        Change(2, "put", "index.html"),
        Change(2, "put", "themes/ann/solar"),
    ) == gone.changes


def test_removals_are_uploaded_last_and_a_dry_run_tells_the_same(tmp_path: Path) -> None:
    """What is gone is deleted after everything else; a dry run says it before."""
    write(tmp_path, FILES)
    after = {path: data for path, data in FILES.items() if not path.startswith("themes/")} | {"new.html": b"x"}
    told, _ = write(tmp_path, after, dry_run=True)
    done, _ = write(tmp_path, after)

    assert told.changes == done.changes
    assert (
        b'{"do": "put", "path": "new.html", "turn": 2}\n'
        b'{"do": "delete", "path": "themes/ann/solar/index.html", "turn": 9}\n'
    ) == changes_file(done.changes)


def test_an_interrupted_build_is_taken_up_again(tmp_path: Path) -> None:
    """A loader that fails half-way leaves whole files only, and the next build completes the site."""

    def fail(path: str) -> bytes:
        if path == layout.ENTRY:
            raise KeyboardInterrupt
        return FILES[path]

    with pytest.raises(KeyboardInterrupt):
        write_site(tmp_path, [Made(path, sha256(data), fail) for path, data in FILES.items()])
    there = on_disk(tmp_path)
    counts, _ = write(tmp_path, FILES)

    assert [] == [path for path, data in there.items() if FILES.get(path) != data]
    assert counts.written == 5 - len(there)
    assert FILES == on_disk(tmp_path)


def test_a_file_that_is_not_what_was_planned_is_a_bug(tmp_path: Path) -> None:
    """Bytes of another digest than planned are not written."""
    with pytest.raises(RegistryError, match="became something else"):
        write_site(tmp_path, [Made(MARKER, sha256(b"x"), lambda path: b"y")])
    assert {} == on_disk(tmp_path)


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "../a", "a/../b", ".", "a/.", "a\0b", "a\\b"])
def test_a_path_stays_inside(tmp_path: Path, path: str) -> None:
    """Nothing is written outside of the folder, whatever a feed says."""
    with pytest.raises(InvalidInput):
        write(tmp_path, {path: b"x"})


def test_a_full_folder_of_a_file_is_told_as_such(tmp_path: Path) -> None:
    """Where the folder is a file, the disk's word comes as our error."""
    (tmp_path / "site").write_bytes(b"x")

    with pytest.raises(StateForbids):
        write(tmp_path / "site", FILES)


def test_only_what_is_right_is_read(tmp_path: Path) -> None:
    """A file that differs, one that is missing, a link and a folder are left out."""
    write(tmp_path, FILES)
    (tmp_path / "link").symlink_to(tmp_path / MARKER)
    digests = {MARKER: sha256(b"chains"), "index.html": sha256(b"other"), "link": sha256(b"chains"), "gone": "x"}

    assert {MARKER: b"chains"} == read_right(tmp_path, digests)
