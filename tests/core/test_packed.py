"""A submission as one file: what goes in comes out, and nothing else is read."""

import gzip
import io
import tarfile
from collections.abc import Callable

import pytest

from registry_tool.core import limits, ustar
from registry_tool.core.errors import InvalidInput
from registry_tool.core.packed import PACKED_BYTES, pack_submission, unpack_submission
from tests.builders import RegistryInMemory, a_registry

HEX = "ab" + "0" * 62
FOLDER = "index/releases/an/ann/solar"
POINTER = f"{FOLDER}/1.0.0/release.json"
GOOD = {
    POINTER: b"{}",
    f"{FOLDER}/blobs/ab/{HEX}": b"manifest",
    f"{FOLDER}/blobs/ab/{HEX}.sigstore.json": b"bundle",
    f"{FOLDER}/blobs/ab/{HEX}.0123456789abcdef.sig": b"s" * 64,
    "index/authors/an/ann/keys/1.json": b"keyring",
    "index/authors/an/ann/keys/1.0123456789abcdef.sig": b"t" * 64,
    "index/scopes/an/ann/1.json": b"scope",
}


def test_what_goes_in_comes_out() -> None:
    """Packing and reading give the same files, in whatever order they were given."""
    packed = pack_submission(GOOD)

    assert GOOD == unpack_submission(packed)
    assert packed == pack_submission(dict(reversed(GOOD.items())))


def test_the_longest_paths_go_in() -> None:
    """Names of the greatest length fit into the archive's headers."""
    long = "a" * 64
    path = f"index/releases/aa/{long}/{long}/blobs/ab/{HEX}.wire.sigstore.json"

    assert path in unpack_submission(pack_submission({POINTER: b"{}", path: b"x"}))


def released() -> RegistryInMemory:
    return a_registry().release("@ann/solar", "1.0.0")


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "../etc/passwd",
        "/etc/passwd",
        f"{FOLDER}/1.0.0/admission.json",
        f"{FOLDER}/1.0.0/approvals/mod.json",
        f"{FOLDER}/1.0.0/events/1.json",
        "index/moderators/2.json",
        "index/policy/2.json",
        "index/trust/2.root.json",
        "index/tiers.yaml",
        "index/entitlements/ann/1.json",
        "index/waivers/x.json",
        ".git/config",
        ".github/workflows/x.yml",
        f"{FOLDER}/blobs/ab/{HEX}.pem",
    ],
)
def test_nothing_but_a_release_goes_in(path: str) -> None:
    """A path that no release has is neither packed nor read."""
    with pytest.raises(InvalidInput) as refused:
        pack_submission({**GOOD, path: b"x"})
    assert "bad-release-file" == refused.value.code

    with pytest.raises(InvalidInput) as refused:
        unpack_submission(archive({**GOOD, path: b"x"}))
    assert ("bad-release-file", True) == (refused.value.code, "no part of a release" in refused.value.message)


def archive(files: dict[str, bytes], *, executable: bool = False) -> bytes:
    parts = []
    for path in sorted(files):
        size = len(files[path])
        parts += [ustar.header(path.encode(), size, executable), files[path], bytes(-size % ustar.BLOCK)]
    return b"".join([*parts, ustar.END])


def stock() -> bytes:
    """What a usual tar writes."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        info = tarfile.TarInfo(POINTER)
        info.size = 2
        tar.addfile(info, io.BytesIO(b"{}"))
    return made.getvalue()


def links() -> bytes:
    """A link where the manifest should be."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo(POINTER)
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    return made.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"x",
        lambda: b"\0" * 1024,
        lambda: pack_submission(GOOD)[:-512],
        lambda: pack_submission(GOOD) + b"\0",
        lambda: gzip.compress(pack_submission(GOOD)),
        stock,
        links,
        lambda: archive(GOOD, executable=True),
        lambda: pack_submission({path: data for path, data in GOOD.items() if path != POINTER}),
        lambda: b"\0" * (PACKED_BYTES + 1),
    ],
)
def test_what_we_never_write_is_refused(make: Callable[[], bytes]) -> None:
    """Cut, compressed, with links, executable, without a release, or too large: each is one clear error."""
    with pytest.raises(InvalidInput) as refused:
        unpack_submission(make())

    assert ("bad-release-file", True) == (refused.value.code, "--pack release.tar" in refused.value.hint)


def test_too_many_files_are_refused() -> None:
    """No more files than one submission may have are read."""
    many = {f"{FOLDER}/blobs/ab/ab{number:062x}": b"" for number in range(limits.SUBMISSION_FILES + 1)}

    with pytest.raises(InvalidInput, match="holds more than"):
        unpack_submission(archive(many))
