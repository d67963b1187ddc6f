"""One service of a compose file, key by key: each rule normalises its value or raises a `Fault`."""

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from registry_tool.core.native.compose_draft import Draft
from registry_tool.core.native.compose_env import env_file, environment, healthcheck, list_of, sample_env, text_of
from registry_tool.core.native.compose_keys import KEPT
from registry_tool.core.native.compose_limits import amount, bounded, deployed, sysctls, ulimits
from registry_tool.core.native.compose_lines import Lines
from registry_tool.core.native.compose_mounts import Ground, Mount, read_mount
from registry_tool.core.native.compose_ports import read_port
from registry_tool.core.native.compose_sources import Around, SourceReader
from registry_tool.core.native.compose_stores import leads_to
from registry_tool.core.native.compose_values import (
    CAPABILITIES,
    NEEDLESS,
    Fault,
    Variable,
    baked,
    read_image,
    renamed,
)
from registry_tool.core.quoting import quoted

_NETWORK: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")
_RESTART: Final = re.compile(r"no|always|unless-stopped|on-failure(?::[0-9]{1,4})?")
_TMPFS: Final = re.compile(r"/[A-Za-z0-9_./-]*(?::(?:[a-z]+(?:=[0-9a-z]+)?)(?:,[a-z]+(?:=[0-9a-z]+)?)*)?")
_CONDITIONS: Final = ("service_started", "service_healthy", "service_completed_successfully")


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
        self._now = ""
        self.done: dict[str, Draft] = {}
        self.aliases: dict[str, set[str]] = {}
        self.inputs: dict[str, str | None] = {}
        self.demanded: set[str] = set()
        """Inputs that a `:?` asks for."""
        self.written: dict[str, bytes] = {}
        self.used: set[str] = set()
        self._known = sample_env(files)
        self.sources = SourceReader(sources, Around(files, self._known, lines, self._renamed))
        folders = {path[: path.rindex("/")] for path in files if "/" in path}
        self._ground = Ground(
            known=self._known,
            has=lambda path: path in files or any(f"{one}/".startswith(f"{path}/") for one in folders),
            moved=lines.moved.__setitem__,
        )

    def begin(self, name: str) -> None:
        """Starts the service `name`; what `key` reads from here on is its."""
        if not _NETWORK.fullmatch(name):
            self._lines.fail(
                ("services", name), f"{quoted(name)} is not a name of a service", "use letters, digits and -"
            )
        self._now = name
        self.done[name] = Draft()

    def end(self) -> None:
        """Ends the service that was begun: what it says nothing about gets a bound."""
        draft = self.done[self._now]
        draft.rest = bounded(draft.rest, self._lines.changed.__setitem__)
        for port in leads_to(draft.rest.get("environment", {})):
            if all(port.target != other.target for other in draft.ports):
                draft.ports.append(port)
                self._lines.changed["SERVICE_…"] = "the port that it names is published on this machine"

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

    def _renamed(self, text: str) -> str:
        return renamed(text, self._note)

    def _note(self, variable: Variable) -> None:
        default = variable.rest if variable.operator in ("-", ":-") else None
        if variable.operator in ("+", ":+"):
            default = ""
        if variable.operator in ("?", ":?"):
            self.demanded.add(variable.name)
        if self.inputs.get(variable.name) is None:
            self.inputs[variable.name] = self._known.get(variable.name, default)

    def _shaped(self, key: str, value: Any) -> Any:  # Any: JSON
        shape = KEPT[key]
        if shape in ("words", "list") and isinstance(value, list):
            return [self._renamed(text_of(key, item)) for item in value]
        if shape == "flag":
            word = value if isinstance(value, bool) else _flag(baked(text_of(key, value), self._known))
            if word is None:
                raise Fault(f"{key} is true or false, this is {quoted(str(value))}", f"write: {key}: true")
            return word
        if shape == "number":
            number = amount(key, value, self._known)
            return number if isinstance(value, str) else value
        if shape == "list":
            raise Fault(f"{key} is a list", f"write: {key}: [{value}]")
        return self._renamed(text_of(key, value))

    def _image(self, draft: Draft, value: Any) -> None:
        image = read_image(text_of("image", value), self._known)
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
            if name in NEEDLESS:
                self._lines.dropped[name] = NEEDLESS[name]
            elif name not in CAPABILITIES:
                possible = ", ".join(sorted(CAPABILITIES))
                raise Fault(f"the capability {quoted(name)} is never granted", f"remove it; possible are {possible}")
            else:
                draft.capabilities.add(name)

        self._each("cap_add", value, take)

    def _cap_drop(self, draft: Draft, value: Any) -> None:
        draft.drops = {text_of("cap_drop", item).upper().removeprefix("CAP_") for item in list_of("cap_drop", value)}

    def _pids_limit(self, draft: Draft, value: Any) -> None:
        if str(value) not in ("-1", "0"):
            draft.rest["pids_limit"] = int(float(amount("pids_limit", value, self._known)))

    def _ports(self, draft: Draft, value: Any) -> None:
        def take(item: Any) -> None:
            draft.ports.extend(port for port in read_port(item, self._known) if port not in draft.ports)
            self._lines.changed["ports"] = "they are reached from this machine alone"

        self._each("ports", value, take)

    def _volumes(self, draft: Draft, value: Any) -> None:
        self._each("volumes", value, lambda item: self._volume(draft, item))

    def _volume(self, draft: Draft, item: Any) -> None:
        mount = read_mount(item, service=self._now, ground=self._ground)
        if mount is None:
            if isinstance(item, dict) and item.get("type") == "tmpfs":
                self._tmpfs(draft, item["target"])
            return
        if any(other.target == mount.target for other in draft.mounts):
            # As compose does it: the last one counts.
            self._lines.dropped[f"the first mount at {mount.target}"] = "a second one takes its place"
            draft.mounts = [other for other in draft.mounts if other.target != mount.target]
        draft.mounts.append(mount)
        if mount.source.startswith("./"):
            path = mount.source.removeprefix("./")
            self.used.add(path)
            if isinstance(item, dict) and isinstance(item.get("content"), str):
                self.written[path] = item["content"].encode("utf-8")
            self._demand_file(mount, path)

    def _volumes_from(self, draft: Draft, value: Any) -> None:
        for item in list_of("volumes_from", value):
            name, _, mode = text_of("volumes_from", item).partition(":")
            self._named(name, "volumes_from")
            draft.takes.append((name, mode == "ro"))
        self._lines.changed["volumes_from"] = "each mount is written out"

    def _demand_file(self, mount: Mount, path: str) -> None:
        """Warns of a file that is mounted and is not there: an engine would put an empty folder in its place."""
        suffix = posixpath.splitext(path)[1]
        missing = path not in self.written and not self._ground.has(path)
        if missing and suffix and suffix == posixpath.splitext(mount.target)[1] and "/." not in f"/{path}":
            message = f"{mount.source} is mounted and is not among the files; an empty folder will stand in its place"
            self._lines.warn(("services", self._now, "volumes"), message, f"put {path} into the folder")

    def _tmpfs(self, draft: Draft, value: Any) -> None:
        for item in value if isinstance(value, list) else [value]:
            text = baked(text_of("tmpfs", item), self._known)
            if not _TMPFS.fullmatch(text) or ".." in text:
                raise Fault(f"{quoted(text)} is not a tmpfs", "as: /run or /tmp:size=64m")
            draft.rest.setdefault("tmpfs", []).append(text)

    def _env_file(self, draft: Draft, value: Any) -> None:
        def missing(path: str) -> None:
            message = f"the file {quoted(path)} is not there; what it says is left out"
            hint = "put it into the folder, or write its names under environment:"
            self._lines.warn(("services", self._now, "env_file"), message, hint)

        found = env_file(value, self._files, renamed=self._renamed, missing=missing)
        draft.rest["environment"] = found | draft.rest.get("environment", {})

    def _environment(self, draft: Draft, value: Any) -> None:
        found = environment(value, text=self._lines.text, renamed=self._renamed)
        draft.rest["environment"] = draft.rest.get("environment", {}) | found

    def _container_name(self, draft: Draft, value: Any) -> None:
        name = baked(text_of("container_name", value), self._known, unset=lambda unset: "")
        if _NETWORK.fullmatch(name) and name not in self._services:
            self.aliases.setdefault(self._now, set()).add(name)
        self._lines.dropped["container_name"] = "the other services still find it by that name"

    def _links(self, draft: Draft, value: Any) -> None:
        for item in list_of("links", value):
            target, _, alias = text_of("links", item).partition(":")
            self._named(target, "links")
            if alias and _NETWORK.fullmatch(alias):
                self.aliases.setdefault(target, set()).add(alias)
        self._lines.dropped["links"] = "services of one app find each other by name"

    def _named(self, name: str, key: str) -> None:
        if name not in self._services:
            raise Fault(f"{key} names {quoted(name)}, which is not a service of this file", "add it or remove the name")

    def _depends_on(self, draft: Draft, value: Any) -> None:
        wanted = value if isinstance(value, dict) else dict.fromkeys(map(str, list_of("depends_on", value)))
        found = {}
        for name, options in sorted(wanted.items()):
            self._named(name, "depends_on")
            how = (options or {}).get("condition", "service_started") if isinstance(options or {}, dict) else None
            if how not in _CONDITIONS:
                raise Fault(f"{quoted(str(options))} is not a condition", "as: condition: service_healthy")
            found[name] = {"condition": how}
        draft.rest["depends_on"] = found

    def _healthcheck(self, draft: Draft, value: Any) -> None:
        draft.rest["healthcheck"] = healthcheck(value, renamed=self._renamed)

    def _restart(self, draft: Draft, value: Any) -> None:
        word = "no" if value is False else baked(text_of("restart", value), self._known)
        if not _RESTART.fullmatch(word):
            raise Fault(f"{quoted(word)} is not a way to restart", "as: restart: unless-stopped")
        draft.rest["restart"] = word

    def _network_mode(self, draft: Draft, value: Any) -> None:
        word = baked(text_of("network_mode", value), self._known)
        if word.startswith("service:"):
            self._named(word.removeprefix("service:"), "network_mode")
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
        draft.rest["configs"] = self.sources.references("configs", value)

    def _secrets(self, draft: Draft, value: Any) -> None:
        draft.rest["secrets"] = self.sources.references("secrets", value)

    def _security_opt(self, draft: Draft, value: Any) -> None:
        for item in list_of("security_opt", value):
            if not re.fullmatch("no-new-privileges(?:[:=]true)?", text_of("security_opt", item)):
                raise Fault(f"security_opt {quoted(str(item))} takes a protection away", "remove it")

    def _ulimits(self, draft: Draft, value: Any) -> None:
        kept, some = ulimits(value)
        if kept:
            draft.rest["ulimits"] = kept
        if some:
            self._lines.dropped["some ulimits"] = "the host's own hold"

    def _sysctls(self, draft: Draft, value: Any) -> None:
        kept, some = sysctls(value)
        if kept:
            draft.rest["sysctls"] = kept
        if some:
            self._lines.dropped["some sysctls"] = "settings of the kernel are the host's matter"

    def _deploy(self, draft: Draft, value: Any) -> None:
        limits = deployed(value, self._known)
        for name, limit in limits.items():
            draft.rest.setdefault(name, int(float(limit)) if name == "pids_limit" else limit)
        self._lines.changed["deploy"] = "its limits are kept, the rest is for clusters"


def _flag(word: str) -> bool | None:
    return {"true": True, "yes": True, "false": False, "no": False}.get(word.lower())
