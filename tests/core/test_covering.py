"""What each kind's permissions cover."""

from registry_tool.core.covering import Covering
from tests.builders import KINDS


def test_each_kind_has_its_own_rule() -> None:
    """It is a mapping from the kinds that there are to what their grammar says."""
    covering = Covering(KINDS.by_id)

    assert ["plugin", "theme"] == list(covering)
    assert (2, True, False) == (len(covering), "theme" in covering, "robot" in covering)
    assert covering["theme"]("network", "network")
    assert not covering["theme"]("network", "network:a.example")
