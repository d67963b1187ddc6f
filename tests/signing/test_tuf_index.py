"""What jobs sign: the library verifies it, versions only grow, and what is fresh and right stays as it is."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.payload import Files
from registry_tool.core.roots import RoleKeys, read_roots, registry_id
from registry_tool.core.targets import Days, read_targets
from registry_tool.signing.ed25519 import Ed25519Signer, check
from registry_tool.signing.tuf.index import ROOM, Authority, Jobs, SignedIndex, sign_index
from registry_tool.signing.tuf.offline import add_signature, make_root, make_targets, signed_by
from registry_tool.signing.tuf.published import fetch_published, read_published
from tests.builders import SiteInMemory

NOW = 1_800_000_000
DAY = 86_400
DAYS = Days(bins=100, snapshot=40, timestamp=10)
ROOT, BINS, JOB, OTHER = (Ed25519Signer(bytes([number]) * 32) for number in range(1, 5))
FILES = {f"index/an/ann/thing-{number}.json": f"{number}".encode() for number in range(40)}
FILES |= {"index/catalogue.json": b"all", "chains/registry.json": b"chains"}


def an_authority(*, bins: Ed25519Signer = BINS, job: Ed25519Signer = JOB, number: int = 1, bits: int = 4) -> Authority:
    """What people signed: root and targets by one key, eight bins."""
    keys = {one: RoleKeys((one.key,)) for one in (ROOT, bins, job)}
    roles: Any = {"root": keys[ROOT], "targets": keys[ROOT], "snapshot": keys[job], "timestamp": keys[job]}
    root = add_signature(make_root(roles, expires=NOW * 2), ROOT)
    text = make_targets(keys[bins], version=number, expires=NOW * 2, days=DAYS, bits=bits)
    (read,) = read_roots([root], registry=registry_id(root), check=check)
    return Authority(root, 1, read_targets(add_signature(text, ROOT), number, read, check=check))


AUTHORITY = an_authority()


def publish(
    files: Files = FILES,
    before: SignedIndex | None = None,
    *,
    now: int = NOW,
    authority: Authority = AUTHORITY,
    jobs: Jobs | None = None,
    **more: Any,
) -> SignedIndex:
    """An index of `files` after another one."""
    return sign_index(
        {path: sha256(data) for path, data in files.items()},
        lambda path: len(files[path]),
        authority=authority,
        previous=before.files if before else {},
        jobs=jobs or Jobs((BINS,), (JOB,)),
        now=now,
        **more,
    )


def versions(index: SignedIndex) -> dict[str, int]:
    """The version of each bin, as the newest snapshot names them."""
    timestamp = json.loads(index.files[layout.TIMESTAMP])["signed"]
    snapshot = index.files[layout.metadata_path("snapshot", timestamp["meta"]["snapshot.json"]["version"])]
    meta = json.loads(snapshot)["signed"]["meta"]
    return {name.removesuffix(".json"): row["version"] for name, row in meta.items() if name != "targets.json"}


def kinds(index: SignedIndex) -> list[str]:
    """What was signed, without numbers."""
    return sorted(path.rpartition("/")[2].split(".")[-2].split("-")[0] for path in index.signed)


def test_the_library_verifies_all_of_it() -> None:
    """Every file is of its role's key, and each path lies in the bin that the library looks for it in."""
    index = publish()
    root = Metadata[Root].from_bytes(AUTHORITY.root).signed
    targets = Metadata[Targets].from_bytes(AUTHORITY.targets.text).signed
    timestamp = Metadata[Timestamp].from_bytes(index.files[layout.TIMESTAMP])
    root.verify_delegate("timestamp", timestamp.signed_bytes, timestamp.signatures)
    snapshot = Metadata[Snapshot].from_bytes(
        index.files[layout.metadata_path("snapshot", timestamp.signed.snapshot_meta.version)]
    )
    root.verify_delegate("snapshot", snapshot.signed_bytes, snapshot.signatures)
    found = {}
    for name, version in versions(index).items():
        bin_ = Metadata[Targets].from_bytes(index.files[layout.metadata_path(name, version)])
        targets.verify_delegate(name, bin_.signed_bytes, bin_.signatures)
        for path, file in bin_.signed.targets.items():
            assert targets.delegations is not None
            assert [name] == [role for role, _ in targets.delegations.get_roles_for_target(path)]
            found[path] = (file.hashes["sha256"], file.length)

    assert {path: (sha256(data), len(data)) for path, data in FILES.items()} == found
    assert 16 + 2 == len(index.files) == len(index.signed)


def test_one_change_signs_one_bin_the_snapshot_and_the_timestamp() -> None:
    """A minute later one file differs: three signatures, and every other file is as it was."""
    first = publish()
    second = publish({**FILES, "index/an/ann/thing-7.json": b"new"}, first, now=NOW + 60)
    kept = [path for path in second.files if path not in second.signed]

    assert ["index", "snapshot", "timestamp"] == kinds(second)
    assert [first.files[path] for path in kept] == [second.files[path] for path in kept]


def test_nothing_new_signs_nothing() -> None:
    """The same files a minute later are the same index, and `renew` signs the timestamp alone."""
    first = publish()

    assert (dict(first.files), ()) == ((again := publish(before=first, now=NOW + 60)).files, again.signed)
    assert (layout.TIMESTAMP,) == publish(before=first, now=NOW + 60, renew=True).signed


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (5 * DAY - 60, []),
        (5 * DAY + 60, ["timestamp"]),
        (20 * DAY + 60, ["snapshot", "timestamp"]),
        (50 * DAY + 60, ["index"] * 16 + ["snapshot", "timestamp"]),
    ],
)
def test_what_has_less_than_half_of_its_days_is_signed_again(later: int, expected: list[str]) -> None:
    """Each role by its own days: ten, forty, a hundred."""
    assert expected == kinds(publish(before=publish(), now=NOW + later))


def test_versions_only_grow_and_no_two_bins_share_one() -> None:
    """Over builds of changes, within one second too, no version comes twice; a build from nothing later is higher."""
    states = [FILES, {**FILES, "index/a.json": b"1"}, {**FILES, "index/a.json": b"2", "index/b.json": b"1"}]
    seen: dict[int, str] = {}
    index: SignedIndex | None = None
    newest: dict[str, int] = {}
    for files in states:
        index = publish(files, index)
        for name, version in versions(index).items():
            assert (version > newest.get(name, 0)) == (layout.metadata_path(name, version) in index.signed)
            assert name == seen.setdefault(version, name)
        newest = versions(index)
    scratch = versions(publish(states[-1], now=NOW + 1))

    assert max(newest.values()) < min(scratch.values())
    assert (NOW + 1) * ROOM < min(scratch.values())


def test_a_clock_that_went_back_takes_no_version_back() -> None:
    """With an earlier clock everything that is signed still has a higher version than before."""
    first = publish()
    second = publish({**FILES, "index/a.json": b"1"}, first, now=NOW - 1000)
    old, new = (json.loads(one.files[layout.TIMESTAMP])["signed"]["version"] for one in (first, second))

    assert old < new
    assert max(versions(first).values()) < max(versions(second).values())


def test_another_bin_key_signs_all_bins_anew() -> None:
    """After the publishing key changed every bin is signed by the new one, above the old versions."""
    first = publish()
    changed = an_authority(bins=OTHER, number=2)
    second = publish(before=first, now=NOW + 1, authority=changed, jobs=Jobs((OTHER,), (JOB,)))

    assert ["index"] * 16 + ["snapshot", "timestamp"] == kinds(second)
    assert max(versions(first).values()) < min(versions(second).values())


def test_another_timestamp_key_signs_snapshot_and_timestamp_anew() -> None:
    """Bins under the same key stay, where the snapshot that named them is known; else they are signed too."""
    first = publish()
    changed = an_authority(job=OTHER)
    second = publish(before=first, now=NOW + 1, authority=changed, jobs=Jobs((BINS,), (OTHER,)))

    assert {"snapshot", "timestamp"} <= set(kinds(second))
    assert [] == read_faults(second, changed)


def test_another_division_keeps_the_old_names_in_the_snapshot() -> None:
    """Clients that followed the old bins find their names still, beside the new ones."""
    first = publish()
    second = publish(before=first, now=NOW + 1, authority=an_authority(number=2, bits=2))

    assert versions(first).items() <= versions(second).items()
    assert 4 + 16 == len(versions(second))


def test_a_damaged_or_foreign_bin_is_signed_anew() -> None:
    """What does not verify counts as not there."""
    first = publish()
    path = next(path for path in first.signed if "/index-" in path or ".index-" in path)
    spoiled = replace(first, files={**first.files, path: b"{}"})

    assert ["index", "snapshot", "timestamp"] == kinds(publish(before=spoiled, now=NOW + 1))


def test_a_lost_snapshot_is_never_gone_back_behind() -> None:
    """Where only the timestamp is left, in the same second, the next snapshot is above the one that it names."""
    first = publish()
    only = replace(first, files={layout.TIMESTAMP: first.files[layout.TIMESTAMP]})
    second = publish(before=only)
    lost = replace(first, files={path: data for path, data in first.files.items() if path != layout.TIMESTAMP})

    assert f"tuf/{NOW + 1}.snapshot.json" in second.signed
    assert (layout.TIMESTAMP,) == publish(before=lost).signed


# What a site shows.


def read_faults(index: SignedIndex, authority: Authority) -> list[str]:
    """What does not hold of an index."""
    return list(read_published(index.files, authority).faults)


def test_what_is_fetched_is_what_was_signed() -> None:
    """From a site with older files beside it exactly the newest index comes back, and all of it holds."""
    first = publish()
    second = publish({**FILES, "index/a.json": b"1"}, first, now=NOW + 60)
    site = SiteInMemory({**first.files, **second.files})
    found = fetch_published(site, AUTHORITY.targets)
    shown = read_published(found, AUTHORITY)

    assert second.files == found
    assert ((), second.expires) == (shown.faults, shown.expires)
    assert {path: sha256(data) for path, data in {**FILES, "index/a.json": b"1"}.items()} == {
        path: one.sha256 for path, one in shown.listed.items()
    }


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda files: {}, {}),
        (lambda files: {layout.TIMESTAMP: b"{}"}, {layout.TIMESTAMP}),
        (lambda files: {layout.TIMESTAMP: b'{"signed":{"meta":{"snapshot.json":{"version":1}}}}'}, {layout.TIMESTAMP}),
        (lambda files: {layout.TIMESTAMP: b"\xff"}, {layout.TIMESTAMP}),
        (lambda files: {layout.TIMESTAMP: files[layout.TIMESTAMP]}, {layout.TIMESTAMP}),
    ],
)
def test_a_broken_site_shows_what_it_has(edit: Any, expected: Any) -> None:
    """No index, damaged metadata and missing files are no error: the next publish signs anew."""
    found = fetch_published(SiteInMemory(edit(publish().files)), AUTHORITY.targets)

    assert set(expected) == found.keys()


def test_faults_are_told_one_by_one() -> None:
    """What is missing, of another key, or of other targets is said in words."""
    index = publish()
    snapshot = next(path for path in index.files if "snapshot" in path)
    bin_ = next(path for path in index.files if "index-16-0" in path)

    def without(path: str) -> list[str]:
        left = {one: data for one, data in index.files.items() if one != path}
        return read_faults(replace(index, files=left), AUTHORITY)

    assert ["its timestamp is missing"] == without(layout.TIMESTAMP)
    assert ["its snapshot is missing"] == without(snapshot)
    assert ["its bin index-16-0 is missing"] == without(bin_)
    assert ["its timestamp is not signed by the key that counts"] == read_faults(index, an_authority(job=OTHER))
    assert ["its snapshot is of targets 1, not 2"] == read_faults(index, an_authority(number=2))
    assert ["its timestamp does not name root 2"] == read_faults(index, replace(AUTHORITY, number=2))


# What people sign.


def test_the_same_key_signs_once() -> None:
    """A second signature by one key changes nothing, and one by another stands beside it."""
    text = make_targets(RoleKeys((BINS.key,)), version=1, expires=NOW, days=DAYS)
    once = add_signature(text, ROOT)

    assert once == add_signature(once, ROOT)
    assert 2 == len(json.loads(signed_by(text, [ROOT, OTHER]))["signatures"])


def test_offline_texts_are_canonical_and_the_same_everywhere() -> None:
    """The bytes of a root and of targets are canonical JSON without a space, twice the same."""
    from registry_tool.core import canonical

    for text in (AUTHORITY.root, AUTHORITY.targets.text):
        assert text == canonical.encode(canonical.parse(text, limit=10**6, what="it"))
    assert an_authority() == AUTHORITY
