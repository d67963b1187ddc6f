"""What is granted against what the files show."""

import pytest

from registry_tool.core.findings import Finding
from registry_tool.core.grants import mismatches
from registry_tool.core.kind import Reading
from tests.builders import a_kind
from tests.core.test_permissions import GRAMMAR

GIZMO = a_kind("gizmo", grammar=GRAMMAR)


def found(granted: list[str], needs: tuple[str, ...], exact: tuple[str, ...] = ()) -> list[Finding]:
    return list(mismatches(GIZMO, granted, Reading(needs=needs, exact=exact), path="artifact.yaml"))


def test_what_is_needed_and_granted_has_no_finding() -> None:
    """Equal, or covered by what allows more."""
    assert [] == found(["port:80"], ("port:80",), ("port",))
    assert [] == found(["network"], ("network:a.example",))
    assert [] == found([], ())


def test_what_is_needed_and_not_granted_refuses_with_the_line_to_write() -> None:
    """Each missing one is told with its words, and the hint has all that have to be granted."""
    expected = [
        Finding(
            "permission-needed",
            "fail",
            f"the files need '{need}' and it is not granted: {words}",
            "artifact.yaml",
            'permissions: ["network", "port:443", "port:80"]',
        )
        for need, words in (("port:443", "listen on 443"), ("port:80", "listen on 80"))
    ]

    assert expected == found(["network"], ("network:a.example", "port:443", "port:80"))


def test_a_need_that_the_grammar_has_no_words_for_is_told_all_the_same() -> None:
    """What is needed and can never be granted is said to be unknown."""
    (finding,) = found([], ("fly",))

    assert "the files need 'fly' and it is not granted: unknown" == finding.message


def test_a_grant_without_use_refuses_where_the_files_tell_all() -> None:
    """Of a group that is exact the grant has to go; the hint has what stays."""
    (finding,) = found(["port:80", "port:443"], ("port:80",), ("port",))

    assert ("permission-unused", "fail") == (finding.check, finding.level)
    assert "'port:443' is granted, and the files do not use it" == finding.message
    assert 'permissions: ["port:80"]' == finding.hint


def test_a_grant_that_nothing_shows_is_a_remark_where_code_decides() -> None:
    """Of any other group it is a note, which refuses nothing."""
    (finding,) = found(["network"], (), ("port",))

    assert ("permission-unshown", "note") == (finding.check, finding.level)
    assert "leave it out if it is not needed" == finding.hint


def test_a_grant_that_the_files_can_make_use_of_is_not_unused() -> None:
    """What the files may use and are not known to need is neither missing nor a grant without use."""
    reading = Reading(may=("port:80",), exact=("port",))

    assert [[], []] == [list(mismatches(GIZMO, granted, reading)) for granted in ([], ["port:80"])]


@pytest.mark.parametrize("granted", ["fly", "port:65536"])
def test_what_cannot_be_granted_is_told_elsewhere(granted: str) -> None:
    """An unknown permission is the grammar's finding, and no second one here."""
    assert [] == found([granted], (), ("fly", "port"))
