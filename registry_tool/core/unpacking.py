"""Other people's archives as payloads: tar, tar.gz and zip, read into memory and bounded.

Only regular files come out. Links, devices, absolute paths, `..` and what is too much are refused; nothing is ever
written to a disk. Whether the paths may be published is asked later, as of any folder.
"""

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final, NoReturn

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.quoting import quoted

ARCHIVE_BYTES: Final = limits.BUNDLE_BYTES
"""Of an archive as it is fetched."""
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK"
_LINK: Final = 0o120000
_KIND: Final = 0o170000
_DAMAGE: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,  # bzip2 in a zip; nothing else here is a file
    EOFError,
    ValueError,
    RuntimeError,  # encrypted members, and methods of compression that the library does not know
)


def unpack_archive(data: bytes) -> Payload:
    """The files in an archive, the one folder around all of them apart; `InvalidInput` (`bad-archive`) otherwise."""
    files: dict[str, PayloadFile] = {}
    total = 0
    try:
        for path, content, executable in _zipped(data) if data.startswith(_ZIP) else _tarred(data):
            total += len(content)
            if len(files) >= limits.PAYLOAD_FILES or total > limits.PAYLOAD_BYTES:
                _refuse(f"it holds more than {limits.PAYLOAD_FILES} files or {limits.PAYLOAD_BYTES} bytes")
            if path in files:
                _refuse(f"{quoted(path)} is there twice")
            files[path] = PayloadFile(content, executable)
    except _DAMAGE:
        _refuse("it is damaged, or written in a way that is not read here")
    return _without_folder(files)


def _without_folder(files: Payload) -> Payload:
    """The files below the one folder that holds them all, where there is one."""
    tops = {path.partition("/")[0] for path in files}
    if len(tops) != 1 or any("/" not in path for path in files):
        return dict(sorted(files.items()))
    return {path.partition("/")[2]: file for path, file in sorted(files.items())}


def _tarred(data: bytes) -> Iterator[tuple[str, bytes, bool]]:
    if data.startswith(_GZIP):
        # All at once and bounded: headers of a tar say how much to read of them.
        whole = zlib.decompressobj(zlib.MAX_WBITS | 16)
        data = whole.decompress(data, limits.BUNDLE_BYTES)
        if whole.unconsumed_tail:
            _refuse(f"it unpacks to more than {limits.BUNDLE_BYTES} bytes")
        if not whole.eof:
            _refuse("it ends in the middle")
        _demand_end(whole.unused_data)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for member in tar:
            if member.isdir():
                continue
            path = _plain(member.name)
            if not member.isreg() or member.issparse() or member.size < 0:
                _refuse(f"{quoted(path)} is no regular file")
            opened = tar.extractfile(member)
            content = opened.read(limits.PAYLOAD_BYTES + 1) if opened else b""
            yield path, content, bool(member.mode & 0o100)
        _demand_end(data[tar.offset :])


def _demand_end(rest: bytes) -> None:
    """Refuses what another program may take for more of the archive; archives are padded with zeros."""
    if rest.strip(b"\0"):
        _refuse("something lies behind its end, which other programs may read instead")


def _zipped(data: bytes) -> Iterator[tuple[str, bytes, bool]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            path, mode = _plain(info.filename), info.external_attr >> 16
            if mode & _KIND == _LINK:
                _refuse(f"{quoted(path)} is no regular file")
            with archive.open(info) as opened:  # what the directory says of its size is not believed
                yield path, opened.read(limits.PAYLOAD_BYTES + 1), bool(mode & 0o100)


def _plain(name: str) -> str:
    path = name.removeprefix("./")
    if path.startswith("/") or "\\" in path or {"", ".", ".."} & set(path.split("/")):
        _refuse(f"{quoted(name)} leads out of it")
    return path


def _refuse(reason: str) -> NoReturn:
    raise InvalidInput(f"the archive cannot be taken: {reason}", code="bad-archive")
