"""Only plain files: nothing that a checkout follows, runs or replaces."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.change import Change
from registry_tool.core.findings import Finding
from registry_tool.core.layout import locate
from registry_tool.core.places import place
from registry_tool.core.review import Check

_LFS: Final = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\r?\noid sha256:[0-9a-f]{64}\r?\n")
_ODD: Final = {
    "link": "a symbolic link",
    "submodule": "a submodule",
    "executable": "an executable file",
    "folder": "a folder",
}


def regular_files(change: Change) -> Iterator[Finding]:
    """A finding for each entry that is not a plain file, configures git, or only points to bytes elsewhere."""
    for edit in change.edits:
        if edit.new is None:
            continue
        if edit.new.type != "file":
            message = f"{_ODD[edit.new.type]} came, the registry holds plain files only"
            hint = "add the file itself; the manifest says which payload files are executable"
            yield Finding("regular-files", "fail", message, edit.path, hint)
        if any(part.lower().startswith(".git") for part in edit.path.split("/")):
            message = "git reads this file and it changes what a checkout holds"
            yield Finding("regular-files", "fail", message, edit.path, "leave it out")
    for path, data in change.additions.items():
        if locate(path).role != "blob" and _LFS.match(data):
            yield _pointer(path)
    for candidate in change.releases:
        for name, file in (candidate.payload or {}).items():
            if _LFS.match(file.data):
                yield _pointer(place(candidate, name))


def _pointer(path: str) -> Finding:
    message = "this is a pointer to a file in large-file storage, not the file"
    return Finding("regular-files", "fail", message, path, "run `git lfs pull` in your folder and publish again")


CHECKS: Final = (
    Check(
        id="regular-files",
        number=6,
        title="Every entry is a plain file with its bytes in it",
        why="Links, submodules and attribute files make a checkout hold something else than what was read.",
        level="fail",
        run=regular_files,
    ),
)
