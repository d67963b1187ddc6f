"""What a compose file mounts, and where it comes from once the app is installed.

    ./conf, data            as it is: a file or folder of the app, a volume of its own
    /srv/media, ~/media     ./srv/media, ./media: a folder of the app's own, empty at first
    ${MEDIA}/films          ./media/films, the same
    /etc, ~/.ssh, x.sock    refused: the app means something of its host

A path that only says where somebody's data lies gives the app nothing of the host when it is written
anew, so it is; a path to the host itself is refused, since an app that needs it would not work.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core.native.compose_values import RESERVED_FILES, Fault, baked
from registry_tool.core.quoting import quoted

_VOLUME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9 _.@+,()=~/-]{1,200}")
_APP_STORE_FOLDER: Final = re.compile(r"/DATA/AppData/[^/]+(?=/|\Z)")
_VARIABLE_FOLDER: Final = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?::?\?[^{}]*)?\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))(?P<rest>/.*)?\Z"
)
_SOCKET: Final = re.compile(r"\.sock(?:et)?(?:/|\Z)|(?:docker|containerd|podman)\.sock", re.IGNORECASE)
_HOST_CLOCK: Final = ("/etc/localtime", "/etc/timezone", "/etc/TZ", "/usr/share/zoneinfo")
_OPTIONS: Final = frozenset("ro rw z Z cached delegated consistent nocopy".split())
_SPREAD: Final = frozenset("private rprivate shared rshared slave rslave".split())
"""How mounts inside of a mount show on the other side; folders of the app's own hold none."""
_OWN_FOLDERS: Final = frozenset(("PWD", "APP_DATA_DIR", "APP_DIR", "COMPOSE_DIR", "PROJECT_DIR"))
"""Variables that stores use for the folder of the compose file itself."""
_HOST_OWN: Final = frozenset(
    "bin boot dev etc lib lib32 lib64 libx32 lost+found proc run sbin snap sys usr System Library Applications".split()
)
_HOST_STATE: Final = frozenset(
    "apt containerd containers dbus docker dpkg kubelet libvirt lxc lxd machines podman snapd systemd".split()
)
"""What of /var/lib is the host's own."""
_PRIVATE: Final = frozenset(
    ".aws .azure .bash_history .bashrc .cache .config .docker .gem .git-credentials .gitconfig .gnupg .kube .local "
    ".mozilla .netrc .npmrc .password-store .profile .pypirc .ssh .thunderbird .vault-token .zshrc".split()
)
"""What of a person's folder holds their keys and passwords, or steers their programs."""
_KEYS: Final = frozenset("type source target read_only bind volume tmpfs consistency content is_directory".split())


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


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known where a mount is read."""

    known: Mapping[str, str] = field(default_factory=dict)
    """What the author's .env says."""
    has: Callable[[str], bool] = lambda path: False
    """Whether a path beside the compose file is one of the payload, or a folder of it."""
    moved: Callable[[str, str], None] = lambda old, new: None
    """Hears of a path of the host that becomes a folder of the app."""


def read_mount(value: Any, *, service: str, ground: Ground) -> Mount | None:  # Any: what YAML holds
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
    target = baked(target, ground.known)
    if not target.startswith("/") or ".." in target.split("/") or not _PLAIN_PATH.fullmatch(target):
        raise Fault(f"{quoted(target)} is not an absolute path in the container", "as: ./data:/data")
    target = "/" + "/".join(part for part in target.split("/") if part not in ("", "."))
    if target == "/" or target.split("/")[1] in ("proc", "sys"):
        raise Fault(f"nothing is mounted over {target} of a container", "mount a folder below it")
    if not source:
        source = re.sub("[^A-Za-z0-9_.-]+", "-", service + target)[:100]
    return Mount(_source(source, target, ground), target, read_only)


def _short(text: str) -> tuple[str | None, str, bool]:
    # Colons inside ${…} separate nothing.
    shown = re.sub(r"\$\{[^{}]*\}", lambda found: found[0].replace(":", "\0"), text)
    parts = [part.replace("\0", ":") for part in shown.split(":")]
    if len(parts) > 3 or not parts[0]:
        raise Fault(f"{quoted(text)} is not a mount", "as: ./data:/data or ./conf:/etc/app:ro")
    options = parts[2].split(",") if len(parts) == 3 else []
    odd = set(options) - _OPTIONS - _SPREAD
    if odd:
        raise Fault(f"the mount option {quoted(sorted(odd)[0])} is not one that is known here", "use ro or nothing")
    return ("", parts[0], False) if len(parts) == 1 else (parts[0], parts[1], "ro" in options)


def _long(value: dict[str, Any]) -> tuple[str | None, str, bool]:  # Any: what YAML holds
    odd = {name for name in value if name not in _KEYS and not name.startswith("x-")}
    kind, source, target = value.get("type", "volume"), value.get("source", ""), value.get("target")
    options = value.get("bind") or {}
    odd |= set(options) - {"create_host_path", "selinux", "propagation"} if isinstance(options, dict) else {"bind"}
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


def _source(text: str, target: str, ground: Ground) -> str:
    """Where a mount comes from, inside the app's own folder or as a volume; raises `Fault`."""
    if _SOCKET.search(text):
        raise Fault(
            "the engine's socket gives all of the host away"
            if re.search("(docker|containerd|podman)", text)
            else f"{quoted(text)} is a socket of the host, and whoever listens there obeys the app",
            "an app that steers its host cannot be published",
        )
    own = baked(_APP_STORE_FOLDER.sub(".", _unset_folder(text, ground)), ground.known, unset=lambda name: "")
    if _VOLUME.fullmatch(own):
        return own
    place = _beside(own) if own.startswith(("/", "~")) else own
    if place is not None and (place.startswith("./") or place == "."):
        parts = [part for part in place.split("/") if part not in ("", ".")]
        if ".." not in parts and _PLAIN_PATH.fullmatch(place):
            if not parts or RESERVED_FILES.fullmatch(parts[0]):
                hint = f"mount a folder below it, as: ./data:{target}"
                raise Fault(f"{quoted(text)} holds what starts the app; the app may not change it", hint)
            found = "./" + "/".join(parts)
            if place != own:
                ground.moved(text, found)
            return found
    last = re.sub("[^A-Za-z0-9_-]+", "-", own.rstrip("/").rpartition("/")[2]).strip("-") or "data"
    raise Fault(f"{quoted(text)} lies outside of the app's own folder", f"write: ./{last}:{target}")


def _unset_folder(text: str, ground: Ground) -> str:
    """`text` with a folder of the app's own in place of a variable that begins it and has no value."""
    found = _VARIABLE_FOLDER.match(text)
    if not found:
        return text
    name, rest = found["braced"] or found["bare"], found["rest"] or ""
    if name == "HOME":
        return f"~{rest}"
    if ground.known.get(name):
        return text
    if rest and (name in _OWN_FOLDERS or ground.has(rest.strip("/"))):
        return f".{rest}"
    return "./" + re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") + rest


def _beside(path: str) -> str | None:
    """The app's own folder for a path of the host where somebody's data lies; `None` for one of the host itself."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if parts[:1] == ["~"]:
        return _of_person(parts[1:])
    if not parts or parts[0] in _HOST_OWN or parts[0].startswith("~") or ".." in parts:
        return None
    if parts[0] == "root":
        return _of_person(parts[1:])
    if parts[0] in ("home", "Users"):
        return _of_person(parts[2:])
    if parts[0] == "var" and (parts[1:2] not in (["lib"], ["www"], ["opt"]) or _is_state(parts)):
        return None
    if parts[0] == "tmp" and parts[1:2] and parts[1].startswith("."):
        return None
    return "./" + "/".join(parts)


def _is_state(parts: list[str]) -> bool:
    return parts[1:] == ["lib"] or (len(parts) > 2 and parts[2] in _HOST_STATE)


def _of_person(parts: list[str]) -> str | None:
    if not parts or parts[0] in _PRIVATE:
        return None
    return "./" + "/".join(parts)
