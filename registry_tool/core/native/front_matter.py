"""The front matter of a Markdown file: lines of YAML between two fences at its top.

Real ones begin with a byte order mark, end their lines as Windows does, or hold `name: yes`; each is
read, or refused with the line that mends it.
"""

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from registry_tool.core.findings import Finding, Level
from registry_tool.core.quoting import quoted

if TYPE_CHECKING:
    from registry_tool.core.native.yaml_text import Loaded

CHECK: Final = "front-matter"
_FENCED: Final = re.compile(r"---[ \t]*\r?\n(?P<matter>.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


class FrontMatter:
    """Front matter that was read, asked for one member at a time; it gathers what is to be said about it."""

    def __init__(self, loaded: "Loaded", path: str) -> None:
        self.members: Mapping[str, Any] = loaded.value  # Any: as YAML gives it
        """As the author wrote them."""
        self.findings: list[Finding] = list(loaded.findings)
        """In the order in which they were found."""
        self.path = path
        """The file that it stands in."""
        self._lines = loaded.lines

    def say(self, level: Level, key: str, message: str, hint: str = "") -> None:
        """Adds a finding about the member `key`."""
        self.findings.append(Finding(CHECK, level, message, self.path, hint, self._lines.get(key, 1)))

    def note_unknown(self, known: Collection[str], form: str) -> None:
        """Adds a note for each member that is not in `known`, the members of the format called `form`."""
        for key in sorted(set(self.members) - set(known)):
            self.say("note", key, f"{quoted(key)} is no member of the {form} format; it is left as it is")

    def text(self, key: str, level: Level, missing: str) -> str:
        """The text `key`, trimmed; empty with a finding of `level` where it is of another type.

        Where it is absent or blank it is empty too, with the line `missing` to write unless that is empty.
        """
        value = self.members.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            if missing:
                self.say(level, key, f"it has no {key}", missing)
            return ""
        if not isinstance(value, str):
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            plain = isinstance(value, bool | int | float)
            hint = f'put it in quotes: {key}: "{shown}"' if plain else f"write it as one text: {key}: …"
            self.say(level, key, f"{key} is a text, this is a {type(value).__name__}", hint)
            return ""
        return value.strip()


def read_front_matter(data: bytes, path: str, *, example: str) -> tuple[FrontMatter | None, tuple[Finding, ...]]:
    """The front matter of the file `path` with the bytes `data`, or `None` and why it cannot be read.

    `example` are the lines to write where there is none.
    """
    from registry_tool.core.native.yaml_text import BOM, Loaded, load_yaml

    body = data.removeprefix(BOM)
    marked = (Finding("yaml", "note", "it begins with a byte order mark, which is not needed", path),)
    notes = marked if body != data else ()
    # Surrogates keep bytes that are not UTF-8 apart from the fences; the YAML reader refuses them.
    match = _FENCED.match(body.decode("utf-8", "surrogateescape"))
    if not match:
        opened = body.startswith(b"---")
        message = "the front matter has no end" if opened else "it has no front matter"
        hint = "close it with a line ---" if opened else f"write at its top\n{example}"
        return None, (*notes, Finding(CHECK, "fail", message, path, hint, 1))
    loaded = load_yaml(match["matter"].encode("utf-8", "surrogateescape"), what=path, first_line=2)
    if not loaded.good:
        return None, (*notes, *loaded.findings)
    if not isinstance(loaded.value, dict):
        message = "the front matter is no list of `key: value` lines"
        return None, (*notes, Finding(CHECK, "fail", message, path, f"write at its top\n{example}", 2))
    return FrontMatter(Loaded(loaded.value, (*notes, *loaded.findings), loaded.lines), path), ()
