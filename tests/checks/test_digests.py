"""Bytes are the bytes that were named, and signed."""

import pytest

from registry_tool.checks.digests import bytes_match, signature
from registry_tool.checks.documents import native_file, strict_documents
from registry_tool.checks.file_set import file_set
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.payload import PayloadFile
from tests.builders import RegistryInMemory
from tests.checks.changes import change, newcomer, with_candidate
from tests.checks.fixtures import update, with_file

FAULT = Finding("document", "fail", "it is broken", "x.json")


def other(**files: PayloadFile | None) -> Change:
    """An update whose payload differs from its manifest in these files (`None`: is missing)."""
    made = update()
    payload = dict(made.releases[0].payload or {})
    for name, file in files.items():
        if file is None:
            del payload[name]
        else:
            payload[name] = file
    return with_candidate(made, payload=payload)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (other(LICENSE=PayloadFile(b"mit license\n")), "the manifest says "),
        (other(LICENSE=PayloadFile(b"MIT License\n", executable=True)), "size or executable bit are not what "),
        (other(LICENSE=None), "the manifest lists it and it is missing"),
        (other(NOTICE=PayloadFile(b"x")), "the manifest does not list this file"),
    ],
)
def test_a_file_that_is_not_what_the_manifest_says_is_refused(made: Change, expected: str) -> None:
    """Other bytes, another mode, a missing and an additional file are told by path; then the bundle differs too."""
    found = list(bytes_match(made))

    assert found[0].message.startswith(expected)
    assert "LICENSE" in found[0].path or "NOTICE" in found[0].path
    assert "the files pack to" in found[-1].message


def test_a_manifest_under_another_address_is_refused() -> None:
    """A manifest whose bytes are not those of its address is refused."""
    found = list(bytes_match(with_candidate(update(), digest="0" * 64)))

    assert ["the manifest's bytes are not those of its address"] == [one.message for one in found]


def test_a_payload_that_cannot_be_packed_is_told_elsewhere() -> None:
    """Bad paths are no second finding about the bundle."""
    found = list(bytes_match(other(**{"aux.txt": PayloadFile(b"x")})))

    assert ["the manifest does not list this file"] == [one.message for one in found]


def test_missing_files_are_told_once() -> None:
    """Files that cannot be read are told, unless a fault says so already; a missing manifest likewise."""
    gone = with_candidate(update(), payload=None)

    assert ["the files that the manifest lists cannot be read"] == [one.message for one in bytes_match(gone)]
    assert [] == list(bytes_match(with_candidate(gone, faults=(FAULT,))))
    assert [] == list(bytes_match(with_candidate(gone, manifest=None)))


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        ({}, ["no key and no identity signed the manifest"]),
        ({"flat.0123456789abcdef.sig": bytes(64)}, ["no key and no identity signed the manifest"]),
        ({"sigstore.json": b"{}"}, []),
        ({"wire.sigstore.json": b"{}"}, ["no key and no identity signed the manifest"]),
        ({"sigstore.json": bytes(65_537)}, ["a sigstore bundle has at most 65536 bytes, sigstore.json has 65537"]),
        ({"0123456789abcdef.sig": bytes(63)}, ["an Ed25519 signature has 64 bytes, 0123456789abcdef.sig has 63"]),
        ({"0123456789abcdef.sig": bytes(64), "wire.0123456789abcdef.sig": b"text"}, []),
    ],
)
def test_a_release_is_signed_by_somebody(signatures: dict[str, bytes], expected: list[str]) -> None:
    """A release needs a raw signature of a key, or a bundle of an identity, over its manifest; others do not count."""
    made = with_candidate(update(), signatures=signatures)

    assert expected == [one.message for one in signature(made)]


def test_a_release_without_manifest_has_nothing_to_sign() -> None:
    """Where the manifest cannot be read its signatures are not looked at."""
    assert [] == list(signature(with_candidate(update(), manifest=None, signatures={})))


def test_faults_of_documents_are_passed_on() -> None:
    """Faults of releases and statements come through as they are, and a missing manifest is never silent."""
    broken = with_candidate(update(), manifest=None, faults=(FAULT,))

    assert [FAULT] == list(strict_documents(broken))
    assert ["its manifest cannot be read"] == [
        one.message for one in strict_documents(with_candidate(update(), manifest=None))
    ]

    def build(registry: RegistryInMemory) -> None:
        newcomer(registry)
        registry.files["index/authors/bo/bob/keys/1.json"] = b'{"a":1,"a":1}'

    assert ["fail"] == [one.level for one in strict_documents(change(build))]


def test_findings_of_the_native_file_name_the_release() -> None:
    """What the reader of the native file found comes through with the release before the path."""
    found = list(native_file(with_file("SKILL.md", b"no front matter\n")()))

    assert found
    assert all(one.path.startswith("@ann/links@1.0.1") for one in found)
    assert [] == list(native_file(with_candidate(update(), payload=None, reading=None)))


@pytest.mark.parametrize(
    "path",
    [
        "SKILL.md~",
        "a/.SKILL.md.swp",
        "b.orig",
        "c.rej",
        "#d#",
        ".#e",
        ".DS_Store",
        "img/thumbs.DB",
        "__MACOSX/x",
        "._x",
        "__pycache__/a.py",
        "x.pyc",
        "node_modules/a/b.js",
        ".env",
        "links.zip",
        "a.tar.gz",
    ],
)
def test_what_was_left_there_asks_for_a_person(path: str) -> None:
    """Leftovers of editors, systems and tools, settings and archives are pointed out."""
    assert [("review", f"@ann/links@1.0.1: {path}")] == [
        (one.level, one.path) for one in file_set(with_file(path, b"x")())
    ]


@pytest.mark.parametrize("path", ["environment.md", "zipper.py", "a~b.txt", "original.txt", ".envrc.example"])
def test_ordinary_names_are_left_alone(path: str) -> None:
    """Names that only resemble leftovers are not."""
    assert [] == list(file_set(with_file(path, b"x")()))


def test_files_without_a_kind_are_looked_at_too() -> None:
    """A release of an unknown kind still has its leftovers told; one without files has none."""
    assert 1 == len(list(file_set(with_candidate(with_file("a.zip", b"x")(), kind=None))))
    assert [] == list(file_set(with_candidate(update(), payload=None)))
