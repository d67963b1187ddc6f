"""The thief of each key, and what it comes to."""

from pathlib import Path

import pytest

from registry_tool.core.errors import RegistryError
from tests.attacks.theft_scene import Scene, Theft
from tests.attacks.thefts import THEFTS
from tests.proving import SOLAR

DOCUMENT = Path(__file__).parents[2] / "site_templates" / "docs" / "thefts.md"

REFUSED = [theft for theft in THEFTS if theft.code]
UNSEEN = [theft for theft in THEFTS if not theft.code]


def titled(theft: Theft) -> str:
    """The thief and the deed, as tests are called."""
    return f"{theft.key} {theft.deed}"


@pytest.mark.parametrize("theft", REFUSED, ids=titled)
def test_what_a_thief_tries_is_refused(theft: Theft, tmp_path: Path) -> None:
    """With the code that the table gives, a message, and exit 4 (or 3 where nothing is shown at all)."""
    scene = Scene(tmp_path)
    with pytest.raises(RegistryError) as refused:
        theft.act(scene)

    assert theft.code == refused.value.code, refused.value.message
    assert refused.value.exit_code in (3, 4)
    assert refused.value.message


@pytest.mark.parametrize("theft", UNSEEN, ids=titled)
def test_what_nobody_can_see_is_told(theft: Theft, tmp_path: Path) -> None:
    """What the table says that no client sees is really accepted: the page must not promise too much."""
    assert SOLAR == theft.act(Scene(tmp_path)).artifact


def test_the_page_says_all_of_it() -> None:
    """Each deed is a row of the documentation with its thief and what becomes of it, and there are no others."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| -")
    ]
    said = [(key, deed, outcome) for key, deed, outcome in rows[1:]]

    assert [(one.key, one.deed, f"refused: `{one.code}`" if one.code else "**not seen**") for one in THEFTS] == said
