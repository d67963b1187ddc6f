"""How an agent starts a plugin's server: the entry of an `.mcp.json`, from what the manifest says of its package.

Agents agree on the form and not on what is in it: some fill in variables (`${CLAUDE_PLUGIN_ROOT}`), others take every
text as it is and start a server in the plugin's folder where its `cwd` is relative.

What the person has to give becomes an environment variable of the plugin's own (`ANN__WORDS_API_KEY`): a server
that could name any variable could have every secret of the machine sent to it. For the same reason a server whose
own text has a `$` in it gets no entry: agents would read it as a variable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.manifest import Manifest

ROOT: Final = "${CLAUDE_PLUGIN_ROOT}"
"""Where an agent put the plugin; it says so itself."""
FILES: Final = "server"
"""The folder of the plugin in which its author's files lie: nothing that they bring comes alive beside ours."""

_VARIABLE: Final = re.compile(r"\{([^{}]{1,100})\}")

Json = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person gives."""

    variable: str
    """The environment variable."""
    description: str
    required: bool
    secret: bool


class _NoEntry(Exception):
    """Nothing that is safe to write starts it."""


def server_entry(manifest: Manifest) -> dict[str, Any] | None:  # Any: JSON
    """What starts or reaches the server; `None` where no agent can by itself (an mcpb file, or unsafe text)."""
    run = manifest.spec.get("run")
    if not isinstance(run, dict):
        return None
    try:
        return _entry(run, manifest, _Texts(manifest))
    except _NoEntry:
        return None


def plain_entry(entry: Json) -> dict[str, Any] | None:  # Any: JSON
    """The same for agents that fill nothing in; `None` where it cannot be said without."""
    plain = dict(entry)
    args = [one.removeprefix(f"{ROOT}/") for one in plain.get("args", ())]
    if args != plain.get("args", []):
        plain["cwd"] = "."
    if args:
        plain["args"] = args
    plain["env"] = {name: text for name, text in plain.get("env", {}).items() if "$" not in text}
    headers = plain.get("headers", {})
    if any("$" in text for text in (*args, *headers.values(), plain.get("url", ""))):
        return None
    return {key: member for key, member in plain.items() if member != {}}


def wanted(manifest: Manifest) -> tuple[Wanted, ...]:
    """What the person gives before it starts, in the manifest's order."""
    return tuple(
        Wanted(
            _variable(manifest, name), str(one.get("description", "")), bool(one.get("required")), bool(one["secret"])
        )
        for name, one in _inputs(manifest).items()
    )


def _inputs(manifest: Manifest) -> dict[str, Json]:
    rows = manifest.spec.get("inputs")
    listed = rows if isinstance(rows, list) else []
    return {str(row["name"]): {"secret": False, **row} for row in listed if isinstance(row, dict) and "name" in row}


def _variable(manifest: Manifest, name: str) -> str:
    return re.sub("[^A-Z0-9]", "_", f"{manifest.id.slug}_{name}".upper())


class _Texts:
    """Puts the person's variables into an author's templates."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._inputs = _inputs(manifest)

    def of(self, template: object) -> str:
        """The text for an agent; `{name}` of an input becomes its variable."""
        if not isinstance(template, str) or "$" in template:
            raise _NoEntry
        return _VARIABLE.sub(self._filled, template)

    def all(self, templates: object) -> list[str]:
        """Several of them, in order."""
        return [self.of(one) for one in templates] if isinstance(templates, list) else []

    def named(self, templates: object) -> dict[str, str]:
        """Those of an object; what the person may leave out is left out, since the agent's own environment has it."""
        given = templates if isinstance(templates, Mapping) else {}
        return {name: self.of(one) for name, one in sorted(given.items()) if not self._may_lack(one)}

    def _filled(self, match: re.Match[str]) -> str:
        asked = self._inputs.get(match[1])
        if asked is None:
            return match[0]
        default = str(asked.get("default", ""))
        if not re.fullmatch('[^$\\\\{}"`\x00-\x1f]*', default):
            raise _NoEntry
        end = "" if asked.get("required") and not default else f":-{default}"
        return f"${{{_variable(self._manifest, match[1])}{end}}}"

    def _may_lack(self, template: object) -> bool:
        match = _VARIABLE.fullmatch(str(template))
        asked = self._inputs.get(match[1], {}) if match else {}
        return bool(asked) and not asked.get("required") and not asked.get("default")


def _entry(run: Json, manifest: Manifest, texts: _Texts) -> dict[str, Any]:  # Any: JSON
    args, env = texts.all(run.get("args", [])), texts.named(run.get("env", {}))
    variables = {"env": env} if env else {}
    named, version = _plain(run.get("identifier", "")), _plain(run.get("version") or "")
    match run.get("type"):
        case "payload":
            start = f"{ROOT}/{FILES}/{_plain(run.get('entry'))}"
            return {"command": _program(run.get("command")), "args": [start, *args], **variables}
        case "npm":
            return {"command": "npx", "args": ["-y", f"{named}@{version}", *args], **variables}
        case "pypi":
            return {"command": "uvx", "args": [f"{named}@{version}", *args], **variables}
        case "oci":
            passed = [word for name in env for word in ("-e", _plain(name))]
            image = _image(manifest, named, version)
            return {"command": "docker", "args": ["run", "-i", "--rm", *passed, image, *args], **variables}
        case "remote":
            headers = texts.named(run.get("headers", {}))
            return {"type": "http", "url": texts.of(run.get("url")), **({"headers": headers} if headers else {})}
        case _:
            raise _NoEntry


def _image(manifest: Manifest, named: str, version: str) -> str:
    digest = next((pin.digest for pin in manifest.pins if (pin.type, pin.name) == ("image", named)), "")
    return f"{named}@{digest}" if digest else f"{named}:{version}"


def _plain(text: object) -> str:
    """A name that is used as it is: no option, no variable."""
    if not isinstance(text, str) or text.startswith("-") or "$" in text:
        raise _NoEntry
    return text


def _program(command: object) -> str:
    if command not in ("python3", "node"):
        raise _NoEntry
    return str(command)
