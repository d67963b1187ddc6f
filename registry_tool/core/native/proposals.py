"""What a native file proposes for a manifest, where its own words do not fit there as they are."""

import re
from typing import Final

from registry_tool.core.errors import InvalidInput
from registry_tool.core.names import parse_part

_CHARACTERS: Final = 64


def kebab(text: str) -> str:
    """`text` in small letters, digits and single hyphens, at most 64 of them; empty where nothing is left."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:_CHARACTERS].rstrip("-")


def proposed_name(text: str) -> dict[str, str]:
    """`{"name": …}` for an artifact called `text`; empty where only the author can say a good name."""
    try:
        return {"name": parse_part(kebab(text), "name")}
    except InvalidInput:
        return {}
