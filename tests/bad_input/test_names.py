"""Versions, names and kinds that are not what is there, for authors and for those who install."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.bad_input.git import admitted, registry_here
from tests.bad_input.stage import Refusal, Stage, adds, pdf_registry
from tests.cli.desk import PDF, skill_release

SKILL = b"---\nname: pdf\ndescription: Reads PDF files.\nlicense: MIT\n---\nRead %d.\n"

INSTALLS: Mapping[str, tuple[str, Refusal]] = {
    "leading zeros": (f"{PDF}@01.0.0", Refusal(1, "bad-version", "01.0.0")),
    "two numbers": (f"{PDF}@1.0", Refusal(1, "bad-version", "1.0")),
    "a range": (f"{PDF}@^1.0.0", Refusal(1, "bad-version", "^1.0.0")),
    "a star": (f"{PDF}@*", Refusal(1, "bad-version", "*")),
    "latest": (f"{PDF}@latest", Refusal(1, "bad-version", "latest")),
    "a V": (f"{PDF}@V1.0.0", Refusal(1, "bad-version", "V1.0.0")),
    "a pre-release in other case": (f"{PDF}@2.0.0-RC.1", Refusal(3, "no-version", "has no version 2.0.0-RC.1")),
    "other build metadata": (f"{PDF}@1.0.0+linux", Refusal(3, "no-version", "has no version 1.0.0+linux")),
    "a version that is not there": (f"{PDF}@9.0.0", Refusal(3, "no-version", "has no version 9.0.0")),
    "a name that is not there": ("@ann/pfd", Refusal(3, "no-artifact", "has no @ann/pfd")),
    "no scope": ("pdf", Refusal(1, "bad-name", "pdf")),
    "capitals": ("@Ann/PDF", Refusal(1, "bad-name", "upper-case")),
    "a Cyrillic letter": ("@ann/рdf", Refusal(1, "bad-name", "only a-z, 0-9 and '-' are allowed")),
    "a device": ("@con/pdf", Refusal(1, "bad-name", "con")),
    "a way out": ("@ann/../../etc", Refusal(1, "bad-name", "/")),
    "an escape": ("@ann/\x1b[2Jpdf", Refusal(1, "bad-name", "x1b")),
    "nothing": ("", Refusal(1, "bad-name", "")),
}


@pytest.mark.parametrize("what", INSTALLS)
def test_what_is_not_there_is_not_installed(stage: Stage, what: str) -> None:
    """A version or name that is none, or that the registry does not have, is refused before anything is written."""
    built = skill_release(pdf_registry(), PDF, "2.0.0-rc.1")
    adds(stage, built)
    wanted, expected = INSTALLS[what]

    stage.refuses(expected, "install", wanted, "--yes")


@pytest.mark.parametrize("verb", ["install", "uninstall"])
@pytest.mark.parametrize("kind", ["theme", "app", "blueprint", "gadget", "plugin", "widget"])
def test_a_verb_of_another_kind_names_the_right_one(stage: Stage, kind: str, verb: str) -> None:
    """A skill is neither installed nor removed by another kind's verb, and the hint is the whole right line."""
    adds(stage, pdf_registry())
    if verb == "uninstall":
        stage.done("install", PDF, "--yes")
    flags = ("--yes",) if verb == "install" else ()

    stage.refuses(Refusal(2, "other-kind", f"{PDF} is a skill, not a {kind}"), kind, verb, PDF, *flags)
    assert f"use: registry skill {verb} {PDF}" in stage.call(kind, verb, PDF, *flags).err


PUBLISHES: Mapping[str, tuple[str, Refusal]] = {
    "the same version": ("1.0.0", Refusal(5, "version-exists", "is published already and never changes")),
    "other build metadata": ("1.0.0+2", Refusal(5, "version-exists", "is published already and never changes")),
    "a pre-release in other case": (
        "2.0.0-RC.1",
        Refusal(5, "version-exists", "is published already and never changes"),
    ),
}


def skill(stage: Stage, version: str, *, name: str = PDF) -> str:
    text = f'id: "{name}"\nversion: "{version}"\n'.encode()
    return stage.put("pdf-skill", {"SKILL.md": SKILL % len(version), "artifact.yaml": text})


@pytest.fixture
def reg(stage: Stage) -> Path:
    """A registry with @ann/pdf 1.0.0 and 2.0.0-rc.1."""
    where = registry_here(stage)
    for version in ("1.0.0", "2.0.0-rc.1"):
        admitted(stage, skill(stage, version), "ann")
    return where


@pytest.mark.parametrize("what", PUBLISHES)
def test_a_version_that_is_taken_is_not_published(stage: Stage, reg: Path, what: str) -> None:
    """The same version, also in other case or with other build metadata, is refused."""
    version, expected = PUBLISHES[what]
    folder = skill(stage, version)

    stage.refuses(expected, "publish", folder, "--as", "ann", "--registry", str(reg), "--yes")


def test_a_name_keeps_its_kind(stage: Stage, reg: Path) -> None:
    """A theme is not published under the name of a skill."""
    card = b'id: "@ann/pdf"\nversion: "3.0.0"\nkind: theme\ndescription: A sun.\nlicense: MIT\n'
    folder = stage.put("sun", {"theme.css": b":root { --color-accent: #b7410e; }\n", "artifact.yaml": card})
    expected = Refusal(1, "checks-failed", "skill")

    stage.refuses(expected, "publish", folder, "--as", "ann", "--registry", str(reg), "--yes")


def test_a_scope_of_somebody_else_is_closed(stage: Stage, reg: Path) -> None:
    """An author who is no member of a scope publishes nothing in it, and is told whom to ask."""
    folder = skill(stage, "3.0.0")
    expected = Refusal(4, "not-a-publisher", "bob does not publish in @ann; it belongs to ann")

    stage.refuses(expected, "publish", folder, "--as", "bob", "--registry", str(reg), "--yes")


@pytest.mark.parametrize("name", ["-a", "a_b", "A", "con", "registry:0011223344556677", "../x", "рdf", "a" * 80])
def test_an_author_that_cannot_be_is_refused(stage: Stage, reg: Path, name: str) -> None:
    """Who publishes has a plain id, and no registry's."""
    folder = skill(stage, "1.0.0", name="@own/pdf")
    before = stage.everything()
    said = stage.call("publish", folder, "--as", name, "--registry", str(reg), "--yes")

    assert said.code in (1, 2, 5), said
    assert before == stage.everything()
