"""Which paths a submission may touch, and what must stay as it is."""

import pytest

from registry_tool.checks.entries import regular_files
from registry_tool.checks.repository import allowed_paths, append_only, policy_from_base
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.ports import Edit
from registry_tool.core.tree import EntryType, TreeEntry
from tests.builders import RegistryInMemory
from tests.checks.changes import LOOKED_AT, change, newcomer, skill, version_path, with_candidate
from tests.checks.fixtures import adds, update, with_file

MODERATION = f"index/moderation/2026/{'a' * 64}/1.json"


def only(findings: object) -> list[Finding]:
    """The findings as a list."""
    return list(findings)  # type: ignore[call-overload,no-any-return]  # an iterable of findings


@pytest.mark.parametrize(
    ("path", "word"),
    [
        (f"{version_path('1.0.1')}/admission.json", "the maintainer who approves writes the admission"),
        (f"{version_path('1.0.1')}/approvals/mod.json", "approvals are written by the people who approve"),
        (MODERATION, "moderators write what is said about submissions"),
        ("README.md", "there is no place for it"),
        ("index/releases/zz/ann/links/blobs/aa/x", "there is no place for it"),
        (f"index/releases/an/ann/links/blobs/aa/{'a' * 64}", "no manifest of this submission lists it"),
        ("index/authors/an/ann/keys/1.0123456789abcdef.sig", "1.json, which it signs, is not part of this submission"),
        ("index/authors/zo/zoe/keys/1.json", "no signature comes with it"),
        (f"{version_path('1.0.1')}/events/1.json", "no signature comes with it"),
        ("index/categories.yaml", "a table changes only by itself, not with other files"),
    ],
)
def test_a_path_that_no_row_allows_is_refused(path: str, word: str) -> None:
    """Each path that submissions may not bring is refused with its reason, and with what to do."""
    found = only(allowed_paths(adds(path)()))

    assert [("allowed-paths", "fail", word, path)] == [(one.check, one.level, one.message, one.path) for one in found]
    assert found[0].hint


def test_a_signature_beside_an_admitted_manifest_is_refused() -> None:
    """A stray signature beside a manifest that was admitted earlier is refused: it would kill the release."""

    def build(registry: RegistryInMemory) -> None:
        blob = next(path for path in sorted(registry.files) if path.endswith(".sig") and "/blobs/" in path)
        registry.files[blob.rpartition(".sig")[0][:-16] + "0" * 16 + ".sig"] = b"\0" * 64

    found = only(allowed_paths(change(build)))

    assert ["the manifest that it signs is not part of this submission"] == [one.message for one in found]


def test_a_table_alone_asks_for_a_person() -> None:
    """A table that changes by itself is looked at by a moderator."""

    def build(registry: RegistryInMemory) -> None:
        registry.files["index/categories.yaml"] = b"skills: {}\n"

    assert ["review"] == [one.level for one in allowed_paths(change(build))]
    assert [] == only(append_only(change(build)))


def test_an_edited_table_is_no_edit_of_what_is_published() -> None:
    """A table may be edited, since it holds words only."""

    def tip(registry: RegistryInMemory) -> None:
        registry.files["index/categories.yaml"] = b"skills: {}\n"

    def build(registry: RegistryInMemory) -> None:
        registry.files["index/categories.yaml"] = b"skills: {title: Skills}\n"

    assert [] == only(append_only(change(build, tip=tip)))


def test_blobs_of_an_unreadable_manifest_are_not_called_strays() -> None:
    """Where a manifest cannot be read nobody knows its blobs, and nothing is said about them here."""
    assert [] == only(allowed_paths(with_candidate(update(), manifest=None)))


@pytest.mark.parametrize(
    "path",
    [
        "index/trust/2.root.json",
        "index/trust/notes.txt",
        "index/moderators/2.json",
        "index/policy/2.json",
        ".github/workflows/gate.yml",
        "registry_tool/cli.py",
        "CODEOWNERS",
    ],
)
def test_what_decides_about_submissions_is_not_submitted(path: str) -> None:
    """A submission that touches policy, moderators, trust or the gate is refused, once."""
    made = adds(path)()

    assert [path] == [one.path for one in policy_from_base(made)]
    assert [] == only(allowed_paths(made))


def entry(path: str, kind: EntryType = "file", content: str = "1") -> TreeEntry:
    """An entry of a tree."""
    return TreeEntry(path.rpartition("/")[2], kind, content)


A_PATH = f"{version_path('1.0.0')}/release.json"


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (Edit(A_PATH, entry(A_PATH), None), "it was deleted"),
        (Edit(A_PATH, entry(A_PATH), entry(A_PATH, content="2")), "its bytes were changed"),
        (Edit(A_PATH, entry(A_PATH), entry(A_PATH, "link")), "it was a file and became a link"),
        (Edit(A_PATH, entry(A_PATH, content="moved"), None), "it was renamed to 'index/new.json'"),
    ],
)
def test_what_is_published_stays(edit: Edit, word: str) -> None:
    """An edit, a mode change, a deletion and a rename of what is published are each refused in words."""
    moved = Edit("index/new.json", None, entry("index/new.json", content="moved"))
    found = only(append_only(change(lambda registry: None, odd=[edit, moved])))

    assert [(word, A_PATH)] == [(one.message, one.path) for one in found]


def test_a_path_that_is_taken_by_now_is_refused() -> None:
    """A submission on an old base whose path another one took meanwhile is refused with what to do."""

    def tip(registry: RegistryInMemory) -> None:
        newcomer(registry)

    made = change(lambda registry: None, tip=tip)
    path = "index/authors/bo/bob/keys/1.json"
    located = change(newcomer).located
    late = Change(
        registry=made.registry,
        submission=made.submission,
        tip=made.tip,
        merged=made.merged,
        edits=(),
        additions={path: b"other"},
        located=tuple(one for one in located if one.path == path),
        releases=(),
        statements=(),
        kinds=made.kinds,
        demonstration=False,
        at=LOOKED_AT,
    )

    assert [path] == [one.path for one in append_only(late)]


@pytest.mark.parametrize(
    ("kind", "word"),
    [("link", "a symbolic link"), ("submodule", "a submodule"), ("executable", "an executable file")],
)
def test_only_plain_files_are_taken(kind: EntryType, word: str) -> None:
    """A link, a submodule and an executable file in the repository are refused by name."""
    made = change(lambda registry: None, odd=[Edit("index/x", None, entry("index/x", kind))])

    assert [f"{word} came, the registry holds plain files only"] == [one.message for one in regular_files(made)]


def test_a_deleted_link_is_not_called_a_link() -> None:
    """What is gone is told by another check."""
    made = change(lambda registry: None, odd=[Edit("index/x", entry("index/x", "link"), None)])

    assert [] == only(regular_files(made))


@pytest.mark.parametrize("path", [".gitattributes", "index/.gitmodules", "index/releases/.GITIGNORE"])
def test_files_that_configure_git_are_refused(path: str) -> None:
    """A file that git itself reads is refused, in any case and at any depth."""
    assert [path] == [one.path for one in regular_files(adds(path)())]


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12\n"


def test_a_pointer_to_large_file_storage_is_refused() -> None:
    """A pointer instead of a file is refused by the author's own path, elsewhere by its path in the repository."""
    assert ["@ann/links@1.0.1: big.bin"] == [one.path for one in regular_files(with_file("big.bin", POINTER)())]
    assert ["index/x.json"] == [one.path for one in regular_files(adds("index/x.json", POINTER)())]


def test_a_text_about_large_file_storage_is_taken() -> None:
    """A document that only mentions such pointers is taken."""
    text = b"# Pointers\n\n    version https://git-lfs.github.com/spec/v1\n"

    assert [] == only(regular_files(with_file("lfs.md", text)()))


def test_an_unreadable_release_has_no_files_to_look_at() -> None:
    """Where no payload could be read, the check of entries says nothing about it."""
    made = with_candidate(change(lambda registry: skill(registry, "1.0.1")), payload=None)

    assert [] == only(regular_files(made))
