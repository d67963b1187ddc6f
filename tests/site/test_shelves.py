"""Long lists in alphabetical order: complete, and cut where no other name decides it."""

import random
import re

import pytest

from registry_tool.core.paths import path_fault
from registry_tool.site.shelves import Shelf, shelves

SIZE = 10
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-"


def cut(names: list[str], size: int = SIZE) -> tuple[Shelf[str], ...]:
    """The shelves of plain names."""
    return shelves(names, size, name=lambda name: name)


def spread(seed: int, count: int) -> list[str]:
    """Names that are all over the place and often begin alike, each once."""
    chance = random.Random(seed)
    stems = ["pdf", "pdf-a", "p", "read", "release-notes", "0", "zz"]
    return sorted(
        {chance.choice(stems) + "".join(chance.choices(ALPHABET, k=chance.randint(0, 4))) for _ in range(count)}
    )


LISTS = {
    "none": [],
    "one": ["solar"],
    "a name and its beginnings": ["a", "ab", "abc", "abcd", *(f"abcd{sign}" for sign in ALPHABET)],
    "all begin alike": [f"{'x' * 63}{first}{second}" for first in ALPHABET for second in ALPHABET],
    "numbers": [str(number) for number in range(500)],
    "other signs": ["$x", "_y", "useMap", "usemap", "Über", "東京", *(f"use{number}" for number in range(30))],
    **{f"spread {seed}": spread(seed, 400) for seed in range(5)},
}


@pytest.mark.parametrize("names", LISTS.values(), ids=LISTS)
def test_every_name_is_on_one_shelf_and_no_shelf_is_too_long(names: list[str]) -> None:
    """Nothing is lost or told twice, whatever the names are."""
    found = cut(names)

    assert sorted(names) == sorted(name for shelf in found for name in shelf.rows)
    assert [] == [shelf.label for shelf in found if not 0 < len(shelf.rows) <= SIZE]


@pytest.mark.parametrize("names", LISTS.values(), ids=LISTS)
def test_shelves_have_addresses_of_their_own(names: list[str]) -> None:
    """A label is a folder's name on every system, and no two are the same where letters have no size."""
    labels = [shelf.label for shelf in cut(names)]

    assert len(labels) == len({label.lower() for label in labels})
    assert [] == [
        label
        for label in labels
        if path_fault(label[:100]) or len(label) > 140 or not re.fullmatch("[a-z0-9@_-]+", label)
    ]


def test_shelves_stand_in_the_order_of_the_alphabet() -> None:
    """What comes later in the alphabet comes on a later shelf, and later on it."""
    names = [name for name in spread(7, 500) if name.isalnum()]
    shown = [name for shelf in cut(names) for name in shelf.rows]

    assert sorted(names) == shown


@pytest.mark.parametrize("seed", range(20))
def test_one_more_name_touches_one_shelf(seed: int) -> None:
    """The others keep their labels and their rows; at most one is cut in two."""
    names = spread(seed, 600)
    new = names.pop(seed * 7 % len(names))
    before = {shelf.label: shelf.rows for shelf in cut(names)}
    after = {shelf.label: shelf.rows for shelf in cut([*names, new])}
    touched = {label for label, rows in after.items() if before.get(label) != rows}
    gone = before.keys() - after.keys()

    assert len(touched) <= 2
    assert len(gone) <= 1
    assert {new} == {name for label in touched for name in after[label]} - {
        name for rows in before.values() for name in rows
    }


def test_names_that_are_the_same_stay_together() -> None:
    """A shelf is longer than it may be only where nothing tells its rows apart."""
    rows = [("solar", number) for number in range(25)]
    found = shelves(rows, SIZE, name=lambda row: row[0])

    assert [tuple(rows)] == [shelf.rows for shelf in found]


def test_a_shelf_says_from_where_to_where() -> None:
    """The first letter's halves, a letter's halves, and a name with its scopes, as people read them."""
    few = [f"{letter}{number}" for letter in "ak" for number in range(8)]
    scopes = [f"readme!{first}{second}" for first in "abcxyz" for second in "0123"]

    assert [("0_g", "0 – g"), ("h_z", "h – z")] == [(shelf.label, shelf.words) for shelf in cut(few)]
    assert [("readme@@_g", "readme – readme@g"), ("readme@h_z", "readme@h – readme@z")] == [
        (shelf.label, shelf.words) for shelf in cut(scopes, 12)
    ]
    assert ("0_z", "0 – z") == next((shelf.label, shelf.words) for shelf in cut(["solar"]))
