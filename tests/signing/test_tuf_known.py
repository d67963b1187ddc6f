"""What a client keeps of the signed index, and what becomes of damage to it."""

from pathlib import Path

import pytest

from registry_tool.core.errors import StateForbids, Unreachable
from tests.builders import SiteInMemory, a_registry
from tests.building_index import CHAINS, MOON, SOLAR, SignedSite, away, bin_of, client, index_of, refused

pytestmark = pytest.mark.slow

# What is remembered.


def test_a_slower_process_does_not_bring_back_what_a_faster_one_left_behind(site: SignedSite, tmp_path: Path) -> None:
    """One that began before a publish and writes after another saw it does not make the older timestamp good again."""
    old = dict(site.files)
    slow = index_of(old, site, tmp_path)
    slow.listed([SOLAR])
    site.registry.release("@ann/solar", "1.1.0")
    site.publish()
    index_of(site.files, site, tmp_path).listed([SOLAR])
    slow.listed([MOON])

    assert "rolled-back" == refused(lambda: index_of(old, site, tmp_path).listed([SOLAR])).code


def files_below(folder: Path) -> list[Path]:
    """What a client keeps."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and path.name != "lock"
    )


def kept(site: SignedSite, folder: Path) -> list[str]:
    index_of(site.files, site, folder).listed([SOLAR, CHAINS])
    return [str(path.relative_to(folder)) for path in files_below(folder)]


def test_what_a_client_keeps(site: SignedSite, tmp_path: Path) -> None:
    """The root, the timestamp, the snapshot, targets, the bins that were read, and what they said."""
    bins_ = sorted(bin_of(site.files, path).split(".", 1)[1] for path in (SOLAR, CHAINS))
    metadata = sorted((*bins_, "root_history/1.root.json", "snapshot.json", "targets.json", "timestamp.json"))

    assert ["index/known.json", *(f"index/metadata/{name}" for name in metadata)] == kept(site, tmp_path)


@pytest.mark.parametrize("online", [True, False])
def test_damage_to_what_a_client_keeps_is_never_trusted(site: SignedSite, tmp_path: Path, *, online: bool) -> None:
    """A bit flipped anywhere in any file: online the same is learnt anew, offline it is or is unknown."""
    names = kept(site, tmp_path)
    genuine = {name: (tmp_path / name).read_bytes() for name in names}
    honest = index_of(site.files, site, tmp_path).listed([SOLAR])
    for name, data in genuine.items():
        for place in range(0, len(data), max(1, len(data) // 25)):
            for one, text in genuine.items():
                (tmp_path / one).write_bytes(text)
            (tmp_path / name).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            index = index_of(site.files, site, tmp_path) if online else away(site, tmp_path)
            try:
                found = index.listed([SOLAR])
            except Unreachable:
                assert not online, (name, place)
            else:
                assert honest == found, (name, place)


@pytest.mark.parametrize("name", ["timestamp", "snapshot", "targets", "root_history/1.root"])
@pytest.mark.parametrize("damage", [b"", b"{}", b"[" * 999, b"\xff"])
def test_offline_damaged_metadata_alone_is_no_knowledge(
    site: SignedSite, tmp_path: Path, name: str, damage: bytes
) -> None:
    """Without what is known, and with one file damaged, the reason is that nobody answers; only the root comes anew."""
    kept(site, tmp_path)
    (tmp_path / "index" / "known.json").unlink()
    (tmp_path / "index" / "metadata" / f"{name}.json").write_bytes(damage)

    if "root" in name:
        assert away(site, tmp_path).listed([SOLAR])[SOLAR]
    else:
        assert "timeout" == refused(lambda: away(site, tmp_path).listed([SOLAR])).code
    assert index_of(site.files, site, tmp_path).listed([SOLAR])[SOLAR]


def test_before_the_first_question_nothing_is_said_of_freshness(site: SignedSite, tmp_path: Path) -> None:
    """Also where something is known: the site was not asked yet."""
    kept(site, tmp_path)

    assert index_of(site.files, site, tmp_path).freshness is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b'{"known":{},"sha256":1}',
        b"\xff",
        b"[" * 999,
        b'{"known":[],"sha256":"4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"}',
    ],
)
def test_another_text_in_the_place_of_what_is_known_is_nothing(site: SignedSite, tmp_path: Path, text: bytes) -> None:
    """It is as if nothing were known, and the library reads its own files."""
    kept(site, tmp_path)
    (tmp_path / "index" / "known.json").write_bytes(text)

    assert index_of(site.files, site, tmp_path).listed([SOLAR])[SOLAR]
    assert text != (tmp_path / "index" / "known.json").read_bytes()


@pytest.mark.parametrize(
    "name", ["known.json", "metadata/timestamp.json", "metadata/targets.json", "metadata/root_history/1.root.json"]
)
def test_a_file_that_is_gone_is_learnt_anew(site: SignedSite, tmp_path: Path, name: str) -> None:
    """And an older state is refused all the same: the snapshot alone is enough to know that it is older."""
    old = dict(site.files)
    site.registry.release("@ann/solar", "1.1.0")
    site.publish()
    kept(site, tmp_path)
    (tmp_path / "index" / name).unlink()

    assert "rolled-back" == refused(lambda: index_of(old, site, tmp_path).listed([SOLAR])).code
    assert index_of(site.files, site, tmp_path).listed([SOLAR])[SOLAR]


@pytest.mark.parametrize(
    "name", ["metadata", "lock", "known.json", "known.json.new", "metadata/root.json", "metadata/timestamp.json"]
)
def test_a_folder_that_cannot_be_written_is_told(site: SignedSite, tmp_path: Path, name: str) -> None:
    """A file where a folder should be, or the other way round, is an error of the disk, not a crash."""
    place = tmp_path / "index" / name
    place.parent.mkdir(parents=True)
    if name == "metadata":
        place.write_bytes(b"")
    else:
        (place / "inside").mkdir(parents=True)
    error = refused(lambda: index_of(site.files, site, tmp_path).listed([SOLAR]))

    assert (StateForbids, "disk") == (type(error), error.code)


def test_another_registry_s_first_root_is_refused(site: SignedSite, tmp_path: Path) -> None:
    """The id pins it, also where somebody put another one into the client's folder."""
    other = SignedSite(a_registry())
    other.publish()
    index = client(
        SiteInMemory(other.files), site.registry.id, tmp_path, first_root=other.files["tuf/1.root.json"], now=site.now
    )

    assert "other-registry" == refused(lambda: index.listed([SOLAR])).code
    (tmp_path / "index/metadata/root_history").mkdir(parents=True)
    (tmp_path / "index/metadata/root_history/1.root.json").write_bytes(other.files["tuf/1.root.json"])
    assert index_of(site.files, site, tmp_path).listed([SOLAR])[SOLAR]
