"""`registry audit --log`: what was installed, updated, removed, started and refused on this machine."""

from typing import Any, Final

from registry_tool.cli.consumer_ground import Options, root_of
from registry_tool.cli.show import result
from registry_tool.core.auditing import Audited, read_line
from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.core.showing import line as shown
from registry_tool.wiring import World

SHOWN: Final = 200
"""Lines that people read; scripts get all of the log's last 16 MiB."""


def show_lines(here: World, options: Options, *, remove: bool) -> None:
    """Shows the log, the newest line last; with a project named, only its lines."""
    if remove:
        raise WrongUsage("--log shows what was done, and --remove does something", hint="leave one of them out")
    only = str(root_of(here, options)) if options.project or options.target or options.personal else ""
    rows: list[dict[str, Any]] = []  # Any: JSON
    damaged = 0
    for data in here.audit.lines():
        try:
            one = read_line(data)
        except InvalidInput:
            damaged += 1
            continue
        if only in ("", one.where):
            rows.append(one.value())
    value = {"log": str(here.audit.path), "lines": rows, "unreadable": damaged}
    result(value, as_json=options.as_json, text=lambda: _words(value))


def _words(value: dict[str, Any]) -> str:  # Any: JSON
    rows = value["lines"]
    lines = [f"{len(rows) - SHOWN} older lines are left out; --json has them."] if len(rows) > SHOWN else []
    lines += [_line(Audited.of(row)) for row in rows[-SHOWN:]]
    if value["unreadable"]:
        lines.append(f"{value['unreadable']} lines cannot be read: they are damaged, or of a newer tool.")
    return "\n".join([*lines, f"Log: {value['log']}" if lines else f"Nothing is noted in {value['log']}."])


def _line(one: Audited) -> str:
    what = f"{one.artifact}@{one.version}" if one.version else one.artifact or "(no single artifact)"
    how = f" ({one.how})" if one.how else ""
    words = f"{one.at} {one.event}{how} {what}: {one.outcome}"
    words += f" [{one.code}]" if one.code else ""
    words += f" {one.message}" if one.message else ""
    may = "; ".join(grant.words for grant in one.grants)
    return shown(f"{words} in {one.where}" + (f". It may {may}." if may and one.outcome == "begun" else ""))
