"""Where agents look."""

import pytest

from registry_tool.core.errors import WrongUsage
from registry_tool.core.native.agents import AGENTS, agent_of


def test_an_agent_is_known_by_its_id() -> None:
    """Ids stand in order, and folders are relative."""
    assert agent_of("claude") is AGENTS["claude"]
    assert sorted(AGENTS) == list(AGENTS)
    assert [a.title for a in AGENTS.values() if a.skills.startswith("/") or a.own_skills.startswith("/")] == []


def test_an_unknown_agent_is_wrong_usage_with_those_that_are_known() -> None:
    """Exit code 2."""
    with pytest.raises(WrongUsage, match="nobody") as caught:
        agent_of("nobody")

    assert "claude" in caught.value.hint
