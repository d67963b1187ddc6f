"""The packages of plugins on this machine: fetched once, by their hashes, and shown to what needs them.

    <folder>/<digest of the closure>-<machine>/{packages|node_modules}/
    <folder>/users/<the same>/*                              who uses it: it is removed with the last of them
    <folder>/resolved/<digest of a release>.<lock file>      where the release brings no lock of its own
    <folder>/lock, <folder>/.making-*                        only while something is fetched

pip and npm fetch, as this machine has them set up. No script of a package runs, nothing is compiled from source.
A folder is made beside its place and moved there whole, so that what is there is complete.
"""

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from registry_tool.core.closure import LOCK_BYTES, LOCKS, Closure, Manager, plain_name, read_closure
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotFound, Unreachable
from registry_tool.sandbox.process import cleared, need_program

FOLDERS: Final[Mapping[str, str]] = {"pypi": "packages", "npm": "node_modules"}
"""Manager to the folder inside a closure's own that holds the packages."""
SECONDS: Final = 900
"""How long a manager may take for one closure."""
_MAKING: Final = ".making-"
_TEMPORARY: Final = "temporary"
_RESOLVED: Final = "resolved"
_USERS: Final = "users"
_QUIET_PIP: Final = ("--quiet", "--disable-pip-version-check", "--no-input")
_QUIET_NPM: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_MISLEADING: Final = frozenset(
    "PIP_TARGET PIP_USER PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV PIP_NO_DEPS PIP_REQUIRE_HASHES PIP_REQUIREMENT "
    "PIP_CONSTRAINT PIP_NO_BINARY PIP_ONLY_BINARY PIP_PYTHON PIP_REPORT PIP_DRY_RUN PIP_PRE".split()
)
"""Settings of pip that choose what is installed, or where to; those that say where to fetch from stay."""


User = tuple[str, str, str]
"""Who uses packages: a folder, the artifact that is installed there, the digest of its manifest."""


class Closures:
    """The packages of plugins, in `folder`; `env` is the person's, which says where packages come from."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self._env = _manager_env(env)

    def place(self, closure: Closure, tag: str) -> Path:
        """Where its packages lie once they were fetched, for machines called `tag`."""
        return self._slot(closure, tag) / FOLDERS[closure.manager]

    def _slot(self, closure: Closure, tag: str) -> Path:
        return self.folder / f"{closure.digest}-{tag}"

    def fetch(self, closure: Closure, tag: str, *, python: str = "", inside: str = "", what: str) -> Path:
        """The folder of its packages, fetched where they are not there yet; another process that fetches is waited for.

        `python` is the interpreter that will use them and `inside` where it will find them; `what` names the plugin
        in messages. `Unreachable` where they cannot be fetched, or are other ones than the lock says.
        """
        found = self.place(closure, tag)
        if found.is_dir():
            return found
        with self._alone() as folder:
            if not found.is_dir():
                work = Path(tempfile.mkdtemp(prefix=_MAKING, dir=folder))
                try:
                    for name, data in closure.files.items():
                        (work / name).write_bytes(data)
                    (work / _TEMPORARY).mkdir()
                    if closure.manager == "npm":
                        self._npm(["ci", "--omit=dev", "--no-bin-links"], work, what)
                    else:
                        self._pip(python, inside, work, what)
                    shutil.rmtree(work / _TEMPORARY)
                    _opened(work)
                    work.rename(found.parent)
                finally:
                    shutil.rmtree(work, ignore_errors=True)
        return found

    def _pip(self, python: str, inside: str, work: Path, what: str) -> None:
        # Without --no-deps: pip then also says what a lock lacks on this machine, and fetches nothing without a hash.
        told = ["install", *_QUIET_PIP, "--require-hashes", "--only-binary", ":all:", "--no-compile"]
        told += ["--no-warn-script-location", "--target", FOLDERS["pypi"], "--requirement", "requirements.txt"]
        self._run([*_pip_of(python), *told], work, what)
        # Compiled once and not at each start, which cannot write; nothing of it is run for that.
        compiling = [python, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
        compiling += ["-s", FOLDERS["pypi"], "-p", inside, FOLDERS["pypi"]]
        self._run(compiling, work, what, may_fail=True)

    def _npm(self, told: Sequence[str], work: Path, what: str) -> None:
        self._run([need_program("npm", self._env, what_for=what), *told, *_QUIET_NPM], work, what)

    def _run(self, command: Sequence[str], work: Path, what: str, *, may_fail: bool = False) -> None:
        try:
            done = subprocess.run(
                command,
                cwd=work,
                env={**self._env, "TMPDIR": str(work / _TEMPORARY)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise _not_fetched(what, f"it took more than {SECONDS} seconds") from error
        if done.returncode and not may_fail:
            raise _not_fetched(what, _said(done.stderr))

    @contextmanager
    def _alone(self) -> Iterator[Path]:
        """The folder, with no other process that fetches; what one left that was stopped is swept."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go of when it is closed, also by a process that dies
            for left in self.folder.glob(f"{_MAKING}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield self.folder

    # ------------------------------------------------------------------------------- releases without a lock

    def kept_lock(self, release: str, manager: Manager) -> bytes | None:
        """The lock that was made when the release (hex digest of its manifest) was installed here; else `None`."""
        try:
            with self._lock_path(release, manager).open("rb") as file:
                return file.read(LOCK_BYTES + 1)
        except FileNotFoundError:
            return None

    def keep_lock(self, release: str, manager: Manager, lock: bytes) -> None:
        """Keeps it from now on."""
        path = self._lock_path(release, manager)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=_MAKING, delete=False) as file:
            file.write(lock)
        Path(file.name).replace(path)

    def _lock_path(self, release: str, manager: Manager) -> Path:
        return self.folder / _RESOLVED / f"{release}.{LOCKS[manager]}"

    def use(self, closure: Closure, tag: str, *, by: User) -> None:
        """Notes who uses packages, so that they stay."""
        folder = self.folder / _USERS / self._slot(closure, tag).name
        folder.mkdir(parents=True, exist_ok=True)
        data = json.dumps(by).encode()
        (folder / sha256(data)).write_bytes(data)

    def sweep(self, uses: Callable[[User], bool]) -> int:
        """Removes packages that nobody uses any more, as `uses` says of each user; how many folders were removed."""
        if not (self.folder / _USERS).is_dir():
            return 0
        gone = 0
        with self._alone() as folder:
            for slot in sorted((folder / _USERS).iterdir()):
                for path in slot.iterdir():
                    if not _uses(path, uses):
                        path.unlink()
                if any(slot.iterdir()):
                    continue
                slot.rmdir()
                if (folder / slot.name).is_dir():
                    doomed = folder / f"{_MAKING}{slot.name}"
                    (folder / slot.name).rename(doomed)  # at once: nobody starts from half a folder
                    shutil.rmtree(doomed, ignore_errors=True)
                    gone += 1
        return gone

    # ------------------------------------------------------------------------------- making a lock

    def resolve(
        self,
        manager: Manager,
        wanted: Mapping[str, str] | bytes,
        *,
        python: str = "",
        compiler: Sequence[str] = (),
        what: str,
    ) -> bytes:
        """A lock for what is wanted: names to versions, or the manager's own file of them; nothing is installed.

        `compiler` is pip-compile, where it is there. `Unreachable` where the manager cannot say it.
        """
        with tempfile.TemporaryDirectory(prefix="registry-") as name:
            work = Path(name)
            (work / _TEMPORARY).mkdir()
            if manager == "npm":
                described = {"name": "plugin", "version": "0.0.0", "private": True}
                text = wanted if isinstance(wanted, bytes) else json.dumps({**described, "dependencies": dict(wanted)})
                (work / "package.json").write_bytes(text if isinstance(text, bytes) else text.encode())
                self._npm(["install", "--package-lock-only", "--omit=dev"], work, what)
                closure = read_closure("npm", (work / LOCKS["npm"]).read_bytes(), LOCKS["npm"])
                value = json.loads(closure.files[LOCKS["npm"]])
                return json.dumps(value, indent=2, sort_keys=True).encode() + b"\n"
            if not isinstance(wanted, bytes):
                wanted = "".join(f"{one}=={version}\n" for one, version in wanted.items()).encode()
            (work / "wanted.txt").write_bytes(wanted)
            return self._pip_lock(python, compiler, work, what)

    def _pip_lock(self, python: str, compiler: Sequence[str], work: Path, what: str) -> bytes:
        if compiler:
            told = ["--quiet", "--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-annotate", "--no-header"]
            told += [f"--no-emit-{one}" for one in ("index-url", "find-links", "trusted-host", "options")]
            self._run([*compiler, *told, "--output-file", "lock.txt", "wanted.txt"], work, what)
            return (work / "lock.txt").read_bytes()
        # pip alone knows the hashes of what it would take here, and not those of files for other machines.
        told = ["install", *_QUIET_PIP, "--dry-run", "--ignore-installed", "--only-binary", ":all:"]
        self._run([*_pip_of(python), *told, "--report", "report.json", "--requirement", "wanted.txt"], work, what)
        rows = json.loads((work / "report.json").read_bytes())["install"]
        return "".join(sorted(_report_line(row) for row in rows)).encode()


def _uses(path: Path, uses: Callable[[User], bool]) -> bool:
    try:
        root, artifact, manifest = json.loads(path.read_bytes())
        return uses((str(root), str(artifact), str(manifest)))
    except (ValueError, InvalidInput):
        return False  # nobody's


def _report_line(row: Mapping[str, Any]) -> str:  # Any: JSON, pip's installation report, version 1
    archive, told = row["download_info"]["archive_info"], row["metadata"]
    hashed = archive["hash"].replace("=", ":") if "hash" in archive else f"sha256:{archive['hashes']['sha256']}"
    return f"{plain_name(told['name'])}=={told['version']} --hash={hashed}\n"


def pip_compile(env: Mapping[str, str]) -> list[str]:
    """pip-compile (of pip-tools), which knows the hashes for every machine; empty where it is not there."""
    if importlib.util.find_spec("piptools") is not None:
        return [sys.executable, "-I", "-m", "piptools", "compile"]
    found = shutil.which("pip-compile", path=env.get("PATH", ""))
    return [found] if found else []


def _pip_of(python: str) -> list[str]:
    """pip for an interpreter: its own, else ours told to work for it."""
    own = subprocess.run([python, "-I", "-c", "import pip"], check=False, capture_output=True, timeout=SECONDS)
    if own.returncode == 0:
        return [python, "-I", "-m", "pip"]
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-I", "-m", "pip", "--python", python]
    raise NotFound("no pip is there to fetch packages with", code="no-program", hint=f"install pip for {python}")


def _manager_env(env: Mapping[str, str]) -> dict[str, str]:
    """What managers get of the person's environment: what every program gets, and where packages come from."""
    theirs = {
        name: value
        for name, value in env.items()
        if name.upper().startswith(("PIP_", "NPM_CONFIG_", "XDG_")) and name.upper() not in _MISLEADING
    }
    certificates = {name: env[name] for name in ("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE") if name in env}
    return cleared(env, {**theirs, **certificates})


def _opened(work: Path) -> None:
    """Makes everything readable by others: what starts it is confined, and is another user."""
    for folder, folders, files in os.walk(work):
        for name in (*folders, *files):
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if name in folders or path.stat().st_mode & 0o100 else 0o644)
    work.chmod(0o755)


def _said(text: str) -> str:
    """The line of what a manager says that tells why."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith(("error", "npm error", "npm err!"))]
    return " ".join((told or lines or ["it failed"])[-1].split())[:300]


def _not_fetched(what: str, why: str) -> Unreachable:
    return Unreachable(
        f"the packages of {what} could not be fetched: {why}",
        code="not-fetched",
        hint=f"once their registry can be reached: registry install {what.rpartition('@')[0] or what}",
    )
