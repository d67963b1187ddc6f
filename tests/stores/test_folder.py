"""A built site in a folder, read as a registry."""

from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, RegistryError, StateForbids, Unreachable
from registry_tool.stores.folder import FolderSource


def test_files_come_in_order_and_missing_ones_are_none(tmp_path: Path) -> None:
    """Files give their bytes; missing files, missing folders and folders give None."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.json").write_bytes(b"{}")
    client = FolderSource(tmp_path)

    found = client.fetch_all([("a/b.json", 2), ("c.json", 2), ("c/d.json", 2), ("a", 2)])

    assert ((b"{}", None, None, None), str(tmp_path)) == (found, client.where)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("../secret", InvalidInput),
        ("a/../../secret", InvalidInput),
        ("/etc/passwd", InvalidInput),
        ("", InvalidInput),
        ("big", InvalidInput),
        ("link", StateForbids),
        ("out/secret", StateForbids),
    ],
)
def test_nothing_outside_is_read(tmp_path: Path, path: str, expected: type[RegistryError]) -> None:
    """Paths and links out of the folder are refused, as are files that are too large."""
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "secret").write_text("x")
    (site / "big").write_text("xx")
    (site / "link").symlink_to("../secret")
    (site / "out").symlink_to("..")

    with pytest.raises(expected):
        FolderSource(site).fetch(path, limit=1)


def test_a_folder_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    """A stick that was pulled out is not an empty registry."""
    with pytest.raises(Unreachable):
        FolderSource(tmp_path / "none").fetch("a", limit=1)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """A link that names the newest build is how sites are switched."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build/a").write_text("x")
    (tmp_path / "now").symlink_to("build")

    assert b"x" == FolderSource(tmp_path / "now").fetch("a", limit=1)
