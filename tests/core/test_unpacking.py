"""Other people's archives in memory: what comes out, and what is refused."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from registry_tool.core import limits
from registry_tool.core.bundle import pack
from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import PayloadFile
from registry_tool.core.unpacking import unpack_archive

FILES = {"SKILL.md": b"---\n", "scripts/run.sh": b"#!/bin/sh\n"}
EXPECTED = {"SKILL.md": PayloadFile(b"---\n"), "scripts/run.sh": PayloadFile(b"#!/bin/sh\n", True)}


def tarred(files: dict[str, bytes], *, mode: str = "w", odd: tarfile.TarInfo | None = None) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as tar:  # type: ignore[call-overload]  # a mode as text
        folder = tarfile.TarInfo("scripts")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for path, data in files.items():
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(data), 0o755 if path.endswith(".sh") else 0o644
            tar.addfile(info, io.BytesIO(data))
        if odd is not None:
            tar.addfile(odd)
    return made.getvalue()


def zipped(files: dict[str, bytes], *, odd: zipfile.ZipInfo | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("scripts/", b"")
        for path, data in files.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (0o755 if path.endswith(".sh") else 0o644) << 16
            archive.writestr(info, data)
        if odd is not None:
            archive.writestr(odd, b"/etc/passwd")
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        tarred(FILES),
        tarred(FILES, mode="w:gz"),
        tarred({f"./{path}": data for path, data in FILES.items()}),
        zipped(FILES),
        pack(EXPECTED),
    ],
)
def test_the_usual_archives_are_read(data: bytes) -> None:
    """tar, tar.gz, zip and a bundle give the same files with their executable bits."""
    assert EXPECTED == unpack_archive(data)


def test_one_folder_around_all_is_left_out() -> None:
    """What is packed with its folder is the same as without; two folders stay."""
    assert EXPECTED == unpack_archive(zipped({f"pdf-1.0/{path}": data for path, data in FILES.items()}))
    assert ["a/x", "b/x"] == list(unpack_archive(tarred({"b/x": b"", "a/x": b""})))


def odd(name: str, kind: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return tarred(FILES, odd=info)


def linked() -> bytes:
    info = zipfile.ZipInfo("evil")
    info.external_attr = 0o120777 << 16
    return zipped({}, odd=info)


def broken_zip() -> bytes:
    data = bytearray(zipped(FILES))
    data[60:70] = b"\xff" * 10
    return bytes(data)


def damaged_zip(method: int) -> bytes:
    """A zip whose content is packed in another way, and damaged."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("SKILL.md", bytes(range(256)) * 8)
    data = bytearray(made.getvalue())
    data[60:90] = b"\xff" * 30
    return bytes(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"not an archive at all",
        lambda: odd("evil", tarfile.SYMTYPE),
        lambda: odd("evil", tarfile.LNKTYPE),
        lambda: odd("evil", tarfile.CHRTYPE),
        lambda: odd("evil", tarfile.FIFOTYPE),
        lambda: tarred({"../evil": b""}),
        lambda: tarred({"/evil": b""}),
        lambda: tarred({"a//b": b""}),
        lambda: tarred({"a\\b": b""}),
        lambda: zipped({"../evil": b""}),
        lambda: tarred({"SKILL.md": b"x" * 5000})[:3000],
        lambda: tarred(FILES, mode="w:gz")[:60],
        lambda: tarred(FILES, mode="w:gz") + b"more",
        lambda: tarred(FILES) + b"more",
        lambda: b"\x1f\x8b" + b"x" * 100,
        lambda: b"PK" + b"x" * 100,
        linked,
        broken_zip,
        lambda: damaged_zip(zipfile.ZIP_BZIP2),
        lambda: damaged_zip(zipfile.ZIP_LZMA),
        lambda: tarred({"x": b"1", "./x": b"2"}),
        lambda: gzip.compress(b"\0" * (limits.BUNDLE_BYTES + 1)),
        lambda: zipped({"bomb": b"\0" * (limits.PAYLOAD_BYTES + 1)}),
        lambda: tarred({f"f{number}": b"" for number in range(limits.PAYLOAD_FILES + 1)}),
    ],
)
def test_a_hostile_archive_is_refused(make: Callable[[], bytes]) -> None:
    """Links, devices, ways out, doubles, bombs and damage: each is one clear error, and nothing is written."""
    with pytest.raises(InvalidInput) as refused:
        unpack_archive(make())

    assert ("bad-archive", True) == (
        refused.value.code,
        refused.value.message.startswith("the archive cannot be taken"),
    )
