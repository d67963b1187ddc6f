"""The client of the signed index: what it asks for, a site that changes meanwhile, and what the library must do."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.freshness import Freshness, Listed
from registry_tool.core.published import roots_at
from registry_tool.stores.folder import FolderSource
from tests.builders import SiteInMemory
from tests.building_index import (
    CHAINS,
    MOON,
    SOLAR,
    SignedSite,
    bin_of,
    bins,
    client,
    forged,
    index_of,
    refused,
    said,
    snapshot_path,
)

pytestmark = pytest.mark.slow

# Requests.


def asked(site: SignedSite, folder: Path, *paths: str) -> list[str]:
    """What a client asks for, without versions, to learn of `paths`."""
    source = SiteInMemory(site.files)
    index_of(source, site, folder).listed(paths)
    return [
        ".".join(word for word in path.split(".") if "tuf/" not in word or word == "tuf/timestamp")
        for path in source.asked
    ]


def test_a_first_contact_asks_for_five_files(site: SignedSite, tmp_path: Path) -> None:
    """Timestamp, the next root, which is not there, snapshot, targets and the bin of the name."""
    (name,) = [name for name, place in bins(site.files).items() if place == bin_of(site.files, SOLAR)]

    expected = ["tuf/timestamp.json", "root.json", "snapshot.json", "targets.json", f"{name}.json"]
    assert expected == asked(site, tmp_path, SOLAR)


def test_nothing_new_costs_one_request(site: SignedSite, tmp_path: Path) -> None:
    """The timestamp, and it is the same: what was learnt then still holds, also that a name is not there."""
    asked(site, tmp_path, SOLAR, "index/no/no/no.json")

    assert ["tuf/timestamp.json"] == asked(site, tmp_path, SOLAR, "index/no/no/no.json")


def test_another_name_costs_its_bin(site: SignedSite, tmp_path: Path) -> None:
    """With the same timestamp only the bin is asked for, and it is remembered beside the first."""
    asked(site, tmp_path, SOLAR)
    (name,) = [name for name, place in bins(site.files).items() if place == bin_of(site.files, MOON)]

    assert ["tuf/timestamp.json", f"{name}.json"] == asked(site, tmp_path, MOON)
    assert ["tuf/timestamp.json"] == asked(site, tmp_path, MOON, SOLAR)


def test_one_change_costs_four_requests(site: SignedSite, tmp_path: Path) -> None:
    """Timestamp, the next root, snapshot and the bin that changed."""
    asked(site, tmp_path, SOLAR)
    site.registry.release("@ann/solar", "1.1.0")
    site.publish()

    assert 4 == len(asked(site, tmp_path, SOLAR))


def test_a_timestamp_that_was_only_renewed_costs_two_requests(site: SignedSite, tmp_path: Path) -> None:
    """The next root is asked for; all else is in the client's folder."""
    asked(site, tmp_path, SOLAR)
    site.publish(renew=True)

    assert ["tuf/timestamp.json", "root.json"] == asked(site, tmp_path, SOLAR)


def test_a_scope_s_chain_is_listed_with_each_of_its_names(site: SignedSite, tmp_path: Path) -> None:
    """Who reads a name and its scope needs one bin for both, also where the chain's own bin is another one."""
    chain = layout.scope_path("ann")
    (name,) = [name for name, place in bins(site.files).items() if place == bin_of(site.files, SOLAR)]
    assert bin_of(site.files, SOLAR) != bin_of(site.files, chain)

    fetched = asked(site, tmp_path, SOLAR, chain)
    listed = index_of(site.files, site, tmp_path).listed([SOLAR, chain])

    assert [f"{name}.json"] == fetched[4:]
    assert listed[chain] == Listed(sha256(site.files[chain]), len(site.files[chain]))


@pytest.mark.parametrize("row", [["ab" * 32], ["ab", 7], ["ab" * 32, -1], ["ab" * 32, "7"]])
def test_a_row_that_lists_its_chain_badly_is_refused_or_ignored(
    site: SignedSite, tmp_path: Path, row: list[object]
) -> None:
    """Nothing of it is guessed: another form counts for nothing, and what is no digest or size is not trusted."""
    path, chain = bin_of(site.files, SOLAR), layout.scope_path("ann")
    files = forged(
        site.files, path, lambda signed: signed["targets"][SOLAR].update(custom={"with": row}), by=site.jobs.bins
    )
    index = index_of(files, site, tmp_path)

    if len(row) == 1:
        assert sha256(site.files[chain]) == (index.listed([SOLAR, chain])[chain] or Listed(Hex(""), 0)).sha256
    else:
        assert "index-not-trusted" == refused(lambda: index.listed([SOLAR, chain])).code


def test_a_newer_root_is_asked_for_once(site: SignedSite, tmp_path: Path) -> None:
    """The timestamp names it."""
    asked(site, tmp_path, SOLAR)
    site.registry.root()
    site.publish()

    assert ["tuf/timestamp.json", "root.json"] == asked(site, tmp_path, SOLAR)[:2]
    assert ["tuf/timestamp.json"] == asked(site, tmp_path, SOLAR)


QUICK = """
import sys
from pathlib import Path
from registry_tool.signing.tuf.client import TufIndex
from registry_tool.stores.folder import FolderSource
place, registry, folder, path, now = sys.argv[1:]
index = TufIndex(FolderSource(Path(place)), registry, Path(folder), first_root=lambda: b"", now=int(now))
print(index.listed([path])[path].sha256, "tuf" in sys.modules, "securesystemslib" in sys.modules)
"""


def test_nothing_new_needs_no_library(site: SignedSite, tmp_path: Path) -> None:
    """With the timestamp of last time python-tuf is not even imported: it takes longer than all the rest."""
    for path, data in site.files.items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_bytes(data)
    first_root = roots_at(site.registry.tree())[0]
    source = FolderSource(tmp_path / "site")
    client(source, site.registry.id, tmp_path, first_root=first_root, now=site.now).listed([SOLAR])
    said_ = subprocess.run(
        [sys.executable, "-c", QUICK, tmp_path / "site", site.registry.id, tmp_path / "index", SOLAR, str(site.now)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert f"{sha256(site.files[SOLAR])} False False" == said_.stdout.strip()


# A site that changes while it is read.


class Changing(SiteInMemory):
    """A site that is another one after so many requests."""

    def __init__(self, before: Mapping[str, bytes], after: Mapping[str, bytes], requests: int) -> None:
        super().__init__(before)
        self.after = dict(after)
        self.requests = requests

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        found: list[bytes | None] = []
        for path, limit in paths:
            if len(self.asked) >= self.requests:
                self.files = self.after
            found += super().fetch_all([(path, limit)])
        return tuple(found)


@pytest.mark.parametrize("rotated", [False, True])
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("came", ["never", "before"])
def test_a_publish_in_the_middle_is_no_alarm(
    site: SignedSite, tmp_path: Path, came: str, *, gone: bool, rotated: bool
) -> None:
    """Between any two requests, with the old metadata still there or gone, with a new root or without: one state."""
    before = dict(site.files)
    site.registry.release("@ann/solar", "1.1.0").release("@ann/moon", "1.1.0")
    if rotated:
        site.registry.root()
        site.targets()
    site.files = {} if gone else site.files
    after = site.publish()
    states = [{path: sha256(files[path]) for path in (SOLAR, MOON, CHAINS)} for files in (before, after)]
    for requests in range(1, 12):
        folder = tmp_path / str(requests)
        if came == "before":
            index_of(before, site, folder).listed([CHAINS])
        index = index_of(Changing(before, after, requests), site, folder)
        first = index.listed([SOLAR])
        found = {path: row.sha256 if row else None for path, row in {**first, **index.listed([MOON, CHAINS])}.items()}
        mixed = {**states[1], SOLAR: states[0][SOLAR]}  # the publish came between the two calls

        assert found in (*states, mixed), requests
        assert states[1][SOLAR] == index_of(after, site, folder).listed([SOLAR])[SOLAR].sha256  # type: ignore[union-attr]


# What the library does, on which this rests although it is private.


def test_the_library_judges_expiry_by_the_time_that_it_was_given(site: SignedSite, tmp_path: Path) -> None:
    """`_trusted_set.reference_time` decides; without it tests would follow the machine's clock."""
    from tuf.ngclient import Updater

    updater = Updater(str(tmp_path), "tuf/", bootstrap=roots_at(site.registry.tree())[0])
    assert isinstance(updater._trusted_set.reference_time, datetime)
    updater._trusted_set.reference_time = datetime(2036, 1, 1, tzinfo=UTC)

    with pytest.raises(Exception, match=r"root\.json is expired"):
        updater._trusted_set.update_timestamp(site.files[layout.TIMESTAMP])
    updater._trusted_set.reference_time = datetime(2026, 11, 18, tzinfo=UTC)
    assert updater._trusted_set.update_timestamp(site.files[layout.TIMESTAMP]).version == site.now


def test_the_library_lists_what_it_verified(site: SignedSite, tmp_path: Path) -> None:
    """Going through its trusted set gives each role once, the bin among them; from them come the times of expiry."""
    index = index_of(site.files, site, tmp_path)
    index.listed([SOLAR])
    assert index._updater is not None
    found = sorted(signed.type for signed in index._updater._trusted_set)
    times = {
        role: said(site.files, path)["expires"]
        for role, path in (
            ("timestamp", layout.TIMESTAMP),
            ("snapshot", snapshot_path(site.files)),
            ("bins", bin_of(site.files, SOLAR)),
            ("targets", "tuf/1.targets.json"),
            ("root", "tuf/1.root.json"),
        )
    }

    assert ["root", "snapshot", "targets", "targets", "timestamp"] == found
    fresh = Freshness("2026-11-18T11:07:40Z", True, times, {"bins": 90, "snapshot": 30, "timestamp": 7})
    assert fresh == index.freshness
    assert json.loads((tmp_path / "index" / "known.json").read_text())["known"]["expires"] == times
