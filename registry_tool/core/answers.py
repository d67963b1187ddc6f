"""What a person gives an app: into the plan of its install, and into the file that is theirs.

    REGISTRY_INPUT_DB_PASSWORD='…'      beside the app's compose file, readable by its owner alone

An engine reads that file by itself where it lies beside the compose file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from registry_tool.core.errors import WrongUsage
from registry_tool.core.native.compose_values import INPUT_PREFIX
from registry_tool.core.plan import Ask, Plan, PutTree
from registry_tool.core.quoting import quoted

LINES: Final = ".env"
"""The file of lines, which an engine reads beside a compose file."""
VALUE_CHARACTERS: Final = 4096  # a key or a long address fits; what is longer belongs into a file

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@,+-]*")
_LINE: Final = re.compile(rb"^[ \t]*#?[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=.*$", re.MULTILINE)
_HEAD: Final = "# Yours: values for this app alone. Updates keep what you write here.\n"


def answer_text(asks: Sequence[Ask], values: Mapping[str, str]) -> bytes:
    """The file of a first install: each name with what was said, else with its default.

    A default that is made of other values stays a remark: the compose file has it too.
    """
    lines = [_HEAD]
    for ask in (one for one in asks if one.variable):
        value = values.get(ask.name, ask.default or "")
        words = [line for line in ask.description.splitlines()[:1] if line.isprintable()]
        need = ["needed before it starts"] if ask.demanded and not value else []
        lines += [f"# {line}\n" for line in (*words, *need)]
        kept = ask.name in values or (_fault(value) is None and "$" not in value)
        lines.append(f"{INPUT_PREFIX}{ask.name}={_written(value)}\n" if kept else f"# {INPUT_PREFIX}{ask.name}=\n")
    return "".join(lines).encode()


def answered(plan: Plan, values: Mapping[str, str]) -> Plan:
    """`plan` with what the person said in place of defaults; `WrongUsage` for a value that no line can hold."""
    for name, value in values.items():
        fault = _fault(value)
        if fault:
            raise WrongUsage(f"the value of {name} {fault}", code="bad-input", hint=f"--input {name}=VALUE")
    own = own_files(plan.asks, values)
    steps = tuple(replace(step, own=own) if isinstance(step, PutTree) and step.own else step for step in plan.steps)
    return replace(plan, steps=steps)


def own_files(asks: Sequence[Ask], values: Mapping[str, str]) -> dict[str, bytes]:
    """The person's files of a first install: one of lines, and one for each value that a container finds as a file."""
    lines = {LINES: answer_text(asks, values)} if any(ask.variable for ask in asks) else {}
    return lines | {ask.file: values.get(ask.name, ask.default or "").encode() for ask in asks if ask.file}


def merged(name: str, old: bytes, new: bytes) -> bytes:
    """The person's file with the lines of `new` whose names it has not; as it is where it has no lines or all of them.

    A file that holds one value, and holds nothing yet, becomes `new`.
    """
    if name != LINES:
        return old or new
    known = {match[1] for match in _LINE.finditer(old)}
    more = [match[0] + b"\n" for match in _LINE.finditer(new) if match[1] not in known]
    end = b"" if not more or not old or old.endswith(b"\n") else b"\n"
    return old + end + b"".join(more)


def answered_names(text: bytes) -> frozenset[str]:
    """The names of inputs that a person's file has a line for."""
    names = (match[1].decode() for match in _LINE.finditer(text))
    return frozenset(name.removeprefix(INPUT_PREFIX) for name in names if name.startswith(INPUT_PREFIX))


def unanswered(asks: Sequence[Ask], values: Mapping[str, str]) -> tuple[Ask, ...]:
    """What is demanded and has neither a value nor a default."""
    return tuple(ask for ask in asks if ask.demanded and not (values.get(ask.name) or ask.default))


def _fault(value: str) -> str | None:
    """Why a value cannot stand in a line, which engines read each a little differently."""
    if len(value) > VALUE_CHARACTERS or not value.isprintable():
        return f"is one line of at most {VALUE_CHARACTERS} printable characters, this is {quoted(value)}"
    if value.endswith("\\") or "\\\\" in value or "\\'" in value:
        return "holds a \\ at its end or before another \\ or a ', which engines read differently"
    return None


def _written(value: str) -> str:
    """The value in single quotes where they are needed: inside of them nothing but the quote itself has a meaning."""
    return value if _PLAIN.fullmatch(value) else "'" + value.replace("'", "\\'") + "'"
