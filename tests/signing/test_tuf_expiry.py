"""What of the signed index expires, and what is good without a network."""

import functools
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotTrusted
from registry_tool.core.targets import Days
from tests.builders import RegistryInMemory
from tests.building_index import (
    DAY,
    MOON,
    SOLAR,
    SignedSite,
    away,
    bin_of,
    index_of,
    refused,
    said,
    snapshot_path,
)

# What expires.


def expiring(role: str) -> SignedSite:
    """A site of which only this role expires in the next thirty days, in two."""
    registry = RegistryInMemory(demo=False)
    soon = "2026-11-20T09:00:00Z"
    registry.root(change=lambda signed: signed.update(expires=soon) if role == "root" else None)
    registry.moderators({"mod": None})
    registry.policy()
    registry.release("@ann/solar", "1.0.0")
    days = tuple(2 if role == one else 90 for one in ("bins", "snapshot", "timestamp"))
    site = SignedSite(registry, days=(days[0], days[1], days[2]))
    if role == "targets":
        registry.files.pop(layout.targets_path(1))
        site.targets(expires=2)
    site.publish()
    return site


EXPIRED = {
    "root": "its root is too old, and its people sign a new one",
    "targets": "its targets is too old, and its people sign a new one",
    "snapshot": "its snapshot is too old, and a job signs a new one",
    "timestamp": "its timestamp was good until 2026-11-20T11:07:40Z, and a job signs a new one",
    "bins": "its index-8-0 is too old, and a job signs a new one",
}


@pytest.mark.parametrize("came", ["never", "before"])
@pytest.mark.parametrize("role", EXPIRED)
def test_each_part_that_expired_is_refused(tmp_path: Path, role: str, came: str) -> None:
    """By newcomers and by those who were here, with the part that expired and our clock in the message."""
    site = expiring(role)
    if came == "before":
        index_of(site.files, site, tmp_path).listed([SOLAR])
    error = refused(lambda: index_of(site.files, site, tmp_path, now=site.now + 3 * DAY).listed([SOLAR]))

    why = f"its signed index expired, and the site shows no newer one: {EXPIRED[role]}"
    assert f"{why}; this machine's clock says 2026-11-21T11:07:40Z" == error.message
    assert (NotTrusted, "index-expired") == (type(error), error.code)
    assert index_of(site.files, site, tmp_path, now=site.now + DAY).listed([SOLAR])[SOLAR]


def test_a_bin_that_was_read_before_expires_too(tmp_path: Path) -> None:
    """Reading another bin, which is good for longer, does not make the first one fresh."""
    site = expiring("bins")
    site.days = Days(bins=3, snapshot=90, timestamp=90)
    site.registry.release("@ann/moon", "1.0.0")
    site.targets()
    site.publish(later=3600)
    first, second = (said(site.files, bin_of(site.files, path))["expires"] for path in (SOLAR, MOON))
    assert first < second
    index_of(site.files, site, tmp_path).listed([SOLAR])
    index = index_of(site.files, site, tmp_path)
    index.listed([MOON])

    assert index.freshness is not None
    assert first == index.freshness.expires["bins"]
    assert (
        "index-expired"
        == refused(lambda: index_of(site.files, site, tmp_path, now=site.now + 2 * DAY).listed([SOLAR])).code
    )


def test_two_clocks_that_disagree_are_both_told(site: SignedSite, tmp_path: Path) -> None:
    """Who sees both knows whether the own clock is wrong."""
    clock = {"clock": lambda: "2026-11-18T11:07:45Z"}
    error = refused(lambda: index_of(site.files, site, tmp_path, now=site.now + 20 * DAY, **clock).listed([SOLAR]))

    assert "this machine's clock says 2026-12-08T11:07:40Z, the site's 2026-11-18T11:07:45Z" in error.message
    assert "is the clock right?" in error.hint
    assert "--allow-stale" in error.hint


@pytest.mark.parametrize("role", EXPIRED)
def test_what_expired_is_taken_where_the_person_says_so(tmp_path: Path, role: str) -> None:
    """With `stale`, each of the roles; the next one who does not say so is refused as before."""
    site = expiring(role)
    index = index_of(site.files, site, tmp_path, now=site.now + 3 * DAY, stale=True)

    assert index.listed([SOLAR])[SOLAR] is not None
    assert index.freshness is not None
    assert index.freshness.warnings(site.now + 3 * DAY)[0].startswith(f"its {role} expired at ")
    later = lambda: index_of(site.files, site, tmp_path, now=site.now + 3 * DAY).listed([SOLAR])  # noqa: E731
    assert "index-expired" == refused(later).code


def test_a_wrong_signature_is_refused_all_the_same(site: SignedSite, tmp_path: Path) -> None:
    """`stale` is about time only: a timestamp that was changed, and one that is older than seen, are refused."""
    old = dict(site.files)
    site.publish(renew=True)
    index_of(site.files, site, tmp_path).listed([SOLAR])
    changed = site.files[layout.TIMESTAMP].replace(b"2026-11-25", b"2026-11-26")
    forged = {**site.files, layout.TIMESTAMP: changed}
    late = site.now + 30 * DAY

    assert changed != site.files[layout.TIMESTAMP]
    for files, code in ((forged, "index-not-trusted"), (old, "rolled-back")):
        index = index_of(files, site, tmp_path, now=late, stale=True)

        assert code == refused(functools.partial(index.listed, [SOLAR])).code


# Without a network.


def test_what_is_known_is_good_offline_until_it_expires(site: SignedSite, tmp_path: Path) -> None:
    """Names that were read before are read again, and how old that is is told; nothing else is known."""
    index_of(site.files, site, tmp_path).listed([SOLAR])
    index = away(site, tmp_path, now=site.now + DAY)

    listed = index.listed([SOLAR])[SOLAR]
    assert listed is not None
    assert sha256(site.files[SOLAR]) == listed.sha256
    assert index.freshness is not None
    assert (False, "2026-11-18T11:07:40Z") == (index.freshness.asked, index.freshness.as_of)
    assert "timeout" == refused(lambda: away(site, tmp_path).listed([MOON])).code


def test_offline_after_expiry_both_reasons_are_told(site: SignedSite, tmp_path: Path) -> None:
    """That it expired, and why nobody could say something newer; also where what was known is damaged."""
    index_of(site.files, site, tmp_path).listed([SOLAR])
    for _ in range(2):
        error = refused(lambda: away(site, tmp_path, now=site.now + 8 * DAY).listed([SOLAR]))

        assert "index-expired" == error.code
        assert "nobody could be asked for a newer one (https://registry.example/: it takes too long" in error.message
        assert "good until 2026-11-25T11:07:40Z" in error.message
        (tmp_path / "index" / "known.json").unlink(missing_ok=True)
    assert away(site, tmp_path, now=site.now + 8 * DAY, stale=True).listed([SOLAR])[SOLAR]


def test_a_newcomer_offline_is_told_why(site: SignedSite, tmp_path: Path) -> None:
    """Nothing is known, so the reason is that nobody answers."""
    assert (6, "timeout") == ((error := refused(lambda: away(site, tmp_path).listed([SOLAR]))).exit_code, error.code)


def test_an_update_that_was_cut_off_leaves_the_last_state_to_use_offline(site: SignedSite, tmp_path: Path) -> None:
    """The newer timestamp came, its snapshot did not: without a network the last whole state is used."""
    index_of(site.files, site, tmp_path).listed([SOLAR])
    before = site.files[SOLAR]
    site.registry.release("@ann/solar", "1.1.0")
    site.publish()
    broken = {path: data for path, data in site.files.items() if path != snapshot_path(site.files)}
    assert "index-missing" == refused(lambda: index_of(broken, site, tmp_path).listed([SOLAR])).code

    listed = away(site, tmp_path).listed([SOLAR])[SOLAR]
    assert listed is not None
    assert sha256(before) == listed.sha256
