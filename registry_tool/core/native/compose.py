"""What a compose file asks for, and the same app written without anything that it is not granted.

Real files are full of things that do no harm and of things that mean something only on their
author's host. Both are left out and said so. What would give an app more of the host than can be
granted is refused with the line to write. The author's file is never what runs.
"""

import difflib
import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from registry_tool.core.findings import Finding
from registry_tool.core.native.compose_keys import DROPPED, KEPT, PRIVATE_SPACES, REFUSED, RULED, TOP_LEVEL, TOP_REFUSED
from registry_tool.core.native.compose_lines import Lines
from registry_tool.core.native.compose_mounts import Mount
from registry_tool.core.native.compose_ports import Port, settled
from registry_tool.core.native.compose_service import ServiceReader
from registry_tool.core.native.compose_stores import PROXY, old_names, proxied
from registry_tool.core.native.compose_values import Fault
from registry_tool.core.native.yaml_text import load_yaml
from registry_tool.core.quoting import quoted


@dataclass(frozen=True, slots=True)
class Input:
    """One value that whoever installs the app gives it."""

    name: str
    default: str | None
    secret: bool
    """Whether its name says that nobody should see it."""
    demanded: bool = False
    """Whether the app does not start without a value."""
    file: str = ""
    """The file beside the compose file that it goes into, where it is a secret of the file."""
    variable: bool = True
    """Whether the compose file has a variable of this name."""


@dataclass(frozen=True, slots=True)
class Service:
    """One container of the app."""

    name: str
    image: str
    """`name:tag`, with `@sha256:…` where the author wrote it."""
    capabilities: tuple[str, ...]
    ports: tuple[Port, ...]
    mounts: tuple[Mount, ...]
    rest: Mapping[str, Any]
    """All its other keys, normalised: what is installed besides those above."""
    start: tuple[str, ...] = ()
    """Capabilities that it has by itself where an engine runs its author's file, and may need to start."""


@dataclass(frozen=True, slots=True)
class Compose:
    """One compose file, understood."""

    services: tuple[Service, ...] = ()
    networks: Mapping[str, bool] = field(default_factory=dict)
    """Name to whether it has no way out."""
    configs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    written: Mapping[str, bytes] = field(default_factory=dict)
    """Files whose content stands in the compose file, by their path beside it."""
    used: tuple[str, ...] = ()
    """Paths beside the compose file that it mounts or refers to: files of the payload, or folders."""
    findings: tuple[Finding, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """Exactly the permissions that the file asks for, sorted."""
        asked = {f"cap:{name}" for service in self.services for name in service.capabilities}
        asked |= {port.permission for service in self.services for port in service.ports}
        asked |= {mount.permission for service in self.services for mount in service.mounts}
        return tuple(sorted(asked))

    @property
    def may(self) -> tuple[str, ...]:
        """Permissions that it does not ask for and can make use of, sorted: images that start as root need them."""
        return tuple(sorted({f"cap:{name}" for service in self.services for name in service.start} - {*self.needs}))

    @property
    def volumes(self) -> tuple[str, ...]:
        """The names of all volumes that are mounted, sorted."""
        mounts = [mount for service in self.services for mount in service.mounts]
        return tuple(sorted({mount.source for mount in mounts if not mount.source.startswith("./")}))


def read_compose(files: Mapping[str, bytes], entry: str) -> Compose:
    """The compose file at `entry`; `files` are all of the payload. Faults are findings, never raised."""
    loaded = load_yaml(files[entry], what=entry, aliases=True)
    if not loaded.good:
        return Compose(findings=loaded.findings)
    reader = _Reader(files, entry, Lines(files[entry].decode("utf-8-sig"), entry))
    reader.lines.findings.extend(loaded.findings)
    services = loaded.value.get("services") if isinstance(loaded.value, dict) else None
    if not isinstance(services, dict) or not services:
        reader.lines.fail(("services",), "a compose file has services", "services:\n  app:\n    image: name:1.2.3")
        return Compose(findings=tuple(reader.lines.findings))
    return reader.read(loaded.value)


@dataclass(slots=True)
class _Reader:
    """One reading of one file."""

    files: Mapping[str, bytes]
    entry: str
    lines: Lines

    def read(self, top: Mapping[str, Any]) -> Compose:  # Any: what YAML holds
        """The whole file."""
        self._top_keys(top)
        sources = {name: self._sources(top, name) for name in ("configs", "secrets")}
        reader = ServiceReader(self._beside(), self.lines, frozenset(top["services"]), sources)
        for name in ("configs", "secrets"):
            reader.sources.prepare(name)
        proxy = proxied(top["services"])
        for name in sorted(top["services"]):
            if proxy is None or name != PROXY:
                self._service_keys(name, top["services"][name], reader)
        self._stores(top["services"], proxy, reader)
        services = self._with_ports(tuple(self._finish(reader, name) for name in sorted(reader.done)))
        self._agree(services, reader.sources.used)
        self._declared(top, "volumes")
        networks = self._networks(top, reader)
        self.lines.tell_rest()
        files = reader.sources.asked
        return Compose(
            services=services,
            networks=networks,
            configs=reader.sources.emitted["configs"],
            secrets=reader.sources.emitted["secrets"],
            inputs=tuple(
                Input(
                    name,
                    reader.inputs.get(name),
                    name in files or _is_secret(name),
                    name in reader.demanded or name in files,
                    files.get(name, ""),
                    name in reader.inputs,
                )
                for name in sorted({*reader.inputs, *files})
            ),
            written={**reader.written, **reader.sources.written},
            used=tuple(sorted(reader.used | reader.sources.used)),
            findings=tuple(self.lines.findings),
        )

    def _stores(self, services: Mapping[str, Any], proxy: tuple[str, Port] | None, reader: ServiceReader) -> None:
        """What catalogues leave to a program of their own."""
        if proxy is not None:
            name, port = proxy
            self.lines.changed[PROXY] = f"the port {port.target} of {name} is published on this machine instead"
            if name in reader.done and all(other.target != port.target for other in reader.done[name].ports):
                reader.done[name].ports.append(port)
            for draft in reader.done.values():
                draft.rest.get("depends_on", {}).pop(PROXY, None)
        for name, aliases in old_names(self.lines.text, reader.done).items():
            reader.aliases.setdefault(name, set()).update(aliases)

    def _beside(self) -> dict[str, bytes]:
        """The payload's files by their paths beside the compose file."""
        folder = posixpath.dirname(self.entry)
        below = f"{folder}/" if folder else ""
        return {path.removeprefix(below): data for path, data in self.files.items() if path.startswith(below)}

    def _top_keys(self, top: Mapping[str, Any]) -> None:
        for key in top:
            if key in TOP_REFUSED:
                why, hint = TOP_REFUSED[key]
                self.lines.fail((key,), f"{key} {why}", hint)
            elif key.startswith("x-"):
                self.lines.dropped.setdefault("x-…", "it is for other tools")
            elif key not in TOP_LEVEL:
                self.lines.fail((key,), f"{quoted(key)} is not a key that is known here", _near(key, TOP_LEVEL))

    def _sources(self, top: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        value = top.get(kind) or {}
        if isinstance(value, dict):
            return value
        self.lines.fail((kind,), f"{kind} are names with what they are", f"{kind}:\n  name:\n    file: ./name.txt")
        return {}

    def _service_keys(self, name: str, service: Any, reader: ServiceReader) -> None:
        if not isinstance(service, dict):
            message = f"the service {quoted(name)} is not a mapping"
            self.lines.fail(("services", name), message, "write: image: name:1.2.3")
            return
        reader.begin(name)
        for key in sorted(service):
            value, place = service[key], ("services", name, key)
            if key.startswith("x-"):
                self.lines.dropped.setdefault("x-…", "it is for other tools")
            elif key in DROPPED:
                self.lines.dropped.setdefault(key, DROPPED[key])
            elif key == "build" and service.get("image"):
                self.lines.dropped["build"] = "the image is used"
            elif key in REFUSED:
                if value not in (None, [], {}, False):
                    why, hint = REFUSED[key]
                    self.lines.fail(place, f"{key} {why}", hint)
            elif key in PRIVATE_SPACES:
                if value not in (None, False, *PRIVATE_SPACES[key]):
                    message = f"{key}: {value!s:.40} opens the host's own"
                    self.lines.fail(place, message, f"remove it: {key} cannot be granted")
            elif key in KEPT or key in RULED:
                try:
                    reader.key(key, value)
                except Fault as fault:
                    self.lines.fail(place, fault.message, fault.hint)
            else:
                hint = _near(key, [*KEPT, *RULED, *DROPPED])
                self.lines.fail(place, f"{quoted(key)} is not a key of a service that is known here", hint)
        reader.end()
        if not service.get("image") and not service.get("build"):
            self.lines.fail(("services", name), f"the service {quoted(name)} has no image", "write: image: name:1.2.3")

    def _finish(self, reader: ServiceReader, name: str) -> Service:
        found = reader.done[name]
        rest = dict(sorted(found.rest.items()))
        if "environment" in rest:
            rest["environment"] = dict(sorted(rest["environment"].items()))
        aliases = sorted(reader.aliases.get(name, set()) - {name})
        if found.networks or aliases:
            attached = found.networks or {"default": []}
            rest["networks"] = {
                network: {"aliases": sorted({*own, *aliases})} if own or aliases else {}
                for network, own in sorted(attached.items())
            }
        if "network_mode" in rest:
            rest.pop("networks", None)
        capabilities, ports = tuple(sorted(found.capabilities)), tuple(found.ports)
        return Service(name, found.image, capabilities, ports, self._mounts(reader, name), rest, found.start)

    def _mounts(self, reader: ServiceReader, name: str) -> tuple[Mount, ...]:
        """The service's own mounts, and those of the services that it takes them from."""
        mounts = list(reader.done[name].mounts)
        for other, reads in reader.done[name].takes:
            known = {mount.target for mount in mounts}
            more = reader.done[other].mounts if other in reader.done else []
            mounts += [replace(one, read_only=reads or one.read_only) for one in more if one.target not in known]
        return tuple(mounts)

    def _with_ports(self, services: tuple[Service, ...]) -> tuple[Service, ...]:
        """The services with a number on the host for each port that their author left open."""
        taken = {port.permission for service in services for port in service.ports if not port.free}
        return tuple(replace(service, ports=settled(service.ports, taken)) for service in services)

    def _agree(self, services: tuple[Service, ...], texts: Collection[str]) -> None:
        """What several services say must fit together: ports once, no folder inside a writable one."""
        taken: dict[str, Service] = {}
        for service in services:
            for port in service.ports:
                first = taken.get(port.permission)
                taken[port.permission] = service
                # Services of profiles are there one instead of the other.
                if first is not None and not (first.rest.get("profiles") and service.rest.get("profiles")):
                    message = f"{port.host}/{port.protocol} is published twice, by {first.name} and {service.name}"
                    self.lines.fail(("services", service.name, "ports"), message, "give one of them another host port")
        mounts = [(mount, service.name) for service in services for mount in service.mounts]
        written = [mount.source for mount, _ in mounts if not mount.read_only and mount.source.startswith("./")]
        inner: list[tuple[str, tuple[str, ...]]]
        inner = [(mount.source, ("services", name, "volumes")) for mount, name in mounts]
        inner += [(f"./{path}", ("configs",)) for path in sorted(texts)]
        for source, place in inner:
            outer = [
                folder for folder in written if source.startswith(f"{folder}/") or (source, len(place)) == (folder, 1)
            ]
            if outer:
                # A container that writes the outer folder can put a link in place of the inner one.
                message = f"{source} lies inside of {outer[0]}, which a service can write"
                self.lines.fail(place, message, "mount folders that lie beside each other")

    def _declared(self, top: Mapping[str, Any], kind: str) -> None:
        declared = self._sources(top, kind)
        for name, value in declared.items():
            options = value if isinstance(value, dict) else {}
            place = (kind, name)
            driver = options.get("driver", "local")
            if options.get("external"):
                self.lines.fail(place, f"the volume {quoted(name)} belongs to something else", "remove external:")
            elif driver != "local" or options.get("driver_opts"):
                message = f"the volume {quoted(name)} can reach any storage of the host by its driver"
                self.lines.fail(place, message, "remove driver and driver_opts")
            odd = set(options) - {"driver", "driver_opts", "external", "name", "labels"}
            odd = {key for key in odd if not key.startswith("x-")}
            if odd or not (value is None or isinstance(value, dict)):
                message = f"the volume {quoted(name)} says something that is not known here"
                self.lines.fail(place, message, f"write: {name}: {{}}")

    def _networks(self, top: Mapping[str, Any], reader: ServiceReader) -> dict[str, bool]:
        declared = self._sources(top, "networks")
        used = {network for found in reader.done.values() for network in found.networks} - {"default"}
        for name in sorted(used):
            options = declared.get(name)
            if name not in declared or (isinstance(options, dict) and (options.get("external") or options.get("ipam"))):
                self.lines.dropped.setdefault(f"the shared or numbered network {name}", "the app gets one of its own")
        wanted = sorted(used | ({"default"} & set(declared)))
        internal = {
            name for name, options in declared.items() if isinstance(options, dict) and options.get("internal") is True
        }
        return {name: name in internal for name in wanted}


def _near(key: str, known: Any) -> str:
    close = difflib.get_close_matches(key, sorted(known), 1)
    return f"did you mean {close[0]}?" if close else "remove it"


def _is_secret(name: str) -> bool:
    return any(word in name.upper() for word in ("PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE"))
