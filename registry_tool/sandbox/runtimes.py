"""The programs that run other people's scripts, with the least of this machine that they need to start.

    python    the interpreter, its standard library, shared libraries; no package that somebody installed
    node      the program and its shared libraries
    shell     bash or sh, and those of a fixed list of tools that the scripts name

Paths inside are those of this machine, so that nothing in them has to be told where it is.
"""

import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from registry_tool.core.errors import NotFound
from registry_tool.core.job import Shown
from registry_tool.sandbox.elf import loaded
from registry_tool.sandbox.process import find_programs

SECONDS: Final = 20
"""How long an interpreter may take to say where it is."""
_EVERYWHERE: Final = (
    "libc.so.6 libm.so.6 libdl.so.2 librt.so.1 libpthread.so.0 libutil.so.1 libresolv.so.2 "
    "libgcc_s.so.1 libstdc++.so.6 libz.so.1"
).split()
"""Libraries that compiled packages may count on (PEP 600), graphics left out."""
_AUTHORITIES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the certificates of authorities, in one file."""
_CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
"""Where they are inside."""
_UNUSED: Final = re.compile(r"(nis|_dbm|_gdbm|_tkinter|ossaudiodev)\.")
"""Modules whose libraries are not shown: there is nothing inside that they could be used for."""
_ZONES: Final = "/usr/share/zoneinfo"
_NODE_PARTS: Final = "/usr/share/nodejs"
"""Where Debian keeps parts of node that are scripts."""
_BIN: Final = "/usr/bin"
NODE: Final = "/usr/bin/node"
"""Where node is inside."""
TOOLS: Final = frozenset(
    "awk base64 basename bc bzip2 cat chmod cksum cmp column comm cp csplit curl cut date dc dd diff diff3 dirname du "
    "echo env expand expr factor false file find fmt fold getopt gawk grep egrep fgrep gunzip gzip head hexdump iconv "
    "id install join jq ln ls mawk md5sum mkdir mktemp mv nl nproc numfmt od paste patch pr printenv printf pwd "
    "readlink realpath rev rm rmdir sed seq sha1sum sha256sum sha384sum sha512sum shuf sleep sort split stat strings "
    "sum tac tail tar tee test timeout touch tr true truncate tsort tty uname unexpand uniq unxz unzip wc wget which "
    "xargs xxd xz yes zcat zip".split()
)
"""What scripts find beside their own language, where they name it and this machine has it."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs a script."""

    program: tuple[str, ...]
    """The program inside, with its own options; the script comes after them."""
    shown: tuple[Shown, ...]
    """Everything of this machine that it needs."""
    env: Mapping[str, str] = field(default_factory=dict)
    packages: str = ""
    """The folder inside where it looks for packages, which is this machine's own where nothing is put there."""
    hides: bool = False
    """Whether this machine has packages of its own there, which something has to be put over."""
    host: str = ""
    """The program on this machine."""
    tag: str = ""
    """Which machines can share packages with this one: `cpython-3.11-linux-x86_64`."""


def python_runtime(env: Mapping[str, str], *, tools: Iterable[str] = ()) -> Runtime:
    """Python, by the first `python3` on the PATH in `env`; `NotFound` where there is none."""
    program = _python(tuple(find_programs("python3", env)))
    library = _library(program)
    inside = str(program.parent / "python3")
    own = library / "site-packages"
    # Debian's Python looks in other folders; what somebody installed there is not shown.
    packages = own if own.is_dir() else Path("/usr/local/lib") / library.name / "dist-packages"
    compiled = [path for path in sorted((library / "lib-dynload").glob("*.so")) if not _UNUSED.match(path.name)]
    shown = [Shown(str(program), inside), Shown(str(library), str(library)), *_common(env)]
    shown += [Shown(str(program), place) for place in (f"{_BIN}/python3", f"{_BIN}/python") if place != inside]
    shown += _libraries((program, *compiled)) + _tools(env, tools)
    return Runtime(
        (inside,),
        tuple(dict.fromkeys(shown)),
        {"PATH": _path(program), "PYTHONNOUSERSITE": "1", **_trusted(env)},
        packages=str(packages),
        hides=own.is_dir(),
        host=str(program),
        tag=f"c{library.name.replace('python', 'python-')}-{_machine()}",
    )


def node_runtime(env: Mapping[str, str], *, tools: Iterable[str] = ()) -> Runtime:
    """node, by the first on the PATH in `env` that is a program; `NotFound` where there is none."""
    program = _program("node", env)
    files = _libraries((program,))
    parts = [Shown(_NODE_PARTS, _NODE_PARTS)] if any("libnode" in one.target for one in files) else []
    shown = (Shown(str(program), NODE), *_common(env), *files, *_existing(parts), *_tools(env, tools))
    trusted = {"NODE_EXTRA_CA_CERTS": _CERTIFICATES} if _trusted(env) else {}
    return Runtime(
        (NODE,),
        tuple(dict.fromkeys(shown)),
        {"PATH": _BIN, **trusted},
        packages="/node_modules",
        host=str(program),
        tag=f"node-{_machine()}",
    )


def shell_runtime(env: Mapping[str, str], *, shell: str = "bash", tools: Iterable[str] = ()) -> Runtime:
    """bash or sh, and those of `TOOLS` that `tools` names; `NotFound` where the shell is not there."""
    program = _program(shell, env)
    names = (f"{_BIN}/{shell}", f"/bin/{shell}")  # what scripts write in their first line
    shown = (
        *(Shown(str(program), name) for name in names),
        *_common(env),
        *_libraries((program,)),
        *_tools(env, tools),
    )
    return Runtime((f"{_BIN}/{shell}",), tuple(dict.fromkeys(shown)), {"PATH": _BIN, **_trusted(env)})


def named_tools(texts: Iterable[bytes]) -> tuple[str, ...]:
    """Those of `TOOLS` that stand as a word in one of the scripts' texts, sorted."""
    words = {word for data in texts for word in re.findall(r"[a-z0-9]+", data.decode("utf-8", "replace"))}
    return tuple(sorted(TOOLS & words))


def _program(name: str, env: Mapping[str, str]) -> Path:
    found = next((path for path in find_programs(name, env) if _is_program(path)), None)
    if found is None:
        raise NotFound(f"{name} is not on the PATH", code="no-program", hint=f"install {name}")
    return found


def _is_program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


@cache
def _python(found: tuple[Path, ...]) -> Path:
    """The interpreter itself; a script of a version manager is asked which one it would start."""
    for path in found:
        if _is_program(path) and _has_library(path):
            return path
    for path in found:
        told = subprocess.run(
            [str(path), "-I", "-c", "import os, sys; print(os.path.realpath(sys.executable))"],
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        real = Path(told.stdout.strip() or "/")
        if real.is_file() and _has_library(real):
            return real
    raise NotFound("python3 is not on the PATH", code="no-program", hint="install python3")


def _has_library(program: Path) -> bool:
    return next(_libraries_of(program), None) is not None


def _library(program: Path) -> Path:
    return next(_libraries_of(program))


def _libraries_of(program: Path) -> Iterator[Path]:
    """The standard library of an interpreter, by where it lies (CPython's `getpath`)."""
    wanted = program.name if re.fullmatch(r"python3\.[0-9]+", program.name) else "python3.*"
    for folder in ("lib", "lib64"):
        for path in sorted((program.parent.parent / folder).glob(wanted)):
            if (path / "os.py").is_file() and (path / "lib-dynload").is_dir():
                yield path


def _libraries(programs: Iterable[Path]) -> list[Shown]:
    return [Shown(str(source), target) for target, source in sorted(loaded(programs, more=_EVERYWHERE).items())]


def _tools(env: Mapping[str, str], names: Iterable[str]) -> list[Shown]:
    programs = {}
    for name in sorted(TOOLS.intersection(names)):
        path = next((one for one in find_programs(name, env) if _is_program(one)), None)
        if path is not None:
            programs[f"{_BIN}/{name}"] = path
    if not programs:
        return []
    return [*(Shown(str(path), name) for name, path in programs.items()), *_libraries(programs.values())]


def _common(env: Mapping[str, str]) -> list[Shown]:
    authorities = [env["SSL_CERT_FILE"]] if env.get("SSL_CERT_FILE") else _AUTHORITIES
    path = next((Path(one) for one in authorities if Path(one).is_file()), None)
    shown = [Shown(str(path.resolve()), _CERTIFICATES)] if path is not None else []
    return [*shown, *_existing([Shown(_ZONES, _ZONES)])]


def _trusted(env: Mapping[str, str]) -> dict[str, str]:
    return {"SSL_CERT_FILE": _CERTIFICATES} if any(one.target == _CERTIFICATES for one in _common(env)) else {}


def _existing(shown: Iterable[Shown]) -> list[Shown]:
    return [one for one in shown if Path(one.source).is_dir()]


def _path(program: Path) -> str:
    return ":".join(dict.fromkeys((str(program.parent), _BIN)))


def _machine() -> str:
    return f"{sys.platform}-{platform.machine()}"
