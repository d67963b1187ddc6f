"""The consumer's verbs as people and scripts call them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from registry_tool.cli import kind_names, registry
from registry_tool.cli.consumer_ground import found_agents
from registry_tool.core.errors import RegistryError
from registry_tool.wiring import World
from tests.builders import RegistryInMemory, a_registry

PDF = "@ann/pdf"
SKILL = {"SKILL.md": b"---\nname: pdf\ndescription: Read PDF files.\n---\nRead it.\n"}
SKILL_SPEC = {"native_name": "pdf", "entry": "SKILL.md", "allowed_tools": [], "scripts": []}
SERVER = (
    b"import os, sys\nprint(*sys.argv[1:], sorted(k for k in os.environ if not k.startswith('LC_')))\nsys.exit(7)\n"
)


def skill_release(built: RegistryInMemory, artifact: str, version: str, **more: Any) -> RegistryInMemory:
    return built.release(artifact, version, SKILL, kind="skill", spec=SKILL_SPEC, **more)


def plugin_release(built: RegistryInMemory, **run: Any) -> RegistryInMemory:
    told = {"type": "payload", "command": "python3", "entry": "server.py", **run}
    inputs = [{"name": "TOKEN", "description": "what the service gave you", "secret": True, "required": True}]
    spec = {"native_name": "io.example/words", "run": told, "inputs": inputs, "tools": ["count"]}
    content = {"server.py": SERVER}
    return built.release("@ann/words", "1.0.0", content, kind="plugin", spec=spec, permissions=["mcp:count"])


class Desk:
    """A person's machine: their folders, and what a verb gave."""

    def __init__(self, folder: Path, *, answers: str | None = None) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        self.world = World(
            env={"REGISTRY_HOME": str(folder / "home"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
            cwd=self.work,
            home=folder / "person",
            now=lambda: 1_772_000_000,
            terminal=answers is not None,
        )
        self.answers = answers

    def put(self, name: str, files: dict[str, bytes]) -> str:
        root = self.folder / name
        shutil.rmtree(root, ignore_errors=True)
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return str(root)

    def run(self, *args: str) -> str:
        """What the verb says on stdout; raises its error."""
        done = CliRunner().invoke(registry, list(args), obj=self.world, input=self.answers)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        self.code, self.talk = done.exit_code, done.stderr
        return done.stdout

    def json(self, *args: str) -> Any:
        return json.loads(self.run(*args, "--json"))

    def refused(self, *args: str) -> tuple[int, str]:
        """The exit code and the code of the error."""
        with pytest.raises(RegistryError) as refused:
            self.run(*args)
        self.error = refused.value
        return refused.value.exit_code, refused.value.code


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def built() -> RegistryInMemory:
    built = a_registry(demo=False)
    return skill_release(built, PDF, "1.0.0", permissions=["network"], tags=["paper"], description="Read PDF files.")


def added(desk: Desk, built: RegistryInMemory) -> str:
    where = desk.put("reg", built.files)
    desk.run("add", where, "--root", built.id)
    return where


def test_adding_shows_who_decides_and_keeps_the_id(desk: Desk, built: RegistryInMemory) -> None:
    """A registry is added under its folder's name, listed, and removed."""
    where = desk.put("reg", built.files)

    row = desk.json("add", where, "--root", built.id)["added"]

    assert ("reg", built.id, ["mod"], False) == (row["name"], row["id"], row["moderators"], row["demonstration"])
    assert [built.id] == [one["id"] for one in desk.json("remote", "list")["registries"]]
    assert f"registry add {where} --root {built.id}" in desk.run("remote", "remove", "reg")
    assert "You trust no registry yet" in desk.run("remote", "list")


@pytest.mark.parametrize(
    ("demo", "args", "expected"),
    [
        (False, [], (2, "needs-answer")),
        (False, ["--root", "0" * 64], (4, "other-registry")),
        (False, ["--root", "ABC"], (2, "bad-id")),
        (True, ["--root", "ID"], (4, "demonstration")),
    ],
)
def test_a_registry_that_is_not_sure_is_not_added(
    desk: Desk, demo: bool, args: list[str], expected: tuple[int, str]
) -> None:
    """Without an id and a terminal, with another id, and for a demonstration that nobody asked for, nothing is kept."""
    built = a_registry(demo=demo)
    where = desk.put("reg", built.files)

    assert expected == desk.refused("add", where, *(built.id if one == "ID" else one for one in args))
    assert not (desk.folder / "home").exists()


def test_without_an_id_a_person_is_asked(tmp_path: Path, built: RegistryInMemory) -> None:
    """On a terminal the id is shown and asked for; a no changes nothing and is exit 130."""
    willing, careful = Desk(tmp_path / "a", answers="y\n"), Desk(tmp_path / "b", answers="n\n")

    assert "From now on you trust reg" in willing.run("add", willing.put("reg", built.files))
    assert built.id in willing.talk
    assert (130, "interrupted") == careful.refused("add", careful.put("reg", built.files))
    assert [] == careful.json("remote", "list")["registries"]


def test_a_page_is_no_registry(desk: Desk) -> None:
    """A folder or site whose chains are a web page, empty or missing is refused as no registry."""
    for content in (b"<!doctype html>", b""):
        where = desk.put("site", {"chains/registry.json": content})

        assert (6, "not-a-registry") == desk.refused("add", where, "--root", "0" * 64)
    assert (3, "not-a-registry") == desk.refused("add", desk.put("empty", {"x": b""}), "--root", "0" * 64)


def test_an_install_for_scripts(desk: Desk, built: RegistryInMemory) -> None:
    """`install --json` says what was installed, where from, who chose that, and what was verified."""
    where = added(desk, built)

    value = desk.json("install", PDF, "--yes")

    row = value["installed"][0]
    assert (PDF, "1.0.0", "skill", [".agents/skills/pdf/SKILL.md"]) == (
        row["id"],
        row["version"],
        row["kind"],
        row["files"],
    )
    assert {"registry", "manifest", "admitted_by", "approved_by", "signed_by", "at"} == set(row["verified"])
    assert (built.id, "the only one added", where) == (value["registry"], value["chosen_by"], value["where"])
    assert [f"{PDF}@1.0.0"] == desk.json("install", PDF, "--yes")["already"]


def test_an_install_ends_with_what_who_and_how_to_undo(desk: Desk, built: RegistryInMemory) -> None:
    """The words name the files, the agents that see them and the verb that takes it back; a dry run writes nothing."""
    added(desk, built)
    (desk.work / ".claude").mkdir()

    dry = desk.run("install", PDF, "--dry-run")
    assert not (desk.work / ".agents").exists()
    said = desk.run("install", PDF, "--yes")

    assert "Would install" in dry
    assert "  .claude/skills/pdf/SKILL.md\n" in said
    assert "Claude Code" in said
    assert said.endswith(f"Undo: registry uninstall {PDF}\n")
    assert f"Undo: registry install {PDF}@1.0.0\n" in desk.run("uninstall", PDF)
    assert [".claude"] == sorted(path.name for path in desk.work.iterdir())


def test_permissions_are_asked_for_in_words(tmp_path: Path, built: RegistryInMemory) -> None:
    """Without a terminal it is exit 2 with the flag; `--allow` and `--yes` grant, a person may say no."""
    script, person = Desk(tmp_path / "a"), Desk(tmp_path / "b", answers="n\n")
    added(script, built)
    person.run("add", person.put("reg", built.files), "--root", built.id)

    assert (2, "needs-answer") == script.refused("install", PDF)
    assert "add --yes, or --allow network" == script.error.hint
    assert (130, "interrupted") == person.refused("install", PDF)
    assert not (person.work / ".agents").exists()
    assert "Installed" in script.run("install", PDF, "--allow", "network")


def test_an_unknown_registry_is_not_read(desk: Desk, built: RegistryInMemory) -> None:
    """Naming a registry that was not added is exit 4 with the way to add it, also with `--yes` and with `--demo`."""
    where = desk.put("reg", built.files)

    for more in ([], ["--yes"], ["--demo"]):
        assert (4, "unknown-registry") == desk.refused("install", PDF, "--registry", where, *more)
        assert f"registry add {where} --root ID" in desk.error.hint
    assert (2, "which-registry") == desk.refused("install", PDF)


def test_a_demonstration_is_tried_with_its_flag(desk: Desk) -> None:
    """A demonstration that is named with `--demo` installs without being added, and not without the flag."""
    built = skill_release(a_registry(), PDF, "1.0.0")
    where = desk.put("reg", built.files)

    assert (4, "unknown-registry") == desk.refused("install", PDF, "--registry", where)
    assert PDF == desk.json("install", PDF, "--registry", where, "--demo")["installed"][0]["id"]


def test_a_mirror_is_the_same_registry(desk: Desk, built: RegistryInMemory) -> None:
    """A copy of the built site is trusted as the clone is, by the id alone, and used offline."""
    added(desk, built)
    copy = desk.put("usb", built.site())

    value = desk.json("install", PDF, "--yes", "--offline", "--registry", copy)

    assert (copy, "--registry") == (value["where"], value["chosen_by"])
    assert "holds" in desk.run("verify", PDF, "--registry", copy)
    assert "All 1 releases of 1 artifacts" in desk.run("verify", copy)


def test_offline_uses_no_network(desk: Desk) -> None:
    """`--offline` refuses a site with exit 6, and a git address is told to be cloned."""
    assert (6, "offline") == desk.refused("install", PDF, "--registry", "https://registry.example/", "--offline")
    assert (2, "git-address") == desk.refused("add", "git@forge.example:a/b.git", "--root", "0" * 64)


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_another_kinds_verb_says_which_to_use(desk: Desk, built: RegistryInMemory, verb: str) -> None:
    """`registry theme install` of a skill is exit 2 and names `registry skill install` (G2)."""
    added(desk, built)
    if verb == "uninstall":
        desk.run("skill", "install", PDF, "--yes")

    assert (2, "other-kind") == desk.refused("theme", verb, PDF)
    assert f"use: registry skill {verb} {PDF}" == desk.error.hint


def test_every_kind_has_the_same_verbs(desk: Desk) -> None:
    """Each kind has create, publish, search, install and uninstall, with help and an example."""
    for kind in kind_names():
        for verb in ("create", "publish", "search", "install", "uninstall"):
            assert f"Example: registry {kind} {verb}" in " ".join(desk.run(kind, verb, "--help").split())


def test_a_search_says_which_registry_answered(desk: Desk, built: RegistryInMemory) -> None:
    """A search finds by words and tags, locked to a kind where asked; the source that won is named (G3)."""
    where = added(desk, built)

    found = desk.json("search", "read", "pdf", "--tag", "paper")

    assert ([PDF], 1, "the only one added") == (
        [one["id"] for one in found["results"]],
        found["total"],
        found["chosen_by"],
    )
    assert 0 == desk.json("theme", "search")["total"]
    assert 1 == desk.json("search", "--kind", "skills")["total"]
    (desk.work / "ggui.json").write_text(json.dumps({"registry": where}))
    desk.world = replace(desk.world, env={**desk.world.env, "REGISTRY_URL": where})
    assert "REGISTRY_URL" == desk.json("search")["chosen_by"]
    assert "ggui.json" == desk.json("show", PDF)["chosen_by"]


@pytest.mark.parametrize("text", ["[", '{"registry": 1}'])
def test_a_broken_project_file_is_told(desk: Desk, built: RegistryInMemory, text: str) -> None:
    """A `ggui.json` that cannot be read stops, instead of another registry being used."""
    added(desk, built)
    (desk.work / "ggui.json").write_text(text)

    assert (1, "bad-ggui-json") == desk.refused("install", PDF)


def test_show_speaks_of_permissions_in_words(desk: Desk, built: RegistryInMemory) -> None:
    """`show` names what it may do in words, its versions and who let it in."""
    added(desk, built)

    said = desk.run("show", PDF)

    assert "reach any host on the public Internet  (network)" in said
    assert "let in by  mod at" in said


def test_lists_and_updates(desk: Desk, built: RegistryInMemory) -> None:
    """What is installed is listed, with what is newer and what was changed; an update takes it and can be undone."""
    added(desk, built)
    assert "Nothing is installed here." == desk.run("list").strip()
    assert (3, "not-installed") == desk.refused("update")
    desk.run("install", PDF, "--yes")
    assert "Everything is at its newest version." == desk.run("update").strip()
    skill_release(built, PDF, "1.1.0", permissions=["network"])
    desk.put("reg", built.files)

    assert [("1.0.0", "1.1.0")] == [
        (one["version"], one["newest"]) for one in desk.json("list", "--outdated")["installed"]
    ]
    assert f"Undo: registry install {PDF}@1.0.0" in desk.run("update", PDF)
    assert "Everything is at its newest version." == desk.run("list", "--outdated").strip()
    (desk.work / ".agents/skills/pdf/SKILL.md").write_text("mine")
    assert [".agents/skills/pdf/SKILL.md"] == desk.json("list")["installed"][0]["edited"]
    assert (3, "not-installed") == desk.refused("update", "@ann/other")


def test_what_is_installed_is_verified_on_the_disk_too(desk: Desk, built: RegistryInMemory) -> None:
    """`verify` compares files with what was installed and releases with their registry, and names what differs."""
    added(desk, built)
    assert (3, "not-installed") == desk.refused("verify", "--all")
    desk.run("install", PDF, "--yes")
    assert f"{PDF} 1.0.0 holds" in desk.run("verify", "--all")
    (desk.work / ".agents/skills/pdf/SKILL.md").write_text("changed")
    built.event(PDF, "1.0.0", "revoke")
    desk.put("reg", built.files)

    assert (4, "not-trusted") == desk.refused("verify")
    assert ["edited", "revoked"] == [one.check for one in desk.error.findings]


def test_a_lock_file_alone_installs(desk: Desk, built: RegistryInMemory) -> None:
    """`install` without a name takes exactly what the lock file pins; without one it says what to write."""
    added(desk, built)
    assert (2, "missing-id") == desk.refused("install")
    assert (2, "missing-id") == desk.refused("skill", "install")
    assert (2, "missing-id") == desk.refused("install", "-g")
    desk.run("install", PDF, "--yes")
    shutil.rmtree(desk.work / ".agents")
    shutil.rmtree(desk.work / ".registry")

    assert "registry.lock.json" == desk.json("install", "--yes")["chosen_by"]
    assert (desk.work / ".agents/skills/pdf/SKILL.md").is_file()
    desk.run("remote", "remove", "reg")
    shutil.rmtree(desk.work / ".registry")
    assert (4, "unknown-registry") == desk.refused("install", "--yes")


@pytest.mark.parametrize(
    ("args", "path", "undo"),
    [
        (["--project", "other"], "work/other/.agents/skills/pdf/SKILL.md", " --project other"),
        (["--target", "there"], "work/there/.agents/skills/pdf/SKILL.md", " --project there"),
        (["-g"], "person/.agents/skills/pdf/SKILL.md", " -g"),
        (["--name", "paper"], "work/.agents/skills/paper/SKILL.md", ""),
        (["--agent", "goose"], "work/.goose/skills/pdf/SKILL.md", ""),
    ],
)
def test_where_it_goes_is_the_persons_choice(
    desk: Desk, built: RegistryInMemory, args: list[str], path: str, undo: str
) -> None:
    """A project, a target, the own folder, another name and an agent each decide where the files lie."""
    added(desk, built)

    said = desk.run("install", PDF, "--yes", *args)

    assert (desk.folder / path).is_file()
    assert said.endswith(f"Undo: registry uninstall {PDF}{undo}\n")
    assert ("-g" in args) != bool(list((desk.folder / "work").rglob("registry.lock.json")))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["install", PDF, "-g", "--project", "x"], 2),
        (["install", PDF, "--agent", "hal"], 2),
        (["install", PDF, "@ann/other", "--name", "x"], 3),
        (["install", "solar"], 1),
        (["install", f"{PDF}@latest"], 1),
        (["search", "--kind", "hologram"], 2),
        (["uninstall", "@ann/other"], 3),
        (["remote", "remove", "nobody"], 3),
    ],
)
def test_wrong_calls_are_told(desk: Desk, built: RegistryInMemory, args: list[str], expected: int) -> None:
    """Flags that exclude each other, unknown agents and kinds, and names that are none have their exit codes."""
    added(desk, built)

    code, _ = desk.refused(*args)

    assert expected == code


def test_agents_are_found_by_their_folders(tmp_path: Path) -> None:
    """An agent counts as used where its own folder lies; a shared folder shows none."""
    for name in (".claude", ".cursor", ".agents/skills", ".vscode", ".config/goose"):
        (tmp_path / name).mkdir(parents=True)

    assert ("claude", "cursor") == found_agents(tmp_path, personal=False)
    assert ("claude", "cursor", "goose") == found_agents(tmp_path, personal=True)


def with_plugin(desk: Desk, **run: Any) -> None:
    built = plugin_release(a_registry(demo=False), **run)
    desk.run("add", desk.put("reg", built.files), "--root", built.id)
    desk.run("install", "@ann/words", "--yes")


def test_nothing_is_started_unconfined_by_chance(desk: Desk) -> None:
    """Without `--unconfined` a plugin is not started: exit 5, the reason in words, and the flag."""
    with_plugin(desk)

    assert (5, "unconfined") == desk.refused("run", "@ann/words")
    assert "call its tool count" in desk.error.message
    assert "--unconfined" in desk.error.hint


def test_a_started_program_gets_what_it_declares(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """It runs with its arguments and inputs, its exit code is ours, and no other variable of the person is seen."""
    with_plugin(desk, args=["--token={TOKEN}"], env={"WORDS_TOKEN": "{TOKEN}"})
    assert (2, "missing-input") == desk.refused("run", "@ann/words", "--unconfined")
    desk.world = replace(desk.world, env={**desk.world.env, "SECRET": "x", "HOME": str(desk.folder), "LANG": "C"})

    desk.run("run", "@ann/words", "--unconfined", "--input", "TOKEN=abc", "--", "--more")

    assert 7 == desk.code
    assert "--token=abc --more ['HOME', 'LANG', 'PATH', 'WORDS_TOKEN']" == capfd.readouterr().out.strip()
    assert (2, "unknown-input") == desk.refused(
        "run", "@ann/words", "--unconfined", "--input", "A=1", "--input", "TOKEN=1"
    )


def test_a_program_is_found_from_below_its_project(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """An agent may start it from a folder inside the project, with the input in a variable of its name."""
    with_plugin(desk)
    below = desk.work / "src" / "deep"
    below.mkdir(parents=True)
    desk.world = replace(desk.world, cwd=below, env={**desk.world.env, "TOKEN": "abc"})

    desk.run("run", "@ann/words", "--unconfined")

    assert "['PATH']" == capfd.readouterr().out.strip()


def changed(desk: Desk) -> None:
    (desk.work / "plugins/ann__words/server.py").write_text("print('other')")


def without_python(desk: Desk) -> None:
    desk.world = replace(desk.world, env={**desk.world.env, "PATH": str(desk.folder)})


@pytest.mark.parametrize(
    ("run", "before", "expected"),
    [
        ({}, changed, (4, "edited")),
        ({}, without_python, (3, "no-program")),
        ({"type": "npm", "identifier": "words", "version": "1.0.0"}, without_python, (3, "no-program")),
        ({"type": "pypi", "identifier": "words", "version": "1.0.0"}, without_python, (3, "no-program")),
        ({"type": "oci", "identifier": "words"}, without_python, (5, "not-yet")),
        ({"type": "remote", "url": "https://words.example/mcp"}, without_python, (2, "remote")),
    ],
)
def test_what_cannot_be_started_is_said(
    desk: Desk, run: dict[str, Any], before: Callable[[Desk], None], expected: tuple[int, str]
) -> None:
    """Changed files, a missing program, and ways of starting that are not there are refused before anything runs."""
    with_plugin(desk, **run)
    before(desk)

    assert expected == desk.refused("run", "@ann/words", "--unconfined", "--input", "TOKEN=1")


def test_only_installed_plugins_are_started(desk: Desk, built: RegistryInMemory) -> None:
    """What is not installed, or is no plugin, is not started."""
    added(desk, built)
    assert (3, "not-installed") == desk.refused("run", PDF)
    assert (3, "not-installed") == desk.refused("run", PDF, "-g")
    desk.run("install", PDF, "--yes")

    assert (2, "other-kind") == desk.refused("run", PDF, "--project", str(desk.work))
