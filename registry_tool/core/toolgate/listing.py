"""All that a server lists of its tools, and which of them agents get."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry_tool.core.canonical import Json
from registry_tool.core.digest import Digest
from registry_tool.core.errors import InvalidInput
from registry_tool.core.names import skeleton
from registry_tool.core.toolgate.definitions import shown_definition
from registry_tool.core.toolpins import definition_digest

PAGES: Final = 50
TOOLS: Final = 1000  # no model takes more
NAME_CHARACTERS: Final = 128  # MCP 2025-11-25, tool names
CURSOR_CHARACTERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Judged:
    """What is made of a listing."""

    shown: Mapping[str, Mapping[str, Json]]
    """Name to definition, for the granted tools that agents get; in the server's order."""
    digests: Mapping[str, Digest]
    """Name to digest, for the granted tools whose definition could be read, as the server has them now."""
    withheld: Mapping[str, str]
    """Name to reason, for the granted tools that agents do not get although the server lists them."""
    alike: Mapping[str, str]
    """Name to reason, for tools that were not granted and look like one that was."""


class Listing:
    """The pages of one listing, as they come."""

    def __init__(self) -> None:
        self._tools: list[Json] = []
        self._pages = 0

    def add(self, result: Mapping[str, Json]) -> str:
        """Takes in one page; the cursor of the next, empty where there is none.

        Raises `InvalidInput` for what is no page, and for more tools and pages than any server has.
        """
        tools, cursor = result.get("tools"), result.get("nextCursor")
        if not isinstance(tools, list):
            raise InvalidInput("it has no list of tools")
        self._tools += tools
        self._pages += 1
        if len(self._tools) > TOOLS or self._pages > PAGES:
            raise InvalidInput(f"it has more than {TOOLS} tools, or more than {PAGES} pages of them")
        if cursor is not None and (not isinstance(cursor, str) or len(cursor) > CURSOR_CHARACTERS):
            raise InvalidInput(f"its nextCursor is no text of at most {CURSOR_CHARACTERS} characters")
        return cursor or ""

    def judged(self, granted: Sequence[str], pins: Mapping[str, str], *, renew: str) -> Judged:
        """Which of `granted` agents get; `pins` are the digests that definitions had when they were first seen.

        `renew` is the command that lets a person accept another definition.
        """
        named = [tool for tool in self._tools if isinstance(tool, dict) and _is_name(tool.get("name"))]
        counts = Counter(tool["name"] for tool in named)
        shapes = {skeleton(name): name for name in granted}
        shown: dict[str, Mapping[str, Json]] = {}
        digests: dict[str, Digest] = {}
        withheld: dict[str, str] = {}
        alike: dict[str, str] = {}
        for tool in named:
            name = tool["name"]
            if name not in granted:
                twin = shapes.get(skeleton(name))
                if twin is not None:
                    alike[name] = f"it was not granted and looks like {twin}, which was"
                elif not name.isascii():
                    alike[name] = "it was not granted, and its letters may look like those of one that was"
                continue
            if counts[name] > 1:
                withheld[name] = f"the server lists it {counts[name]} times, and nobody can tell which one is called"
                continue
            definition = shown_definition(tool)
            try:
                digests[name] = definition_digest(tool)
            except InvalidInput as error:
                definition = error.message
            if isinstance(definition, str):
                withheld[name] = definition
            elif pins.get(name, digests[name]) != digests[name]:
                withheld[name] = (
                    "what the server says of it is not what it said at its first start, so it may do something else "
                    f"now; if you trust the change: {renew}"
                )
            else:
                shown[name] = definition
        return Judged(shown, digests, withheld, alike)


def _is_name(name: Json) -> bool:
    return isinstance(name, str) and len(name) <= NAME_CHARACTERS
