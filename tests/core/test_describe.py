"""From an author's folder to a manifest, and everything that is to be mended on the way."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from registry_tool.core import limits
from registry_tool.core.describe import Described, Said, describe, read_card, read_flat
from registry_tool.core.kind import Kinds
from registry_tool.core.payload import PayloadFile
from registry_tool.kinds import plugin, skill, theme
from tests.builders import as_payload

KINDS = Kinds.of([skill.KIND, plugin.KIND, theme.KIND])
REGISTRY = "0" * 64
SKILL = b"---\nname: links\ndescription: Finds broken links.\n---\n\nLook at each link.\n"
CARD = b'id: "@ann/links"\nversion: "1.0.0"\nlicense: MIT\n'
ANN = Said(author="ann")


def told(content: Mapping[str, bytes | PayloadFile], said: Said = ANN) -> Described:
    return describe(as_payload(content), kinds=KINDS, registry=REGISTRY, said=said)


def checks(found: Described) -> list[str]:
    return sorted({one.check for one in found.findings if one.level == "fail"})


def flat(**members: Any) -> bytes:  # Any: JSON
    return json.dumps({"name": "links", "version": "1.0.0", "author_id": "ann", **members}).encode()


def test_a_folder_with_everything_is_a_manifest() -> None:
    """Native file, card and flags together say all that a manifest needs."""
    found = told({"SKILL.md": SKILL, "artifact.yaml": CARD})

    assert found.manifest is not None
    assert ("@ann/links", "1.0.0", "skill", "links") == (
        found.manifest.artifact,
        found.manifest.version,
        found.manifest.kind,
        found.manifest.title,
    )


def test_flags_say_more_than_files() -> None:
    """A flag beats the card, the card beats the native file; git's tag and remote come last."""
    source = {"repository": "https://example.org/links", "commit": "1" * 40}
    said = Said(artifact="@bob/urls", version="2.0.0", author="bob", kind="skill", permissions=(), source=source)
    found = told({"SKILL.md": SKILL, "artifact.yaml": CARD}, said).manifest
    last = told(
        {"SKILL.md": SKILL, "artifact.yaml": b"license: MIT\n"}, Said(author="ann", scope="ann", tag="3.0.0")
    ).manifest

    assert found is not None
    assert last is not None
    assert ("@bob/urls", "2.0.0", "bob", source) == (
        found.artifact,
        found.version,
        found.author,
        found.value()["source"],
    )
    assert ("@ann/links", "3.0.0") == (last.artifact, last.version)


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (b"", []),
        (b"- a list\n", ["card"]),
        (b"just text\n", ["card"]),
        (b"unknown: 1\n", ["card"]),
        (b"version: 1.0\n", ["card"]),
        (b"a: [\n", ["yaml"]),
        (b"a: &a [x]\nb: *a\n", ["yaml"]),
        (b"x" * (limits.CARD_BYTES + 1), ["card"]),
    ],
)
def test_a_card_is_a_short_table_of_known_words(card: bytes, expected: list[str]) -> None:
    """What is no table, has other members or types, or is a bomb, is a finding and no crash."""
    found = read_card(as_payload({"artifact.yaml": card}))[1]

    assert expected == sorted({one.check for one in found})


def test_without_a_card_there_are_no_words() -> None:
    """A folder needs no card."""
    assert () == read_card({})[1]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (flat(), "skills"),
        (flat(kind="themes"), "themes"),
        (flat(permissions=5), None),
        (b"[]", None),
        (b"{}", None),
        (b"no json", None),
        (b" " * (limits.CARD_BYTES + 1), None),
    ],
)
def test_a_flat_manifest_is_read_as_it_stands(data: bytes, expected: str | None) -> None:
    """Without a kind it is a skill, as the oldest are; anything else is no flat manifest."""
    assert expected == read_flat(as_payload({"manifest.json": data})).get("kind")


def test_a_flat_manifest_says_what_a_card_would() -> None:
    """Name, version, author and kind come from it."""
    found = told({"SKILL.md": SKILL, "manifest.json": flat(), "artifact.yaml": b"license: MIT\n"}, Said())

    assert found.manifest is not None
    assert ("@ann/links", "1.0.0", "ann") == (found.manifest.artifact, found.manifest.version, found.manifest.author)


@pytest.mark.parametrize(
    ("content", "said", "expected"),
    [
        ({"SKILL.md": SKILL, "server.json": b"{}"}, Said(), "this folder is several things"),
        ({"a.txt": b"a"}, Said(), "nothing says what this folder is"),
        ({"a.txt": b"a"}, Said(kind="spell"), "'spell' is not a kind"),
        ({"a.txt": b"a", "artifact.yaml": b"kind: spell\n"}, Said(), "'spell' is not a kind"),
    ],
)
def test_a_kind_that_nobody_can_tell_is_asked_for(content: dict[str, bytes], said: Said, expected: str) -> None:
    """Several, none, or one that does not exist."""
    found = told(content, said)

    assert found.kind is None
    assert any(expected in one.message for one in found.findings)


def test_a_kind_can_be_said_in_singular_and_plural() -> None:
    """`skills` is the skill."""
    kinds = [told({"SKILL.md": SKILL}, Said(kind=word)).kind for word in ("skill", "skills")]

    assert [skill.KIND, skill.KIND] == kinds


def test_what_is_missing_is_told_with_the_line_to_write() -> None:
    """Each missing word by itself; the author is no finding, it has a default."""
    found = told({"SKILL.md": SKILL}, Said())

    assert found.manifest is None
    assert ("id", "version", "author", "license") == found.missing
    assert ["missing-id", "missing-license", "missing-version"] == checks(found)


def test_what_the_files_need_has_to_be_asked_for() -> None:
    """Where the card asks for something else, the line to add is told."""
    script = PayloadFile(b"#!/bin/sh\ncurl https://example.org\n", executable=True)
    content: dict[str, bytes | PayloadFile] = {"SKILL.md": SKILL, "run.sh": script}
    asked = told({**content, "artifact.yaml": CARD + b"permissions: []\n"})
    proposed = told({**content, "artifact.yaml": CARD})

    assert "permission-needed" in checks(asked)
    assert proposed.permissions == proposed.reading.needs


def test_a_word_that_no_manifest_takes_is_told() -> None:
    """A version out of form, found where the manifest is made."""
    found = told({"SKILL.md": SKILL, "artifact.yaml": CARD}, Said(author="ann", version="1.0"))

    assert found.manifest is None
    assert found.findings != ()


def test_paths_that_no_payload_may_have_are_told() -> None:
    """Before any kind reads them."""
    found = told({"SKILL.md": SKILL, "artifact.yaml": CARD, "con": b"x"})

    assert found.manifest is None
    assert "con" in {one.path for one in found.findings if one.level == "fail"}


@pytest.mark.parametrize(
    ("folder", "said"),
    [("links", []), ("", []), ("pdf-skill", ["the folder is called 'pdf-skill', it is installed as links"])],
)
def test_a_folder_with_another_name_than_its_format_asks_for_is_told(folder: str, said: list[str]) -> None:
    """A remark with the name that it is installed under, where somebody knows what the folder is called."""
    text = b"---\nname: links\ndescription: Finds broken links.\n---\n"
    found = told({"SKILL.md": text}, Said(folder=folder))

    assert said == [one.message for one in found.findings if one.check == "folder-name"]
