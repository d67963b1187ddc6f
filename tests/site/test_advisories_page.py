"""The page of the advisories, with as many as nobody hopes for."""

import pytest

from registry_tool.core.index import Listing
from registry_tool.site.advisories import MOST
from registry_tool.site.gallery import pages
from tests.search_rows import about


def notice(number: int) -> dict[str, object]:
    """One advisory, of the day and second that its number says."""
    at = f"2026-01-{number // 86_400 + 1:02}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    of = {"artifact": f"@ann/thing-{number}", "kind": "theme", "version": "1.0.0", "manifest": "sha256:" + "0" * 64}
    said = {"action": "revoke", "reason": "malware", "note": "", "event": f"{number:064x}", "lifted": None}
    return {"id": f"REG-{number:032x}", **of, **said, "at": at}


@pytest.mark.parametrize(
    ("count", "left"), [(MOST, ""), (MOST + 1, "And 1 older one,"), (MOST + 9, "And 9 older ones,")]
)
def test_the_page_shows_the_newest_and_says_how_many_there_are(count: int, left: str) -> None:
    """However many there are it stays readable: all are counted, the newest are there, and the rest is in the data."""
    listing = Listing(about(), (), (), notices=[notice(number) for number in range(count)])
    (made,) = [one.make() for one in pages(listing) if one.path == "advisories/index.html"]
    text = made.decode()

    assert MOST == text.count('<li id="REG-')
    assert f"{count} advisories" in text
    assert (f"@ann/thing-{count - 1} " in text, "@ann/thing-0 " in text) == (True, count == MOST)
    assert left in text
    assert (left != "") == ("older one" in text)
