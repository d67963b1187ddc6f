"""Foreign text in messages."""

import pytest

from registry_tool.core.quoting import quoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("solar", "'solar'"),
        ("日本", "'日本'"),
        ("a\x1b[2J\u202e\n", "'a\\x1b[2J\\u202e\\n'"),
        ("a" * 60, f"'{'a' * 60}'"),
        ("a" * 61, f"'{'a' * 60}'…"),
    ],
)
def test_foreign_text_is_short_and_harmless(text: str, expected: str) -> None:
    """What a terminal would obey is escaped, what is long is cut."""
    assert expected == quoted(text)
