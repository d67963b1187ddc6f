"""The small values of a compose file: variables, images, ports, mounts (compose specification).

Each comes in several spellings; here it becomes one value or a `Fault` that says what to write.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.quoting import quoted

INPUT_PREFIX: Final = "REGISTRY_INPUT_"
"""Put before each variable's name in what is installed: compose prefers variables of the shell that
starts it, and a name as `${AWS_SECRET_ACCESS_KEY}` would copy what is exported there into the app."""

PORT_RANGE: Final = 32  # more ports in one line than any real file was seen to need
VARIABLE_DEPTH: Final = 8  # defaults inside defaults

CAPABILITIES: Final = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID IPC_LOCK KILL NET_BIND_SERVICE SETGID SETUID SYS_CHROOT".split()
)
"""All that can be granted: none of them reaches out of a container without other rights."""

RESERVED_FILES: Final = re.compile(r"(?:\.env.*|(?:docker-)?compose.*\.ya?ml)", re.IGNORECASE)
"""Files that compose reads by itself beside `compose.yaml`; nothing of the author's has such a name."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR: Final = re.compile(r":-|-|:\?|\?|:\+|\+")
_IMAGE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:/[a-z0-9][a-z0-9._-]*)+|[a-z0-9][a-z0-9._-]*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PORT: Final = re.compile(
    r"(?:(?P<ip>\[[0-9a-fA-F:]+\]|[0-9]+(?:\.[0-9]+){3}|localhost|\*):)?(?:(?P<host>[0-9]{1,5}(?:-[0-9]{1,5})?)?:)?"
    r"(?P<target>[0-9]{1,5}(?:-[0-9]{1,5})?)(?:/(?P<protocol>tcp|udp))?",
    re.IGNORECASE,
)
_VOLUME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9 _.@+,()=~/-]{1,200}")
_APP_STORE_FOLDER: Final = re.compile(r"/DATA/AppData/[^/]+(?=/|\Z)")
_HOST_CLOCK: Final = ("/etc/localtime", "/etc/timezone")


class Fault(Exception):
    """One value that cannot be taken, with the line that mends it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Variable:
    """One `${NAME}` with what stands behind its name."""

    name: str
    operator: str
    """Empty, `-`, `:-`, `?`, `:?`, `+` or `:+`."""
    rest: str
    """The default, the message or the replacement, as written."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a service runs."""

    name: str
    tag: str
    """Empty where there is none."""
    digest: str
    """`sha256:…`, or empty."""

    @property
    def tagged(self) -> str:
        """`name:tag`, as people and registries of images call it."""
        return f"{self.name}:{self.tag}" if self.tag else self.name


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """One published port."""

    host: int
    target: int
    protocol: str

    @property
    def permission(self) -> str:
        """The grant that it needs."""
        return f"port:{self.host}/{self.protocol}"


@dataclass(frozen=True, slots=True, order=True)
class Mount:
    """One volume or folder inside a container."""

    source: str
    """A volume's name, or `./` and a path inside the app's own folder."""
    target: str
    read_only: bool

    @property
    def permission(self) -> str:
        """The grant that it needs."""
        return f"mount:{self.source}:{self.target}" + (":ro" if self.read_only else "")


def pieces(text: str) -> Iterator[str | Variable]:
    """`text` cut at its variables; `$$` stays as it is. Raises `Fault` for a `$` that means nothing."""
    start = 0
    while (at := text.find("$", start)) >= 0:
        yield text[start:at]
        if text[at + 1 : at + 2] == "$":
            yield "$$"
            start = at + 2
        elif text[at + 1 : at + 2] == "{":
            end = _closing(text, at + 2)
            yield _variable(text[at + 2 : end])
            start = end + 1
        else:
            name = _NAME.match(text, at + 1)
            if not name:
                raise _dollar(text)
            yield Variable(name[0], "", "")
            start = name.end()
    yield text[start:]


def _dollar(text: str) -> Fault:
    return Fault(f"the $ in {quoted(text)} begins no variable", "write $$ for a $ of the text itself")


def _closing(text: str, at: int) -> int:
    depth = 1
    for index in range(at, len(text)):
        if text[index] == "}":
            depth -= 1
            if not depth:
                return index
        elif text.startswith("${", index):
            depth += 1
            if depth > VARIABLE_DEPTH:
                break
    raise _dollar(text)


def _variable(inner: str) -> Variable:
    name = _NAME.match(inner)
    operator = _OPERATOR.match(inner, name.end()) if name else None
    if not name or (name.end() < len(inner) and not operator):
        raise _dollar("${" + inner + "}")
    return Variable(name[0], operator[0] if operator else "", inner[operator.end() :] if operator else "")


def baked(text: str, unset: Callable[[str], str | None] = lambda name: None) -> str:
    """`text` with the defaults of its variables put in; `unset` names a value for those without.

    For places where what is installed may not depend on a variable. Raises `Fault` for a variable
    without a value.
    """
    found = []
    for piece in pieces(text):
        if isinstance(piece, str):
            found.append("$" if piece == "$$" else piece)
        elif piece.operator in ("-", ":-"):
            found.append(baked(piece.rest, unset))
        elif piece.operator not in ("+", ":+"):
            value = unset(piece.name)
            if value is None:
                raise Fault(
                    f"${{{piece.name}}} decides something that is granted and has no default",
                    f"write the value, or a default: ${{{piece.name}:-…}}",
                )
            found.append(value)
    return "".join(found)


def renamed(text: str, note: Callable[[Variable], None]) -> str:
    """`text` with `INPUT_PREFIX` before each variable's name; `note` hears of each. Raises `Fault`."""
    found = []
    for piece in pieces(text):
        if isinstance(piece, str):
            found.append(piece)
        else:
            note(piece)
            found.append(f"${{{INPUT_PREFIX}{piece.name}{piece.operator}{renamed(piece.rest, note)}}}")
    return "".join(found)


def read_image(text: str) -> Image:
    """The image that a service names. Raises `Fault` where it is not one, or floats."""
    named, at, digest = baked(text).partition("@")
    head, _, tail = named.rpartition(":")
    name, tag = (head, tail) if head and "/" not in tail else (named, "")
    if not _IMAGE_NAME.fullmatch(name) or (tag and not _TAG.fullmatch(tag)):
        raise Fault(f"{quoted(text)} is not the name of an image", "as: image: ghcr.io/acme/wiki:1.2.3")
    if at and not re.fullmatch("sha256:[0-9a-f]{64}", digest):
        raise Fault(f"{quoted(digest)} is not the digest of an image", "a digest is sha256: and 64 hex digits")
    if not digest and tag in ("", "latest"):
        raise Fault(
            f"the image {quoted(named)} names no version: tomorrow it is another one",
            f"write the version that you tested, as: image: {name}:1.2.3 (best with @sha256:… behind it)",
        )
    return Image(name, tag, digest)


def read_port(value: Any) -> tuple[Port, ...]:  # Any: what YAML holds
    """The ports that one item of `ports` publishes, short or long. Raises `Fault`."""
    if isinstance(value, dict):
        unknown = set(value) - {"target", "published", "protocol", "host_ip", "mode", "name", "app_protocol"}
        unknown = {name for name in unknown if not name.startswith("x-")}
        if unknown or "target" not in value:
            raise Fault(f"a port has target and published, this is {quoted(str(value))}", 'as: "8080:80"')
        published = "" if value.get("published") is None else f"{value['published']}:"
        text = f"{published}{value['target']}/{value.get('protocol', 'tcp')}"
    elif isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value)
    else:
        raise Fault(f"a port is a text, this is {quoted(str(value))}", 'as: "8080:80"')
    # A host port left to a variable without a default becomes the container's own port.
    found = _PORT.fullmatch(baked(text, lambda name: ""))
    if not found:
        raise Fault(f"{quoted(text)} is not a port", 'write host and container, as: "8080:80" or "5353:53/udp"')
    targets = _numbers(found["target"])
    hosts = _numbers(found["host"]) if found["host"] else targets
    if len(hosts) != len(targets):
        raise Fault(f"the ranges of {quoted(text)} have different lengths", 'write one line for each, as: "8080:80"')
    protocol = (found["protocol"] or "tcp").lower()
    return tuple(Port(host, target, protocol) for host, target in zip(hosts, targets, strict=True))


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    numbers = range(int(first), int(last or first) + 1)
    if not 0 < len(numbers) <= PORT_RANGE or not 0 < numbers[0] <= numbers[-1] < 65536:
        raise Fault(f"{quoted(text)} is not a port from 1 to 65535, or {PORT_RANGE} of them", 'as: "8080:80"')
    return numbers


def read_mount(value: Any, *, service: str) -> Mount | None:  # Any: what YAML holds
    """The mount that one item of `volumes` asks for, short or long; `None` where none is needed.

    Not needed are the host's clock files (the zone is a variable) and a `tmpfs`. Raises `Fault`.
    """
    if isinstance(value, dict):
        source, target, read_only = _long(value)
    elif isinstance(value, str):
        source, target, read_only = _short(value)
    else:
        raise Fault(f"a mount is a text, this is {quoted(str(value))}", "as: ./data:/data")
    if source is None or source.rstrip("/") in _HOST_CLOCK:
        return None
    target = baked(target)
    if not target.startswith("/") or ".." in target.split("/") or not _PLAIN_PATH.fullmatch(target):
        raise Fault(f"{quoted(target)} is not an absolute path in the container", "as: ./data:/data")
    target = "/" + "/".join(part for part in target.split("/") if part not in ("", "."))
    if target == "/" or target.split("/")[1] in ("proc", "sys"):
        raise Fault(f"nothing is mounted over {target} of a container", "mount a folder below it")
    if not source:
        source = re.sub("[^A-Za-z0-9_.-]+", "-", service + target)[:100]
    return Mount(_source(source, target), target, read_only)


def _short(text: str) -> tuple[str | None, str, bool]:
    # Colons inside ${…} separate nothing.
    shown = re.sub(r"\$\{[^{}]*\}", lambda found: found[0].replace(":", "\0"), text)
    parts = [part.replace("\0", ":") for part in shown.split(":")]
    if len(parts) > 3 or not parts[0]:
        raise Fault(f"{quoted(text)} is not a mount", "as: ./data:/data or ./conf:/etc/app:ro")
    options = parts[2].split(",") if len(parts) == 3 else []
    odd = set(options) - {"ro", "rw", "z", "Z", "cached", "delegated", "consistent", "nocopy"}
    if odd:
        raise Fault(f"the mount option {quoted(sorted(odd)[0])} is not one that is known here", "use ro or nothing")
    return ("", parts[0], False) if len(parts) == 1 else (parts[0], parts[1], "ro" in options)


def _long(value: dict[str, Any]) -> tuple[str | None, str, bool]:  # Any: what YAML holds
    known = {
        "type",
        "source",
        "target",
        "read_only",
        "bind",
        "volume",
        "tmpfs",
        "consistency",
        "content",
        "is_directory",
    }
    odd = {name for name in value if name not in known and not name.startswith("x-")}
    kind, source, target = value.get("type", "volume"), value.get("source", ""), value.get("target")
    options = value.get("bind") or {}
    odd |= set(options) - {"create_host_path", "selinux"} if isinstance(options, dict) else {"bind"}
    if odd or not isinstance(source, str) or not isinstance(target, str):
        raise Fault(f"a mount has type, source and target, this is {quoted(str(value))}", "as: ./data:/data")
    if kind == "tmpfs":
        return None, target, False
    if kind not in ("bind", "volume") or (kind == "bind" and not source):
        raise Fault(
            f"a mount of type {quoted(str(kind))} is not possible here", "use a volume or a folder: ./data:/data"
        )
    plain = kind == "bind" and not source.startswith((".", "/", "~", "$"))
    return f"./{source}" if plain else source, target, value.get("read_only") is True


def _source(text: str, target: str) -> str:
    """Where a mount comes from, inside the app's own folder or as a volume; raises `Fault`."""
    if "docker.sock" in text or "containerd.sock" in text or "podman.sock" in text:
        raise Fault(
            "the engine's socket gives all of the host away", "an app that steers the engine cannot be published"
        )
    own = re.sub(r"\A\$(?:\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)(?=/|\Z)", ".", text)
    if own == "." and text != ".":
        own = "./" + re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    own = baked(_APP_STORE_FOLDER.sub(".", own), lambda name: "")
    if _VOLUME.fullmatch(own):
        return own
    if own.startswith("./") or own == ".":
        parts = [part for part in own.split("/") if part not in ("", ".")]
        if ".." not in parts and _PLAIN_PATH.fullmatch(own):
            if parts and not RESERVED_FILES.fullmatch(parts[0]):
                return "./" + "/".join(parts)
            hint = f"mount a folder below it, as: ./data:{target}"
            raise Fault(f"{quoted(text)} holds what starts the app; the app may not change it", hint)
    last = re.sub("[^A-Za-z0-9_-]+", "-", own.rstrip("/").rpartition("/")[2]).strip("-") or "data"
    raise Fault(f"{quoted(text)} lies outside of the app's own folder", f"write: ./{last}:{target}")
