"""Which registry wins: the two orders of G3."""

import itertools

import pytest

from registry_tool.core.errors import WrongUsage
from registry_tool.core.which import Choice, Places, Purpose, which_registry

EVERYTHING = {
    "flag": Choice("flag", "--registry"),
    "standing": Choice("standing", "the folder you are in"),
    "environment": Choice("variable", "REGISTRY_URL"),
    "project": Choice("project", "ggui.json"),
    "added": Choice("added", "the only one added"),
}


def places(*named: str) -> Places:
    return Places(
        flag="flag" if "flag" in named else None,
        standing="standing" if "standing" in named else None,
        env={"REGISTRY_URL": "variable"} if "environment" in named else {},
        project="project" if "project" in named else None,
        added=["added"] if "added" in named else [],
    )


@pytest.mark.parametrize(
    ("purpose", "order"),
    [
        ("publish", ["flag", "standing", "environment", "project", "added"]),
        ("search", ["flag", "standing", "environment", "project", "added"]),
        ("install", ["flag", "standing", "project", "environment", "added"]),
    ],
)
def test_what_stands_earlier_in_the_order_wins(purpose: Purpose, order: list[str]) -> None:
    """Of any set of places that name a registry the one that is earliest in the verb's order is taken (G3)."""
    for size in range(1, 6):
        for named in itertools.combinations(order, size):
            expected = EVERYTHING[named[0]]

            assert expected == which_registry(purpose, places(*named)), named


@pytest.mark.parametrize(
    ("kind", "env", "expected"),
    [
        ("gadget", {"GGUI_REGISTRY": "ggui"}, Choice("ggui", "GGUI_REGISTRY")),
        ("blueprint", {"GGUI_REGISTRY": "ggui", "REGISTRY_URL": ""}, Choice("ggui", "GGUI_REGISTRY")),
        ("gadget", {"GGUI_REGISTRY": "ggui", "REGISTRY_URL": "own"}, Choice("own", "REGISTRY_URL")),
        ("theme", {"GGUI_REGISTRY": "ggui"}, Choice("added", "the only one added")),
        (None, {"GGUI_REGISTRY": "ggui", "REGISTRY_URL": ""}, Choice("added", "the only one added")),
    ],
)
def test_the_other_clients_variable_is_read_for_its_two_kinds(
    kind: str | None, env: dict[str, str], expected: Choice
) -> None:
    """GGUI_REGISTRY counts for gadgets and blueprints alone, and an empty variable counts as not set."""
    assert expected == which_registry("search", Places(env=env, added=["added"]), kind=kind)


@pytest.mark.parametrize(
    ("added", "hint"),
    [
        ([], "add one first: registry add WHERE --root ID"),
        (["a", "b"], "name it: --registry NAME; `registry remote list` shows them"),
    ],
)
def test_nothing_is_guessed(added: list[str], hint: str) -> None:
    """With no registry added, or several, and nothing else said, the verb stops and says what to write."""
    with pytest.raises(WrongUsage) as refused:
        which_registry("install", Places(added=added))

    assert ("which-registry", hint) == (refused.value.code, refused.value.hint)
