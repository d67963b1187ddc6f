"""Names that a native file proposes."""

import pytest

from registry_tool.core.native.proposals import kebab, proposed_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pdf-tools", {"name": "pdf-tools"}),
        ("My  Skill_2", {"name": "my-skill-2"}),
        ("-x-", {}),
        ("\u6f22\u5b57", {}),
        ("", {}),
        ("NUL", {}),
        ("xn--a", {"name": "xn-a"}),
        ("a" * 63 + " b", {"name": "a" * 63}),
    ],
)
def test_a_name_is_proposed_where_a_good_one_is_left(text: str, name: dict[str, str]) -> None:
    """Otherwise the author says it."""
    assert name == proposed_name(text)
    assert len(kebab(text)) <= 64
