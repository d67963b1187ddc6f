"""A reader of MCP registries, written from the published description of their API: it knows nothing of ours.

`Reader(ask)` asks through a function from a path with its query to the body of the answer, `None` for 404. Every
answer is held against the schema; a cursor is used exactly as it was given.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jsonschema

from tests.feeds.mcp_schema import ANSWER, LIST

OFFICIAL = "io.modelcontextprotocol.registry/official"
Answer = dict[str, Any]  # JSON


@dataclass(frozen=True)
class Reader:
    """Walks the read routes."""

    ask: Callable[[str], bytes | None]

    def servers(self) -> list[list[Answer]]:
        """Every page of the list."""
        pages: list[list[Answer]] = []
        cursors: set[str] = set()
        query = ""
        while True:
            page = self._list(f"/v0.1/servers{query}")
            assert page is not None
            pages.append(page["servers"])
            cursor = page["metadata"].get("nextCursor")
            if not cursor:
                return pages
            assert cursor not in cursors, "a cursor came twice"
            cursors.add(cursor)
            query = f"?cursor={quote(cursor, safe='')}"

    def versions(self, name: str) -> list[Answer] | None:
        """All versions of a server, newest first; `None` where there is no such server."""
        found = self._list(f"/v0.1/servers/{quote(name, safe='')}/versions")
        return None if found is None else list(found["servers"])

    def version(self, name: str, version: str = "latest") -> Answer | None:
        """One version."""
        data = self.ask(f"/v0.1/servers/{quote(name, safe='')}/versions/{quote(version, safe='')}")
        if data is None:
            return None
        value: Answer = json.loads(data)
        jsonschema.validate(value, ANSWER)
        return value

    def _list(self, path: str) -> Answer | None:
        data = self.ask(path)
        if data is None:
            return None
        value: Answer = json.loads(data)
        jsonschema.validate(value, LIST)
        assert value["metadata"]["count"] == len(value["servers"])
        return value


def walked(reader: Reader) -> dict[str, list[str]]:
    """Every server that a reader finds, with its versions: list, versions, each version and latest agree."""
    found: dict[str, list[str]] = {}
    for page in reader.servers():
        for listed in page:
            name = listed["server"]["name"]
            versions = reader.versions(name)
            assert versions is not None
            assert name not in found
            found[name] = [one["server"]["version"] for one in versions]
            assert versions == [reader.version(name, one) for one in found[name]]
            latest = [one for one in versions if one["_meta"][OFFICIAL]["isLatest"]]
            assert [listed] == latest == [reader.version(name)]
    return found
