"""The compose file that is installed: ours, the same bytes everywhere, with no more than was granted."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from registry_tool.core.native.compose import Compose, Service

_ODD: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_WORD: Final = re.compile("(?!(?:true|false|yes|no|on|off|y|n|null)$)[A-Za-z_][A-Za-z0-9_-]*", re.IGNORECASE)
"""A name that every YAML reader takes for a text."""


def emit(compose: Compose, *, granted: Collection[str], digests: Mapping[str, str]) -> bytes:
    """The file to install: every service without capabilities, ports and mounts but those `granted`.

    `digests` gives images by `name:tag` the digest that the release pins. It is written so that the oldest compose
    in use reads it: containers and volumes take their names from the folder that it lies in.
    """
    top: dict[str, Any] = {
        "services": {service.name: _service(service, granted, digests) for service in compose.services},
    }
    mounted = {mount.source for service in compose.services for mount in service.mounts if mount.permission in granted}
    volumes = [name for name in compose.volumes if name in mounted]
    if compose.networks:
        top["networks"] = {
            name: {"internal": True} if alone else {} for name, alone in sorted(compose.networks.items())
        }
    if volumes:
        top["volumes"] = {name: {} for name in volumes}
    for key, members in (("configs", compose.configs), ("secrets", compose.secrets)):
        if members:
            top[key] = dict(sorted(members.items()))
    return ("# Written at installation; grants no more than the app's permissions.\n" + _block(top, 0)).encode()


def _service(service: Service, granted: Collection[str], digests: Mapping[str, str]) -> dict[str, Any]:
    image = (
        service.image
        if "@" in service.image or service.image not in digests
        else (f"{service.image}@{digests[service.image]}")
    )
    emitted: dict[str, Any] = {**service.rest, "image": image, "cap_drop": ["ALL"]}
    capabilities = [name for name in service.capabilities or service.start if f"cap:{name}" in granted]
    if capabilities:
        emitted["cap_add"] = capabilities
    ports = [port for port in service.ports if port.permission in granted]
    if ports:
        emitted["ports"] = [f"127.0.0.1:{port.host}:{port.target}/{port.protocol}" for port in ports]
    mounts = [mount.permission for mount in service.mounts if mount.permission in granted]
    if mounts:
        emitted["volumes"] = [permission.removeprefix("mount:") for permission in mounts]
    emitted["security_opt"] = ["no-new-privileges:true"]
    return dict(sorted(emitted.items()))


def _block(value: Mapping[str, Any], indent: int) -> str:
    lines = []
    for key, member in value.items():
        lead = " " * indent + (key if _WORD.fullmatch(key) else _quoted(key)) + ":"
        if isinstance(member, dict) and member:
            lines.append(f"{lead}\n{_block(member, indent + 2)}")
        elif isinstance(member, list) and any(isinstance(item, dict) for item in member):
            lines.append(lead + "\n" + "".join(f"{' ' * indent}  - {_quoted(item)}\n" for item in member))
        else:
            lines.append(f"{lead} {_quoted(member)}\n")
    return "".join(lines)


def _quoted(value: Any) -> str:
    """JSON on one line, which every YAML reader takes for the same value."""
    text = json.dumps(value, ensure_ascii=False)
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
