"""`make demo`: this repository's own registry, built, served, installed from, published into and updated.

Everything happens in a scratch folder and through the real `registry` command; the checkout is only
read. The scratch registry is a repository of its own with HEAD's `index/` as its first commit, so it
works alike from a shallow clone, a detached HEAD and an archive without git.
"""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.errors import RegistryError
from registry_tool.core.layout import ATTRIBUTES
from registry_tool.core.names import parse_artifact
from registry_tool.core.tree import Tree, walk
from registry_tool.kinds import all_kinds
from registry_tool.stores.foldertree import FolderTree
from registry_tool.stores.git import GitHistory
from tests.demo_registry import ARTIFACTS, AUTHOR_SEEDS, REGISTRY_SEEDS, ROOT, URL

PORT = 8080
ONE_OF_EACH = (
    "@harbor/static-pages",
    "@harbor/release-notes",
    "@harbor/cpu-load",
    "@lighthouse/paper",
    "@lighthouse/unit-convert",
    "@harbor/use-countdown",
    "@harbor/poll-results",
)
UPDATED = "@lighthouse/paper"
ASKED = (
    {"method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}}},
    {"method": "tools/call", "params": {"name": "convert", "arguments": {"value": 26.2, "from": "mi", "to": "km"}}},
)


class StepFailed(Exception):
    """A step of the demo did not do what it should."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The scratch folder, and the command that is run there."""

    folder: Path
    program: Path

    @property
    def env(self) -> Mapping[str, str]:
        """A machine that knows no registry: nothing of the caller's own settings, keys and trust."""
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SYSTEMROOT") if name in os.environ}
        home = str(self.folder / "home")
        return {**kept, "HOME": home, "REGISTRY_HOME": home, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *words: str, text: str = "", shown: bool = True) -> str:
        """What `registry` with these words says on stdout. Raises `StepFailed` where it does not end with 0."""
        if shown:
            print(f"  $ registry {shlex.join(words)}", flush=True)
        done = subprocess.run(
            [self.program, *words],
            cwd=self.folder,
            env=self.env,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StepFailed(
                f"registry {shlex.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}".rstrip()
            )
        return done.stdout

    def json(self, *words: str, shown: bool = True) -> Any:  # Any: JSON
        """The JSON value that `registry` with these words gives."""
        return json.loads(self.run(*words, "--json", shown=shown))


def told(text: str) -> None:
    """One thing that happened."""
    print(text, flush=True)


def committed_index() -> dict[str, bytes]:
    """HEAD's `index/`; where there is no commit that holds it, the one that lies in the checkout."""
    tree: Tree = FolderTree(ROOT)
    try:
        history = GitHistory.open(ROOT)
        head = history.resolve("HEAD")
        if head is not None and history.tree(head).entry("index/trust/1.root.json") is not None:
            tree = history.tree(head)
    except RegistryError:
        pass
    return {path: tree.read(path) or b"" for path, _ in walk(tree, "index")}


def free_port() -> int:
    """8080, else a free one; a busy port is no error."""
    for port in (PORT, 0):
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = one.getsockname()[1]
            return found
    raise StepFailed("no port of this machine is free")


def prepare(stage: Stage, address: str) -> str:
    """Makes the scratch registry, with the address that it will be served at; returns its id."""
    files = committed_index()
    table = "index/registry.yaml"
    files[table] = files[table].replace(URL.encode(), address.encode())
    history = GitHistory.init(stage.folder / "registry", bare=False, main="main")
    commit = history.commit(
        {**files, ".gitattributes": ATTRIBUTES.encode()},
        onto=None,
        message="The demonstration's own registry\n",
        author="demo <demo@registry.invalid>",
        at=1_793_523_600,
    )
    history.move("main", old=None, new=commit)
    history.close()
    registry: str = stage.json("trust", "status", "--registry", "registry", shown=False)["registry"]
    keys = {f"registry:{registry[:16]}": {"moderator": REGISTRY_SEEDS["moderator"]}, **AUTHOR_SEEDS}
    for owner, uses in keys.items():
        for use, number in uses.items():
            file = stage.folder / f"{use}.key"
            file.write_bytes(demo_seed(number))
            stage.run("keys", "import", file.name, "--as", owner, "--use", use, shown=False)
            file.unlink()
    told(f"Made a scratch registry from index/ in {stage.folder}, and imported its published test keys.")
    return registry


@contextmanager
def serving(stage: Stage, port: int) -> "Iterator[subprocess.Popen[str]]":
    """The server of the built site, which runs as long as the block does."""
    words = ("serve", "site", "--port", str(port))
    print(f"  $ registry {shlex.join(words)} &", flush=True)
    with subprocess.Popen(
        [stage.program, *words, "--json"], cwd=stage.folder, env=stage.env, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            if "url" not in line or "error" in line:
                raise StepFailed(f"registry {shlex.join(words)} did not start: {line.strip()}")
            yield server
        finally:
            server.terminate()


def install(stage: Stage, address: str, registry: str) -> None:
    """Adds the registry, installs one of each kind, and compares all of it with what was signed."""
    stage.run("add", address, "--root", registry, "--demo")
    told(f"Trusted the registry {registry[:16]}…, as a demonstration: it proves nothing, since everybody has its keys.")
    done = stage.json("install", *ONE_OF_EACH, "--project", "project", "--yes")["installed"]
    for row in done:
        files = row["files"]
        lost = [path for path in files if not (stage.folder / "project" / path).is_file()]
        if lost:
            raise StepFailed(f"{row['id']} was not written: {lost}")
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        who = f"signed by {row['verified']['signed_by'][0]}, let in by {row['verified']['admitted_by']}"
        told(f"  installed the {row['kind']:<9} {row['id']} {row['version']}: {who}; wrote {files[0]}{more}")
    kinds = sorted(row["kind"] for row in done)
    if kinds != sorted(kind.id for kind in all_kinds()):
        raise StepFailed(f"expected one of each kind, installed {kinds}")
    stage.run("verify", "--all", "--project", "project")
    told(
        f"Verified {len(done)} artifacts of {len(kinds)} kinds: the files on the disk, and the releases they came from."
    )
    asked = "".join(
        json.dumps({"jsonrpc": "2.0", "id": number, **one}) + "\n" for number, one in enumerate(ASKED, start=1)
    )
    answers = stage.run("run", "@lighthouse/unit-convert", "--unconfined", "--project", "project", text=asked)
    said = json.loads(answers.splitlines()[-1])["result"]["content"][0]["text"]
    told(f"Started the plugin as an agent does, and called its tool: {said}.")


def publish_update(stage: Stage) -> str:
    """Publishes a new version of a theme, lets it in and builds again; returns the version."""
    folder = stage.folder / "paper"
    shutil.copytree(ARTIFACTS / "theme-paper", folder)
    card, sheet = folder / "artifact.yaml", folder / "theme.css"
    card.write_text(card.read_text("utf-8").replace("version: 1.0.0", "version: 1.1.0"), "utf-8")
    sheet.write_text(sheet.read_text("utf-8").replace("--measure: 34rem", "--measure: 38rem"), "utf-8")
    sent = stage.json("publish", "paper", "--as", "lighthouse", "--registry", "registry", "--demo", "--yes")
    version = str(sent["releases"][0]["version"])
    told(f"Signed {UPDATED} {version} as lighthouse and submitted it as {sent['branch']}.")
    stage.run("queue", "approve", sent["submission"], "--registry", "registry", "--note", "a wider column")
    told("Approved it as the moderator: it was checked again, admitted with a signature, and landed.")
    built = stage.json("build", "--registry", "registry", "--out", "site")
    told(f"Built again: {built['files']['written']} files were written, {built['files']['kept']} were right already.")
    return version


def update(stage: Stage, version: str) -> None:
    """Updates the project, and sees that the new version is there."""
    stage.run("list", "--outdated", "--project", "project")
    done = stage.json("update", "--project", "project", "--yes")["installed"]
    if [(UPDATED, version)] != [(row["id"], row["version"]) for row in done]:
        raise StepFailed(f"expected an update of {UPDATED} to {version}, got {done}")
    parts = parse_artifact(UPDATED)
    if b"38rem" not in (stage.folder / "project" / "themes" / parts.slug / "theme.css").read_bytes():
        raise StepFailed("the update did not write the new stylesheet")
    told(f"Updated {UPDATED} to {version}; nothing else was touched.")


def play(stage: Stage, *, stay: bool) -> None:
    """The whole demo. Raises `StepFailed` at the first step that fails."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    if port != PORT:
        told(f"Port {PORT} is busy, so this took port {port}.")
    registry = prepare(stage, address)
    built = stage.json("build", "--registry", "registry", "--out", "site")
    counted = f"{built['artifacts']} artifacts, {built['releases']} releases, {built['files']['written']} files"
    told(f"Built the site: {counted}.")
    with serving(stage, port) as server:
        told(f"Served it at {address}, for this machine only.")
        install(stage, address, registry)
        update(stage, publish_update(stage))
        if stay:
            told(further(stage, address))
            server.wait()


def further(stage: Stage, address: str) -> str:
    """What to type next while it is served."""
    return "\n".join(
        (
            "",
            f"Look at it:  {address}",
            "Type next, in another terminal:",
            f"  cd {shlex.quote(str(stage.folder))}; export REGISTRY_HOME=$PWD/home PATH={stage.program.parent}:$PATH",
            "  registry search time",
            "  registry show @harbor/cpu-load",
            "  registry install @lighthouse/csv-profile --project project",
            "  registry skill create @lighthouse/my-skill my-skill",
            "  registry publish my-skill --as lighthouse --registry registry --demo",
            "  registry queue --registry registry",
            "Ctrl-C ends it and removes the scratch folder.",
        )
    )


def main(env: Mapping[str, str]) -> int:
    """Runs the demo; 1 where a step failed."""
    program = Path(sys.executable).with_name("registry")
    stay = env.get("SERVE", "1") != "0" and sys.stdin.isatty() and sys.stdout.isatty()
    with tempfile.TemporaryDirectory(prefix="registry-demo-") as folder:
        try:
            play(Stage(Path(folder).resolve(), program), stay=stay)
        except KeyboardInterrupt:
            told("\nStopped, and removed the scratch folder.")
            return 0 if stay else 130
        except StepFailed as failure:
            print(f"\nThe demo failed: {failure}", file=sys.stderr)
            return 1
    if not stay:
        told("\nAll of it worked. To look around while it is served, type next: make demo")
        told("To make a registry of your own:  .venv/bin/registry init reg --name Mine --url http://127.0.0.1:8080/")
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
