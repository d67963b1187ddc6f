"""Whether the registry's branch only ever grew (formats, part 9: publishing adds files and changes none).

The commits on the line of first parents are compared pair by pair. Below `index/` a commit may add
regular files that the layout knows, and may change the tables of words; anything else is refused,
even where the files that are there now verify: somebody may have installed what was taken away.
"""

from collections.abc import Iterable

from registry_tool.core import layout
from registry_tool.core.errors import NotTrusted, StateForbids
from registry_tool.core.ports import Edit, History
from registry_tool.core.quoting import quoted

FOLDER = "index/"


def check_main_line(history: History, head: str, *, until: str | None) -> int:
    """How many commits were looked at, from `head` back to `until` or the first one.

    `until` is a commit that a former build found good; where it is not on the line, all of it is
    looked at. Raises `NotTrusted` (`main-line`) naming commit and path, and `StateForbids` (`shallow`)
    where the clone does not reach back far enough.
    """
    looked = 0
    commit: str | None = None
    for older in history.line(head):
        if commit is not None:
            _only_grew(history.changed(older, commit), commit)
            looked += 1
        if older == until:
            return looked
        commit = older
    if commit is not None:
        if history.info(commit).parents:
            raise StateForbids(
                "this clone is shallow, so its history cannot be checked",
                where=history.where,
                code="shallow",
                hint="bring the rest with `git fetch --unshallow`, and build again",
            )
        _only_grew(history.changed(None, commit), commit)
        looked += 1
    return looked


def _only_grew(edits: Iterable[Edit], commit: str) -> None:
    for edit in edits:
        if not edit.path.startswith(FOLDER):
            continue
        fault = _fault(edit)
        if fault:
            raise NotTrusted(
                f"the commit {commit[:12]} {fault} {quoted(edit.path)}; below index/ the main line only adds",
                where=edit.path,
                code="main-line",
                hint="find out who pushed it; put the branch back to its parent, or publish from a clone that has it",
            )


def _fault(edit: Edit) -> str:
    """What is wrong with a change, as a verb; empty where it is allowed."""
    if edit.new is not None and edit.new.type != "file":
        return "turns a mode of" if edit.old is not None else f"adds {_article(edit.new.type)} at"
    role = layout.locate(edit.path).role
    if role == "table":
        return ""
    if edit.new is None:
        return "deletes"
    if edit.old is not None:
        return "changes"
    return "adds something that a registry does not hold:" if role == "other" else ""


def _article(type_: str) -> str:
    return f"an {type_} file" if type_ == "executable" else f"a {type_}"
