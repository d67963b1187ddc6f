"""A person's own machine: projects, lock files, memory and keys that somebody edited or broke."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.bad_input.git import registry_here
from tests.bad_input.stage import Refusal, Stage, adds, pdf_registry
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, SKILL, plugin_release, skill_release

INSTALL = ("install", PDF, "--yes")
TARGET = Path(".agents/skills/pdf/SKILL.md")


@pytest.fixture
def built(stage: Stage) -> RegistryInMemory:
    """A registry that this person added, with two versions of a skill and a plugin."""
    built = plugin_release(skill_release(pdf_registry(), PDF, "1.1.0"))
    adds(stage, built)
    return built


# The lock file.

Edit = Callable[[dict[str, Any]], object]  # Any: JSON, edited in place

LOCKS: Mapping[str, tuple[Edit, int, str]] = {
    "another manifest": (
        lambda row: row.update(manifest="sha256:" + "0" * 64),
        4,
        "is another release than its line pins",
    ),
    "another bundle": (lambda row: row.update(bundle="sha256:" + "0" * 64), 4, "is another release than its line pins"),
    "another kind": (lambda row: row.update(kind="theme"), 4, "is another release than its line pins"),
    "another registry": (lambda row: row.update(registry="0" * 64), 4, "was not added here"),
    "a version that is not there": (
        lambda row: row.update(version="9.0.0"),
        4,
        "has no @ann/pdf@9.0.0, and the lock file pins it",
    ),
    "a version that is none": (lambda row: row.update(version="latest"), 1, "latest"),
    "a digest that is none": (lambda row: row.update(manifest="md5:0"), 1, "manifest"),
    "a member more": (lambda row: row.update(surprise=1), 1, "surprise"),
    "a member less": (lambda row: row.pop("keys"), 1, "keys"),
}


@pytest.mark.parametrize("what", LOCKS)
def test_an_edited_lock_file_is_refused(stage: Stage, built: RegistryInMemory, what: str) -> None:
    """A lock file that pins something else than the registry has installs nothing, in a fresh clone of the project."""
    edit, code, says = LOCKS[what]
    stage.done("install", f"{PDF}@1.0.0", "--yes", "--project", "first")
    value = json.loads((stage.work / "first" / "registry.lock.json").read_text())
    edit(value["artifacts"][PDF])
    (stage.work / "registry.lock.json").write_text(json.dumps(value))

    stage.refuses_any(code, says, "install", "--yes")


TEXTS: Mapping[str, tuple[str, str]] = {
    "nothing": ("", "JSON"),
    "a word": ("lock", "JSON"),
    "a list": ("[]", "not a JSON object"),
    "a page": ("<!doctype html>", "JSON"),
    "half of it": ('{"lock": 1, "artifacts": {', "JSON"),
    "a name twice": ('{"lock": 1, "lock": 1, "artifacts": {}}', "lock"),
    "the marks of a merge": ('{"lock": 1,\n<<<<<<< HEAD\n', "marks of a merge"),
    "a newer form": ('{"lock": 2, "artifacts": {}}', "newer tool"),
    "another name": ('{"lock": 1, "artifacts": {"../x": {}}}', "artifacts"),
    "deep nesting": ("[" * 5000, "deep"),
}


@pytest.mark.parametrize("verb", [("install", "--yes"), INSTALL, ("update", "--yes")], ids=" ".join)
@pytest.mark.parametrize("what", TEXTS)
def test_a_lock_file_that_is_none_is_refused(
    stage: Stage, built: RegistryInMemory, what: str, verb: tuple[str, ...]
) -> None:
    """Whatever reads the lock file stops at a broken one, and leaves it as it is."""
    text, says = TEXTS[what]
    if verb[0] == "update":
        stage.done("install", f"{PDF}@1.0.0", "--yes")
    (stage.work / "registry.lock.json").write_text(text)

    stage.refuses_any(1, says, *verb)


# Files of the project that belong to the person.


@pytest.mark.parametrize("text", ["", "{", '{"registry": 5}', '{"registry": "a", "registry": "b"}', "\x00"])
def test_a_broken_ggui_json_is_told(stage: Stage, built: RegistryInMemory, text: str) -> None:
    """A project whose `ggui.json` cannot be read is not installed into; the file is named and stays."""
    (stage.work / "ggui.json").write_text(text)

    stage.refuses_any(1, "ggui.json", *INSTALL)


@pytest.mark.parametrize("text", ["{", "[]", '{"mcpServers": []}', '{"a": 1, "a": 2}', "servers"])
def test_a_broken_mcp_json_is_left_alone(stage: Stage, built: RegistryInMemory, text: str) -> None:
    """A plugin is not written into settings that cannot be read; they stay byte for byte."""
    (stage.work / ".mcp.json").write_text(text)

    stage.refuses_any(1, ".mcp.json", "install", "@ann/words", "--yes", "--agent", "claude")


def test_a_server_of_the_persons_own_is_not_replaced(stage: Stage, built: RegistryInMemory) -> None:
    """A server that the person wrote under the same name stops the install; --force replaces it until it is undone."""
    mine = '{"mcpServers": {"words": {"command": "mine"}}}'
    (stage.work / ".mcp.json").write_text(mine)
    stage.refuses(Refusal(5, "exists", "mcpServers.words is there already"), "install", "@ann/words", "--yes")
    stage.done("install", "@ann/words", "--yes", "--agent", "claude", "--force")
    stage.done("uninstall", "@ann/words")

    assert mine == (stage.work / ".mcp.json").read_text()


@pytest.mark.parametrize("what", ["a file", "a folder", "a link", "a link above", "a file above"])
def test_what_lies_in_the_way_stays(stage: Stage, built: RegistryInMemory, what: str) -> None:
    """A file, folder or link of the person's where the skill would go is exit 5, and none is followed."""
    place = stage.work / TARGET.parent
    place.parent.mkdir(parents=True)
    elsewhere = stage.folder / "elsewhere"
    elsewhere.mkdir()
    match what:
        case "a file":
            place.write_text("mine")
        case "a folder":
            place.mkdir()
            (place / "SKILL.md").write_text("mine")
        case "a link":
            place.symlink_to(elsewhere)
        case "a link above":
            place.parent.rmdir()
            place.parent.symlink_to(elsewhere)
        case _:
            place.parent.rmdir()
            place.parent.write_text("mine")

    stage.refuses_any(5, "", *INSTALL)


@pytest.mark.parametrize(
    "verb", [("update", "--yes"), ("uninstall", PDF), ("install", f"{PDF}@1.1.0", "--yes")], ids=" ".join
)
def test_changes_of_the_person_are_not_lost(stage: Stage, built: RegistryInMemory, verb: tuple[str, ...]) -> None:
    """An edited file stops update, uninstall and another install with exit 5, and says how to go on."""
    stage.done("install", f"{PDF}@1.0.0", "--yes")
    (stage.work / TARGET).write_text("mine")

    stage.refuses_any(5, str(TARGET), *verb)
    assert "--force" in stage.call(*verb).err


RECEIPTS = ["", "{", "[]", "{}", '{"schema": "registry.receipt/1"}', "{" * 5000, '{"schema": "registry.receipt/9"}']


@pytest.mark.parametrize("verb", [("uninstall", PDF), INSTALL, ("list",)], ids=" ".join)
@pytest.mark.parametrize("text", RECEIPTS, ids=lambda text: text[:30] or "empty")
def test_a_broken_receipt_is_not_guessed_at(
    stage: Stage, built: RegistryInMemory, text: str, verb: tuple[str, ...]
) -> None:
    """A receipt that says not what an install wrote removes nothing."""
    stage.done(*INSTALL)
    receipt = next(path for path in (stage.work / ".registry").rglob("*.json") if "pdf" in path.name)
    receipt.write_text(text)

    stage.refuses_any(1, "", *verb)


def test_a_receipt_that_points_elsewhere_removes_nothing(stage: Stage, built: RegistryInMemory) -> None:
    """A receipt that somebody edited to name a folder outside is refused before anything goes."""
    stage.done(*INSTALL)
    (stage.folder / "precious").mkdir()
    (stage.folder / "precious" / "SKILL.md").write_text("mine")
    receipt = next(path for path in (stage.work / ".registry").rglob("*.json") if "pdf" in path.name)
    receipt.write_text(receipt.read_text().replace(".agents/skills/pdf", "../precious"))

    stage.refuses_any(1, "../precious", "uninstall", PDF, "--force")


def test_a_project_that_is_a_file_is_told(stage: Stage, built: RegistryInMemory) -> None:
    """`--project` of a file is exit 2 and names it."""
    (stage.work / "notes").write_text("mine")

    stage.refuses_any(2, "is not a folder", *INSTALL, "--project", "notes")


# What the tool remembers.

DAMAGE = {
    "emptied": "",
    "half of it": "[{",
    "another form": '{"a": 1}',
    "a page": "<html>",
    "other members": '[{"name": "x"}]',
}


@pytest.mark.parametrize("what", DAMAGE)
@pytest.mark.parametrize("verb", [INSTALL, ("remote", "list"), ("search", "pdf"), ("show", PDF)], ids=" ".join)
def test_a_damaged_list_of_registries_stops(
    stage: Stage, built: RegistryInMemory, what: str, verb: tuple[str, ...]
) -> None:
    """Which registries were added is never begun anew: exit 4, and the file stays for whoever mends it."""
    (stage.folder / "home/trust/registries.json").write_text(DAMAGE[what])

    stage.refuses(Refusal(4, "state-damaged", "what was remembered is damaged"), *verb)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '"x"', '{"chains": []}', '{"chains": {"a": 5}}', '{"names": 5}', '{"names": {"@ann/pdf": {}}}'],
)
def test_a_damaged_memory_of_what_was_seen_stops(stage: Stage, built: RegistryInMemory, text: str) -> None:
    """What was seen of a registry guards against going back in time, so a damaged memory stops the install."""
    stage.done(*INSTALL, "--project", "other")
    (stage.folder / "home/trust/seen" / f"{built.id}.json").write_text(text)

    stage.refuses(Refusal(4, "state-damaged", "what was remembered"), *INSTALL)


@pytest.mark.parametrize("text", ["", "{}", "[5]", '[{"id": 5}]', "[{}]"])
@pytest.mark.parametrize("verb", [("status",), ("withdraw", "a", "--yes")], ids=" ".join)
def test_damaged_submissions_stop(stage: Stage, text: str, verb: tuple[str, ...]) -> None:
    """A list of submissions that was damaged is exit 4 for whoever reads it."""
    registry_here(stage)
    (stage.folder / "home/trust").mkdir(parents=True, exist_ok=True)
    (stage.folder / "home/trust/submissions.json").write_text(text)

    stage.refuses(Refusal(4, "state-damaged", "what was remembered is damaged"), *verb)


# Keys.

CARD = b'id: "@ann/pdf"\nversion: "1.0.0"\nlicense: MIT\n'
KEYS: Mapping[str, tuple[bytes | None, int, Refusal]] = {
    "that others can read": (None, 0o644, Refusal(5, "open-key", "others can read this private key")),
    "that the group can read": (None, 0o640, Refusal(5, "open-key", "others can read this private key")),
    "that is empty": (b"", 0o600, Refusal(1, "bad-key-file", "expected an Ed25519 private key in PEM")),
    "that is something else": (b"hello", 0o600, Refusal(1, "bad-key-file", "expected an Ed25519 private key in PEM")),
    "that is far too long": (b"a" * 9999, 0o600, Refusal(1, "too-large", "at most 4096 bytes")),
}


@pytest.mark.parametrize("what", KEYS)
def test_a_key_that_is_not_safe_is_not_used(stage: Stage, what: str) -> None:
    """A key that others can read, or a file that holds none, signs nothing and is not replaced."""
    registry_here(stage)
    folder = stage.put("pdf-skill", {**SKILL, "artifact.yaml": CARD})
    stage.done("keys", "new", "--as", "ann")
    data, mode, expected = KEYS[what]
    key = stage.folder / "home/keys/ann/signing.pem"
    if data is not None:
        key.write_bytes(data)
    key.chmod(mode)

    stage.refuses(expected, "publish", folder, "--as", "ann", "--registry", "reg", "--yes")


SEEDS: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "bad-key"),
    "a word": (b"hello", "bad-key"),
    "31 bytes": (bytes(31), "bad-key"),
    "63 digits": (b"0" * 63, "bad-key"),
    "a public key": (b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n", "bad-key-file"),
    "a certificate": (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "bad-key-file"),
}


@pytest.mark.parametrize("what", SEEDS)
def test_what_is_no_key_is_not_imported(stage: Stage, what: str) -> None:
    """`keys import` of anything but an Ed25519 private key keeps nothing."""
    data, code = SEEDS[what]
    (stage.work / "key").write_bytes(data)

    stage.refuses(Refusal(1, code, "Ed25519 private key"), "keys", "import", "key", "--as", "ann")


@pytest.mark.parametrize("owner", ["", "../ann", "registry:1", "Ann", "con/x", "registry-" + "0" * 16])
def test_keys_belong_to_plain_owners(stage: Stage, owner: str) -> None:
    """An owner that could leave the folder of keys is refused before the key is read."""
    (stage.work / "key").write_bytes(bytes(range(32)))

    assert stage.call("keys", "import", "key", "--as", owner).code in (1, 2)
    assert not (stage.folder / "home").exists()


def test_a_registry_is_not_made_where_something_is(stage: Stage) -> None:
    """`init` into a folder with anything in it is exit 5; no key is made."""
    (stage.work / "reg").mkdir()
    (stage.work / "reg" / "notes").write_text("mine")

    stage.refuses(Refusal(5, "exists", "exists and is not empty"), "init", "reg", "--yes")


def test_a_word_that_is_no_verb_is_told(stage: Stage) -> None:
    """An unknown verb and an unknown flag are exit 2, in words and for scripts."""
    for args in (("instal",), ("install", "--forse"), ("queue", "aprove"), ("publish", "--permision", "x")):
        said = stage.call(*args, "--json")

        assert (2, "wrong-usage") == (said.code, json.loads(said.out)["error"]["code"])


def test_nothing_is_installed_from_nowhere(stage: Stage) -> None:
    """With no registry added, an install is exit 2 with the line that adds one."""
    stage.refuses(Refusal(2, "which-registry", "none was added"), *INSTALL)
    assert a_registry(demo=False).id not in stage.call(*INSTALL).err
