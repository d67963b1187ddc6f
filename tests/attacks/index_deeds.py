"""What a host without any key does to the signed index, and what thieves of the jobs' keys do."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from tests.attacks.index_scene import AS_IT_IS, FOOLED, MOON, SOLAR, Attack, Scene, root
from tests.building_index import DAY, bin_of, bins, forged, snapshot_path, stranger

Site = Mapping[str, bytes]

# Without any key.


def copy_of(files: Site, path: str) -> str:
    """Where clients ask for a file that the index lists."""
    return layout.by_digest(path, sha256(files[path]))


def old_snapshot(scene: Scene) -> Site:
    return {**scene.new, snapshot_path(scene.new): scene.old[snapshot_path(scene.old)]}


def old_bin(scene: Scene) -> Site:
    changed = {name: place for name, place in bins(scene.new).items() if place != bins(scene.old)[name]}
    return {**scene.new, **{place: scene.old[bins(scene.old)[name]] for name, place in changed.items()}}


def old_targets(scene: Scene) -> Site:
    return {**scene.new, "tuf/2.targets.json": scene.old["tuf/1.targets.json"]}


def swapped_bins(scene: Scene) -> Site:
    one, other = bin_of(scene.new, SOLAR), bin_of(scene.new, MOON)
    return {**scene.new, one: scene.new[other], other: scene.new[one]}


def bin_gone(scene: Scene) -> Site:
    return {path: data for path, data in scene.new.items() if path != bin_of(scene.new, SOLAR)}


def snapshot_gone(scene: Scene) -> Site:
    return {path: data for path, data in scene.new.items() if path != snapshot_path(scene.new)}


def no_index(scene: Scene) -> Site:
    return {path: data for path, data in scene.new.items() if not path.startswith("tuf/")}


def other_name(scene: Scene) -> Site:
    return {**scene.new, copy_of(scene.new, SOLAR): scene.new[MOON]}


def old_name(scene: Scene) -> Site:
    return {**scene.new, SOLAR: scene.old[SOLAR], copy_of(scene.new, SOLAR): scene.old[SOLAR]}


def name_gone(scene: Scene) -> Site:
    return {path: data for path, data in scene.new.items() if path not in (MOON, copy_of(scene.new, MOON))}


def old_revoked(scene: Scene) -> Site:
    return {**scene.new, copy_of(scene.new, layout.REVOKED): scene.old[layout.REVOKED]}


def moderators_cut(scene: Scene) -> Site:
    chains = layout.REGISTRY_CHAINS
    return {**scene.new, chains: scene.old[chains], copy_of(scene.new, chains): scene.old[chains]}


def other_trusted_root(scene: Scene) -> Site:
    return {**scene.new, copy_of(scene.new, layout.TRUSTED_ROOT): b'{"tlogs":{}}'}


def plain_names_changed(scene: Scene) -> Site:
    return {path: b"{}" if path in (SOLAR, MOON, layout.REGISTRY_CHAINS) else data for path, data in scene.new.items()}


def lie_of_root(scene: Scene) -> Site:
    return forged(scene.new, layout.TIMESTAMP, lambda signed: signed.update({"x-root": 2}))


def later_expiry(scene: Scene) -> Site:
    return forged(scene.new, layout.TIMESTAMP, lambda signed: signed.update(expires="2036-01-01T00:00:00Z"))


def a_root_that_nobody_named(scene: Scene) -> Site:
    other = scene.site.fork()
    root(other.registry, by=("root",))
    return {**scene.new, "tuf/2.root.json": other.registry.files["index/trust/2.root.json"]}


def hollow(scene: Scene) -> Site:
    return {**scene.new, layout.TIMESTAMP: b""}


def deep(scene: Scene) -> Site:
    return {**scene.new, layout.TIMESTAMP: b"[" * 16_000}


def long(scene: Scene) -> Site:
    return {**scene.new, layout.TIMESTAMP: scene.new[layout.TIMESTAMP] + b" " * 20_000}


def long_bin(scene: Scene) -> Site:
    place = bin_of(scene.new, SOLAR)
    return {**scene.new, place: scene.new[place] + b" " * 1_000_000}


def long_name(scene: Scene) -> Site:
    return {**scene.new, copy_of(scene.new, SOLAR): scene.new[SOLAR] + b" " * 10}


def everybody(sentence: str, deed: Callable[[Scene], Site], outcome: str, later: int = 0) -> Attack:
    """An attack with the same outcome, whatever a client saw."""
    return Attack(sentence, deed, outcome, outcome, outcome, later)


ANYBODY: Final = (
    Attack("an old site, whole", lambda scene: scene.old, FOOLED, FOOLED, "rolled-back"),
    Attack(
        "an old site, past its days", lambda scene: scene.old, "index-expired", "index-expired", "rolled-back", 8 * DAY
    ),
    everybody("the newest, past its days", lambda scene: scene.new, "index-expired", 8 * DAY),
    Attack("the old snapshot under the new name", old_snapshot, "rolled-back", "rolled-back", AS_IT_IS),
    Attack("old bins under their new names", old_bin, "rolled-back", "rolled-back", AS_IT_IS),
    Attack("old targets under the new name", old_targets, "rolled-back", "rolled-back", AS_IT_IS),
    Attack("two bins swapped", swapped_bins, "rolled-back", "rolled-back", AS_IT_IS),
    Attack("a bin withheld", bin_gone, "index-missing", "index-missing", AS_IT_IS),
    Attack("the snapshot withheld", snapshot_gone, "index-missing", "index-missing", AS_IT_IS),
    everybody("no index at all", no_index, "index-unsigned"),
    Attack("a name's file for another name", other_name, "bad-digest", "bad-digest", AS_IT_IS),
    Attack("a version hidden, a yank too", old_name, "bad-digest", "bad-digest", AS_IT_IS),
    Attack("a name hidden", name_gone, "object-missing", "object-missing", AS_IT_IS),
    Attack("a revocation hidden", old_revoked, "bad-digest", "bad-digest", AS_IT_IS),
    Attack("the moderators' chain cut where one left", moderators_cut, "bad-digest", "bad-digest", AS_IT_IS),
    Attack("another sigstore trust root", other_trusted_root, "bad-digest", "bad-digest", AS_IT_IS),
    everybody("files that clients of the index never ask for", plain_names_changed, AS_IT_IS),
    everybody("a timestamp that lies about the newest root", lie_of_root, "index-not-trusted"),
    everybody("a timestamp with a later day", later_expiry, "index-not-trusted"),
    Attack(
        "a root of one of three that no timestamp names",
        a_root_that_nobody_named,
        "index-not-trusted",
        "index-not-trusted",
        AS_IT_IS,
    ),
    everybody("an empty timestamp", hollow, "index-not-trusted"),
    everybody("a timestamp that is deep", deep, "index-not-trusted"),
    everybody("a timestamp that is long", long, "too-large"),
    Attack("a bin that is long", long_bin, "too-large", "too-large", AS_IT_IS),
    Attack("a name's file that is long", long_name, "too-large", "too-large", AS_IT_IS),
)

# With a key of the jobs.


def up(**more: Any) -> Any:
    """Edits what is signed: one version more, and `more`."""

    def change(signed: dict[str, Any]) -> None:
        signed["version"] += 1
        signed.update(more)

    return change


def _timestamp_by(scene: Scene, *signers: Any, **more: Any) -> Site:
    return forged(scene.new, layout.TIMESTAMP, up(**more), by=signers)


def timestamp_by_the_bins_key(scene: Scene) -> Site:
    return _timestamp_by(scene, *scene.site.jobs.bins)


def timestamp_by_a_stranger(scene: Scene) -> Site:
    return _timestamp_by(scene, stranger())


def timestamp_by_one_of_the_targets(scene: Scene) -> Site:
    return _timestamp_by(scene, scene.site.registry.hand("targets"))


def with_snapshot(scene: Scene, change: Any, *signers: Any, base: Site | None = None) -> Site:
    """The site with another snapshot, which the stolen publishing key makes the timestamp name."""
    files = base or scene.new
    version = int(snapshot_path(scene.new).split("/")[1].split(".")[0]) + 1

    def changed(signed: dict[str, Any]) -> None:
        change(signed["meta"])
        signed["version"] = version

    place = layout.metadata_path("snapshot", version)
    files = forged(files, snapshot_path(scene.new), changed, by=signers or scene.site.jobs.timestamp, to=place)
    named = {"snapshot.json": {"version": version}}
    return forged(files, layout.TIMESTAMP, up(meta=named), by=scene.site.jobs.timestamp)


def snapshot_by_the_bins_key(scene: Scene) -> Site:
    return with_snapshot(scene, lambda meta: None, *scene.site.jobs.bins)


def name_of_bin(files: Site, path: str) -> str:
    return next(name for name, place in bins(files).items() if place == bin_of(files, path))


def with_bin(scene: Scene, path: str, change: Any, *signers: Any) -> Site:
    """The site with another bin for `path` (or of that name), signed by these; the stolen timestamp key names it."""
    every = bins(scene.new)
    name = path if path in every else next(one for one in every if every[one] == bin_of(scene.new, path))
    place = every[name]
    version = 1 + max(int(one.split("/")[1].split(".")[0]) for one in bins(scene.new).values())

    def changed(signed: dict[str, Any]) -> None:
        change(signed["targets"])
        signed["version"] = version

    files = forged(scene.new, place, changed, by=signers, to=layout.metadata_path(name, version))
    return with_snapshot(scene, lambda meta: meta[f"{name}.json"].update(version=version), base=files)


def bin_by(scene: Scene, *signers: Any) -> Site:
    return with_bin(scene, MOON, lambda targets: targets.pop(MOON), *signers)


def bin_by_the_timestamp_key(scene: Scene) -> Site:
    return bin_by(scene, *scene.site.jobs.timestamp)


def bin_by_both(scene: Scene) -> Site:
    return bin_by(scene, *scene.site.jobs.bins)


def snapshot_gone_back(scene: Scene) -> Site:
    version = int(snapshot_path(scene.old).split("/")[1].split(".")[0])
    return _timestamp_by(scene, *scene.site.jobs.timestamp, meta={"snapshot.json": {"version": version}})


def one_bin_gone_back(scene: Scene) -> Site:
    name = name_of_bin(scene.new, SOLAR)
    version = int(bins(scene.old)[name].split("/")[1].split(".")[0])
    return with_snapshot(scene, lambda meta: meta[f"{name}.json"].update(version=version))


def one_bin_dropped(scene: Scene) -> Site:
    return with_snapshot(scene, lambda meta: meta.pop(f"{name_of_bin(scene.new, SOLAR)}.json"))


def targets_by_one_of_two(scene: Scene) -> Site:
    files = forged(
        scene.new, "tuf/2.targets.json", up(), by=[scene.site.registry.hand("targets")], to="tuf/3.targets.json"
    )
    return with_snapshot(scene, lambda meta: meta["targets.json"].update(version=3), base=files)


def targets_back(scene: Scene) -> Site:
    return with_snapshot(scene, lambda meta: meta["targets.json"].update(version=1))


def bin_says(row: dict[str, Any]) -> Any:
    """A bin, by its own key, whose row for a name is `row`."""

    def deed(scene: Scene) -> Site:
        return with_bin(scene, SOLAR, lambda targets: targets.update({SOLAR: {**row}}), *scene.site.jobs.bins)

    return deed


def a_root_by_one(scene: Scene) -> Site:
    other = scene.site.fork()
    root(other.registry, by=("root",))
    forged_root = other.registry.files["index/trust/2.root.json"]
    return {**_timestamp_by(scene, *scene.site.jobs.timestamp, **{"x-root": 2}), "tuf/2.root.json": forged_root}


def a_root_that_never_was(scene: Scene) -> Site:
    return _timestamp_by(scene, *scene.site.jobs.timestamp, **{"x-root": 10**9})


TOO_LONG = {"length": 10**9, "hashes": {"sha256": "0" * 64}}
THIEVES: Final = (
    everybody("a timestamp by the key of the bins", timestamp_by_the_bins_key, "index-not-trusted"),
    everybody("a timestamp by a stranger", timestamp_by_a_stranger, "index-not-trusted"),
    everybody("a timestamp by a key of the targets", timestamp_by_one_of_the_targets, "index-not-trusted"),
    everybody("a snapshot by the key of the bins", snapshot_by_the_bins_key, "index-not-trusted"),
    everybody("a bin by the key of the timestamp", bin_by_the_timestamp_key, "index-not-trusted"),
    everybody("a name hidden with both keys of the jobs", bin_by_both, FOOLED),
    Attack("an old snapshot, with the timestamp key", snapshot_gone_back, FOOLED, FOOLED, "rolled-back"),
    Attack("one old bin, with the timestamp key", one_bin_gone_back, FOOLED, FOOLED, "rolled-back"),
    everybody("a bin dropped, with the timestamp key", one_bin_dropped, "index-not-trusted"),
    everybody("targets by one of two", targets_by_one_of_two, "index-not-trusted"),
    Attack("old targets, with the timestamp key", targets_back, FOOLED, FOOLED, "rolled-back"),
    everybody(
        "a file without its sha256", bin_says({"length": 1, "hashes": {"sha512": "0" * 128}}), "index-not-trusted"
    ),
    everybody("a path for a digest", bin_says({"length": 1, "hashes": {"sha256": "../" * 20}}), "index-not-trusted"),
    everybody("a file too long to fetch", bin_says(TOO_LONG), "too-large"),
    everybody("a root by one of three, with the timestamp key", a_root_by_one, "index-not-trusted"),
    everybody("a root that never was, with the timestamp key", a_root_that_never_was, "index-missing"),
)
