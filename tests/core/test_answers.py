"""What a person gives an app, and the file that it lies in."""

import pytest

from registry_tool.core.answers import answer_text, answered, answered_names, merged, own_files, unanswered
from registry_tool.core.errors import WrongUsage
from registry_tool.core.plan import AddItem, Ask, Plan, PutTree

ASKS = (
    Ask("DB_PASSWORD", "Password of the database\nmore", None, True, True),
    Ask("TZ", "", "UTC"),
    Ask("URL", "", "http://${HOST}"),
    Ask("NOTE"),
)


def test_a_first_install_writes_a_line_for_each_value() -> None:
    """What was said, else the default; a default made of others is the compose file's own."""
    assert answer_text(ASKS, {"NOTE": "it's $5"}).decode().splitlines() == [
        "# Yours: values for this app alone. Updates keep what you write here.",
        "# Password of the database",
        "# needed before it starts",
        "REGISTRY_INPUT_DB_PASSWORD=",
        "REGISTRY_INPUT_TZ=UTC",
        "# REGISTRY_INPUT_URL=",
        "REGISTRY_INPUT_NOTE='it\\'s $5'",
    ]


def test_what_was_said_goes_into_the_plan() -> None:
    """Into the files that are the person's, and no other."""
    tree, other, item = PutTree("a", {}, {".env": b""}), PutTree("b", {}), AddItem("c", (), "d")
    plan = answered(Plan((tree, other, item), asks=ASKS), {"TZ": "CET"})

    assert plan.steps[1:] == (other, item)
    assert isinstance(plan.steps[0], PutTree)
    assert b"REGISTRY_INPUT_TZ=CET\n" in plan.steps[0].own[".env"]


@pytest.mark.parametrize("value", ["a\nb", "a\x1b", "x" * 4097, "a\\", "a\\\\b", "a\\'b"])
def test_a_value_that_engines_read_differently_is_refused(value: str) -> None:
    """The name of the value is told, with the flag that says it."""
    with pytest.raises(WrongUsage, match="the value of TZ") as refused:
        answered(Plan((), asks=ASKS), {"TZ": value})

    assert refused.value.hint == "--input TZ=VALUE"


def test_a_default_that_no_line_can_hold_stays_a_remark() -> None:
    """Its author's compose file has it; so has a description only its first line that can be shown."""
    text = answer_text([Ask("A", "a\x1b", "x\ny"), Ask("B", "", "c:\\")], {}).decode()

    assert text.splitlines()[1:] == ["# REGISTRY_INPUT_A=", "# REGISTRY_INPUT_B="]


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        (b"", b"A=1\n# B=\n"),
        (b"A=2\n# mine\n", b"A=2\n# mine\n# B=\n"),
        (b"export A=2", b"export A=2\n# B=\n"),
        (b"#A=\n B = 3", b"#A=\n B = 3"),
    ],
)
def test_an_update_adds_names_that_are_missing(old: bytes, expected: bytes) -> None:
    """Whatever the person wrote stays, remarks and all."""
    assert expected == merged(".env", old, b"# new\nA=1\n# B=\n")


@pytest.mark.parametrize(("old", "expected"), [(b"", b"new"), (b"A=2\n", b"A=2\n")])
def test_an_update_leaves_a_file_of_one_value(old: bytes, expected: bytes) -> None:
    """Only what is empty still is begun."""
    assert expected == merged(".values/KEY", old, b"new")


def test_a_value_that_a_container_finds_as_a_file_has_one() -> None:
    """It stands in no line unless a variable has its name too."""
    key, both = Ask("KEY", file=".values/KEY", variable=False), Ask("TZ", default="UTC", file=".values/TZ")

    assert own_files([key], {"KEY": "s"}) == {".values/KEY": b"s"}
    files = own_files([key, both], {})
    assert (b"", b"UTC", 1) == (files[".values/KEY"], files[".values/TZ"], files[".env"].count(b"REGISTRY_INPUT_"))


def test_names_that_have_a_line_are_known() -> None:
    """With a value, without one, and as a remark."""
    assert answered_names(answer_text(ASKS, {}) + b"OTHER=1\n") == {"DB_PASSWORD", "TZ", "URL", "NOTE"}


def test_what_is_demanded_and_not_said_is_left_open() -> None:
    """A default or a value is enough."""
    assert unanswered(ASKS, {}) == ASKS[:1]
    assert unanswered(ASKS, {"DB_PASSWORD": "x"}) == ()
