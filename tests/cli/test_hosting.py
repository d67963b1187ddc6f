"""`registry widget host`: a dashboard of one's own."""

from pathlib import Path

from registry_tool.site.preview import host_files
from tests.cli.desk import Desk


def test_a_page_is_written_once_and_the_rest_is_brought_up_to_date(tmp_path: Path) -> None:
    """A dry run writes nothing; what was edited of the page stays, what is the tool's own is replaced."""
    desk = Desk(tmp_path)
    folder = desk.work / "widgets"
    every = list(host_files())

    assert (every, False) == (desk.json("widget", "host", "--dry-run")["written"], folder.exists())
    assert every == desk.json("widget", "host")["written"]
    assert dict(host_files()) == {path.name: path.read_bytes() for path in folder.iterdir()}

    for name in ("page.js", "host.js", ".host.js.new"):
        (folder / name).write_text("mine")

    assert ["host.js"] == desk.json("widget", "host")["written"]
    assert ("mine", every) == ((folder / "page.js").read_text(), sorted(path.name for path in folder.iterdir()))
    assert [] == desk.json("widget", "host")["written"]
