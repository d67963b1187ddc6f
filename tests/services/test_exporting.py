"""Exports: what is in them, what is installed from them, and what a hostile one is refused for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core import canonical, layout, limits
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.core.export import ABOUT, EXPORT_BYTES, EXPORT_FILES
from registry_tool.core.names import parse_wanted
from registry_tool.services.consumer import commit, prepare
from registry_tool.services.contact import Contact
from registry_tool.services.exporting import Export, Kept, Recording, export
from registry_tool.services.seen import Seen
from registry_tool.stores.exported import ExportedSource, pack_export, write_export
from tests.builders import RegistryInMemory, a_registry
from tests.core.archives import END, entry
from tests.services.person import MEANS, SOLAR, Person, site_of

ADDRESS = "https://registry.example/"


def made(registry: RegistryInMemory, wanted: str = SOLAR, *, dependencies: bool = True) -> Export:
    """An export of `wanted`."""
    contact = Contact(site_of(registry), registry.id, means=MEANS, seen=Seen({}), demo=True)
    return export(contact, parse_wanted(wanted), means=MEANS, dependencies=dependencies, address=ADDRESS)


def with_base() -> RegistryInMemory:
    """A registry with something that needs something, and something else."""
    registry = a_registry().release("@bob/base", "1.0.0").release("@bob/base", "2.0.0").release("@cat/other", "1.0.0")
    return registry.release(SOLAR, "1.0.0", {"theme.css": b"a{}"}, dependencies={"@bob/base": "^1.0.0"})


REGISTRY = with_base()
GOOD = made(REGISTRY)
FILES = GOOD.files


def test_an_export_holds_what_an_install_reads_and_no_more() -> None:
    """Chains, scopes, records and objects of the releases are in it; other names and versions are not."""
    objects = [path for path in FILES if path.startswith("objects/")]

    assert ["@bob/base", SOLAR] == [one.artifact for one in GOOD.releases]
    assert "1.0.0" == GOOD.releases[0].manifest.version
    assert 6 == len(objects)
    assert {
        ABOUT,
        layout.REGISTRY_CHAINS,
        "chains/scopes/an/ann.json",
        "chains/scopes/bo/bob.json",
        "index/an/ann/solar.json",
        "index/bo/bob/base.json",
    } == FILES.keys() - set(objects)


def test_an_export_alone_leaves_out_what_is_needed() -> None:
    """Without dependencies only the release itself is in it."""
    assert [SOLAR] == [one.artifact for one in made(REGISTRY, dependencies=False).releases]


def test_an_export_says_what_it_is_for_and_how_old_it_is() -> None:
    """It names its registry, what was asked for, and the time of the newest event in it."""
    registry = a_registry().release(SOLAR, "1.0.0").release(SOLAR, "1.1.0")
    before = made(registry).about
    registry.event(SOLAR, "1.0.0", "yank")
    after = made(registry, f"{SOLAR}@1.0.0")

    assert (registry.id, (f"{SOLAR}@1.1.0",), ADDRESS) == (before.registry, before.asked, before.address)
    assert before.as_of < after.about.as_of
    assert "yanked" == after.releases[0].status


def test_the_same_release_gives_the_same_file() -> None:
    """Exports of a site and of a clone, made twice, are equal to the byte."""
    contact = Contact(REGISTRY.source(), REGISTRY.id, means=MEANS, seen=Seen({}), demo=True)
    again = export(contact, parse_wanted(SOLAR), means=MEANS, dependencies=True, address=ADDRESS)

    assert pack_export(FILES) == pack_export(again.files) == pack_export(made(REGISTRY).files)


def test_an_owner_s_update_brings_what_it_is_compared_with() -> None:
    """The evidence and manifest of the earlier release are in it, its bundle is not."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators({"mod": None}, gate=("gate",))
    registry.policy(gate_releases="owner-updates")
    registry.release(SOLAR, "1.0.0")
    registry.publish(SOLAR, "1.1.0", {"theme.css": b"b{}"})
    registry.admit(SOLAR, "1.1.0", by=("gate",), path="owner", compared="1.0.0")

    files = made(registry).files

    assert 5 == sum(path.startswith("objects/") for path in files)
    assert layout.object_path(registry.manifest(SOLAR, "1.0.0").bundle.sha256) not in files


@pytest.mark.parametrize("action", ["quarantine", "revoke", "withhold"])
def test_what_must_not_be_installed_is_not_exported(action: str) -> None:
    """A release that moderators took away is not trusted."""
    registry = a_registry().release(SOLAR, "1.0.0")
    registry.event(SOLAR, "1.0.0", action)

    with pytest.raises(RegistryError) as refused:
        made(registry, f"{SOLAR}@1.0.0")

    assert 4 == refused.value.exit_code


def test_a_broken_release_is_not_exported() -> None:
    """Everything is verified before a file is written."""
    site = site_of(REGISTRY)
    site.files[layout.object_path(REGISTRY.manifest(SOLAR, "1.0.0").bundle.sha256)] = b"x"
    contact = Contact(site, REGISTRY.id, means=MEANS, seen=Seen({}), demo=True)

    with pytest.raises(NotTrusted):
        export(contact, parse_wanted(SOLAR), means=MEANS, dependencies=True, address="")


def test_an_export_that_is_too_large_says_what_to_leave_out() -> None:
    """What was read is counted while it is read."""
    source = Recording(Kept({"a": bytes(10)}, "here"), {"b": bytes(EXPORT_BYTES)})

    with pytest.raises(InvalidInput) as refused:
        source.fetch("a", limit=10)

    assert "too-large" == refused.value.code


def test_files_in_memory_are_bounded() -> None:
    """A source over files refuses what is longer than was asked for."""
    with pytest.raises(InvalidInput):
        Kept({"a": b"xx"}, "here").fetch("a", limit=1)
    assert (None, b"xx") == Kept({"a": b"xx"}, "here").fetch_all([("b", 1), ("a", 2)])


def test_an_install_from_the_file_is_the_install_from_the_site(tmp_path: Path) -> None:
    """The same files, receipts and lock lines, whichever the source."""
    there, away = Person(tmp_path / "there"), Person(tmp_path / "away")
    there.install(site_of(REGISTRY), REGISTRY.id, SOLAR)
    write_export(tmp_path / "solar.tar", FILES)
    source = ExportedSource(tmp_path / "solar.tar")
    contact = Contact(source, REGISTRY.id, means=MEANS, seen=Seen({}), demo=True)

    prepared = prepare(contact, [parse_wanted(one) for one in source.about.asked], ground=away.ground())
    commit(contact, prepared, ground=away.ground(), memory=away.memory)

    assert {path: (there.root / path).read_bytes() for path in there.files()} == {
        path: (away.root / path).read_bytes() for path in away.files()
    }


def test_a_file_is_replaced_only_when_told(tmp_path: Path) -> None:
    """Writing the same export again is fine; another file and a folder in its place are not lost."""
    path = tmp_path / "solar.tar"
    size = write_export(path, FILES)
    assert size == write_export(path, FILES) == path.stat().st_size
    path.write_bytes(b"mine")

    with pytest.raises(StateForbids):
        write_export(path, FILES)
    with pytest.raises(StateForbids):
        write_export(tmp_path, FILES)
    with pytest.raises(RegistryError):
        write_export(tmp_path / "none" / "solar.tar", FILES)
    write_export(path, FILES, force=True)
    assert ["solar.tar"] == sorted(one.name for one in tmp_path.iterdir())


def _plus(**more: bytes) -> bytes:
    return pack_export({**FILES, **{path.replace("__", "/"): data for path, data in more.items()}})


def _about(**members: Any) -> bytes:
    return pack_export({**FILES, ABOUT: canonical.encode({**GOOD.about.value(), **members})})


WHOLE = pack_export(FILES)
LESS: Mapping[str, bytes] = {path: data for path, data in FILES.items() if path != layout.REGISTRY_CHAINS}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "without the two empty blocks"),
        (b"x" * 600, "does not begin with a ustar header"),
        (b"PK\x03\x04" + WHOLE, "a zip archive"),
        (b"\x1f\x8b" + WHOLE, "compressed with gzip"),
        (WHOLE[:-1], "two empty blocks"),
        (WHOLE[:-1024], "two empty blocks of an end"),
        (WHOLE[:2000], "past the end"),
        (WHOLE + b"\0", "two empty blocks and nothing else"),
        (WHOLE + WHOLE, "two empty blocks and nothing else"),
        (WHOLE[: len(WHOLE) // 2], ""),
        (entry(ABOUT, b"{}") + entry(ABOUT, b"{}") + END, "is there twice"),
        (entry("index/b.json") + entry("chains/a.json") + END, "not in its place"),
        (entry("../evil") + END, "is no file of a registry"),
        (entry("/etc/passwd") + END, "is no file of a registry"),
        (entry("index/../a.json") + END, "is no file of a registry"),
        (entry("index/.git/a.json") + END, "is no file of a registry"),
        (entry("index//a.json") + END, "is no file of a registry"),
        (entry("objects/sha256/aa/short") + END, "is no file of a registry"),
        (entry("home.html") + END, "is no file of a registry"),
        (entry("index/a\\b.json") + END, "is no file of a registry"),
        (entry("chains/a.json", mode=b"0000755\0") + END, "is executable"),
        (entry("chains/a.json", kind=b"2", link=b"/etc/passwd") + END, "a symbolic link"),
        (entry("chains/a.json", kind=b"5") + END, "a folder"),
        (entry("chains/a.json", size=b"77777777777\0") + END, "past the end"),
        (entry("chains/a.json", checksum=b"000000\0 ") + END, "checksum"),
        (entry("chains/a.json", padding=b"x" * 511) + END, "hidden behind"),
        (pack_export({ABOUT: FILES[ABOUT]}), "it has no chains/registry.json"),
        (pack_export(LESS), "it has no chains/registry.json"),
        (pack_export({layout.REGISTRY_CHAINS: b"{}"}), "it has no export.json"),
    ],
)
def test_a_hostile_file_is_no_export(data: bytes, reason: str, tmp_path: Path) -> None:
    """A file that is cut, padded, doubled, of odd paths or of another format is refused for its own reason."""
    path = tmp_path / "evil.tar"
    path.write_bytes(data)

    with pytest.raises(NotTrusted) as refused:
        ExportedSource(path)

    assert "bad-export" == refused.value.code
    assert reason in refused.value.message


@pytest.mark.parametrize(
    "data",
    [
        _about(registry="x"),
        _about(releases=[]),
        _about(more=1),
        _about(schema="registry.export/2"),
        _plus(**{"export.json": b"[]"}),
        _plus(**{"export.json": b"{"}),
        _plus(**{"export.json": b'{"a": "' + b"x" * 70_000 + b'"}'}),
    ],
)
def test_words_that_are_none_are_not_followed(data: bytes, tmp_path: Path) -> None:
    """An export whose description of itself is broken says so when somebody asks for it."""
    (tmp_path / "evil.tar").write_bytes(data)

    with pytest.raises(NotTrusted) as refused:
        _ = ExportedSource(tmp_path / "evil.tar").about

    assert "bad-export" == refused.value.code


def _swap(files: dict[str, bytes]) -> None:
    one, two = "index/an/ann/solar.json", "index/bo/bob/base.json"
    files[one], files[two] = files[two], files[one]


def _other_bundle(files: dict[str, bytes]) -> None:
    path = layout.object_path(GOOD.releases[-1].manifest.bundle.sha256)
    files[path] = files[path][:-1] + b"x"


def _no_keyring(files: dict[str, bytes]) -> None:
    del files["chains/scopes/an/ann.json"]


def _other_registry(files: dict[str, bytes]) -> None:
    files[layout.REGISTRY_CHAINS] = site_of(a_registry(demo=False)).files[layout.REGISTRY_CHAINS]


@pytest.mark.parametrize("deed", [_swap, _other_bundle, _no_keyring, _other_registry])
def test_an_export_is_trusted_with_nothing(
    deed: Callable[[dict[str, bytes]], None], tmp_path: Path, person: Person
) -> None:
    """Whoever makes or carries an export can change nothing of what is installed from it."""
    files = dict(FILES)
    deed(files)
    write_export(tmp_path / "evil.tar", files)
    source = ExportedSource(tmp_path / "evil.tar")
    contact = Contact(source, REGISTRY.id, means=MEANS, seen=Seen({}), demo=True)

    with pytest.raises(NotTrusted):
        prepare(contact, [parse_wanted(SOLAR)], ground=person.ground())

    assert not person.root.exists()


def test_a_source_is_bounded_and_says_when_its_file_changed(tmp_path: Path) -> None:
    """More than was asked for, a file that shrank and one that is gone are told apart."""
    path = tmp_path / "solar.tar"
    write_export(path, FILES)
    source = ExportedSource(path)
    assert (None, str(path), ADDRESS) == (source.fetch("none", limit=1), source.where, source.address)

    with pytest.raises(InvalidInput):
        source.fetch(layout.REGISTRY_CHAINS, limit=1)
    path.write_bytes(WHOLE[:600])
    with pytest.raises(NotTrusted):
        source.fetch(layout.REGISTRY_CHAINS, limit=limits.CHAIN_FILE_BYTES)
    path.unlink()
    for look in (lambda: source.fetch(layout.REGISTRY_CHAINS, limit=10**6), lambda: ExportedSource(path)):
        with pytest.raises(RegistryError) as refused:
            look()
        assert 6 == refused.value.exit_code


def test_an_export_has_so_many_files_and_no_more(tmp_path: Path) -> None:
    """A file of many small entries is refused by their number."""
    path = tmp_path / "many.tar"
    path.write_bytes(b"".join(entry(f"index/{number:06}", b"") for number in range(EXPORT_FILES + 1)) + END)

    with pytest.raises(NotTrusted) as refused:
        ExportedSource(path)

    assert f"more than {EXPORT_FILES} files" in refused.value.message
