"""Files under their digests: a cache that decides nothing."""

import threading
from pathlib import Path

import pytest

from registry_tool.core.digest import Hex, sha256
from registry_tool.stores.shelf import DiskShelf

DATA = b"a file of the registry"
DIGEST = sha256(DATA)


def test_what_was_put_is_got(tmp_path: Path) -> None:
    """Under its digest, from the same folder, also by another process; something else is not there."""
    DiskShelf(tmp_path / "files").put(DIGEST, DATA)

    assert DATA == DiskShelf(tmp_path / "files").get(DIGEST)
    assert DiskShelf(tmp_path / "files").get(sha256(b"another")) is None
    assert DiskShelf(tmp_path / "none").get(DIGEST) is None


def test_nothing_is_made_before_the_first_write(tmp_path: Path) -> None:
    """Reading alone leaves no folder."""
    DiskShelf(tmp_path / "files").get(DIGEST)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("place", range(len(DATA)))
def test_a_damaged_file_is_not_there(tmp_path: Path, place: int) -> None:
    """A bit that flipped, and half of a file, are as nothing; the next put mends it."""
    shelf = DiskShelf(tmp_path)
    shelf.put(DIGEST, DATA)
    file = tmp_path / DIGEST[:2] / DIGEST
    for damaged in (DATA[:place], DATA[:place] + bytes([DATA[place] ^ 1]) + DATA[place + 1 :]):
        file.write_bytes(damaged)

        assert shelf.get(DIGEST) is None
    shelf.put(DIGEST, DATA)
    assert DATA == shelf.get(DIGEST)


@pytest.mark.parametrize("digest", ["", "..", "../../etc/passwd", "/etc/passwd", "a/b", "x" * 300])
def test_what_is_no_digest_is_not_there(tmp_path: Path, digest: str) -> None:
    """Whatever file such a name would lead to."""
    (tmp_path / "passwd").write_bytes(DATA)

    assert DiskShelf(tmp_path).get(Hex(digest)) is None


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """A file where the folder should be, and a folder where the file should be: nothing is kept, nothing is left."""
    (tmp_path / "file").write_bytes(b"")
    DiskShelf(tmp_path / "file").put(DIGEST, DATA)
    (tmp_path / "shelf" / DIGEST[:2] / DIGEST).mkdir(parents=True)
    DiskShelf(tmp_path / "shelf").put(DIGEST, DATA)

    assert DiskShelf(tmp_path / "file").get(DIGEST) is None
    assert DiskShelf(tmp_path / "shelf").get(DIGEST) is None
    assert [DIGEST] == [path.name for path in (tmp_path / "shelf" / DIGEST[:2]).iterdir()]


def test_many_who_put_the_same_leave_one_whole_file(tmp_path: Path) -> None:
    """Writers at once: the file is whole, and nothing lies beside it."""
    data = bytes(range(256)) * 4096
    digest = sha256(data)
    writers = [threading.Thread(target=DiskShelf(tmp_path).put, args=(digest, data)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert data == DiskShelf(tmp_path).get(digest)
    assert [digest] == [path.name for path in (tmp_path / digest[:2]).iterdir()]
