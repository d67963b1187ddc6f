"""One service of a compose file, key by key: each rule normalises its value or raises a `Fault`."""

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from registry_tool.core.native.compose_env import Draft, env_lines, list_of, pairs_of, text_of
from registry_tool.core.native.compose_keys import KEPT
from registry_tool.core.native.compose_lines import Lines
from registry_tool.core.native.compose_values import (
    CAPABILITIES,
    RESERVED_FILES,
    Fault,
    Variable,
    baked,
    read_image,
    read_mount,
    read_port,
    renamed,
)
from registry_tool.core.quoting import quoted

_ENV_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NETWORK: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")
_RESTART: Final = re.compile(r"no|always|unless-stopped|on-failure(?::[0-9]{1,4})?")
_TMPFS: Final = re.compile(r"/[A-Za-z0-9_./-]*(?::(?:[a-z]+(?:=[0-9a-z]+)?)(?:,[a-z]+(?:=[0-9a-z]+)?)*)?")
_HEALTH: Final = frozenset(("test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"))
_DEPENDS: Final = {"condition": ("service_started", "service_healthy", "service_completed_successfully")}
_AMOUNTS: Final = ("cpus", "memory", "pids")
_LIMITS: Final = ("nofile", "nproc", "memlock")


class ServiceReader:
    """Reads the services of one file and collects what they share."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        lines: Lines,
        services: frozenset[str],
        sources: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._files = files
        self._lines = lines
        self._services = services
        self._sources = sources
        self._now = ""
        self.done: dict[str, Draft] = {}
        self.aliases: dict[str, set[str]] = {}
        self.inputs: dict[str, str | None] = {}
        self.written: dict[str, bytes] = {}
        self.used: set[str] = set()
        self.emitted: dict[str, dict[str, Any]] = {"configs": {}, "secrets": {}}
        self._defaults = env_lines(files.get(".env", b""))

    def begin(self, name: str) -> None:
        """Starts the service `name`; what `key` reads from here on is its."""
        if not _NETWORK.fullmatch(name):
            self._lines.fail(
                ("services", name), f"{quoted(name)} is not a name of a service", "use letters, digits and -"
            )
        self._now = name
        self.done[name] = Draft()

    def key(self, key: str, value: Any) -> None:  # Any: what YAML holds
        """Takes one key of the service. Raises `Fault`."""
        if value is None:
            return
        draft = self.done[self._now]
        if key in KEPT:
            draft.rest[key] = self._shaped(key, value)
            return
        rule: Callable[[Draft, Any], None] = getattr(self, f"_{key}")
        rule(draft, value)

    def prepare(self, kind: str) -> None:
        """Reads the top-level `configs` or `secrets`."""
        for name, value in self._sources[kind].items():
            try:
                self.emitted[kind][name] = self._source(value, f"{kind}/{name}")
            except Fault as fault:
                self._lines.fail((kind, name), fault.message, fault.hint)

    def _source(self, value: Any, place: str) -> dict[str, Any]:
        fields = set(value) - {"name", "labels"} if isinstance(value, dict) else set()
        if fields == {"file"}:
            return {"file": "./" + self._own_file(value["file"], place)}
        if fields == {"environment"} and isinstance(value["environment"], str):
            return {"environment": self._renamed("${" + value["environment"] + "}")[2:-1]}
        if fields == {"content"} and isinstance(value["content"], str):
            return {"content": self._renamed(value["content"])}
        raise Fault(f"{place} comes from a file of the app", "write: file: ./name.txt")

    def _own_file(self, value: Any, place: str) -> str:
        path = posixpath.normpath(baked(value)) if isinstance(value, str) else ""
        if path not in self._files or "$" in path or RESERVED_FILES.fullmatch(path.partition("/")[0]):
            raise Fault(f"{quoted(str(value))} is not a file of the app", f"put it into the folder, for {place}")
        self.used.add(path)
        return path

    def _renamed(self, text: str) -> str:
        return renamed(text, self._note)

    def _note(self, variable: Variable) -> None:
        default = variable.rest if variable.operator in ("-", ":-") else None
        if variable.operator in ("+", ":+"):
            default = ""
        if self.inputs.get(variable.name) is None:
            own = self._defaults.get(variable.name)
            self.inputs[variable.name] = default if own is None else own

    def _shaped(self, key: str, value: Any) -> Any:  # Any: JSON
        shape = KEPT[key]
        if shape in ("words", "list") and isinstance(value, list):
            return [self._renamed(text_of(key, item)) for item in value]
        if shape == "flag":
            word = (
                value
                if isinstance(value, bool)
                else {"true": True, "false": False}.get(baked(text_of(key, value)).lower())
            )
            if word is None:
                raise Fault(f"{key} is true or false, this is {quoted(str(value))}", f"write: {key}: true")
            return word
        if shape == "number":
            number = self._amount(key, value)
            return number if isinstance(value, str) else value
        if shape == "list":
            raise Fault(f"{key} is a list", f"write: {key}: [{value}]")
        return self._renamed(text_of(key, value))

    def _amount(self, key: str, value: Any) -> str:
        number = baked(text_of(key, value))
        if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?(?:[bkmgBKMG][iI]?[bB]?)?", number):
            raise Fault(f"{key} is a number, this is {quoted(number)}", f"as: {key}: 512")
        return number

    def _image(self, draft: Draft, value: Any) -> None:
        image = read_image(text_of("image", value))
        draft.image = image.tagged + (f"@{image.digest}" if image.digest else "")

    def _each(self, key: str, value: Any, take: Callable[[Any], None]) -> None:
        """Takes every item of a list; one fault does not hide the next."""
        for item in list_of(key, value):
            try:
                take(item)
            except Fault as fault:
                self._lines.fail(("services", self._now, key), fault.message, fault.hint)

    def _cap_add(self, draft: Draft, value: Any) -> None:
        def take(item: Any) -> None:
            name = text_of("cap_add", item).upper().removeprefix("CAP_")
            if name not in CAPABILITIES:
                raise Fault(
                    f"the capability {quoted(name)} is never granted", "possible are " + ", ".join(sorted(CAPABILITIES))
                )
            draft.capabilities.add(name)

        self._each("cap_add", value, take)

    def _ports(self, draft: Draft, value: Any) -> None:
        def take(item: Any) -> None:
            draft.ports.extend(port for port in read_port(item) if port not in draft.ports)

        self._each("ports", value, take)

    def _volumes(self, draft: Draft, value: Any) -> None:
        self._each("volumes", value, lambda item: self._volume(draft, item))

    def _volume(self, draft: Draft, item: Any) -> None:
        mount = read_mount(item, service=self._now)
        if mount is None:
            if isinstance(item, dict) and item.get("type") == "tmpfs":
                self._tmpfs(draft, item["target"])
            return
        if any(other.target == mount.target for other in draft.mounts):
            raise Fault(f"{mount.target} is mounted twice", "leave one of the two")
        draft.mounts.append(mount)
        if mount.source.startswith("./"):
            path = mount.source.removeprefix("./")
            self.used.add(path)
            if isinstance(item, dict) and isinstance(item.get("content"), str):
                self.written[path] = item["content"].encode("utf-8")

    def _tmpfs(self, draft: Draft, value: Any) -> None:
        for item in value if isinstance(value, list) else [value]:
            text = baked(text_of("tmpfs", item))
            if not _TMPFS.fullmatch(text) or ".." in text:
                raise Fault(f"{quoted(text)} is not a tmpfs", "as: /run or /tmp:size=64m")
            draft.rest.setdefault("tmpfs", []).append(text)

    def _env_file(self, draft: Draft, value: Any) -> None:
        found: dict[str, str] = {}
        for item in value if isinstance(value, list) else [value]:
            path, required = (item.get("path"), item.get("required", True)) if isinstance(item, dict) else (item, True)
            name = posixpath.normpath(baked(path)) if isinstance(path, str) else ""
            if name == ".env" and name in self._files:
                found.update({key: self._renamed(f"${{{key}}}") for key in self._defaults})
            elif name in self._files:
                found.update({key: text.replace("$", "$$") for key, text in env_lines(self._files[name]).items()})
            elif required is not False:
                hint = "put it into the folder, or write its names under environment:"
                raise Fault(f"the file {quoted(str(path))} is not there", hint)
        draft.rest["environment"] = found | draft.rest.get("environment", {})

    def _environment(self, draft: Draft, value: Any) -> None:
        found: dict[str, str] = {}
        for name, text in pairs_of(value).items():
            if not _ENV_NAME.fullmatch(name):
                raise Fault(f"{quoted(name)} is not a name of a variable", "as: NAME: value")
            if isinstance(text, bool):
                self._plain_flag(name)
            found[name] = self._renamed(f"${{{name}}}" if text is None else text_of(name, text))
        draft.rest["environment"] = draft.rest.get("environment", {}) | found

    def _plain_flag(self, name: str) -> None:
        """Refuses `NAME: yes`, which YAML 1.1 and 1.2 read differently."""
        odd = re.search(
            rf"['\"]?{re.escape(name)}['\"]?[ \t]*:[ \t]*(yes|no|on|off|y|n)\b", self._lines.text, re.IGNORECASE
        )
        if odd:
            raise Fault(
                f"{name}: {odd[1]} is a word to some and true or false to others",
                f'put it in quotes: {name}: "{odd[1]}"',
            )

    def _container_name(self, draft: Draft, value: Any) -> None:
        name = baked(text_of("container_name", value), lambda unset: "")
        if _NETWORK.fullmatch(name) and name not in self._services:
            self.aliases.setdefault(self._now, set()).add(name)
        self._lines.dropped["container_name"] = "the other services still find it by that name"

    def _links(self, draft: Draft, value: Any) -> None:
        for item in list_of("links", value):
            target, _, alias = text_of("links", item).partition(":")
            self._known(target, "links")
            if alias and _NETWORK.fullmatch(alias):
                self.aliases.setdefault(target, set()).add(alias)
        self._lines.dropped["links"] = "services of one app find each other by name"

    def _known(self, name: str, key: str) -> None:
        if name not in self._services:
            raise Fault(f"{key} names {quoted(name)}, which is not a service of this file", "add it or remove the name")

    def _depends_on(self, draft: Draft, value: Any) -> None:
        wanted = value if isinstance(value, dict) else dict.fromkeys(map(str, list_of("depends_on", value)))
        found = {}
        for name, options in sorted(wanted.items()):
            self._known(name, "depends_on")
            how = (options or {}).get("condition", "service_started") if isinstance(options or {}, dict) else None
            if how not in _DEPENDS["condition"]:
                raise Fault(f"{quoted(str(options))} is not a condition", "as: condition: service_healthy")
            found[name] = {"condition": how}
        draft.rest["depends_on"] = found

    def _healthcheck(self, draft: Draft, value: Any) -> None:
        odd = sorted(set(value) - _HEALTH) if isinstance(value, dict) else ["no mapping"]
        if odd:
            raise Fault(f"{quoted(odd[0])} is not known in a healthcheck", "it has " + ", ".join(sorted(_HEALTH)))
        found: dict[str, Any] = {}
        for key, item in sorted(value.items()):
            if isinstance(item, list):
                found[key] = [self._renamed(text_of(key, word)) for word in item]
            elif item is not None:
                found[key] = item if isinstance(item, bool | int) else self._renamed(text_of(key, item))
        draft.rest["healthcheck"] = found

    def _restart(self, draft: Draft, value: Any) -> None:
        word = "no" if value is False else baked(text_of("restart", value))
        if not _RESTART.fullmatch(word):
            raise Fault(f"{quoted(word)} is not a way to restart", "as: restart: unless-stopped")
        draft.rest["restart"] = word

    def _network_mode(self, draft: Draft, value: Any) -> None:
        word = baked(text_of("network_mode", value))
        if word.startswith("service:"):
            self._known(word.removeprefix("service:"), "network_mode")
        elif word not in ("none", "bridge", "default"):
            hint = "remove it, and publish the ports that are needed under ports:"
            raise Fault(f"network_mode: {word} shares a network that is not the app's", hint)
        if word not in ("bridge", "default"):
            draft.rest["network_mode"] = word

    def _networks(self, draft: Draft, value: Any) -> None:
        wanted = value if isinstance(value, dict) else dict.fromkeys(map(str, list_of("networks", value)))
        for name, options in wanted.items():
            aliases = options.get("aliases", []) if isinstance(options, dict) else []
            if not _NETWORK.fullmatch(name) or not isinstance(aliases, list):
                raise Fault(f"{quoted(name)} is not a name of a network", "use letters, digits and -")
            draft.networks[name] = sorted(alias for alias in map(str, aliases) if _NETWORK.fullmatch(alias))
            if isinstance(options, dict) and set(options) - {"aliases"}:
                self._lines.dropped["fixed addresses in networks"] = "services find each other by name"

    def _configs(self, draft: Draft, value: Any) -> None:
        draft.rest["configs"] = self._references("configs", value)

    def _secrets(self, draft: Draft, value: Any) -> None:
        draft.rest["secrets"] = self._references("secrets", value)

    def _references(self, kind: str, value: Any) -> list[dict[str, Any]]:
        found = []
        for item in list_of(kind, value):
            full = {"source": item} if isinstance(item, str) else item
            known = isinstance(full, dict) and not set(full) - {"source", "target", "uid", "gid", "mode"}
            if not known or not all(isinstance(part, str | int) for part in full.values()):
                raise Fault(f"{quoted(str(item))} is not one of {kind}", "as: - source: name")
            if full.get("source") not in self._sources[kind]:
                raise Fault(
                    f"{quoted(str(full.get('source')))} is not declared under {kind}:", "declare it at the top level"
                )
            found.append(
                {key: self._renamed(part) if isinstance(part, str) else part for key, part in sorted(full.items())}
            )
        return found

    def _security_opt(self, draft: Draft, value: Any) -> None:
        for item in list_of("security_opt", value):
            if not re.fullmatch("no-new-privileges(?:[:=]true)?", text_of("security_opt", item)):
                raise Fault(f"security_opt {quoted(str(item))} takes a protection away", "remove it")

    def _ulimits(self, draft: Draft, value: Any) -> None:
        for name, limit in value.items() if isinstance(value, dict) else ():
            parts = list(limit.values()) if isinstance(limit, dict) else [limit]
            if name in _LIMITS and all(isinstance(part, int) for part in parts):
                draft.rest.setdefault("ulimits", {})[name] = limit
            else:
                self._lines.dropped["some ulimits"] = "the host's own hold"

    def _deploy(self, draft: Draft, value: Any) -> None:
        resources = value.get("resources") if isinstance(value, dict) else None
        found: dict[str, Any] = {}
        for name, part in resources.items() if isinstance(resources, dict) else ():
            if name not in ("limits", "reservations") or not isinstance(part, dict):
                continue
            if part.get("devices") or part.get("generic_resources"):
                raise Fault("deploy asks for devices of the host", "an app cannot have devices")
            kept = {key: self._amount(key, item) for key, item in sorted(part.items()) if key in _AMOUNTS}
            if kept:
                found[name] = kept
        if found:
            draft.rest["deploy"] = {"resources": found}
