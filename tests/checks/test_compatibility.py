"""What version numbers promise, and what words say."""

from collections.abc import Mapping

import pytest

from registry_tool.checks.compatibility import compatibility, lost_by
from registry_tool.checks.metadata import metadata
from registry_tool.core.change import Change
from registry_tool.core.versions import parse_range
from tests.checks.changes import change, skill, with_candidate
from tests.checks.fixtures import Make, first, fix, update, with_file, with_member


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("*", ">=1.2.0", "0.0.0"),
        (">=1.0.0", ">=1.2.0", "1.0.0"),
        (">=1.0.0", ">=1.0.0 <2.0.0", "2.0.0"),
        ("^1.0.0", "~1.2.0", "1.0.0"),
        ("~1.2.3", "1.2.3", "1.2.4"),
        ("<=1.2.3", "<1.2.3", "1.2.3"),
        ("1.x || 3.x", "3.x", "1.0.0"),
        (">=2.0.0", ">=2.0.0 <3.0.0 || >=4.0.0", "3.0.0"),
        (">=1.0.0", ">=0.5.0", None),
        ("^1.2.0", "*", None),
        ("1.2.3", "1.2.3", None),
        ("^1.0.0-rc.1", "^1.0.0", "1.0.0-rc.1"),
    ],
)
def test_a_range_loses_what_it_allowed(old: str, new: str, expected: str | None) -> None:
    """The lowest version beside a border that the old range allowed and the new one does not."""
    lost = lost_by(parse_range(old), parse_range(new))

    assert expected == (lost.text if lost else None)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (fix({"host": ">=1.2.0"}), "a fix of 1.1.0 that no longer fits 'host' 1.0.0: >=1.2.0 instead of >=1.0.0"),
        (
            fix({"host": ">=1.0.0", "other": "^2.0.0"}),
            "a fix of 1.1.0 that no longer fits 'other' 0.0.0: ^2.0.0 instead of *",
        ),
        (fix({}), ""),
    ],
)
def test_a_fix_fits_where_the_version_before_did(made: Make, expected: str) -> None:
    """A patch that needs a newer host, or another one, asks for a person; one that needs less does not."""
    found = list(compatibility(made()))

    assert [("review", expected)] * bool(expected) == [(one.level, one.message) for one in found]


def major(files: Mapping[str, bytes], requires: Mapping[str, str] | None = None) -> Change:
    """2.0.0 after 1.0.0."""
    return change(
        lambda registry: skill(
            registry, "2.0.0", files, change=lambda value: value.update(requires=dict(requires or {}))
        )
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["2.0.0 is a new major version, and no file says what it changes for people who have 1.0.0"]),
        ({"CHANGELOG.md": b"All is new.\n"}, []),
        ({"docs/upgrading.md": b"Do this.\n"}, []),
        ({"notes.md": b"In 2.0.0 links are blue.\n"}, []),
        (
            {"look.py": b"VERSION = '2.0.0'\n"},
            ["2.0.0 is a new major version, and no file says what it changes for people who have 1.0.0"],
        ),
    ],
)
def test_a_major_version_says_what_it_changes(files: Mapping[str, bytes], expected: list[str]) -> None:
    """A file of notes, or a text that names the version, is enough."""
    assert expected == [one.message for one in compatibility(major(files, {"host": ">=9.0.0"}))]


def test_what_has_nothing_before_it_promises_nothing() -> None:
    """First versions, minor ones, and what cannot be read are not compared."""
    minor = change(
        lambda registry: skill(registry, "1.1.0", change=lambda value: value.update(requires={"h": "^9.0.0"}))
    )

    assert ([], []) == (list(compatibility(first())), list(compatibility(minor)))
    assert [] == list(compatibility(with_candidate(update(), manifest=None)))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (with_member("description", "Links!"), "its description says no more than its name"),
        (with_member("description", "links links"), "its description says no more than its name"),
        (
            with_member("description", "TODO: say what it does"),
            "its description still holds what was there to be replaced",
        ),
        (with_member("title", "My skill"), "its title still holds what was there to be replaced"),
        (with_file("README.md", b" \n"), "README.md is empty"),
        (with_file("README.md", b"Links.\n"), ""),
        (with_member("description", "Finds broken links in Markdown."), ""),
    ],
)
def test_words_say_what_it_is(made: Make, expected: str) -> None:
    """Descriptions, titles and a README that say nothing are told, and refuse nothing."""
    found = list(metadata(made()))

    assert [("warn", expected)] * bool(expected) == [(one.level, one.message) for one in found]


def test_words_that_cannot_be_read_are_told_elsewhere() -> None:
    """A release without a manifest or without its files has no words."""
    assert [] == list(metadata(with_candidate(update(), manifest=None)))
    assert [] == list(metadata(with_candidate(update(), payload=None)))
