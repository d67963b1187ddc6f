"""Where bad input is played: a person's machine, its registries, and a look at every byte before and after."""

import io
import json
import os
import re
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_tool.cli import main
from tests.builders import RegistryInMemory, a_registry
from tests.building_index import DAY, signed
from tests.cli.desk import PDF, Desk, skill_release

Seen = Mapping[str, tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Said:
    """How a verb ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """How bad input must end."""

    exit: int
    code: str
    says: str
    """A part of the message, or of a finding."""


class Stage(Desk):
    """A desk whose verbs are called as a shell does: exit code, stdout and stderr are all that comes back."""

    published = 0
    """How many sites were signed for this person."""

    def site(self, built: RegistryInMemory, files: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
        """`files` (default: the site of `built`) with a signed index that is newer than all before.

        What is wrong in `files` is wrong although the index lists it: as where the keys of the jobs were stolen.
        """
        self.published += 1
        return signed(built, files, now=self.world.now() - DAY + self.published)

    def call(self, *args: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        code: object = 0
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main(list(args), self.world)
            except SystemExit as ended:
                code = ended.code
        assert isinstance(code, int)
        return Said(code, out.getvalue(), err.getvalue())

    def done(self, *args: str) -> Any:  # Any: JSON
        """The result of a verb that must succeed."""
        said = self.call(*args, "--json")
        assert 0 == said.code, said.out + said.err
        return json.loads(said.out)

    def everything(self) -> Seen:
        """Every file, folder and link of this machine with its mode; caches, what speeds up the next look, and the
        audit log apart: a refusal is a line of it.
        """
        seen = look(self.folder, but=("home/cache",))
        apart = ("home", "home/state", "home/state/audit.jsonl")
        return {path: one for path, one in seen.items() if "/.git/registry-tool" not in path and path not in apart}

    def written_since(self, before: Seen) -> list[str]:
        """The paths that changed since `before`, but for what was verified of signed indexes.

        That is kept whatever else is refused, so that nobody is led back to an older one; of a registry
        that was not added yet nothing may stay.
        """
        return [path for path in differences(before, self.everything()) if not indexed(before, path)]

    def refuses(self, expected: Refusal, *args: str) -> None:
        """`registry ARGS` ends as `expected`, in words and for scripts, and not a byte is written."""
        before = self.everything()
        words = self.call(*args)
        said = self.call(*args, "--json")
        assert said.out.startswith('{"error"'), said
        error = json.loads(said.out)["error"]
        findings = [finding for finding in error["findings"] if finding["level"] == "fail"]

        assert (expected.exit, expected.exit, expected.code) == (words.code, said.code, error["code"]), words
        assert expected.says in words.err, words
        assert ("", 1) == (words.out, words.err.count("error: ")), words
        assert error["hint"] or (findings and all(one["hint"] or one["path"] for one in findings))
        left = self.written_since(before)
        assert [] == left, left

    def refuses_any(self, exit_code: int, says: str, *args: str) -> None:
        """As `refuses`, where many codes belong to one row's table."""
        code = json.loads(self.call(*args, "--json").out)["error"]["code"]
        assert re.fullmatch("[a-z]+(-[a-z]+)*", code)
        self.refuses(Refusal(exit_code, code, says), *args)


def look(folder: Path, *, but: tuple[str, ...] = ()) -> Seen:
    """Path to mode and content of everything below `folder`."""
    found: dict[str, tuple[int, bytes]] = {}
    for base, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(base, name)
            where = path.relative_to(folder).as_posix()
            if where.startswith(but):
                continue
            if path.is_symlink():
                content = os.fsencode(os.readlink(path))
            else:
                content = path.read_bytes() if path.is_file() else b""
            found[where] = (path.lstat().st_mode, content)
    return found


def differences(before: Seen, after: Seen) -> list[str]:
    """The paths that came, went or changed."""
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))


def indexed(before: Seen, path: str) -> bool:
    """Whether a path is of the memory of the signed index of a registry that was added before."""
    parts = path.split("/")
    return parts[:3] == ["home", "trust", "index"] and "/".join(parts[:4]) in before and len(parts) > 4


def pdf_registry(*, demo: bool = False, **more: Any) -> RegistryInMemory:  # Any: for `release`
    """A registry with the skill @ann/pdf 1.0.0."""
    return skill_release(a_registry(demo=demo), PDF, "1.0.0", **more)


def adds(stage: Stage, built: RegistryInMemory, files: Mapping[str, bytes] | None = None, *, name: str = "reg") -> str:
    """The folder of a registry that this person trusts, with `files` (default: its built site), signed."""
    where = stage.put(name, stage.site(built))
    stage.run("add", where, "--root", built.id)
    if files is not None:
        stage.put(name, stage.site(built, files))
    return where
