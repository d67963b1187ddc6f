"""Hosts that read `_redirects` and `_headers`, as their documentation describes them, over files in memory.

Both: the first line that matches counts; a placeholder is one part of a path, `*` is all the rest; a rule
of 200 is not looked at again for its target. They differ as `feeds/host_rules.py` says.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote

from registry_tool.core.routes import ASK_AGAIN
from tests.hosting.scene import CLOUDFLARE, NETLIFY, Answer

STATIC, DYNAMIC, LINE = 2000, 100, 1000
"""What Cloudflare Pages takes: lines without and with a placeholder, characters in a line."""
HEADER_RULES, HEADER_LINE = 100, 2000
TAKEN = frozenset({200, 301, 302, 303, 307, 308})
"""Statuses that Cloudflare Pages knows."""

TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "xml": "application/xml",
}
"""What both say by themselves."""
FRESH = ASK_AGAIN
"""Likewise, in the words `public, max-age=0, must-revalidate`, which are the same (RFC 9111 part 5.2)."""


@dataclass(frozen=True)
class Line:
    """A rule of `_redirects`."""

    path: str
    to: str
    status: int

    @property
    def is_dynamic(self) -> bool:
        return re.search(r"\*|:[A-Za-z]\w*", self.path) is not None

    def target(self, path: str) -> str | None:
        """Where it leads for a path; `None` where it does not match."""
        match = form(self.path).fullmatch(path)
        if match is None:
            return None
        to = self.to
        for name, value in match.groupdict().items():
            to = to.replace(f":{name}", value)
        return to


@cache
def form(pattern: str) -> "re.Pattern[str]":
    """A pattern of these files as a regular expression."""
    text = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.compile(re.sub(r":([A-Za-z]\w*)", r"(?P<\1>[^/]+)", text))


def lines(text: str) -> tuple[Line, ...]:
    """The rules of a `_redirects`."""
    rows = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(Line(path, to, int(status)) for path, to, status in rows)


def header_rules(text: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """Pattern and headers (in small letters) of each rule of a `_headers`."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if line.startswith("/"):
            found.append((line, {}))
        elif line and not line.startswith("#"):
            name, _, value = line.strip().partition(": ")
            assert name.lower() not in found[-1][1]
            found[-1][1][name.lower()] = value
    return tuple(found)


@dataclass
class RuleHost:
    """One of the two, over the files of a site."""

    name: str
    files: Mapping[str, bytes]
    rules: tuple[Line, ...] = field(init=False)
    headers: tuple[tuple[str, dict[str, str]], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.rules = tuple(self._taken(self.files["_redirects"].decode()))
        self.headers = header_rules(self.files["_headers"].decode())

    def _taken(self, text: str) -> Iterator[Line]:
        """The lines that count here."""
        statics = dynamics = 0
        for line in lines(text):
            if self.name == NETLIFY:
                yield line
                continue
            if line.is_dynamic or dynamics:
                dynamics += 1
            else:
                statics += 1
            if statics <= STATIC and dynamics <= DYNAMIC and line.status in TAKEN:
                yield line

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """What it answers to GET or HEAD."""
        asked = path.partition("?")[0]
        file = self._file(asked)
        matched = next(((line, to) for line in self.rules if (to := line.target(asked)) is not None), None)
        status = 200 if file is not None else 404
        if matched is not None and (self.name == CLOUDFLARE or file is None):
            status, to = matched[0].status, matched[1]
            if status in (301, 302):
                return Answer(status, {"location": to, "cache-control": "no-cache", **self._said(asked, None)}, b"")
            file = self._file(to)
            status = status if file is not None else 404
        if file is None:
            file = "404.html"
        return Answer(status, self._said(asked, file), b"" if method == "HEAD" else self.files[file])

    def _file(self, path: str) -> str | None:
        """The file at a path; one that begins with a dot is not deployed, but for the well-known ones."""
        name = unquote(path)[1:]
        name += "index.html" if name in ("",) or name.endswith("/") else ""
        return name if name in self.files and (not name.startswith(".") or name.startswith(".well-known/")) else None

    def _said(self, path: str, file: str | None) -> dict[str, str]:
        kind = TYPES.get(file.rpartition(".")[2], "application/octet-stream") if file else ""
        said = {"content-type": kind, "cache-control": FRESH}
        mine: dict[str, str] = {}
        for pattern, headers in self.headers:
            if form(pattern).fullmatch(path):
                for name, value in headers.items():
                    mine[name] = f"{mine[name]}, {value}" if name in mine else value
        return {**said, **mine}
