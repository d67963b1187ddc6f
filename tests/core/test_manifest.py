"""The manifest's own functions; each of its rules has its example in `examples_releases.py`."""

import json

import pytest

from registry_tool.core import canonical
from registry_tool.core.bundle import pack, rows
from registry_tool.core.digest import digest_of
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.manifest import Manifest, address, flat_bytes, flat_form, read_manifest
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import PayloadFile
from tests.core.examples import documents

VALUE = documents()["registry.manifest-1"]
DATA = canonical.encode(VALUE)


def manifest(**change: object) -> Manifest:
    """The manifest with some members changed."""
    return Manifest.of({**VALUE, **change})


def test_a_release_is_addressed_by_its_manifest() -> None:
    """The address is the digest of the manifest's bytes, and reading and writing keeps them."""
    read = read_manifest(DATA, registry=VALUE["registry"])

    assert digest_of(DATA) == address(DATA) == address(read.to_bytes())


def test_a_manifest_of_another_registry_is_not_trusted() -> None:
    """The registry is the pinned one."""
    with pytest.raises(NotTrusted, match="another registry"):
        read_manifest(DATA, registry="ab" * 32)


def test_a_manifest_has_a_size() -> None:
    """256 kB, looked at before anything else."""
    with pytest.raises(InvalidInput, match="at most 256000 bytes") as refused:
        read_manifest(b" " * 256_001, registry=VALUE["registry"])

    assert "too-large" == refused.value.code


def test_a_manifest_knows_its_name() -> None:
    """Scope and name as text and as a value."""
    assert ("@ann/solar", parse_artifact("@ann/solar")) == (manifest().artifact, manifest().id)


@pytest.mark.parametrize(
    ("spec", "expected"), [({}, "solar"), ({"native_name": ""}, "solar"), ({"native_name": "@x/Y"}, "@x/Y")]
)
def test_the_native_name_is_the_files_own(spec: dict[str, str], expected: str) -> None:
    """Where the native file says none, it is the registry's."""
    assert expected == manifest(spec=spec).native_name


def test_the_files_are_those_of_the_bundle() -> None:
    """The rows of a manifest compare with those of a payload."""
    payload = {"a": PayloadFile(b"1"), "b/c": PayloadFile(b"", executable=True)}
    files = [
        {"path": row.path, "sha256": row.sha256, "size": row.size, "executable": row.executable}
        for row in rows(payload)
    ]

    assert rows(payload) == manifest(files=files).rows
    assert pack(payload)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scope": "a" * 51, "name": "b" * 50}, "together may have at most 100"),
        ({"dependencies": {"@ann": "*"}}, "@scope/name"),
        ({"dependencies": {"@ann/base": "^^1"}}, "range"),
        ({"requires": {"node": ">=x.1.2.3"}}, "range"),
        ({"permissions": ["b", "a"]}, "permissions are sorted"),
        ({"tags": ["b", "a"]}, "tags are sorted"),
        ({"tags": [f"t{number:02}" for number in range(21)]}, "at most 20"),
        ({"files": [*VALUE["files"], *VALUE["files"]]}, "files are sorted"),
    ],
)
def test_members_agree_with_each_other(change: dict[str, object], said: str) -> None:
    """What one member says about another is checked where the manifest is read."""
    with pytest.raises(InvalidInput, match=said):
        manifest(**change)


def test_files_are_sorted_by_bytes() -> None:
    """Not by UTF-16 units: a letter beyond U+FFFF comes after all others."""
    first, second = ({**VALUE["files"][0], "path": path} for path in ("\ufb01", "\U00010000"))

    assert 2 == len(manifest(files=[first, second]).files)
    with pytest.raises(InvalidInput, match="sorted"):
        manifest(files=[second, first])


def test_the_flat_form_is_what_foreign_readers_know() -> None:
    """Plural kind, slug, bare digest, no schema; the signature is over the rest in RFC 8785 form."""
    flat = flat_form(manifest(permissions=["tool:a"]), category="themes", permissions=("a",))

    assert {
        "kind": "themes",
        "name": "ann__solar",
        "version": "1.0.0",
        "author_id": "ann",
        "package_sha256": VALUE["bundle"]["sha256"],
        "permissions": ["a"],
    } == flat
    assert flat_bytes(flat) == flat_bytes({**flat, "manifest_signature": "AA=="})
    assert flat == json.loads(flat_bytes(flat))
