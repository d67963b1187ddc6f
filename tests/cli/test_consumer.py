"""Adding registries and installing on the command line, as people and scripts do."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool.cli import kind_names
from registry_tool.cli.consumer_ground import found_agents
from registry_tool.core.card import Card
from registry_tool.core.names import parse_artifact
from tests.builders import RegistryInMemory, a_registry
from tests.building_index import SignedSite
from tests.cli.desk import PDF, Desk, added, skill_release


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
    told = {"registry", "manifest", "admitted_by", "approved_by", "signed_by", "identities", "at"}
    assert told == set(row["verified"])
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
    copy = desk.put("usb", SignedSite(built, now=desk.world.now() - 120).publish())

    value = desk.json("install", PDF, "--yes", "--offline", "--registry", copy)

    assert (copy, "--registry") == (value["where"], value["chosen_by"])
    assert "holds" in desk.run("verify", PDF, "--registry", copy)
    assert "Verified 1 release of 1 artifact in " in desk.run("verify", copy)


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


def git(*args: str, cwd: Path) -> None:
    who = {"GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.org"}
    env = {**who, **{key.replace("AUTHOR", "COMMITTER"): value for key, value in who.items()}}
    subprocess.run(["git", *args], cwd=cwd, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", **env})


@pytest.mark.parametrize("way", ["work tree", "bare"])
def test_a_git_clone_is_a_registry(desk: Desk, built: RegistryInMemory, way: str) -> None:
    """A clone, bare or not, is a registry without a build and without a network (B6)."""
    where = Path(desk.put("reg", built.files))
    git("init", "-q", "-b", "main", cwd=where)
    git("add", "-A", cwd=where)
    git("commit", "-q", "-m", "x", cwd=where)
    if way == "bare":
        git("clone", "-q", "--bare", str(where), "bare.git", cwd=desk.folder)
        where = desk.folder / "bare.git"

    row = desk.json("add", str(where), "--root", built.id)["added"]
    desk.world = replace(desk.world, cwd=where)

    assert ("clone", "reg" if way == "work tree" else "bare") == (row["kind"], row["name"])
    value = desk.json("install", PDF, "--yes", "--offline", "--project", str(desk.work))
    assert "the folder you are in" == value["chosen_by"]
    assert "1.0.0" == value["installed"][0]["version"]


def test_a_gadgets_address_is_the_operators(desk: Desk) -> None:
    """From a clone, an installed gadget names its module at the address that the operator's table says."""
    built = a_registry(demo=False)
    kind = desk.world.kinds["gadget"]
    payload = kind.template(parse_artifact("@ann/clock"))
    spec = kind.read(payload, Card()).spec
    built.files["index/registry.yaml"] = b"url: https://registry.example/\n"
    built.release("@ann/clock", "1.0.0", payload, kind="gadget", spec=spec)
    added(desk, built)

    desk.run("install", "@ann/clock", "--yes")

    assert '"bundleUrl": "https://registry.example/' in (desk.work / "ggui.json").read_text()
