"""The parts of a service that are mostly text: its variables, how it is asked whether it works."""

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from registry_tool.core.native.compose_values import Fault
from registry_tool.core.quoting import quoted

_OWN: Final = (".env", "stack.env")
"""The file beside the compose file whose names are its variables; one catalogue has another name for it."""
_SAMPLES: Final = (
    ".env",
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "env.example",
    "example.env",
    "sample.env",
    "stack.env",
)
"""Where authors write those names with values to begin with, best first."""
_HEALTH: Final = frozenset(("test", "interval", "timeout", "retries", "start_period", "disable"))
_FLAGS: Final = "yes|no|on|off|y|n|true|false"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def text_of(key: str, value: Any) -> str:  # Any: what YAML holds
    """The text that `value` is, numbers and flags as compose writes them. Raises `Fault`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Fault(f"{key} is a text, this is {quoted(str(value))}", f'write: {key}: "…"')


def list_of(key: str, value: Any) -> list[Any]:  # Any: what YAML holds
    """The list that `value` is. Raises `Fault`."""
    if isinstance(value, list):
        return value
    raise Fault(f"{key} is a list, this is {quoted(str(value))}", f"write: {key}:\n  - …")


def pairs_of(value: Any) -> dict[str, Any]:  # Any: what YAML holds
    """Variables by name, written as a mapping or as `NAME=value`; `None` for a name alone. Raises `Fault`."""
    if isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for item in list_of("environment", value):
        if not isinstance(item, str):
            raise Fault(f"{quoted(str(item))} is not a variable", "as: - NAME=value")
        name, equals, text = item.partition("=")
        found[name] = text if equals else None
    return found


def environment(value: Any, *, text: str, renamed: Callable[[str], str]) -> dict[str, str]:  # Any: what YAML holds
    """The variables of a service; `text` is the whole file, `renamed` takes each value. Raises `Fault`."""
    found: dict[str, str] = {}
    for name, said in pairs_of(value).items():
        if not _NAME.fullmatch(name):
            raise Fault(f"{quoted(name)} is not a name of a variable", "as: NAME: value")
        plain = _flag_word(name, said, text) if isinstance(said, bool) else said
        found[name] = renamed(f"${{{name}}}" if plain is None else text_of(name, plain))
    return found


def healthcheck(value: Any, *, renamed: Callable[[str], str]) -> dict[str, Any]:  # Any: what YAML holds
    """How an engine finds out whether a service works. Raises `Fault`.

    `start_interval` is left out: it only makes the first answer come sooner, and older engines do not know it.
    """
    known = value.items() if isinstance(value, dict) else [("no mapping", None)]
    kept = {key: item for key, item in known if key != "start_interval" and not key.startswith("x-")}
    odd = sorted(kept.keys() - _HEALTH)
    if odd:
        raise Fault(f"{quoted(odd[0])} is not known in a healthcheck", "it has " + ", ".join(sorted(_HEALTH)))
    if kept.pop("disable", False) in (True, "true"):
        return {"disable": True}  # some composes take it for itself alone
    found: dict[str, Any] = {}
    for key, item in sorted(kept.items()):
        if isinstance(item, list):
            found[key] = [renamed(text_of(key, word)) for word in item]
        elif item is not None:
            found[key] = item if isinstance(item, bool | int) else renamed(text_of(key, item))
    return found


def env_file(
    value: Any,  # Any: what YAML holds
    files: Mapping[str, bytes],
    *,
    renamed: Callable[[str], str],
    missing: Callable[[str], None],
) -> dict[str, str]:
    """The variables of the files that a service reads; `missing` hears of each that is not there.

    What stands in the compose file's own .env is left to whoever installs the app.
    """
    found: dict[str, str] = {}
    for item in value if isinstance(value, list) else [value]:
        path, required = (item.get("path"), item.get("required", True)) if isinstance(item, dict) else (item, True)
        if not isinstance(path, str):
            raise Fault(f"{quoted(str(path))} is not a file of variables", "as: env_file: app.env")
        name = posixpath.normpath(path)
        if name in _OWN:
            found.update({key: renamed(f"${{{key}}}") for key in sample_env(files)})
        elif name in files:
            found.update({key: text.replace("$", "$$") for key, text in env_lines(files[name]).items()})
        elif required is not False:
            missing(path)
    return found


def sample_env(files: Mapping[str, bytes]) -> dict[str, str]:
    """What the author's own .env says, or the sample of one; empty where there is none."""
    name = next((name for name in _SAMPLES if name in files), None)
    return {} if name is None else env_lines(files[name])


def env_lines(data: bytes) -> dict[str, str]:
    """The variables of an env file, as far as it is plain; quotes around a value are taken off."""
    found = {}
    for line in data.decode("utf-8", "replace").splitlines():
        match = re.fullmatch(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*", line)
        if match:
            text = match[2]
            quotes = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
            found[match[1]] = text[1:-1] if quotes else re.split(r"\s#", text)[0]
    return found


def _flag_word(name: str, flag: bool, text: str) -> str | bool:
    """What stands in the file where YAML 1.1 sees a flag and compose reads a word: `yes` stays `yes`."""
    said = re.findall(rf"['\"]?{re.escape(name)}['\"]?[ \t]*:[ \t]*({_FLAGS})\b", text, re.IGNORECASE)
    words = {word.lower() if word.lower() in ("true", "false") else word for word in said}
    if len(words) > 1:
        word = sorted(words)[0]
        raise Fault(f"{name}: {word} is a word to some and true or false to others", f'write: {name}: "{word}"')
    return words.pop() if words else flag
