"""What the tool remembers for a person."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids
from registry_tool.stores.state import StateStore

ONE, TWO = "1" * 64, "2" * 64
ADDED = "2026-01-02T03:04:05Z"


def add(store: StateStore, name: str, id: str, *, where: str = "https://example.org/") -> None:  # noqa: A002
    """Adds a registry in short."""
    store.add(name=name, id=id, where=where, kind="site", demo=False, added=ADDED)


def test_what_was_never_written_is_empty(tmp_path: Path) -> None:
    """Reading makes no folder and knows nothing."""
    store = StateStore(tmp_path / "state")

    assert ((), {}, ()) == (store.registries(), store.seen(ONE), store.submissions())
    assert not (tmp_path / "state").exists()


def test_registries_come_by_name_with_all_that_was_said(tmp_path: Path) -> None:
    """Another store on the same folder reads what one wrote."""
    add(StateStore(tmp_path), "zeta", ONE)
    add(StateStore(tmp_path), "alpha", TWO)

    rows = StateStore(tmp_path).registries()

    assert ["alpha", "zeta"] == [row["name"] for row in rows]
    expected = {"name": "zeta", "id": ONE, "where": "https://example.org/", "kind": "site", "demo": False}
    assert expected | {"added": ADDED} == rows[1]


def test_a_registry_that_moved_replaces_its_entry(tmp_path: Path) -> None:
    """The same id with another address and name is one registry."""
    store = StateStore(tmp_path)
    add(store, "old", ONE)
    add(store, "new", ONE, where="https://example.net/")

    assert [("new", "https://example.net/")] == [(row["name"], row["where"]) for row in store.registries()]


def test_a_name_stands_for_one_registry(tmp_path: Path) -> None:
    """Another registry cannot take a name that is in use."""
    store = StateStore(tmp_path)
    add(store, "one", ONE)

    with pytest.raises(StateForbids) as caught:
        add(store, "one", TWO)

    assert ("name-taken", ONE) == (caught.value.code, store.registries()[0]["id"])


def test_removing_a_registry_keeps_what_was_seen(tmp_path: Path) -> None:
    """Else removing and adding would let an old state pass for new."""
    store = StateStore(tmp_path)
    add(store, "one", ONE)
    store.merge(ONE, lambda _: {"chain": 3})

    assert ONE == store.remove("one")["id"]
    assert ((), {"chain": 3}) == (store.registries(), store.seen(ONE))


def test_a_registry_that_is_not_there_cannot_be_removed(tmp_path: Path) -> None:
    """The name is told."""
    with pytest.raises(NotFound):
        StateStore(tmp_path).remove("none")


def test_what_was_seen_is_replaced_whole(tmp_path: Path) -> None:
    """The last that was remembered is what is seen, per registry."""
    store = StateStore(tmp_path)
    store.merge(ONE, lambda _: {"a": 1, "b": {"ü": [1.5]}})
    store.merge(ONE, lambda _: {"b": 2})
    store.merge(TWO, lambda _: {"c": 3})

    assert ({"b": 2}, {"c": 3}) == (store.seen(ONE), store.seen(TWO))


def test_merging_at_once_loses_nothing(tmp_path: Path) -> None:
    """Sixteen threads that each add a member to what was seen leave sixteen members."""

    def merge(number: int) -> None:
        StateStore(tmp_path).merge(ONE, lambda seen: {**seen, str(number): number})

    threads = [threading.Thread(target=merge, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {str(number): number for number in range(16)} == StateStore(tmp_path).seen(ONE)


@pytest.mark.parametrize("id", ["", "../x", "A" * 64, "1" * 63])
def test_only_ids_name_what_was_seen(tmp_path: Path, id: str) -> None:  # noqa: A002
    """Anything but 64 hex digits is refused before the disk is touched."""
    store = StateStore(tmp_path / "state")
    with pytest.raises(InvalidInput):
        store.seen(id)
    with pytest.raises(InvalidInput):
        store.merge(id, lambda _: {})

    assert not (tmp_path / "state").exists()


def test_submissions_keep_their_order_and_are_noted_once(tmp_path: Path) -> None:
    """The same submission noted again takes its old place; another registry's is another."""
    store = StateStore(tmp_path)
    store.note_submission({"id": "a", "registry": ONE, "state": "sent"})
    store.note_submission({"id": "b", "registry": ONE})
    store.note_submission({"id": "a", "registry": TWO})
    store.note_submission({"id": "a", "registry": ONE, "state": "admitted"})

    assert [("a", "admitted"), ("b", None), ("a", None)] == [(r["id"], r.get("state")) for r in store.submissions()]


def test_all_is_for_the_persons_eyes(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600."""
    store = StateStore(tmp_path / "state")
    add(store, "one", ONE)
    store.merge(ONE, lambda _: {})

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "state").rglob("*")}

    assert {"lock": 0o600, "registries.json": 0o600, "seen": 0o700, f"{ONE}.json": 0o600} == modes
    assert 0o700 == (tmp_path / "state").stat().st_mode & 0o777


READS: list[tuple[str, Callable[[StateStore], object]]] = [
    ("registries.json", StateStore.registries),
    ("registries.json", lambda store: add(store, "one", ONE)),
    ("registries.json", lambda store: store.remove("one")),
    ("submissions.json", StateStore.submissions),
    ("submissions.json", lambda store: store.note_submission({})),
    (f"seen/{ONE}.json", lambda store: store.seen(ONE)),
]


@pytest.mark.parametrize(("path", "read"), READS)
@pytest.mark.parametrize("text", ["", "null", "{", "[1]", "\ufeff[]", '"x"', '[{"name": "one"}, 1]'])
def test_a_damaged_file_stops_and_stays(
    tmp_path: Path, path: str, read: Callable[[StateStore], object], text: str
) -> None:
    """Damage is never read as empty and never written over."""
    (tmp_path / "seen").mkdir()
    (tmp_path / path).write_text(text)

    with pytest.raises(NotTrusted) as caught:
        read(StateStore(tmp_path))

    assert ("state-damaged", str(tmp_path / path)) == (caught.value.code, caught.value.where)
    assert text == (tmp_path / path).read_text()


def test_an_entry_with_other_members_is_damage(tmp_path: Path) -> None:
    """A row that this tool cannot have written is not trusted."""
    (tmp_path / "registries.json").write_text('[{"name": "x", "id": 1}]')

    with pytest.raises(NotTrusted):
        StateStore(tmp_path).registries()


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Sixteen threads that note a submission each are sixteen submissions."""
    note = StateStore(tmp_path).note_submission
    threads = [threading.Thread(target=note, args=({"id": str(number)},)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {str(number) for number in range(16)} == {row["id"] for row in StateStore(tmp_path).submissions()}


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    """A file where the folder should be is our error, not the system's."""
    (tmp_path / "state").write_text("")

    with pytest.raises(StateForbids):
        add(StateStore(tmp_path / "state"), "one", ONE)
    with pytest.raises(StateForbids):
        StateStore(tmp_path / "state").registries()


def test_an_entitlement_is_kept_for_each_registry(tmp_path: Path) -> None:
    """The newest takes the place of the one before, beside and not instead of what was seen."""
    store = StateStore(tmp_path)
    store.merge(ONE, lambda before: {"names": {}})
    for number in (1, 2):
        store.keep_entitlement(ONE, {"statement": str(number)})

    assert ({"statement": "2"}, {}) == (StateStore(tmp_path).entitlement(ONE), store.entitlement(TWO))
    assert {"names": {}} == store.seen(ONE)


def test_a_damaged_entitlement_stops(tmp_path: Path) -> None:
    """What is no JSON object is told, and not taken for nothing."""
    store = StateStore(tmp_path)
    store.keep_entitlement(ONE, {})
    (tmp_path / "entitlements" / f"{ONE}.json").write_text("[]")

    with pytest.raises(NotTrusted) as caught:
        store.entitlement(ONE)

    assert "state-damaged" == caught.value.code
