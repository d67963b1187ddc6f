"""Which paths a payload may hold (formats of the registry, part 5).

A payload is unpacked on every system there is, so a path is good only where it means the same file
on all of them, looks like what it is, and cannot reach outside its folder.

Characters that this Python's Unicode tables do not know yet are refused: nobody could promise
today that their normal form stays what it is.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from registry_tool.core import limits
from registry_tool.core.findings import Finding
from registry_tool.core.names import is_windows_device
from registry_tool.core.payload import Payload
from registry_tool.core.quoting import quoted

PATH_CHECK: Final = "payload-path"
SIZE_CHECK: Final = "payload-size"

_REFUSED_CATEGORIES: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_RESERVED: Final = '\\:*?"<>|'
_PLAIN: Final = re.compile(r"[a-zA-Z0-9_@+ ()\[\]{}'!#$%&,;=~^`./-]*")
# Letters, marks and symbols that show nothing (Default_Ignorable_Code_Point beyond category Cf, and
# the empty Braille cell): the categories above do not tell them from visible ones.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def path_fault(path: str) -> str | None:
    """What is wrong with one path of a payload, in one sentence; `None` where it is good."""
    finding = path_finding(path)
    return finding.message if finding else None


def path_finding(path: str) -> Finding | None:
    """What is wrong with one path of a payload, with what to rename; `None` where it is good."""
    fault = _character_fault(path) or _whole_fault(path)
    if fault:
        return _finding(fault[0], path, fault[1])
    for component in path.split("/"):
        fault = _component_fault(component)
        if fault:
            return _finding(f"{fault[0]} in the path {quoted(path)}", path, fault[1])
    return None


def payload_findings(payload: Payload) -> tuple[Finding, ...]:
    """Everything that is wrong with the paths, the number and the sizes of a payload's files.

    `payload-size`: 1 to 5,000 files, 64 MiB together; with too many files nothing else is looked
    at. `payload-path`: each path, then those that meet on a file system that folds letters.
    """
    if not 1 <= len(payload) <= limits.PAYLOAD_FILES:
        message = f"a payload has 1 to {limits.PAYLOAD_FILES} files, this one has {len(payload)}"
        hint = "leave out what need not be installed" if payload else "is this the right folder?"
        return (Finding(SIZE_CHECK, "fail", message, hint=hint),)
    findings = []
    size = sum(len(file.data) for file in payload.values())
    if size > limits.PAYLOAD_BYTES:
        message = f"the files of a payload may have at most {limits.PAYLOAD_BYTES} bytes together, these have {size}"
        findings.append(Finding(SIZE_CHECK, "fail", message, hint="leave out or shrink the largest files"))
    good = []
    for path in sorted(payload, key=lambda text: text.encode("utf-8", "surrogatepass")):
        finding = path_finding(path)
        if finding:
            findings.append(finding)
        else:
            good.append(path)
    return (*findings, *_meetings(good))


def repository_path_fault(path: str) -> str | None:
    """Why a path in the repository is too long (part 5: 250 bytes), or `None`.

    Nothing but the length and that it is UTF-8: what paths a repository may hold says part 9.
    """
    size = len(path.encode("utf-8", "surrogatepass"))
    if size > limits.REPOSITORY_PATH_BYTES:
        most = limits.REPOSITORY_PATH_BYTES
        return f"a path in the repository may have at most {most} bytes, {quoted(path)} has {size}"
    if any("\ud800" <= character <= "\udfff" for character in path):
        return f"the path {quoted(path)} is not UTF-8"
    return None


def _finding(message: str, path: str, hint: str) -> Finding:
    return Finding(PATH_CHECK, "fail", message, path=path, hint=hint)


def _character_fault(path: str) -> tuple[str, str] | None:
    """The first character that no path may hold, and the hint."""
    if _PLAIN.fullmatch(path):
        return None
    for character in path[: limits.PATH_BYTES + 1]:
        if character in _RESERVED:
            hint = "separate folders by /" if character == "\\" else f"rename it without {character}"
            return f"{character} is not allowed in the path {quoted(path)}", hint
        if unicodedata.category(character) in _REFUSED_CATEGORIES or _BLANK.match(character):
            shown = f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
            message = f"the control or invisible character {shown} is not allowed in the path {quoted(path)}"
            return message, f"rename it without {shown}"
    return None


def _whole_fault(path: str) -> tuple[str, str] | None:
    """What is wrong with a path as a whole, and the hint; its characters are good."""
    if path.startswith("/"):
        return f"a path is relative, {quoted(path)} is absolute", "leave out the / at its beginning"
    size = len(path.encode("utf-8", "surrogatepass"))
    if size > limits.PATH_BYTES:
        return f"a path may have at most {limits.PATH_BYTES} bytes, {quoted(path)} has {size}", "shorten its folders"
    if not unicodedata.is_normalized("NFC", path):
        composed = quoted(unicodedata.normalize("NFC", path))
        return f"the path {quoted(path)} is not in Unicode form NFC", f"rename it to {composed} with composed letters"
    depth = path.count("/") + 1
    if depth > limits.PATH_DEPTH:
        return f"a path may be {limits.PATH_DEPTH} names deep, {quoted(path)} is {depth} deep", "use fewer folders"
    return None


def _component_fault(component: str) -> tuple[str, str] | None:
    """What is wrong with one name in a path, as the beginning of a sentence, and the hint."""
    if component in ("", ".", ".."):
        return f"{quoted(component) if component else 'nothing'} is not a name", "write the path without it"
    if component[-1] in ". ":
        shorter = component.rstrip(". ")
        hint = f"rename it to {quoted(shorter)}" if shorter else "rename it"
        return f"{quoted(component)} ends with a dot or a space", hint
    if component[:4].lower() == ".git":
        return f"{quoted(component)} begins with .git and belongs to version control", "leave it out of the payload"
    if is_windows_device(component):
        return f"{quoted(component)} is a device on Windows", f"rename it to {quoted('_' + component)}"
    size = len(component.encode())
    if size > limits.PATH_COMPONENT_BYTES:
        message = f"{quoted(component)} has {size} bytes where a name may have {limits.PATH_COMPONENT_BYTES}"
        return message, "shorten its name"
    return None


def _meetings(paths: Iterable[str]) -> Iterable[Finding]:
    """Findings for paths that are one file on a system that folds letters; each path alone is good."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    seen: set[str] = set()
    for path in paths:
        folded = _folded(path)
        first = files.setdefault(folded, path)
        if first != path:
            message = f"{quoted(first)} and {quoted(path)} are one file where letters are folded"
            yield _finding(message, path, "rename or remove one of the two")
        yield from _folder_meetings(path, folded, folders, seen)
    for folded in sorted(files.keys() & folders.keys()):
        message = f"{quoted(files[folded])} is a file and {quoted(folders[folded])} is a folder"
        yield _finding(message, files[folded], "rename or remove one of the two")


def _folder_meetings(path: str, folded: str, folders: dict[str, str], seen: set[str]) -> Iterable[Finding]:
    """Findings for folders of `path` that have another spelling in `folders`, which it adds to (and to `seen`)."""
    while "/" in path:
        path, folded = path.rpartition("/")[0], folded.rpartition("/")[0]
        if path in seen:
            return  # and so were the folders above it
        seen.add(path)
        first = folders.setdefault(folded, path)
        if first.rpartition("/")[2] != path.rpartition("/")[2]:
            message = f"{quoted(first)} and {quoted(path)} are one folder where letters are folded"
            yield _finding(message, path, "give the folder one spelling")


def _folded(path: str) -> str:
    """What a file system that folds letters and forms takes `path` for; as many names as in `path`."""
    if path.isascii():
        return path.lower()
    return "/".join(_folded_name(name) for name in path.split("/"))


def _folded_name(name: str) -> str:
    # NFKC makes a slash of some letters (U+2100); it must not become a folder here.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return folded.replace("/", "\0")
