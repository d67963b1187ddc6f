"""Which files an author's card names."""

import pytest

from registry_tool.core.card import Card


@pytest.mark.parametrize(
    ("include", "path", "expected"),
    [
        (None, "any/thing.txt", True),
        (["*.css"], "theme.css", True),
        (["*.css"], "deep/theme.css", False),
        (["assets/**"], "assets/deep/one.svg", True),
        (["assets/**"], "other/one.svg", False),
        (["docs/*.md"], "docs/one.md", True),
        (["docs/*.md"], "one.md", False),
    ],
)
def test_include_names_what_is_published(include: list[str] | None, path: str, expected: bool) -> None:
    """A pattern without a slash is of the top folder, one that ends with `/**` of all below."""
    card = Card.of({} if include is None else {"include": include})

    assert expected == card.takes(path)
