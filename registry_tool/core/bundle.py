"""`bundle/1`, a payload as one file, the same bytes wherever it is packed (formats, part 7).

    ┌────────┬──────┬─────────┬────────┬──────┬─────────┬───┬──────────────┐
    │ header │ data │ padding │ header │ data │ padding │ … │ 1,024 NULs   │   ustar, sorted by path,
    └────────┴──────┴─────────┴────────┴──────┴─────────┴───┴──────────────┘   nothing after, not compressed

Every tar program reads it. Our reader takes only what our writer writes, byte for byte, so that
`pack(unpack(data)) == data` and no two programs can see two payloads in one bundle.
"""

from dataclasses import dataclass
from typing import NoReturn

from registry_tool.core import limits, ustar
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.paths import payload_findings
from registry_tool.core.payload import Payload, PayloadFile


@dataclass(frozen=True, slots=True)
class FileRow:
    """One line of a manifest's `files`."""

    path: str
    """Where it lies in the payload."""
    sha256: Hex
    """Of its bytes."""
    size: int
    """In bytes."""
    executable: bool
    """Whether it is installed with mode 0755."""


def rows(payload: Payload) -> tuple[FileRow, ...]:
    """The manifest's `files` for a payload, sorted by the bytes of the path."""
    return tuple(
        FileRow(path, sha256(file.data), len(file.data), file.executable)
        for path, file in sorted(payload.items(), key=lambda item: item[0].encode())
    )


def pack(payload: Payload) -> bytes:
    """The one bundle of a payload.

    Raises `InvalidInput` with code `bad-bundle` and all findings where the payload breaks part 5.
    """
    _demand_good(payload)
    parts: list[bytes] = []
    for path, file in sorted((path.encode(), file) for path, file in payload.items()):
        size = len(file.data)
        parts += (ustar.header(path, size, file.executable), file.data, bytes(-size % ustar.BLOCK))
    parts.append(ustar.END)
    return b"".join(parts)


def unpack(data: bytes) -> Payload:
    """The payload in a bundle, read into memory; nothing is believed that `pack` would not write.

    Raises `InvalidInput` with code `bad-bundle`. 1. size cap; 2. it is ustar at all; then for each
    entry 3. header, 4. path and order, 5. data within the bundle, 6. padding; 7. the end; 8. the
    rules for payloads (part 5).
    """
    if len(data) > limits.BUNDLE_BYTES:  # 1
        _refuse(f"it may have at most {limits.BUNDLE_BYTES} bytes, it has {len(data)}")
    payload: dict[str, PayloadFile] = {}
    try:
        for entry in ustar.entries(lambda at, size: data[at : at + size], len(data), files=limits.PAYLOAD_FILES):  # 2-7
            content = data[entry.start : entry.start + entry.size]
            payload[entry.path] = PayloadFile(content, entry.executable)
    except InvalidInput as error:
        _refuse(error.message)
    _demand_good(payload)  # 8
    return payload


def _refuse(reason: str) -> NoReturn:
    raise InvalidInput(
        f"this is not a bundle of the registry: {reason}",
        code="bad-bundle",
        hint="pack it with this tool, not with tar",
    )


def _demand_good(payload: Payload) -> None:
    findings = payload_findings(payload)
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        raise InvalidInput(findings[0].message + more, code="bad-bundle", hint=findings[0].hint, findings=findings)
