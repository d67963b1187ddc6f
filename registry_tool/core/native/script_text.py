"""What a script visibly does: whom it reaches, where it writes, what it fetches and runs.

A look, not a proof: it sees what is written plainly and never runs anything. What it sees is the
least that must be granted, so it counts only what it is sure of. Text that is not a script (the
prose of a SKILL.md, with its links) is never looked at.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from registry_tool.core import limits
from registry_tool.core.native.hosts import host_fault, port_fault
from registry_tool.core.payload import Payload, PayloadFile

_EXTENSIONS: Final = frozenset(
    "sh bash zsh fish ps1 bat cmd py js mjs cjs ts mts tsx jsx rb pl php lua go rs swift kts r jl awk".split()
)
_HOSTS_SHOWN: Final = 8
"""With more hosts than this a bundle reaches "any host"; nobody reads a longer list."""

_LOOKED_AT: Final = 4 * limits.MIB
"""Bytes of one script; what is longer is no script that a person wrote."""

_COMMENT: Final = re.compile(r"\s*(#|//|\*|/\*|<!--|--\s|REM\b)")
_REACHES: Final = re.compile(
    r"\b(curl|wget|aria2c)\s+[-\"'$h]|\bInvoke-(WebRequest|RestMethod)\b|\bgit\s+clone\b"
    r"|^[ \t]*(import|from)\s+(requests|httpx|aiohttp|urllib3|urllib\.request|http\.client|socket|websockets?)\b"
    r"|\brequests\.(get|post|put|patch|delete|head|request|Session)\b|\burlopen\(|\burllib\.request\b"
    r"|(?<![\w.$])fetch\(|\baxios\b|\bXMLHttpRequest\b|\bnew WebSocket\(|\bNet::HTTP\b|\bhttp\.(Get|Post)\("
    r"|(from\s+|require\(\s*)[\"'](node:)?(https?|net|undici|node-fetch|got)[\"']",
    re.ASCII | re.MULTILINE,
)
_URL: Final = re.compile(r"\b(?:https?|wss?)://(?P<host>[^\s\"'`<>()/?#,;\\|]+)", re.ASCII)
_TMP: Final = re.compile(r"(?<![\w.])/tmp\b|\bmktemp\b|\btempfile\b|\btmpdir\(|\$\{?TMPDIR\b|\bmkdtemp", re.ASCII)
_NAMESPACES: Final = re.compile(r"(www\.w3\.org|schemas\.[a-z]+\.(org|com)|json-schema\.org|purl\.org|ns\.adobe\.com)")
"""Hosts that stand in files as names of formats and are not fetched from."""

_TOOL: Final = re.compile(
    r"(?<![\w./-])(?P<tool>npx|bunx|pnpm dlx|uvx|uv tool run|pipx run|(?:uv |python3? -m )?pip3? install"
    r"|(?:npm|pnpm) (?:install|i|add)|yarn add)(?P<rest>(?:[ \t]+[^\s;&|)`]+)+)",
    re.ASCII,
)
_PIPED: Final = re.compile(r"\b(?:curl|wget)\b(?P<call>[^|\n]{0,500})\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b", re.ASCII)
_CLONE: Final = re.compile(
    r"\bgit\s+clone\b(?:[ \t]+(?![^\s;&|]{0,200}[/$])[^\s;&|]{1,200}){0,12}[ \t]+(?P<url>[^\s;&|]{1,500})", re.ASCII
)
_PACKAGE: Final = re.compile(
    r"(?P<name>@?[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?)(?:\[[\w,.-]*\])?(?:(?:==|@|[<>~!]=?)(?P<version>[\w.*+!^~-]+))?",
    re.ASCII,
)
_ONE_ONLY: Final = ("npx", "bunx", "pnpm dlx", "uvx", "uv tool run", "pipx run")
_TAKES_VALUE: Final = ("--python", "-i", "--index-url", "--extra-index-url", "--prefix", "-t", "--target", "-e")
_REQUIREMENTS: Final = ("-r", "--requirement")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the scripts of a payload visibly do."""

    hosts: tuple[str, ...] = ()
    """`host` or `host:port` of the addresses in scripts that reach the network, sorted."""
    anywhere: bool = False
    """A script reaches the network at an address that it does not spell out."""
    private: tuple[str, ...] = ()
    """Addresses in such scripts that no permission allows (`localhost:8080`), sorted."""
    temporary: bool = False
    """A script writes below the folder for temporary files."""
    unpinned: tuple[str, ...] = ()
    """What is fetched and run without a digest, as `npm prettier 3.1.0`, sorted."""

    @property
    def network(self) -> tuple[str, ...]:
        """The `network` permissions that it takes, sorted."""
        if self.anywhere or len(self.hosts) > _HOSTS_SHOWN:
            return ("network",)
        return tuple(f"network:{host}" for host in self.hosts)


def is_script(path: str, file: PayloadFile) -> bool:
    """Whether a file is one that somebody runs: by its extension, its first two bytes or its mode."""
    name = path.rpartition("/")[2]
    extension = name.rpartition(".")[2].lower() if "." in name[1:] else ""
    if extension in _EXTENSIONS or file.data.startswith(b"#!"):
        return True
    return not extension and (file.executable or "scripts" in path.split("/")[:-1])


def script_paths(payload: Payload) -> tuple[str, ...]:
    """The paths of a payload's scripts, sorted."""
    return tuple(sorted(path for path, file in payload.items() if is_script(path, file)))


def look(texts: Iterable[bytes]) -> Seen:
    """What the scripts with these bytes visibly do; the order changes nothing."""
    hosts: set[str] = set()
    private: set[str] = set()
    unpinned: set[str] = set()
    anywhere = temporary = False
    for data in texts:
        text = data[:_LOOKED_AT].decode("utf-8", "replace")
        code = "\n".join(line for line in text.splitlines() if not _COMMENT.match(line))
        unpinned.update(_fetched(code))
        temporary = temporary or bool(_TMP.search(code))
        if not _REACHES.search(code):
            continue
        public, closed, open_ended = _addresses(code)
        hosts |= public
        private |= closed
        anywhere = anywhere or open_ended or not (public or closed)
    return Seen(tuple(sorted(hosts)), anywhere, tuple(sorted(private)), temporary, tuple(sorted(unpinned)))


def _addresses(code: str) -> tuple[set[str], set[str], bool]:
    """Hosts that can be granted, those that cannot, and whether some address is put together at run time."""
    public: set[str] = set()
    private: set[str] = set()
    open_ended = False
    for match in _URL.finditer(code):
        address = match["host"].rpartition("@")[2].rstrip(".,:").lower()
        if re.search(r"[${}%*\[\]+]|^$", address):
            open_ended = True
            continue
        host, colon, port = address.partition(":")
        if _NAMESPACES.fullmatch(host):
            continue
        good = host_fault(host) is None and not (colon and port_fault(port))
        (public if good else private).add(address)
    return public, private, open_ended


def _fetched(code: str) -> Iterator[str]:
    for match in _PIPED.finditer(code):
        url = _URL.search(match["call"])
        yield "url " + (url[0] + match["call"][url.end() :].split(" ")[0] if url else "-").strip("\"'")
    for match in _CLONE.finditer(code):
        yield "git " + match["url"].strip("\"'")
    for match in _TOOL.finditer(code):
        tool = match["tool"]
        manager = "npm" if re.match("npx|bunx|pnpm|npm|yarn", tool) else "pypi"
        yield from _packages(manager, match["rest"].split(), one_only=tool in _ONE_ONLY)


def _packages(manager: str, words: list[str], *, one_only: bool) -> Iterator[str]:
    if "--require-hashes" in words:
        return
    named = False
    previous = ""
    for word in (word.strip("\"'") for word in words):
        before, previous = previous, word
        package = _PACKAGE.fullmatch(word)
        if before in _REQUIREMENTS:
            yield f"{manager} -r {word}"
        elif package and before not in _TAKES_VALUE and not (named and one_only):
            named = True
            yield f"{manager} {package['name']} {package['version'] or ''}".rstrip()
