"""Versions, their order, and ranges."""

import itertools
import json
from pathlib import Path

import pytest
import semver
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.errors import InvalidInput
from registry_tool.core.versions import newest, parse_range, parse_version

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "version-order.json").read_bytes())["vectors"]

REFERENCE_IS_WRONG = {
    ("1.0.0-a-b", "1.0.0-a-c"): (0, -1),  # it drops what is behind a second hyphen
    ("1.0.0-x-1.9", "1.0.0-x-1.10"): (0, -1),  # here too, and `x-1` is one identifier, 9 < 10
    ("99999999999999999999.0.0", "99999999999999999998.0.0"): (0, 1),  # its numbers are doubles
}
"""Pairs where we keep to semver 2.0: what the reference answers, and what is right."""

PARTS = st.from_regex(r"(0|[1-9][0-9]{0,5})", fullmatch=True)
PRES = st.lists(PARTS | st.from_regex(r"[0-9]{0,2}[a-cA-C-][0-9a-c-]{0,2}", fullmatch=True), max_size=3)
VERSIONS = st.builds(
    lambda numbers, pre, build: ".".join(numbers) + ("-" + ".".join(pre) if pre else "") + build,
    st.tuples(PARTS, PARTS, PARTS),
    PRES,
    st.sampled_from(["", "+b", "+B.01"]),
)


def order(one: str, other: str) -> int:
    """-1, 0 or 1, as the vectors write it."""
    left, right = parse_version(one), parse_version(other)
    return (left > right) - (left < right)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['a']} {vector['b']}")
def test_the_order_is_that_of_the_reference_where_it_keeps_to_semver(vector: dict[str, str]) -> None:
    """Every pair has the reference's order, but for the three that it gets wrong."""
    pair = (vector["a"], vector["b"])
    theirs, ours = REFERENCE_IS_WRONG.get(pair, (vector["order"], vector["order"]))

    assert (theirs, ours) == (vector["order"], order(*pair))


def test_the_order_is_the_one_that_semver_prints() -> None:
    """The example of semver 2.0, item 11, and what comes around it."""
    texts = "1.0.0-0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0"
    versions = [parse_version(text) for text in [*texts.split(), "1.0.1", "1.9.0", "1.10.0", "2.0.0", "10.0.0"]]

    shuffled = versions[1::2] + versions[::2]

    assert versions == sorted(shuffled)
    assert all(one < other and other > one for one, other in itertools.pairwise(versions))


@given(VERSIONS, VERSIONS)
def test_the_order_is_that_of_the_semver_library(one: str, other: str) -> None:
    """Any two versions compare as another implementation compares them, and equal ones hash alike."""
    assert semver.Version.parse(one).compare(other) == order(one, other)
    if order(one, other) == 0:
        assert hash(parse_version(one)) == hash(parse_version(other))


@given(VERSIONS)
def test_a_version_reads_back(text: str) -> None:
    """Nothing of the text is lost."""
    assert text == str(parse_version(text))


@pytest.mark.parametrize(
    ("text", "folder", "prerelease", "core"),
    [
        ("1.2.3", "1.2.3", False, (1, 2, 3)),
        ("1.2.3+Build.5", "1.2.3", False, (1, 2, 3)),
        ("1.2.3-RC.1+b", "1.2.3-rc.1", True, (1, 2, 3)),
        ("0.0.0-0", "0.0.0-0", True, (0, 0, 0)),
        ("1.0.0--", "1.0.0--", True, (1, 0, 0)),
        ("1.0.0-0a.00a", "1.0.0-0a.00a", True, (1, 0, 0)),
        ("1.0.0+001", "1.0.0", False, (1, 0, 0)),
        ("9" * 44 + ".0.0", "9" * 44 + ".0.0", False, (int("9" * 44), 0, 0)),
    ],
)
def test_a_version_knows_its_folder(text: str, folder: str, prerelease: bool, core: tuple[int, int, int]) -> None:
    """The folder is lower case and has no build metadata."""
    version = parse_version(text)

    assert (folder, prerelease, core) == (version.folder, version.prerelease, version.core)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1.0.0-RC", "1.0.0-rc", True),
        ("1.0.0+a", "1.0.0+b", True),
        ("1.0.0", "1.0.0", True),
        ("1.0.0-rc.1", "1.0.0-rc.2", False),
        ("1.0.0", "1.0.0-rc", False),
    ],
)
def test_case_and_build_metadata_make_no_other_version(one: str, other: str, expected: bool) -> None:
    """Two that differ only in them are one release."""
    assert expected == parse_version(one).same(parse_version(other))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "write one exact version such as 1.2.3, or leave it out for the newest"),
        ("Latest", "write one exact version such as 1.2.3, or leave it out for the newest"),
        ("^1.0.0", "write one exact version such as 1.2.3, not a range"),
        ("1.x", "write one exact version such as 1.2.3, not a range"),
        ("*", "write one exact version such as 1.2.3, not a range"),
        (">=1.0.0 <2", "write one exact version such as 1.2.3, not a range"),
        ("=1.0.0", "write one exact version such as 1.2.3, not a range"),
        ("v1.0.0", "write 1.0.0"),
        ("V1.0", "write 1.0.0"),
        ("1", "write 1.0.0"),
        ("1.0", "write 1.0.0"),
        ("01.2.3", "write 1.2.3"),
        ("1.02.3", "write 1.2.3"),
        ("1.0.0-01", "write 1.0.0-1"),
        ("1.0.0\n", "write 1.0.0"),
        (" 1.0.0", "write 1.0.0"),
        ("1.0.0.0", "write major.minor.patch, then"),
        ("1.0.0-a_b", "write major.minor.patch, then"),
        ("1.0.0-", "write major.minor.patch, then"),
        ("1.0.0-a..b", "write major.minor.patch, then"),
        ("1.0.0+a+b", "write major.minor.patch, then"),
        ("１.０.０", "write major.minor.patch, then"),
        ("-1.0.0", "write major.minor.patch, then"),
        ("1" * 49, "leave out build metadata, or shorten"),
    ],
)
def test_what_is_no_version_is_refused_with_what_would_be(text: str, hint: str) -> None:
    """The hint holds the version that was meant, where that can be known."""
    with pytest.raises(InvalidInput) as caught:
        parse_version(text)

    assert caught.value.hint.startswith(hint)
    assert "bad-version" == caught.value.code


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("*", "0.0.0 9.9.9 1.0.0+b", "1.0.0-a"),
        ("x", "0.0.0 9.9.9", "1.0.0-a"),
        ("1.2.3", "1.2.3 1.2.3+b", "1.2.4 1.2.3-a"),
        ("=1.2.3", "1.2.3", "1.2.4"),
        ("1.2.3-a", "1.2.3-a", "1.2.3 1.2.3-b"),
        ("1", "1.0.0 1.9.9", "0.9.9 2.0.0 2.0.0-0"),
        ("1.x", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        ("1.X.x", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        ("1.2.*", "1.2.0 1.2.9", "1.1.9 1.3.0"),
        ("=1.2", "1.2.0 1.2.9", "1.1.9 1.3.0"),
        ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 2.0.0-a 1.5.0-a"),
        ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0 1.0.0"),
        ("^0.0.3", "0.0.3", "0.0.2 0.0.4"),
        ("^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0"),
        ("^0.2", "0.2.0 0.2.9", "0.1.9 0.3.0"),
        ("^0", "0.0.0 0.9.9", "1.0.0"),
        ("^1", "1.0.0 1.9.9", "2.0.0"),
        ("^*", "0.0.0 5.0.0", "1.0.0-a"),
        ("^1.2.3-b", "1.2.3-b 1.2.3-c 1.2.3 1.9.0", "1.2.3-a 1.2.4-c 2.0.0-a"),
        ("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0 1.3.0-a"),
        ("~1.2", "1.2.0 1.2.9", "1.1.9 1.3.0"),
        ("~1", "1.0.0 1.9.9", "2.0.0"),
        ("~0.2.3", "0.2.3 0.2.9", "0.3.0"),
        (">1.2.3", "1.2.4 2.0.0", "1.2.3"),
        (">=1.2.3", "1.2.3 2.0.0", "1.2.2"),
        ("<1.2.3", "1.2.2 0.0.0", "1.2.3 1.2.3-a"),
        ("<=1.2.3", "1.2.3 0.0.0", "1.2.4"),
        (">1", "2.0.0", "1.9.9"),
        (">1.2", "1.3.0", "1.2.9"),
        (">=1", "1.0.0 2.0.0", "0.9.9"),
        ("<1.2", "1.1.9", "1.2.0 1.2.0-a"),
        ("<=1", "1.9.9 0.0.0", "2.0.0"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<*", "", "0.0.0 0.0.0-0"),
        (">*", "", "0.0.0 9.9.9"),
        (">=*", "0.0.0 9.9.9", ""),
        (">=1.0.0 <2.0.0", "1.0.0 1.9.9", "0.9.9 2.0.0 1.5.0-a"),
        (">= 1.0.0  < 2.0.0", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        ("1.x || 3.x", "1.5.0 3.5.0", "2.0.0 4.0.0"),
        ("1.x||3.0.0-a", "1.5.0 3.0.0-a", "3.0.0"),
        (">=1.0.0-a <1.0.0", "1.0.0-a 1.0.0-z", "1.0.0 0.9.0 1.0.1-a"),
    ],
)
def test_a_range_allows_what_npm_allows(text: str, inside: str, outside: str) -> None:
    """Every version of the first list is in the range, none of the second."""
    wanted = parse_range(text)

    assert inside.split() == [one for one in inside.split() if wanted.allows(parse_version(one))]
    assert [] == [one for one in outside.split() if wanted.allows(parse_version(one))]
    assert text == str(wanted)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "write * where every version will do"),
        ("1 ||", "write * where every version will do"),
        ("1.0.0 - 2.0.0", "write >=1.0.0 <=2.0.0 instead of 1.0.0 - 2.0.0"),
        ("latest", "write *, 1.2.3, 1.x, ^1.2, ~1.2 or >=1.0.0 <2.0.0"),
        ("v1", "write *, 1.2.3, 1.x"),
        ("01.x", "write *, 1.2.3, 1.x"),
        ("1.0.0.0", "write *, 1.2.3, 1.x"),
        ("=>1", "write *, 1.2.3, 1.x"),
        ("^^1", "write *, 1.2.3, 1.x"),
        ("1.0.0,2.0.0", "write *, 1.2.3, 1.x"),
        ("1\t2", "write *, 1.2.3, 1.x"),
        ("1.x |", "write *, 1.2.3, 1.x"),
        ("1" * 201, "write a shorter one"),
    ],
)
def test_what_is_no_range_is_refused(text: str, hint: str) -> None:
    """The hint shows what ranges look like."""
    with pytest.raises(InvalidInput) as caught:
        parse_range(text)

    assert caught.value.hint.startswith(hint)
    assert "bad-range" == caught.value.code


@given(st.text("0123456789.x*^~<>=| -a", max_size=30), VERSIONS)
def test_no_text_breaks_a_range(text: str, version: str) -> None:
    """Any text is a range that answers, or is refused."""
    try:
        answer = str(parse_range(text).allows(parse_version(version)))
    except InvalidInput as error:
        answer = error.code

    assert answer in ("True", "False", "bad-range")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("1.0.0 1.10.0 1.9.0", "1.10.0"),
        ("1.0.0 2.0.0-a", "1.0.0"),
        ("1.0.0+b 1.0.0+a", "1.0.0+b"),
        ("1.0.0+a 1.0.0+b", "1.0.0+b"),
        ("1.0.0-a", None),
        ("", None),
    ],
)
def test_the_newest_is_no_prerelease(texts: str, expected: str | None) -> None:
    """The highest release, whatever the order; none where there are only pre-releases."""
    found = newest(parse_version(text) for text in texts.split())

    assert expected == (str(found) if found else None)
