"""What the catalogues of apps put into their compose files for a program of their own, understood without it.

- A service `app_proxy` without an image: the store's proxy in front of one service, `APP_HOST` and `APP_PORT`.
- A variable `SERVICE_FQDN_WIKI_3000` or `SERVICE_URL_WIKI_3000`: the store's proxy leads to port 3000.
- A host name `wiki_db_1`: how the first compose called the container of the service `db`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from registry_tool.core.native.compose_env import pairs_of
from registry_tool.core.native.compose_ports import Port
from registry_tool.core.native.compose_values import Fault

PROXY: Final = "app_proxy"

_LEADS_TO: Final = re.compile(r"SERVICE_(?:FQDN|URL)_[A-Z0-9_]*_(?P<port>[0-9]{1,5})")
_OLD_NAME: Final = re.compile(r"(?<![A-Za-z0-9_.-])[a-z0-9][a-z0-9-]*_(?P<service>[A-Za-z0-9_.-]+?)_1(?![A-Za-z0-9_-])")


def proxied(services: Mapping[str, Any]) -> tuple[str, Port] | None:  # Any: what YAML holds
    """The service that the store's proxy stands in front of, and the port; `None` where there is no such proxy."""
    proxy = services.get(PROXY)
    if not isinstance(proxy, dict) or "image" in proxy or "build" in proxy:
        return None
    try:
        said = pairs_of(proxy.get("environment") or {})
    except Fault:
        return None
    host, port = str(said.get("APP_HOST", "")), str(said.get("APP_PORT", ""))
    behind = next((name for name in sorted(services) if host == name or host.endswith(f"_{name}_1")), None)
    if behind is None or behind == PROXY or not re.fullmatch("[1-9][0-9]{0,4}", port) or int(port) > 65535:
        return None
    return behind, Port(int(port), int(port), "tcp", True)


def leads_to(names: Iterable[str]) -> tuple[Port, ...]:
    """The ports that the names of variables tell a store's proxy of."""
    found = (_LEADS_TO.fullmatch(name) for name in sorted(names))
    numbers = sorted({int(one["port"]) for one in found if one})
    return tuple(Port(number, number, "tcp", True) for number in numbers if 0 < number < 65536)


def old_names(text: str, services: Iterable[str]) -> dict[str, set[str]]:
    """By service: the host names in `text` that the first compose gave its container."""
    known = set(services)
    found: dict[str, set[str]] = {}
    for match in _OLD_NAME.finditer(text):
        if match["service"] in known:
            found.setdefault(match["service"], set()).add(match[0])
    return found
