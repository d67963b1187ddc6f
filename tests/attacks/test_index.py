"""Attacks on the signed index: what a host, and the thieves of the jobs' keys, can make clients believe."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from tests.attacks.index_deeds import ANYBODY, THIEVES, swapped_bins, with_bin
from tests.attacks.index_scene import FOOLED, MOON, PATHS, SOLAR, Attack, Scene, State, plain, root
from tests.building_index import BITS, DAY, bin_of, bins, forged, said, snapshot_path

pytestmark = pytest.mark.slow

SAW = ("nothing", "old", "new")


@pytest.mark.parametrize("who", SAW)
@pytest.mark.parametrize("attack", [pytest.param(one, id=one.sentence) for one in (*ANYBODY, *THIEVES)])
def test_an_attack_on_the_index_ends_as_the_table_says(tmp_path: Path, attack: Attack, who: str) -> None:
    """What the sentence says is refused with its code, or not seen. Where it was refused nothing of it stays: the
    honest site is read as before, after a theft of keys under a new root.
    """
    scene = Scene(tmp_path)

    outcome, words = scene.visits(who, attack.deed(scene), now=scene.site.now + attack.later)

    assert getattr(attack, who) == outcome, words
    if outcome != FOOLED:
        honest = scene.new if attack in ANYBODY else scene.recover()
        assert plain(honest) == scene.state(honest, who)


def test_the_table_has_no_attack_twice() -> None:
    """Each sentence is there once, and most attacks are refused."""
    sentences = [attack.sentence for attack in (*ANYBODY, *THIEVES)]

    assert sorted(set(sentences)) == sorted(sentences)
    assert all(attack.new != FOOLED for attack in ANYBODY)


# Files of two states.


def states(tmp_path: Path) -> tuple[Scene, list[str]]:
    """The scene, and every path whose bytes differ between its two states, or are only in the newer."""
    scene = Scene(tmp_path)
    return scene, sorted(path for path, data in scene.new.items() if scene.old.get(path) != data)


def outcome(scene: Scene, who: str, files: Mapping[str, bytes]) -> State | str:
    """What a client reads, or the code with which it refuses."""
    try:
        return scene.state(files, who)
    except RegistryError as error:
        return error.code if error.exit_code in (4, 6) else f"exit {error.exit_code}"


def test_each_file_alone_of_an_older_site_is_refused_or_without_effect(tmp_path: Path) -> None:
    """Of every path that two publishes differ in, the older file (or none) never changes what is read."""
    scene, differing = states(tmp_path)
    found = {}
    for path in differing:
        for who in ("newcomer", "returning"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            client = f"{who}/{path}"
            if who == "returning":
                scene.state(scene.old, client)
            files = {**scene.new, path: scene.old.get(path, b"")}
            if path not in scene.old:
                del files[path]
            seen = outcome(scene, client, files)
            whole_old = path == layout.TIMESTAMP and seen == plain(scene.old)  # older files stay: an old site, whole
            assert isinstance(seen, str) or seen == plain(scene.new) or whole_old, path
            found[who, path] = seen if isinstance(seen, str) else "read"
            assert plain(scene.new) == scene.state(scene.new, client)
    refused = {path for (_, path), code in found.items() if code != "read"}

    listed = {layout.by_digest(path, sha256(scene.new[path])) for path in PATHS if path in differing}
    assert listed <= refused
    assert {snapshot_path(scene.new), bin_of(scene.new, SOLAR), "tuf/2.targets.json"} <= refused


@pytest.mark.parametrize("path", PATHS)
def test_an_older_file_under_the_newer_name_is_refused(tmp_path: Path, path: str) -> None:
    """What clients ask for by digest is that, or it is refused, also where the older file has the same size."""
    scene = Scene(tmp_path)
    older = (scene.old.get(path) or b"x")[: len(scene.new[path])]
    older = older if older != scene.new[path] else older[::-1]

    refused = outcome(scene, "newcomer", {**scene.new, layout.by_digest(path, sha256(scene.new[path])): older})

    assert "bad-digest" == refused
    assert plain(scene.new) == scene.state(scene.new, "newcomer")


@pytest.mark.parametrize("seed", range(12))
def test_two_sites_mixed_are_never_read_as_a_third(tmp_path: Path, seed: int) -> None:
    """Half of the files of one state and half of the other: refused, or all of what is read is of one state."""
    scene, differing = states(tmp_path)
    files = dict(scene.new)
    for path in differing:
        if int(sha256(f"{seed} {path}".encode())[0], 16) % 2:
            files.pop(path)
            files |= {path: scene.old[path]} if path in scene.old else {}
    for who in ("newcomer", "returning", "informed"):
        if who != "newcomer":
            scene.state(scene.old if who == "returning" else scene.new, who)
        seen = outcome(scene, who, files)
        whole = [plain(scene.new)] if who == "informed" else [plain(scene.new), plain(scene.old)]

        assert isinstance(seen, str) or seen in whole
        assert plain(scene.new) == scene.state(scene.new, who)


# Bins.


def test_bins_with_one_version_could_be_swapped(tmp_path: Path) -> None:
    """Why versions come from one counter: where a writer gave two bins the same, any host hides names."""
    scene = Scene(tmp_path)
    names = {place: name for name, place in bins(scene.new).items()}
    version = 10**15
    files = dict(scene.new)
    for path in (SOLAR, MOON):
        place = bin_of(scene.new, path)
        to = layout.metadata_path(names[place], version)
        files = forged(files, place, lambda signed: signed.update(version=version), by=scene.site.jobs.bins, to=to)

    def same(signed: dict[str, Any]) -> None:
        for path in (SOLAR, MOON):
            signed["meta"][f"{names[bin_of(scene.new, path)]}.json"]["version"] = version

    files = forged(files, snapshot_path(scene.new), same, by=scene.site.jobs.timestamp)
    equal = {path: layout.metadata_path(names[bin_of(scene.new, path)], version) for path in (SOLAR, MOON)}
    swapped = {**files, equal[SOLAR]: files[equal[MOON]], equal[MOON]: files[equal[SOLAR]]}

    assert plain(scene.new) == scene.state(files, "honest")
    fooled = scene.state(swapped, "fooled")
    assert (None, None) == (fooled[SOLAR], fooled[MOON])
    assert "rolled-back" == outcome(scene, "safe", dict(swapped_bins(scene)))


def test_no_two_bins_ever_have_one_version(tmp_path: Path) -> None:
    """Over two publishes every bin that was signed has a version of its own."""
    scene = Scene(tmp_path)
    places = {*bins(scene.old).values(), *bins(scene.new).values()}

    assert len(places) == len({place.split("/")[1].split(".")[0] for place in places})


def test_a_sigstore_trust_root_that_only_a_job_lists_does_not_count(tmp_path: Path) -> None:
    """Only people give one: where they list none, a bin that lists it, with both stolen keys of jobs, is not asked."""
    from tuf.api.metadata import SuccinctRoles

    scene = Scene(tmp_path)
    del scene.site.registry.files[layout.targets_path(2)], scene.site.more[layout.TRUSTED_ROOT]
    scene.site.files = dict(scene.old)
    scene.new = scene.site.publish()
    thiefs = b'{"tlogs":["thief"]}'
    row = {"length": len(thiefs), "hashes": {"sha256": sha256(thiefs)}}
    name = SuccinctRoles(["any"], 1, BITS, f"index-{1 << BITS}").get_role_for_target(layout.TRUSTED_ROOT)
    files = with_bin(scene, name, lambda targets: targets.update({layout.TRUSTED_ROOT: row}), *scene.site.jobs.bins)
    files = {**files, layout.by_digest(layout.TRUSTED_ROOT, sha256(thiefs)): thiefs}

    assert None is scene.state(files, "newcomer")[layout.TRUSTED_ROOT]
    assert layout.TRUSTED_ROOT in said(files, bins(files)[name])["targets"]


# Keys of the jobs that were stolen, and a new root.


def test_a_registry_whose_counters_were_driven_up_recovers_under_new_keys(tmp_path: Path) -> None:
    """A timestamp of the far future locks clients out of the honest site, until a new root gives the jobs new keys."""
    scene = Scene(tmp_path)
    far = forged(scene.new, layout.TIMESTAMP, lambda signed: signed.update(version=2**50), by=scene.site.jobs.timestamp)

    assert plain(scene.new) == scene.state(far, "client")
    assert "rolled-back" == outcome(scene, "client", scene.new)
    assert "rolled-back" == outcome(scene, "client", scene.site.publish(later=DAY, renew=True))
    assert plain(scene.recover()) == scene.state(scene.site.files, "client")
    assert "index-not-trusted" == outcome(scene, "client", far)


def test_a_key_that_a_root_ended_fools_only_whom_its_thief_hides_the_root_from(tmp_path: Path) -> None:
    """Where the host still has the newer root everybody refuses it, where it hides that, who saw it does."""
    scene = Scene(tmp_path)
    thief = scene.site.jobs.timestamp
    recovered = scene.recover()
    forgery = forged(scene.new, layout.TIMESTAMP, lambda signed: signed.update(version=2**50), by=thief)
    files = {**recovered, layout.TIMESTAMP: forgery[layout.TIMESTAMP]}
    scene.state(recovered, "informed")

    hidden = {path: data for path, data in files.items() if path != "tuf/2.root.json"}
    assert ["index-not-trusted"] * 3 == [
        outcome(scene, "informed", files),
        outcome(scene, "informed", hidden),
        outcome(scene, "newcomer", files),
    ]
    assert plain(scene.new) == scene.state(hidden, "deceived", now=scene.site.now)
    assert plain(recovered) == scene.state(recovered, "newcomer")


# Roots.


def test_a_newer_root_that_the_timestamp_names_cannot_be_hidden(tmp_path: Path) -> None:
    """Also where the older root has the same keys: the index is not whole, for newcomers and others."""
    scene = Scene(tmp_path)
    root(scene.site.registry)
    files = scene.site.publish()
    hidden = {path: data for path, data in files.items() if path != "tuf/2.root.json"}
    for who in ("newcomer", "informed"):
        if who == "informed":
            scene.state(scene.new, who)

        assert "index-missing" == outcome(scene, who, hidden)
        assert plain(files) == scene.state(files, who)


def test_no_root_is_skipped(tmp_path: Path) -> None:
    """Root 3 in the place of root 2, or root 2 withheld, is refused; root 2 in the place of 3 too."""
    scene = Scene(tmp_path)
    root(scene.site.registry)
    root(scene.site.registry)
    files = scene.site.publish()
    second, third = "tuf/2.root.json", "tuf/3.root.json"

    assert "rolled-back" == outcome(scene, "one", {**files, second: files[third]})
    assert "rolled-back" == outcome(scene, "one", {**files, third: files[second]})
    assert "index-missing" == outcome(scene, "two", {path: data for path, data in files.items() if path != second})
    assert [plain(files)] * 2 == [scene.state(files, who) for who in ("one", "two")]


@pytest.mark.parametrize("by", [("root",), ("root three",), ("targets", "targets two"), ("thief", "root")])
def test_a_root_with_too_few_signatures_is_refused(tmp_path: Path, by: tuple[str, ...]) -> None:
    """One of two, keys of another role, and a stranger's key do not make a root, also with the timestamp key stolen."""
    scene = Scene(tmp_path)
    other = scene.site.fork()
    root(other.registry, by=by)
    forgery = other.registry.files[layout.root_path(2)]
    named = forged(
        scene.new,
        layout.TIMESTAMP,
        lambda signed: signed.update({"version": signed["version"] + 1, "x-root": 2}),
        by=scene.site.jobs.timestamp,
    )

    assert "index-not-trusted" == outcome(scene, "newcomer", {**named, "tuf/2.root.json": forgery})
    assert plain(scene.new) == scene.state(scene.new, "newcomer")
