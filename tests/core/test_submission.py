"""A submission as a value: what it adds, and what that is."""

from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.names import parse_artifact
from registry_tool.core.ports import Edit
from registry_tool.core.submission import ADDED_BYTES, ADDED_PATHS, additions_of, previous_of, submission_id
from registry_tool.core.tree import MemoryTree, TreeEntry
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, a_tip, change, newcomer, skill, version_path
from tests.core.landings import LINKS, both, rotated, update, yanked

POINTER = f"{version_path('1.1.0')}/release.json"


def edit(path: str, type_: str | None, *, old: bool = False) -> Edit:
    name = path.rpartition("/")[2]
    there = TreeEntry(name, "file", "1") if old else None
    return Edit(path, there, TreeEntry(name, type_, "2") if type_ else None)  # type: ignore[arg-type]  # a literal


def test_what_the_tip_holds_already_is_no_addition() -> None:
    """Only regular files with other bytes count; links, submodules and deletions bring no bytes."""
    tip = MemoryTree({"a": b"1", "b": b"1"})
    head = MemoryTree({"a": b"1", "b": b"2", "c": b"3", "d": b"4", "e": b"5"})
    edits = [
        edit("a", "file"),
        edit("b", "file", old=True),
        edit("c", "executable"),
        edit("d", "link"),
        edit("e", "submodule"),
        edit("f", "file"),
        edit("g", None, old=True),
    ]

    assert {"b": b"2", "c": b"3"} == additions_of(tip, head, edits)


class Everywhere(MemoryTree):
    """A tree in which one file lies at every path, and counts how often it is read."""

    def __init__(self, data: bytes) -> None:
        super().__init__({})
        self.data, self.reads = data, 0

    def read(self, path: str) -> bytes:
        self.reads += 1
        return self.data


@pytest.mark.parametrize(("paths", "size", "reads"), [(ADDED_PATHS + 1, 0, 0), (20, ADDED_BYTES // 4, 5)])
def test_of_too_much_little_is_read(paths: int, size: int, reads: int) -> None:
    """A few kilobytes of git name one large file a thousand times: it is refused before memory is full."""
    head = Everywhere(bytes(size))
    with pytest.raises(InvalidInput, match="a submission brings at most") as refused:
        additions_of(MemoryTree({}), head, [edit(f"index/{number}", "file") for number in range(paths)])

    assert ("too-large", reads) == (refused.value.code, head.reads)


def test_the_id_is_the_same_with_all_blobs_or_only_the_new_ones() -> None:
    """Payload blobs are left out, manifests are not; whatever base it was built on."""
    made = change(update)
    manifest = layout.blob_path(parse_artifact(LINKS), sha256(made.releases[0].manifest_bytes))
    fewer = {path: data for path, data in made.additions.items() if "/blobs/" not in path or path.startswith(manifest)}
    more = {**made.additions, layout.blob_path(parse_artifact(LINKS), sha256(b"x")): b"x"}
    without = {path: data for path, data in made.additions.items() if path != manifest}

    assert made.submission == submission_id(fewer) == submission_id(more)
    assert made.submission != submission_id(without)


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"manifest":5}', b"no json"])
def test_a_pointer_that_points_nowhere_still_gives_an_id(data: bytes) -> None:
    """The id never fails: a submission that cannot be read is shown, not lost."""
    assert 64 == len(submission_id({POINTER: data}))


def test_the_id_is_over_paths_and_bytes_in_byte_order() -> None:
    """`<sha256>  <path>` lines, in the order of the paths' bytes."""
    lines = f"{sha256(b'1')}  a\n{sha256(b'2')}  b\n".encode()

    assert sha256(lines) == submission_id({"b": b"2", "a": b"1"})


def says(**members: Any) -> Build:
    """An update whose pointer says something else."""

    def build(registry: RegistryInMemory) -> None:
        update(registry)
        value = canonical.parse(registry.files[POINTER], limit=10**4, what="the pointer")
        registry.files[POINTER] = canonical.encode({**value, **members})

    return build


def moved(registry: RegistryInMemory) -> None:
    update(registry)
    registry.files[f"{version_path('1.2.0')}/release.json"] = registry.files.pop(POINTER)


def elsewhere(registry: RegistryInMemory) -> None:
    """The manifest of one name in the place of another."""
    update(registry)
    value = canonical.parse(registry.files[POINTER], limit=10**4, what="the pointer")
    digest = str(value["manifest"]).removeprefix("sha256:")
    other = parse_artifact("@ann/other")
    registry.files[layout.blob_path(other, digest)] = registry.files[layout.blob_path(parse_artifact(LINKS), digest)]  # type: ignore[arg-type]  # a digest
    registry.files[f"{layout.version_folder(other, '1.1.0')}/release.json"] = registry.files.pop(POINTER)


def other_bytes(registry: RegistryInMemory) -> None:
    """A blob whose bytes are another manifest than its name says."""
    update(registry)
    blob = layout.blob_path(parse_artifact(LINKS), sha256(registry.manifest(LINKS, "1.1.0").to_bytes()))
    value = canonical.parse(registry.files[blob], limit=10**6, what="the manifest")
    registry.files[blob] = canonical.encode({**value, "title": "Another"})


def without(end: str) -> Build:
    """An update that leaves out a blob."""

    def build(registry: RegistryInMemory) -> None:
        before = set(registry.files)
        update(registry, more={"NEW.md": b"new\n"})
        digest = sha256(b"new\n") if end == "payload" else sha256(registry.manifest(LINKS, "1.1.0").to_bytes())
        for path in set(registry.files) - before:
            if path.endswith(digest):
                del registry.files[path]

    return build


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda r: r.files.__setitem__(POINTER, b"{}"), "belongs to another registry"),
        (without("manifest"), "the manifest that it points to is not there"),
        (without("payload"), "the blob of NEW.md is missing"),
        (says(version="1.2.0"), "it is the place of 1.1.0, the manifest is of 1.1.0"),
        (says(artifact="@ann/other"), "it is the place of @ann/links, the manifest is of @ann/links"),
        (moved, "it is the place of 1.2.0, the manifest is of 1.1.0"),
        (elsewhere, "it is the place of @ann/other, the manifest is of @ann/links"),
        (other_bytes, "its bytes are not those that its name says"),
    ],
)
def test_what_cannot_be_read_is_a_fault_and_no_crash(build: Build, expected: str) -> None:
    """A release is read as far as it can be; what is missing is said."""
    (candidate,) = change(build).releases

    assert any(expected in fault.message for fault in candidate.faults)


def test_a_statement_that_cannot_be_read_says_so() -> None:
    """Of a statement there are words, and of a broken one its faults."""
    made = change(lambda r: r.files.__setitem__("index/authors/bo/bob/keys/1.json", b"{}"))
    policy = change(lambda r: r.files.__setitem__("index/policy/2.json", b"{}"))

    assert ["a statement that cannot be read"] == [one.words for one in made.statements]
    assert made.statements[0].faults != ()
    assert ["a statement of the policy"] == [one.words for one in policy.statements]


def test_what_a_submission_says_is_in_words() -> None:
    """Keyrings, scopes and events are told as sentences."""
    made = change(both(newcomer, yanked))

    heads = [one.words.partition(":")[0] for one in made.statements]

    assert ["registers the author bob", "yanks @ann/links@1.0.0 (broken)", "claims the scope @bob"] == heads


def compared(build: Build, tip: Build | None = None) -> str | None:
    """The version with which the first release of a submission is compared."""
    previous = change(build, tip=tip).releases[0].previous
    return previous.version if previous else None


def admitted(version: str, **more: Any) -> Build:
    def build(registry: RegistryInMemory) -> None:
        skill(registry, version)
        registry.admit(LINKS, version, **more)

    return build


def smuggled(registry: RegistryInMemory) -> None:
    """An update, and a version before it with an admission that its author wrote."""
    update(registry)
    skill(registry, "1.0.9")
    registry.admit(LINKS, "1.0.9", by=("ann signing",))


@pytest.mark.parametrize(
    ("build", "tip", "expected"),
    [
        (update, None, "1.0.0"),
        (lambda r: skill(r, "0.9.0"), None, None),
        (lambda r: skill(r, "1.0.0", name="@ann/fresh"), None, None),
        (update, admitted("1.0.5"), "1.0.5"),
        (update, admitted("2.0.0"), "1.0.0"),
        (update, both(admitted("1.0.5"), lambda r: r.event(LINKS, "1.0.5", "deprecate")), "1.0.0"),
        (update, lambda r: skill(r, "1.0.5"), "1.0.0"),
        (update, admitted("1.0.5", path="owner", compared="1.0.0"), "1.0.0"),
        (smuggled, None, "1.0.0"),
        # By precedence and not by its folder: `RC` is before `alpha`, `rc` is not.
        (lambda r: skill(r, "1.1.0-beta"), both(admitted("1.1.0-RC"), admitted("1.1.0-alpha")), "1.1.0-alpha"),
    ],
)
def test_a_release_is_compared_with_what_a_person_last_let_in(
    build: Build, tip: Build | None, expected: str | None
) -> None:
    """The newest active version below it that the tip admitted by a person."""
    assert expected == compared(build, tip)


def test_a_lost_file_of_an_earlier_version_is_no_crash() -> None:
    """The comparison goes on with the manifest where the old payload is not whole."""
    registry = a_tip()
    manifest = registry.manifest(LINKS, "1.0.0")
    del registry.files[layout.blob_path(parse_artifact(LINKS), manifest.files[0].sha256)]  # type: ignore[arg-type]  # a digest
    later = manifest.model_copy(update={"version": "1.1.0"})

    assert (manifest, None) == previous_of(registry.tree(), later, registry=registry.id)


def test_an_unknown_kind_covers_nothing_but_itself() -> None:
    """What nobody can read is compared word by word."""
    (candidate,) = change(lambda r: r.publish("@ann/sun", "1.0.0", kind="theme", permissions=["network"])).releases

    assert (None, None, ("permission network",)) == (candidate.kind, candidate.reading, candidate.gained)


def test_a_rotation_is_one_statement() -> None:
    """A document and its signatures are one thing."""
    assert ["authors/ann"] == [one.located.subject for one in change(rotated).statements]
