"""What a job remembers of its last publish: it spares the verifying of a signature, and decides nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.signing.tuf.index import Authority, Jobs, Memory, SignedIndex
from tests.signing.test_tuf_index import AUTHORITY, BINS, DAY, FILES, JOB, NOW, OTHER, an_authority, kinds, publish
from tests.signing.test_tuf_index import read_faults as faults

NAME = "index-16-"
Change = Callable[[dict[str, Any]], Any]


def jobs_after(index: SignedIndex, authority: Authority = AUTHORITY) -> Jobs:
    """The keys, and all that `index` was remembered by."""
    return Jobs((BINS,), (JOB,), Memory(authority.digest, frozenset(map(sha256, index.files.values()))))


def bins_of(index: SignedIndex) -> list[str]:
    """The paths of bins that list something, fullest first."""
    found = {path: json.loads(data)["signed"].get("targets") for path, data in index.files.items() if NAME in path}
    return sorted((path for path, rows in found.items() if rows), key=lambda path: (-len(found[path]), path))


def forged(change: Change) -> tuple[SignedIndex, str]:
    """An index one of whose bins was changed and then remembered as if it had been signed so; and that bin."""
    first = publish()
    path = bins_of(first)[0]
    value = json.loads(first.files[path])
    changed = change(value)
    data = changed if isinstance(changed, bytes) else json.dumps(value).encode()
    return replace(first, files={**first.files, path: data}), path


@pytest.mark.parametrize("later", [60, 51 * DAY])
@pytest.mark.parametrize("files", [FILES, {**FILES, "index/an/ann/thing-7.json": b"new"}, {}])
def test_the_index_is_the_same_with_it_and_without(files: dict[str, bytes], later: int) -> None:
    """Nothing new, a change, everything gone, and bins that are half through their days: the same bytes."""
    first = publish()
    plain = publish(files, first, now=NOW + later)

    assert plain == publish(files, first, now=NOW + later, jobs=jobs_after(first))


def test_it_stands_for_a_signature() -> None:
    """A bin without a signature is kept where its bytes are remembered and its rows are right; else it is not."""
    index, path = forged(lambda value: value["signatures"].clear())

    assert () == publish(before=index, jobs=jobs_after(index)).signed
    assert ["index", "snapshot", "timestamp"] == kinds(publish(before=index, now=NOW + 1))
    assert [f"its bin {path.split('.')[1]} is not signed by the key that counts"] == faults(index, AUTHORITY)


def _rows(change: Callable[[dict[str, Any]], Any]) -> Change:
    return lambda value: change(value["signed"]["targets"])


def _first(**members: object) -> Change:
    return _rows(lambda rows: rows[min(rows)].update(members))


@pytest.mark.parametrize(
    "change",
    [
        _first(hashes={"sha256": sha256(b"evil")}),
        _first(hashes={}),
        _first(hashes="x"),
        _first(custom={"with": [sha256(b"evil"), 1]}),
        _first(custom=[]),
        _rows(lambda rows: rows.pop(min(rows))),
        _rows(lambda rows: rows.update({"index/evil.json": rows[min(rows)]})),
        lambda value: value["signed"].update(version=1),
        lambda value: value["signed"].update(version=str(value["signed"]["version"])),
        lambda value: value["signed"].update(expires="soon"),
        lambda value: value["signed"].update(expires=[]),
        lambda value: value["signed"].update(expires="2027-01-16T00:00:00Z"),
        lambda value: value.update(signed=[]),
        lambda value: b"",
        lambda value: b"\xff",
        lambda value: b"[]",
        lambda value: b"[" * 100_000,
    ],
)
def test_a_forged_memory_keeps_no_wrong_bin(change: Change) -> None:
    """Other rows, another version, a time that is over, rubbish: the bin is signed anew, whatever is remembered."""
    index, path = forged(change)
    second = publish(before=index, now=NOW + 1, jobs=jobs_after(index))

    assert ["index", "snapshot", "timestamp"] == kinds(second)
    assert path not in second.files
    assert [] == faults(second, AUTHORITY)


def test_nothing_is_taken_over_from_what_is_only_remembered() -> None:
    """A wrong length in a bin that must be signed anew is not signed: the length is asked for."""

    def lie(rows: dict[str, Any]) -> None:
        rows.pop(max(rows))
        for row in rows.values():
            row["length"] += 1000

    index, _ = forged(_rows(lie))
    second = publish(before=index, now=NOW + 1, jobs=jobs_after(index))
    sizes = {
        path: row["length"]
        for bin_ in bins_of(second)
        for path, row in json.loads(second.files[bin_])["signed"]["targets"].items()
    }

    assert {path: len(data) for path, data in FILES.items()} == sizes


def test_a_bin_in_the_place_of_another_is_signed_anew() -> None:
    """Each is remembered, and each is in the wrong place: both are signed anew."""
    first = publish()
    one, other = bins_of(first)[:2]
    swapped = replace(first, files={**first.files, one: first.files[other], other: first.files[one]})

    assert ["index", "index", "snapshot", "timestamp"] == kinds(
        publish(before=swapped, now=NOW + 1, jobs=jobs_after(swapped))
    )


def test_an_older_state_is_not_gone_back_to() -> None:
    """Bins of the publish before the last one, remembered and served again, are signed anew, above the last."""
    first = publish()
    second = publish({**FILES, "index/a.json": b"1"}, first, now=NOW + 60)
    both = replace(second, files={**first.files, **second.files})
    third = publish(FILES, both, now=NOW + 60, jobs=jobs_after(both))

    assert ["index", "snapshot", "timestamp"] == kinds(third)
    assert not [path for path in third.signed if path in both.files and path != layout.TIMESTAMP]


@pytest.mark.parametrize(
    ("now", "key"),
    [(an_authority(bins=OTHER, number=2), OTHER), (an_authority(number=2), BINS), (an_authority(job=OTHER), BINS)],
)
def test_under_other_roots_or_targets_nothing_of_it_counts(now: Authority, key: Any) -> None:
    """Whoever signs offline may have ended a key: a bin without a good signature is then signed anew."""
    index, path = forged(lambda value: value["signatures"].clear())
    timestamp = OTHER if now.root != AUTHORITY.root else JOB
    memory = jobs_after(index).memory
    second = publish(before=index, now=NOW + 1, authority=now, jobs=Jobs((key,), (timestamp,), memory))

    assert AUTHORITY.digest != now.digest
    assert path not in second.files
    assert [] == faults(second, now)


def test_what_is_said_of_a_chain_must_be_there_still() -> None:
    """A per-name file whose scope's chain changed is listed anew, though its own bytes are the same."""
    chain = layout.read_with("index/an/ann/thing-1.json") or ""
    first = publish({**FILES, chain: b"1"})
    second = publish({**FILES, chain: b"2"}, first, now=NOW + 1, jobs=jobs_after(first))
    rows = {
        path: row
        for bin_ in bins_of(second)
        for path, row in json.loads(second.files[bin_])["signed"]["targets"].items()
    }

    assert [sha256(b"2"), 1] == rows["index/an/ann/thing-1.json"]["custom"]["with"]
    assert [] == faults(second, AUTHORITY)
