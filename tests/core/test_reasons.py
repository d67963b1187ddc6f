"""The words for why something becomes of a release."""

import re

import pytest

from registry_tool.core.errors import WrongUsage
from registry_tool.core.reasons import REASONS, checked_reason, reason_words
from registry_tool.core.status import GRAVEST_FIRST


def test_every_action_has_reasons_that_an_event_can_hold() -> None:
    """Each action has a list, each word has the form of an event's reason, and each sentence ends."""
    words = [code for codes in REASONS.values() for code in codes]

    assert {action for action, _ in GRAVEST_FIRST} | {"restore"} == set(REASONS)
    assert [] == [code for code in words if not re.fullmatch(r"[a-z][a-z-]{1,40}", code)]
    assert [] == [text for codes in REASONS.values() for text in codes.values() if not text.endswith(".")]
    assert all("other" in codes for codes in REASONS.values())


@pytest.mark.parametrize("reason", ["", "malware", "Broken", "because"])
def test_another_word_is_refused_with_the_list(reason: str) -> None:
    """A reason that is not in the action's list is exit 2, and the hint has every word with its sentence."""
    with pytest.raises(WrongUsage) as refused:
        checked_reason("yank", reason)

    assert "bad-reason" == refused.value.code
    assert all(code in refused.value.hint and words in refused.value.hint for code, words in REASONS["yank"].items())


def test_a_known_reason_is_a_sentence_and_an_old_one_stays_readable() -> None:
    """What is in the list reads as its sentence; what is not is shown as it stands."""
    assert "broken" == checked_reason("yank", "broken")
    assert "It does not work." == reason_words("yank", "broken")
    assert "The reason given is 'left-over'." == reason_words("yank", "left-over")
    assert "The reason given is 'broken'." == reason_words("vanish", "broken")
