"""Compose files for tests: how one is read, and one service with lines of a test."""

from collections.abc import Mapping

import yaml

from registry_tool.core.native.compose import Compose, read_compose
from registry_tool.core.native.compose_emit import emit

WEB = "services:\n  web:\n    image: a/web:1\n"


def compose_of(text: str, files: Mapping[str, bytes] | None = None, entry: str = "compose.yaml") -> Compose:
    """What the compose file `text` says, beside `files`."""
    return read_compose({**(files or {}), entry: text.encode()}, entry)


def web(*lines: str) -> str:
    """A compose file with one service that has these lines too."""
    return WEB + "".join(f"    {line}\n" for line in lines)


def faults(compose: Compose) -> list[str]:
    """The messages that refuse it."""
    return [finding.message for finding in compose.findings if finding.level == "fail"]


def emitted(compose: Compose) -> dict[str, object]:
    """What is installed, as another YAML reader sees it."""
    text = emit(compose, granted=frozenset(compose.needs), digests={})
    loaded: dict[str, object] = yaml.safe_load(text)
    return loaded
