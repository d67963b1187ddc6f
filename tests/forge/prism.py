"""GitHub's own published description of its API, held against every request and every answer.

    our tool  ->  prism proxy --errors  ->  the small GitHub of these tests

Prism is started with the part of the description that names what we ask for, cut out of the published
file here. What does not fit, ours or the fake's, comes back as an error that no forge would give.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.real.packages import CACHE, NodePackage

DESCRIPTION: Final = NodePackage(
    "@octokit/openapi",
    "23.0.2",
    "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
)
PROXY: Final = Path(__file__).parent / "prism"
"""The proxy's package and all that it needs, locked by their hashes."""
SECONDS: Final = 300
"""How long npm may take for all of it, and prism to start on a busy machine."""
PATHS: Final = (
    "/user",
    "/users/{username}",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/check-runs",
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
    "/repos/{owner}/{repo}/contents/{path}",
    "/repos/{owner}/{repo}/forks",
    "/repos/{owner}/{repo}/git/ref/{ref}",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/{issue_number}/labels",
    "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}",
    "/repos/{owner}/{repo}/merge-upstream",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
    "/repos/{owner}/{repo}/releases",
    "/repos/{owner}/{repo}/releases/tags/{tag}",
)
"""What we ask for. Two calls go past the proxy: `/repositories/{id}`, which is not described, and the files of
releases, whose redirect the proxy would follow itself."""


@contextmanager
def prism(upstream: str) -> Iterator[str]:
    """The address of a proxy before the API at `upstream`, for the time of a `with`."""
    program, description = installed(), described()
    with tempfile.TemporaryFile() as said:
        command = ["node", str(program), "proxy", str(description), upstream, "--errors", "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        late = threading.Timer(SECONDS, process.kill)
        late.start()
        assert process.stdout is not None
        try:
            address = next(filter(None, map(_address, process.stdout)), None)
            said.seek(0)
            assert address is not None, said.read().decode()[-2000:]
            # Whatever it says from now on is read, so that it can say it.
            rest = threading.Thread(target=process.stdout.read, daemon=True)
            rest.start()
            late.cancel()
            yield address
            process.terminate()
            rest.join(timeout=20)
        finally:
            late.cancel()
            process.kill()
            process.wait(timeout=20)
            process.stdout.close()


def _address(line: str) -> str | None:
    found = re.search(r"listening on (http://[0-9.]+:[0-9]+)", line)
    return found[1] if found else None


def installed() -> Path:
    """Prism's program; npm compares the hash of every package."""
    lock = (PROXY / "package-lock.json").read_bytes()
    kept = CACHE / f"prism-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not kept.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(PROXY / name, folder)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
            _placed(Path(folder), kept)
    return kept / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"


def described() -> Path:
    """The part of the published description that we use, as a file."""
    kept = CACHE / f"github-{DESCRIPTION.version}-{hashlib.sha256('|'.join(PATHS).encode()).hexdigest()[:16]}.json"
    if not kept.is_file():
        command = ["tar", "-xzOf", str(DESCRIPTION.fetched()), "package/generated/api.github.com.json"]
        whole = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=SECONDS).stdout)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(cut(whole)))
        part.replace(kept)
    return kept


def cut(whole: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """The description with our paths only, and with what they need."""
    kept = {name: whole[name] for name in ("openapi", "info")}
    # Its own address would have to be asked; the proxy's is.
    kept["paths"] = {path: whole["paths"][path] for path in PATHS}
    parts: dict[str, dict[str, Any]] = {}  # Any: JSON
    waiting = [kept["paths"]]
    while waiting:
        for reference in sorted(set(_references(waiting.pop()))):
            _, _, kind, name = reference.split("/")
            if name not in parts.setdefault(kind, {}):
                parts[kind][name] = whole["components"][kind][name]
                waiting.append(parts[kind][name])
    return {**kept, "components": parts}


def _references(value: Any) -> Iterator[str]:  # Any: JSON
    """Every `$ref` in it, those in a discriminator's mapping too."""
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str) and member.startswith("#/components/"):
                yield member
            if name != "example":
                yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)


def _placed(made: Path, kept: Path) -> None:
    """Moves a folder into the cache in one step; another test may have been faster."""
    inner = made / "made"
    inner.mkdir()
    for one in sorted(made.iterdir()):
        if one != inner:
            one.rename(inner / one.name)
    try:
        inner.rename(kept)
    except OSError:
        assert kept.is_dir()
