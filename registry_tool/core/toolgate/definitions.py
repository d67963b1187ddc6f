"""What an agent is shown of a tool: its definition, cleaned, or why it is not shown.

What a server says of its tools goes straight into a model's prompt. So text that a person would not see is taken out,
and where it cannot be taken out without breaking the tool (the name of a parameter, a value to choose) the tool is not
shown.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Final

from registry_tool.core.canonical import Json
from registry_tool.core.hidden import all_hidden
from registry_tool.core.limits import KIB
from registry_tool.core.quoting import quoted

DESCRIPTION_CHARACTERS: Final = 8000  # four pages: a tool that needs more is a manual
TITLE_CHARACTERS: Final = 200
DEFINITION_BYTES: Final = 128 * KIB  # of one tool, as it is shown

_HINTS: Final = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
_PROSE: Final = ("description", "title", "$comment")
"""Members of a schema that are for reading only."""
_MAPS_OF_SCHEMAS: Final = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
"""Members of a schema whose own members have names that the author chose: one may be called `title`."""


def visible(text: str, most: int) -> str:
    """`text` as a person sees it: no invisible, bidirectional or control character, at most `most` characters."""
    unseen = {at for at, _ in all_hidden(text)}
    seen = "".join(sign for at, sign in enumerate(text) if at not in unseen and not _is_control(sign))
    return seen if len(seen) <= most else seen[:most] + "… (cut)"


def shown_definition(tool: Mapping[str, Json]) -> dict[str, Json] | str:
    """The definition that agents get, made of the members that are pinned; else why there is none.

    `tool` is a member of `tools` in the answer to `tools/list` whose name was looked at.
    """
    texts = {"title": TITLE_CHARACTERS, "description": DESCRIPTION_CHARACTERS}
    shown: dict[str, Json] = {"name": tool["name"]}
    for member, most in texts.items():
        if tool.get(member) is not None:
            if not isinstance(tool[member], str):
                return f"its {member} is no text"
            shown[member] = visible(tool[member], most)
    for member in ("inputSchema", "outputSchema"):
        schema = tool.get(member)
        if schema is None and member == "outputSchema":
            continue
        if not isinstance(schema, dict):
            return f"its {member} is no object"
        clean = _Schema().cleaned(schema)
        if isinstance(clean, str):
            return f"its {member} hides {clean}"
        shown[member] = clean
    if tool.get("annotations") is not None:
        if not isinstance(tool["annotations"], dict):
            return "its annotations are no object"
        shown["annotations"] = _annotations(tool["annotations"])
    size = len(json.dumps(shown))
    return shown if size <= DEFINITION_BYTES else f"its definition has {size} bytes, at most {DEFINITION_BYTES} fit"


def _annotations(said: Mapping[str, Json]) -> dict[str, Json]:
    kept: dict[str, Json] = {hint: said[hint] for hint in _HINTS if isinstance(said.get(hint), bool)}
    if isinstance(said.get("title"), str):
        kept["title"] = visible(said["title"], TITLE_CHARACTERS)
    return kept


class _Schema:
    """Cleans one schema; remembers the first thing in it that is hidden and cannot be taken out."""

    def __init__(self) -> None:
        self._hides = ""

    def cleaned(self, schema: Json) -> Json:
        """The schema without hidden text, or what hides in it."""
        clean = self._part(schema, names=False)
        return self._hides or clean

    def _part(self, value: Json, *, names: bool) -> Json:
        """One part; `names` where its members are called what the author chose."""
        if isinstance(value, dict):
            return {self._kept(key): self._member(key, part, names=names) for key, part in value.items()}
        if isinstance(value, list):
            return [self._part(item, names=False) for item in value]
        return self._kept(value) if isinstance(value, str) else value

    def _member(self, key: str, value: Json, *, names: bool) -> Json:
        if isinstance(value, str) and key in _PROSE and not names:
            return visible(value, DESCRIPTION_CHARACTERS)
        return self._part(value, names=key in _MAPS_OF_SCHEMAS and not names)

    def _kept(self, text: str) -> str:
        if visible(text, len(text)) != text and not self._hides:
            self._hides = f"characters that nobody sees in {quoted(text)}"
        return text


def _is_control(sign: str) -> bool:
    """Whether `sign` is a control character other than those of ordinary text."""
    return unicodedata.category(sign) == "Cc" and sign not in "\t\n\r"
