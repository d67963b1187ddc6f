"""The `configs` and `secrets` of a compose file: texts that services find as files."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.native.compose_env import list_of
from registry_tool.core.native.compose_lines import Lines
from registry_tool.core.native.compose_values import RESERVED_FILES, VALUES, Fault, baked, pieces
from registry_tool.core.quoting import quoted

_PARTS: Final = frozenset(("source", "target", "uid", "gid", "mode"))


@dataclass(frozen=True, slots=True)
class Around:
    """What is known where they are read."""

    files: Mapping[str, bytes]
    """The payload's files by their paths beside the compose file."""
    known: Mapping[str, str]
    """What the author's .env says."""
    lines: Lines
    renamed: Callable[[str], str]
    """Takes a text with its variables."""


class SourceReader:
    """Reads what is declared at the top of the file, and what services take of it."""

    def __init__(self, declared: Mapping[str, Mapping[str, Any]], around: Around) -> None:
        self._declared = declared
        self._around = around
        self.emitted: dict[str, dict[str, Any]] = {"configs": {}, "secrets": {}}
        self.asked: dict[str, str] = {}
        """Inputs in place of a file that only the author has, and the file that they go into."""
        self.written: dict[str, bytes] = {}
        """Texts that stand in the compose file, by the path that they are written to."""
        self.used: set[str] = set()
        """Files of the payload that are referred to."""

    def prepare(self, kind: str) -> None:
        """Reads the top-level `configs` or `secrets`."""
        for name, value in self._declared[kind].items():
            try:
                asked = self._asked(value, name) if kind == "secrets" else None
                self.emitted[kind][name] = asked or self._source(value, f"{kind}/{name}")
            except Fault as fault:
                self._around.lines.fail((kind, name), fault.message, fault.hint)

    def references(self, kind: str, value: Any) -> list[dict[str, Any]]:
        """What a service takes. Raises `Fault`."""
        found = []
        for item in list_of(kind, value):
            full = {"source": item} if isinstance(item, str) else item
            known = isinstance(full, dict) and not set(full) - _PARTS
            if not known or not all(isinstance(part, str | int) for part in full.values()):
                raise Fault(f"{quoted(str(item))} is not one of {kind}", "as: - source: name")
            if full.get("source") not in self._declared[kind]:
                raise Fault(
                    f"{quoted(str(full.get('source')))} is not declared under {kind}:", "declare it at the top level"
                )
            renamed = self._around.renamed
            found.append({key: renamed(part) if isinstance(part, str) else part for key, part in sorted(full.items())})
        return found

    def _asked(self, value: Any, name: str) -> dict[str, Any] | None:
        """An input for a secret that lies in a file of the author's, or in their engine; `None` for all others."""
        fields = value if isinstance(value, dict) else {}
        path = fields.get("file")
        plain = (
            isinstance(path, str) and "$" not in path and posixpath.normpath(path) not in (*self._around.files, ".env")
        )
        variable = re.sub("[^A-Z0-9]+", "_", name.upper()).strip("_")
        if not (plain or fields.get("external") is True) or not re.fullmatch("[A-Z][A-Z0-9_]*", variable):
            return None
        self._around.lines.changed[f"the secret {name}"] = "whoever installs the app is asked for it"
        self.asked[variable] = f"{VALUES}/{variable}"
        return {"file": f"./{VALUES}/{variable}"}

    def _source(self, value: Any, place: str) -> dict[str, Any]:
        fields = set(value) - {"name", "labels"} if isinstance(value, dict) else set()
        if fields == {"file"}:
            return {"file": "./" + self._own_file(value["file"], place)}
        if fields == {"environment"} and isinstance(value["environment"], str):
            return {"environment": self._around.renamed("${" + value["environment"] + "}")[2:-1]}
        if fields == {"content"} and isinstance(value["content"], str):
            return self._content(value["content"], place)
        raise Fault(f"{place} comes from a file of the app", "write: file: ./name.txt")

    def _content(self, text: str, place: str) -> dict[str, Any]:
        """A text of the file, as a file of its own where it depends on no variable: older composes read only files."""
        if all(isinstance(piece, str) for piece in pieces(text)):
            path = f"{VALUES}/{re.sub('[^A-Za-z0-9_.-]+', '-', place)}"
            self.written[path] = baked(text).encode("utf-8")
            return {"file": f"./{path}"}
        return {"content": self._around.renamed(text)}

    def _own_file(self, value: Any, place: str) -> str:
        files = self._around.files
        path = posixpath.normpath(baked(value, self._around.known)) if isinstance(value, str) else ""
        if path not in files or "$" in path or RESERVED_FILES.fullmatch(path.partition("/")[0]):
            raise Fault(f"{quoted(str(value))} is not a file of the app", f"put it into the folder, for {place}")
        self.used.add(path)
        return path
