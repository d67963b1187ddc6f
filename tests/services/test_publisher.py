"""The build as a value: what it publishes, what it refuses, and what it does not do twice."""

from collections.abc import Callable

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.catalogue import catalogue, read_catalogue
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import name_record
from registry_tool.core.release import EntryPoint
from registry_tool.services.publisher import FORMAT
from tests.builders import RegistryInMemory, a_registry
from tests.sites import built, committed, files_of, named

SOLAR = parse_artifact("@ann/solar")


def a_full_registry(*, demo: bool = False) -> RegistryInMemory:
    """Two names by two authors, one with a yanked version."""
    registry = named(a_registry(demo=demo))
    registry.release("@ann/solar", "1.0.0").release("@ann/solar", "1.1.0", {"theme.css": b":root { --a: #fff; }\n"})
    registry.release("@bob/links", "0.1.0", {"SKILL.md": b"---\nname: links\n---\n# Links\n"}, kind="skill")
    registry.event("@ann/solar", "1.0.0", "yank")
    return registry


def test_the_site_is_what_a_clone_says_of_itself() -> None:
    """Chains, per-name files and objects are the bytes that a clone is read as, each at its path."""
    registry = a_full_registry()
    site = files_of(built(committed(registry.files)).made)
    expected = registry.site()
    expected.pop(layout.ENTRY, None)  # a site offers more than a clone

    assert expected == {path: site.get(path) for path in expected}


def test_every_object_lies_under_its_digest() -> None:
    """The path of an object is the SHA-256 of its bytes, and every planned digest is right."""
    made = built(committed(a_full_registry().files)).made
    objects = [one for one in made if one.path.startswith("objects/")]

    assert len(objects) == 9
    assert [] == [one.path for one in made if sha256(one.load(one.path)) != one.sha256]
    assert [] == [one.path for one in objects if layout.object_path(one.sha256) != one.path]


def test_the_same_files_give_the_same_site_whatever_their_history() -> None:
    """Commits with other dates, in another number, change no byte of the site."""
    registry = a_registry(demo=False)
    first = dict(named(registry).files)
    registry.release("@ann/solar", "1.0.0")
    one = built(committed(registry.files)).made
    two = built(committed(first, registry.files, at=1_900_000_000)).made

    assert files_of(one) == files_of(two)


def test_what_did_not_change_is_not_verified_again() -> None:
    """A second build verifies no name, and gives the same digests and bytes."""
    history = committed(a_full_registry().files)
    first = built(history)
    second = built(history, remembered=first.remember)

    assert (2, 0) == (first.verified, second.verified)
    assert first.remember == second.remember
    assert files_of(first.made) == files_of(second.made)


def test_a_merge_makes_only_its_name_anew() -> None:
    """After one more release one name is verified, and a build from nothing gives the same site."""
    registry = a_full_registry()
    before = dict(registry.files)
    first = built(committed(before))
    registry.release("@ann/solar", "1.2.0", {"theme.css": b":root { --b: #000; }\n"})
    history = committed(before, registry.files)
    second = built(history, remembered=first.remember)

    assert 1 == second.verified
    assert files_of(built(history).made) == files_of(second.made)


def test_a_changed_chain_makes_everything_under_it_anew() -> None:
    """A keyring that grew changes its scope's file and has the scope's names verified again."""
    registry = a_full_registry()
    before = dict(registry.files)
    first = built(committed(before))
    rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
    rows.append(registry.row("ann second", use="signing"))
    registry.keyring("ann", rows, by=("ann control", "ann second", "mod"))
    second = built(committed(before, registry.files), remembered=first.remember)
    path = layout.scope_path("ann")

    assert 1 == second.verified
    assert files_of(first.made)[path] != files_of(second.made)[path]


def test_what_does_not_fit_in_memory_is_made_again() -> None:
    """With no room for files that wait the site is the same."""
    history = committed(a_full_registry().files)

    assert files_of(built(history).made) == files_of(built(history, kept_bytes=0).made)


def test_another_tool_makes_everything_anew() -> None:
    """What a former build remembers counts only for the same tool."""
    history = committed(a_full_registry().files)
    first = built(history)

    assert 2 == built(history, key="newer", remembered=first.remember).verified


def test_a_release_without_admission_is_left_out_and_said() -> None:
    """A release that nobody admitted is in no file of the site, and the build names it."""
    registry = a_full_registry()
    registry.publish("@ann/solar", "7.7.7", {"theme.css": b"for nobody"})
    registry.publish("@ann/nobody-saw-it", "1.0.0", {"theme.css": b"for nobody"})
    built_ = built(committed(registry.files))
    site = files_of(built_.made)

    assert ("@ann/nobody-saw-it@1.0.0", "@ann/solar@7.7.7") == built_.left_out
    assert (2, 3) == (built_.names, built_.releases)
    assert [] == [
        path for path, data in site.items() if b"7.7.7" in data or b"nobody-saw-it" in data or b"for nobody" in data
    ]


def test_the_tables_are_readable_documents() -> None:
    """Entry and catalogue hold what their models read, and the catalogue shows the newest good version."""
    registry = a_full_registry()
    site = files_of(built(committed(registry.files)).made)
    entry = EntryPoint.model_validate(canonical.parse(site[layout.ENTRY], limit=10**5, what="the entry"))
    rows = read_catalogue(site[layout.CATALOGUE], registry=registry.id).artifacts

    assert ("The Reading Room", "https://registry.example/", False) == (entry.name, entry.url, entry.demonstration)
    assert [("@ann/solar", "1.1.0", "active"), ("@bob/links", "0.1.0", "active")] == [
        (row.artifact, row.version, row.status) for row in rows
    ]
    assert catalogue(registry.tree()) == site[layout.CATALOGUE]


def test_what_must_not_be_installed_is_listed() -> None:
    """A revoked release stands in the list of revoked ones; a yanked one does not."""
    registry = a_full_registry()
    registry.event("@bob/links", "0.1.0", "revoke", by=("mod",))
    site = files_of(built(committed(registry.files)).made)
    found = canonical.parse(site[layout.REVOKED], limit=10**6, what="the list")

    assert [("@bob/links", "0.1.0", "revoked")] == [
        (row["artifact"], row["version"], row["status"]) for row in found["releases"]
    ]


def test_a_withheld_bundle_is_not_published() -> None:
    """A withheld release keeps its manifest on the site and loses its bundle."""
    registry = a_full_registry()
    bundle = sha256(registry.bundle("@bob/links", "0.1.0"))
    registry.event("@bob/links", "0.1.0", "withhold", by=("mod",))
    site = files_of(built(committed(registry.files)).made)

    assert layout.object_path(bundle) not in site
    assert layout.object_path(sha256(registry.proof("@bob/links", "0.1.0").manifest)) in site


def test_the_per_name_file_is_the_clones() -> None:
    """The status in the per-name file is the one that a clone hints at."""
    registry = a_full_registry()
    site = files_of(built(committed(registry.files)).made)

    assert name_record(registry.tree(), SOLAR, registry=registry.id) == site[layout.name_path(SOLAR)]


def _flip(path_of: Callable[[RegistryInMemory], str]) -> Callable[[RegistryInMemory], None]:
    def change(registry: RegistryInMemory) -> None:
        path = path_of(registry)
        data = registry.files[path]
        registry.files[path] = bytes([data[0] ^ 1]) + data[1:]

    return change


def _first(part: str, end: str = "") -> Callable[[RegistryInMemory], str]:
    return lambda registry: min(path for path in registry.files if part in path and path.endswith(end))


def _stray(registry: RegistryInMemory) -> None:
    path = layout.statement_path("authors/ann", 1)
    registry.files[layout.statement_path("authors/ann", 3)] = registry.files[path]


def _other_pointer(registry: RegistryInMemory) -> None:
    folder = layout.name_folder(SOLAR)
    registry.files[f"{folder}/1.1.0/release.json"] = registry.files[f"{folder}/1.0.0/release.json"]


def _blob_gone(registry: RegistryInMemory) -> None:
    blob = layout.blob_path(SOLAR, sha256(b":root { --a: #fff; }\n"))
    del registry.files[blob]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_flip(_first("index/moderators/", ".sig")), id="a moderators' signature"),
        pytest.param(_flip(_first("index/policy/", ".sig")), id="the policy's signature"),
        pytest.param(_flip(_first("authors/an/ann/", ".sig")), id="a keyring's signature"),
        pytest.param(_flip(_first("scopes/an/ann/", ".sig")), id="a scope's signature"),
        pytest.param(_flip(_first("solar/blobs/", ".sig")), id="the author's signature"),
        pytest.param(_flip(_first("solar/1.0.0/admission.", ".sig")), id="an admission's signature"),
        pytest.param(_flip(_first("solar/1.0.0/events/", ".sig")), id="an event's signature"),
        pytest.param(_stray, id="a chain with a gap"),
        pytest.param(_other_pointer, id="a pointer to another version"),
        pytest.param(_blob_gone, id="a payload file that is missing"),
    ],
)
def test_what_does_not_verify_is_not_published(change: Callable[[RegistryInMemory], None]) -> None:
    """One changed byte below index/ refuses the whole build."""
    registry = a_full_registry()
    change(registry)
    history = committed(registry.files)

    with pytest.raises((NotTrusted, InvalidInput)):
        built(history)


def test_a_payload_that_is_not_the_signed_one_is_refused() -> None:
    """A manifest whose bundle digest is another than its files pack to is not published."""

    def lie(manifest: dict[str, object]) -> None:
        manifest["bundle"] = {"format": "bundle/1", "sha256": "0" * 64, "size": 2048}

    registry = named(a_registry(demo=False))
    registry.publish("@ann/solar", "1.0.0", change=lie)
    registry.admit("@ann/solar", "1.0.0")

    with pytest.raises(NotTrusted, match="do not pack to the bundle") as caught:
        built(committed(registry.files))
    assert "bad-digest" == caught.value.code


def test_two_kinds_in_one_name_are_refused() -> None:
    """A name that changes its kind between versions is not published."""
    registry = a_full_registry()
    registry.release("@ann/solar", "3.0.0", {"SKILL.md": b"# x\n"}, kind="skill")

    with pytest.raises(NotTrusted):
        built(committed(registry.files))


BLOB = "index/releases/an/ann/solar/blobs/ab/" + "ab" * 32


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"index/registry.yaml": None}, "", id="a table may go"),
        pytest.param({"index/registry.yaml": b"name: Other\n"}, "", id="a table may change"),
        pytest.param({"README.md": b"hello\n"}, "", id="what is outside of index is the operator's"),
        pytest.param({BLOB: b"more"}, "", id="a blob may be added"),
        pytest.param({"index/policy/1.json": b"{}"}, "index/policy/1.json", id="an edit"),
        pytest.param({"index/policy/1.json": None}, "index/policy/1.json", id="a deletion"),
        pytest.param({"index/notes.txt": b"x"}, "index/notes.txt", id="a path that the layout does not have"),
        pytest.param({"index/policy/2.txt": b"x"}, "index/policy/2.txt", id="a stray file in a chain"),
    ],
)
def test_the_main_line_only_adds(change: dict[str, bytes | None], path: str) -> None:
    """A commit that does more below index/ than add is refused, by its id and the path."""
    good = a_full_registry().files
    after = {name: data for name, data in {**good, **change}.items() if data is not None}
    history = committed(good, after)
    head = history.resolve("main") or ""

    if path:
        with pytest.raises(NotTrusted) as caught:
            built(history)
        assert ("main-line", path) == (caught.value.code, caught.value.where)
        assert head[:12] in caught.value.message
    else:
        assert 2 == built(history).names


def test_a_fault_that_was_taken_back_is_still_one() -> None:
    """A history that deleted something is refused though the files that are there now are all good."""
    good = a_full_registry().files
    less = {path: data for path, data in good.items() if "/events/" not in path}

    with pytest.raises(NotTrusted) as caught:
        built(committed(good, less, good))
    assert "main-line" == caught.value.code


def test_an_executable_below_index_is_refused() -> None:
    """A file with a mode of its own is nothing that a landing writes."""
    files = a_full_registry().files
    history = committed(files)
    head = history.resolve("main")
    new = history.commit(
        {BLOB: b"x"}, onto=head, message="x", author="T <t@example.org>", at=1, executable=frozenset({BLOB})
    )
    history.move("main", old=head, new=new)

    with pytest.raises(NotTrusted, match="executable"):
        built(history)


def test_history_is_walked_only_back_to_the_last_build() -> None:
    """A fault before the remembered commit is not found again; in a history written anew it is."""
    good = a_full_registry().files
    bad = {**good, "index/notes.txt": b"x"}
    history = committed(bad, good, good | {"README.md": b"x"})
    middle = history.resolve("main~1")
    remembered = {"format": FORMAT, "key": "key", "commit": middle}

    assert 2 == built(history, remembered=remembered).names
    with pytest.raises(NotTrusted):
        built(committed(bad, good, at=5), remembered=remembered)


def test_a_test_key_in_an_earnest_registry_is_refused() -> None:
    """A keyring with a published test key is published nowhere but in demonstrations."""
    registry = named(a_registry(demo=False))
    demo = RegistryInMemory(demo=True)
    registry._hands["eve control"] = demo.hand("eve control")
    registry.release("@eve/solar", "1.0.0")

    with pytest.raises(NotTrusted) as caught:
        built(committed(registry.files))
    assert "demo-key" == caught.value.code


def test_a_folder_without_a_registry_is_said_to_be_none() -> None:
    """A repository without a root is not found, with the verb that makes one."""
    with pytest.raises(RegistryError) as caught:
        built(committed({"README.md": b"x"}))
    assert (3, "not-a-registry") == (caught.value.exit_code, caught.value.code)
