"""Who signed without a key is compared by whole strings and numbers, and what a person asks for is bounded."""

import time

import pytest

from registry_tool.core.errors import RegistryError
from registry_tool.core.identity import (
    NAMED_SECONDS,
    Claims,
    identify_under,
    must_be,
    named_among,
    named_now,
    names,
    no_keyless,
    not_ahead,
    parse_expected,
    refuse_identity,
    says_since_when,
    spoken,
)
from registry_tool.core.statements import IdentityRow
from registry_tool.core.times import to_seconds
from tests.proving import refusal

ISSUER = "https://issuer.example"
ROW = IdentityRow(status="active", issuer=ISSUER, subject="ann@example.org")
NAMED = "2026-03-05T12:00:00Z"
AT = to_seconds(NAMED)


def claims(subject: str = "ann@example.org", issuer: str = ISSUER, **more: int) -> Claims:
    return Claims(issuer, subject, more.get("repository_id"), more.get("owner_id"), "", more.get("at", AT))


@pytest.mark.parametrize(
    ("row", "who", "expected"),
    [
        (ROW, claims(), True),
        (ROW, claims(repository_id=1, owner_id=2), True),
        (ROW, claims("ann@example.org "), False),
        (ROW, claims(issuer=ISSUER + "/"), False),
        (ROW.model_copy(update={"repository_id": 1}), claims(repository_id=1), True),
        (ROW.model_copy(update={"repository_id": 1}), claims(repository_id=2), False),
        (ROW.model_copy(update={"repository_id": 1}), claims(), False),
        (ROW.model_copy(update={"owner_id": 2}), claims(owner_id=2), True),
        (ROW.model_copy(update={"owner_id": 2}), claims(owner_id=1), False),
        (ROW.model_copy(update={"owner_id": 2}), claims(), False),
    ],
)
def test_a_row_is_about_whole_strings_and_every_number_that_it_has(
    row: IdentityRow, who: Claims, expected: bool
) -> None:
    """A number that the certificate lacks is no match; one that the row lacks may be any."""
    assert expected == names(row, who)


def test_what_the_log_saw_before_the_scope_named_it_does_not_count() -> None:
    """Clocks may be ten minutes apart; another row of the same identity may be older."""
    late = ROW.model_copy(update={"named": NAMED})

    assert late == named_among(claims(at=AT - 600), [late], "it")
    assert ROW == named_among(claims(at=AT - 601), [late, ROW], "it")
    assert (4, "signed-too-early") == refusal(lambda: named_among(claims(at=AT - 601), [late], "it"))
    assert (4, "unnamed-identity") == refusal(lambda: named_among(claims("eve"), [late, ROW], "it"))


def test_without_a_trust_root_nobody_is_believed() -> None:
    """Whatever the bundle is, and whatever the trust root."""
    for act in (refuse_identity, no_keyless(b""), identify_under(lambda: None, no_keyless)):
        assert (4, "needs-identity") == refusal(lambda: act(b"", b""))  # noqa: B023  # called at once


def test_the_trust_root_is_asked_for_once_and_only_when_it_is_needed() -> None:
    """Making the function asks for nothing."""
    asked: list[str] = []

    def root() -> bytes:
        asked.append("root")
        return b"the root"

    identify = identify_under(root, lambda data: lambda bundle, message: claims(subject=data.decode()))

    assert [] == asked
    assert ["the root", "the root"] == [identify(b"", b"").subject for _ in range(2)]
    assert ["root"] == asked


def test_a_time_may_be_ten_minutes_ahead() -> None:
    """And not a second more."""
    not_ahead(AT + 600, AT, "it")

    assert (4, "future-signature") == refusal(lambda: not_ahead(AT + 601, AT, "it"))


def test_an_identity_is_spoken_whole() -> None:
    """Two that differ in their last letter do not look the same; what is odd in them is escaped."""
    assert spoken(claims("a" * 400 + "b")) != spoken(claims("a" * 400 + "c"))
    assert spoken(claims("ann\u202e", repository_id=1, owner_id=2)).endswith(f"of {ISSUER!r} (repository 1, owner 2)")
    assert "\u202e" not in spoken(claims("ann\u202e"))


def test_a_new_row_says_since_when() -> None:
    """Rows that were there may lack it: they are older than the rule."""
    named = ROW.model_copy(update={"named": NAMED})

    says_since_when([named])
    assert (4, "bad-named") == refusal(lambda: says_since_when([named, ROW]))


@pytest.mark.parametrize(
    ("late", "expected"),
    [(-601, "bad-named"), (-600, ""), (0, ""), (NAMED_SECONDS, ""), (NAMED_SECONDS + 1, "bad-named")],
)
def test_a_time_of_naming_is_honest_at_landing(late: int, expected: str) -> None:
    """Not ahead of landing's clock, and no older than a submission may wait."""
    try:
        named_now([ROW.model_copy(update={"named": NAMED})], AT + late)
        found = ""
    except RegistryError as error:
        found = error.code

    assert expected == found


def test_a_row_without_a_time_does_not_land() -> None:
    """It is refused where the clock is looked at too."""
    assert (4, "bad-named") == refusal(lambda: named_now([ROW], AT))


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("ann@example.org", "ann@example.org", True),
        ("ann@example.org", "joann@example.org", False),
        ("ann@example.org", "ann@example.org.evil", False),
        (".*", "ann@example.org", False),
        ("/.*/", "ann@example.org", True),
        ("/ann/", "ann@example.org", False),
        ("/ann|.*@example[.]org/", "ann@example.org", True),
        (r"/a\.n@example\.org/", "ann@example.org", False),
        ("/(?:ann|bob)@example.org/", "bob@example.org", True),
        ("/(ann)?@example.org/", "@example.org", True),
        ("//", "", True),
        ("//", "a", False),
        ("/", "/", True),
        (r"/[]a]{2}\/x/", "]a/x", True),
        ("/[^/]+/", "a/b", False),
        ("/a.b/", "a\nb", False),
    ],
)
def test_an_identity_is_matched_from_the_first_letter_to_the_last(text: str, subject: str, expected: bool) -> None:
    """Text is itself, letter by letter; a regex must match all of it."""
    wanted = parse_expected(text, ISSUER)
    try:
        must_be(claims(subject), wanted, "it")
        found = ""
    except RegistryError as error:
        found = f"{error.exit_code} {error.code}"

    assert ("" if expected else "4 other-identity") == found


def test_the_issuer_must_be_the_one_that_was_said() -> None:
    """The same subject, vouched for by somebody else, is somebody else."""
    wanted = parse_expected("/.*/", ISSUER)

    assert (4, "other-identity") == refusal(lambda: must_be(claims(issuer="https://evil.example"), wanted, "it"))


@pytest.mark.parametrize(
    ("text", "issuer", "code"),
    [
        ("ann", "", "no-issuer"),
        ("", ISSUER, "no-identity"),
        ("/(/", ISSUER, "bad-pattern"),
        ("/[/", ISSUER, "bad-pattern"),
        (f"/{'a' * 201}/", ISSUER, "bad-pattern"),
        ("/(a+)+b/", ISSUER, "bad-pattern"),
        ("/(a|a)*b/", ISSUER, "bad-pattern"),
        ("/(?:a){9}/", ISSUER, "bad-pattern"),
        ("/a++/", ISSUER, "bad-pattern"),
        ("/a*a*a*a*b/", ISSUER, "bad-pattern"),
        (r"/(a)\1/", ISSUER, "bad-pattern"),
        ("/(?=a)a/", ISSUER, "bad-pattern"),
        ("/(?i)a/", ISSUER, "bad-pattern"),
        ("/(?P<n>a)/", ISSUER, "bad-pattern"),
        ("/[[a]]/", ISSUER, "bad-pattern"),
        ("/[a--b]/", ISSUER, "bad-pattern"),
    ],
)
def test_what_could_run_for_long_or_means_something_odd_is_refused(text: str, issuer: str, code: str) -> None:
    """Exit 2, before anything is asked of a registry."""
    assert (2, code) == refusal(lambda: parse_expected(text, issuer))


def test_the_worst_pattern_that_is_taken_ends_soon() -> None:
    """Three repeats on the longest subject."""
    wanted = parse_expected("/.*a.*a.*b/", ISSUER)
    begin = time.process_time()

    assert (4, "other-identity") == refusal(lambda: must_be(claims("a" * 500), wanted, "it"))
    assert time.process_time() - begin < 5


def test_claims_are_told_without_what_is_not_there() -> None:
    """Numbers and the repository only where the certificate has them; the time as documents write it."""
    full = Claims(ISSUER, "ann", 1, 2, "https://example.org/ann", AT)

    assert {"issuer": ISSUER, "subject": "ann@example.org", "at": NAMED} == claims().value()
    assert {"repository_id": 1, "owner_id": 2, "repository": "https://example.org/ann"}.items() <= full.value().items()
