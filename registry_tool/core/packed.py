"""A submission as one file: what an author's own job signs, and a registry takes in without trusting it.

    index/releases/…/blobs/…        payload files and the manifest, under their digests
                    /blobs/….sig    its signatures, and its keyless one
                    /release.json
    index/authors/… index/scopes/…  statements, where the submission has any

It is a ustar archive of our own writer (`ustar.py`): the repository's paths and bytes, sorted, and nothing else. So
the same submission gives the same file, and nothing of whoever made it is in there.
"""

from typing import Final, NoReturn

from registry_tool.core import limits, ustar
from registry_tool.core.errors import InvalidInput
from registry_tool.core.layout import locate
from registry_tool.core.payload import Files
from registry_tool.core.quoting import quoted

FILE: Final = "release.tar"
"""What it is called, attached to a release in a forge."""
PACKED_BYTES: Final = 4 * limits.BUNDLE_BYTES
"""Of the whole file: a few of the largest payloads, or many small ones."""
ROLES: Final = frozenset({"blob", "blob-signature", "pointer", "chain"})
"""What it may hold."""


def pack_submission(files: Files) -> bytes:
    """The file that holds `files`, the paths and bytes that a submission adds; `InvalidInput` for any other path."""
    parts: list[bytes] = []
    for path in files:
        _demand(path)
    for path in sorted(files, key=str.encode):
        parts += (ustar.header(path.encode(), len(files[path]), False), files[path])
        parts.append(bytes(-len(files[path]) % ustar.BLOCK))
    return b"".join((*parts, ustar.END))


def unpack_submission(data: bytes) -> dict[str, bytes]:
    """The files that `data` holds; `InvalidInput` (`bad-release-file`) for what `pack_submission` never writes.

    Nothing in them is looked at: whether they may land is asked as of any submission.
    """
    if len(data) > PACKED_BYTES:
        _refuse(f"it may have at most {PACKED_BYTES} bytes, it has {len(data)}")
    files: dict[str, bytes] = {}
    try:
        entries = ustar.entries(lambda at, size: data[at : at + size], len(data), files=limits.SUBMISSION_FILES)
        for entry in entries:
            _demand(entry.path)
            if entry.executable:
                _refuse(f"{quoted(entry.path)} is executable")
            files[entry.path] = data[entry.start : entry.start + entry.size]
    except InvalidInput as error:
        if error.code == "bad-release-file":
            raise
        _refuse(error.message)
    if not any(locate(path).role == "pointer" for path in files):
        _refuse("it holds no release.json, so no release")
    return files


def _demand(path: str) -> None:
    located = locate(path)
    if located.role not in ROLES or located.subject in ("moderators", "policy"):
        _refuse(f"{quoted(path)} is no part of a release")


def _refuse(reason: str) -> NoReturn:
    raise InvalidInput(
        f"this is no packed release: {reason}",
        code="bad-release-file",
        hint=f"make it with `registry publish DIR --pack {FILE}`",
    )
