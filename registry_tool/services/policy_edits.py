"""Changes of the policy's statement, as functions that edit the newest one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry_tool.core.errors import WrongUsage
from registry_tool.core.quoting import quoted
from registry_tool.services.governing_edits import Edit, Json

_TIME: Final = re.compile(r"([0-9]{1,9})([smhd]?)")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_LIMIT: Final = re.compile(r"([a-z][a-z_-]{1,40})=([0-9]{1,12})")


def seconds_of(text: str) -> int:
    """The seconds of a time as people write it: `600`, `10m`, `36h`, `3d`; `WrongUsage` for anything else."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise WrongUsage(f"{quoted(text)} is no length of time", code="bad-time", hint="write it as 10m, 36h or 3d")
    return int(found[1]) * _SECONDS[found[2]]


def limits_of(words: Sequence[str]) -> dict[str, int]:
    """Limits as `releases=20`; `WrongUsage` for anything else."""
    found = [(word, _LIMIT.fullmatch(word)) for word in words]
    bad = [word for word, match in found if match is None]
    if bad:
        raise WrongUsage(f"{quoted(bad[0])} is no limit", code="bad-limit", hint="write it as releases=20")
    return {match[1]: int(match[2]) for _, match in found if match is not None}


def change(members: Mapping[str, Mapping[str, Any] | bool | None]) -> Edit:  # Any: JSON
    """Sets members of the policy: maps member by member, what is `None` stays."""

    def edit(value: Json) -> None:
        for name, said in members.items():
            if isinstance(said, Mapping):
                value[name] = {**value[name], **{key: one for key, one in said.items() if one is not None}}
            elif said is not None:
                value[name] = said

    return edit
