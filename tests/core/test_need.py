"""Who must look at a submission, how many, and how long it waits."""

import pytest

from registry_tool.core.findings import Finding
from registry_tool.core.need import (
    Known,
    Need,
    authors_of,
    people_words,
    time_words,
)
from registry_tool.core.times import to_seconds
from tests.builders import RegistryInMemory
from tests.checks.changes import LOOKED_AT, change, newcomer, skill
from tests.core.needing import (
    ACCOUNT,
    FLAG,
    MINE,
    OBJECTION,
    Build,
    keyless,
    needed_for,
    policy,
    ready,
    update,
    with_account,
)


def test_an_owners_update_needs_nobody() -> None:
    """Nothing new, alone, twice signed: it waits ten minutes and goes through by itself."""
    need = needed_for(update)

    assert ("owner", 0, 600, ()) == (need.path, need.people, need.wait, need.why)
    assert "goes through by itself 10 minutes after it is first seen, unless somebody flags it or objects" == need.lead(
        0
    )


def test_an_identity_is_a_second_sign_too() -> None:
    """Without any pull request."""
    assert "owner" == needed_for(keyless, Known(), tip=policy).path


def only_identity(registry: RegistryInMemory) -> None:
    keyless(registry)
    for path in [path for path in registry.files if path.endswith(".sig") and "/blobs/" in path]:
        manifest = registry.files[path.rpartition(".")[0].rpartition(".")[0]]
        if b'"version":"1.0.1"' in manifest:
            del registry.files[path]


def asks(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.1", permissions=["network"])


def first_of_a_name(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.0", name="@ann/other")


def two_releases(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.1", permissions=["network"])
    skill(registry, "1.0.0", name="@ann/other")


def newcomers(registry: RegistryInMemory) -> None:
    newcomer(registry)
    skill(registry, "1.0.0", name="@bob/tables")


def yank(registry: RegistryInMemory) -> None:
    registry.event("@ann/links", "1.0.0", "yank")


def yanked(registry: RegistryInMemory) -> None:
    ready(registry)
    yank(registry)


def tables(registry: RegistryInMemory) -> None:
    registry.files["index/featured.yaml"] = b"featured: []\n"


def two_authors(registry: RegistryInMemory) -> None:
    newcomers(registry)
    update(registry)


@pytest.mark.parametrize(
    ("build", "known", "tip", "people", "wait", "why"),
    [
        (update, Known(), ready, 1, 0, "only its author's key says that it is theirs"),
        (update, Known(opener=("forge.example", 101)), ready, 1, 0, "only its author's key says"),
        (only_identity, Known(), policy, 1, 0, "only its author's key says"),
        (update, MINE, with_account, 1, 0, "policy wants a person for every release"),
        (asks, MINE, ready, 1, 0, "it may newly "),
        (first_of_a_name, MINE, ready, 1, 3 * 86_400, "@ann/other is a new name"),
        (two_releases, MINE, ready, 1, 3 * 86_400, "@ann/links may newly "),
        (newcomers, Known(), ready, 1, 3 * 86_400, "registers the author bob"),
        (update, MINE, yanked, 1, 0, "no earlier version that a person looked at and that is active"),
        (yank, MINE, ready, 1, 0, "yanks @ann/links@1.0.0"),
        (tables, MINE, ready, 1, 0, "it changes the registry's own tables"),
        (two_authors, MINE, ready, 1, 3 * 86_400, "it is of several authors: ann, bob"),
    ],
)
def test_anything_else_needs_people(build: Build, known: Known, tip: Build, people: int, wait: int, why: str) -> None:
    """How many, how long, and why."""
    need = needed_for(build, known, tip=tip)

    assert ("person", people, wait) == (need.path, need.people, need.wait)
    assert [] != [one for one in need.why if why in one]


def test_policy_s_numbers_are_never_lowered() -> None:
    """Two for a gain, three for a new name; the largest of all releases counts."""

    def rules(registry: RegistryInMemory) -> None:
        policy(registry, gain=2, new_name=3)

    assert (2, 3) == (needed_for(asks, tip=rules).people, needed_for(two_releases, tip=rules).people)


def test_what_a_check_marks_for_review_needs_a_person() -> None:
    """The finding is the reason; what is told anyway is not told twice."""
    found = Finding("alike", "review", "its name looks like another one")
    need = needed_for(update, more=[found, Finding("sizes", "warn", "it is large")])

    assert ("person", ("its name looks like another one",)) == (need.path, need.why)


def test_an_author_without_a_keyring_has_no_second_sign() -> None:
    """The checks refuse it anyway."""

    def build(registry: RegistryInMemory) -> None:
        newcomers(registry)
        del registry.files["index/authors/bo/bob/keys/1.json"]

    assert [] != [one for one in needed_for(build).why if "only its author's key" in one]


def test_a_statement_that_cannot_be_read_is_of_nobody() -> None:
    """It counts no author; the checks refuse it anyway."""

    def broken(registry: RegistryInMemory) -> None:
        registry.files["index/authors/bo/bob/keys/1.json"] = b"{}"

    assert () == authors_of(change(broken))


def test_a_flag_takes_a_person_and_an_objection_everybody() -> None:
    """Who said what is told, and why."""
    flagged = needed_for(update, Known(opener=ACCOUNT, words=(FLAG,)))
    objected = needed_for(update, Known(opener=ACCOUNT, words=(FLAG, OBJECTION)))

    assert ("person", 1, "is flagged by two, and waits for one person") == (
        flagged.path,
        flagged.people,
        flagged.lead(0),
    )
    assert "is flagged by two, and waits for one person: two: is it?" == flagged.words(0)
    assert "is objected to by two: nobody lands it before it is rejected and submitted again" == objected.lead(0)
    assert ["flag"] == [one["action"] for one in flagged.value(0)["flagged"]]  # type: ignore[attr-defined]  # a list


@pytest.mark.parametrize(
    ("need", "at", "due", "expected"),
    [
        (Need("owner", 0, 0, ()), 5, True, "goes through by itself"),
        (Need("owner", 0, 600, (), since=0), 600, True, "goes through by itself"),
        (
            Need("owner", 0, 600, (), since=0),
            599,
            False,
            "goes through by itself from 1970-01-01T00:10:00Z, unless somebody flags it or objects",
        ),
        (Need("person", 1, 0, ("new",)), 0, True, "waits for one person: new"),
        (
            Need("person", 2, 60, ("new",), since=0),
            0,
            False,
            "waits for two people, and until 1970-01-01T00:01:00Z: new",
        ),
        (Need("person", 1, 60, ("new",)), 0, False, "waits for one person, and 1 minute after it is first seen: new"),
        (Need("person", 7, 60, ("a", "b"), since=0), 99, True, "waits for 7 people: a; b"),
    ],
)
def test_it_is_said_in_words(need: Need, at: int, due: bool, expected: str) -> None:
    """One line, with the time where it is known."""
    assert (due, expected) == (need.due(at), need.words(at))


def test_many_reasons_are_counted() -> None:
    """The first ones are told, and how many there are."""
    need = Need("person", 1, 0, tuple(str(number) for number in range(20)))

    assert ("11", "and 8 more", 13) == (need.reasons[-2], need.reasons[-1], len(need.reasons))


def test_it_is_a_value_for_scripts() -> None:
    """Everything that the words say, times included."""
    value = Need("person", 1, 60, ("new",), since=to_seconds("2026-11-21T09:00:00Z")).value(LOOKED_AT)

    assert {
        "path": "person",
        "people": 1,
        "wait": 60,
        "since": "2026-11-21T09:00:00Z",
        "until": "2026-11-21T09:01:00Z",
        "due": False,
        "flagged": [],
        "objections": [],
        "why": ["new"],
        "words": "waits for one person, and until 2026-11-21T09:01:00Z: new",
    } == value
    assert (None, None) == tuple(Need("owner", 0, 0, ()).value(0)[name] for name in ("since", "until"))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (60, "1 minute"), (7200, "2 hours"), (86_400, "1 day")],
)
def test_a_wait_is_said_as_people_say_it(seconds: int, expected: str) -> None:
    """In the largest unit that has no rest."""
    assert expected == time_words(seconds)
    assert ("nobody", "five people", "6 people") == tuple(map(people_words, (0, 5, 6)))
