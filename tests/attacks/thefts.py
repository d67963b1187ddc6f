"""What the thief of each key can do, and what nobody can see (the table of `site_templates/docs/thefts.md`)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry_tool.core.verified import Verified
from registry_tool.signing.tuf.index import Jobs
from tests.attacks.theft_scene import EVIL, Deed, Scene, Theft
from tests.builders import A_THEME, Content, RegistryInMemory
from tests.building_index import DAY, SignedSite, stranger
from tests.proving import SOLAR
from tests.sites import built, committed, named


def let_in(
    *by: str, signed: str = "ann signing", content: Content = EVIL, gains: Sequence[str] = (), owner: bool = False
) -> Deed:
    """The install of a release with this signature, admitted by these keys, as an owner's update or by a person."""

    def act(scene: Scene) -> Verified:
        scene.registry.publish(SOLAR, "1.1.0", content, by=(signed,), permissions=gains)
        path: dict[str, Any] = {"path": "owner", "compared": "1.0.0"} if owner else {}
        if by:
            scene.registry.admit(SOLAR, "1.1.0", by=by, **path)
        return scene.install(scene.publish(), version="1.1.0")

    return act


# The author's keys.


def fooled_then_revoked(scene: Scene) -> Verified:
    registry = scene.registry
    since = registry.now()
    registry.release(SOLAR, "1.1.0", EVIL)
    scene.install(scene.publish(), version="1.1.0")
    taken = registry.row("ann signing", use="signing") | {"status": "revoked", "since": since, "reason": "stolen"}
    rows = [registry.row("ann control", use="control"), taken, registry.row("ann signing 2", use="signing")]
    registry.keyring("ann", rows, by=("ann control", "ann signing 2", "mod"))
    return scene.install(scene.publish(), version="1.1.0")


def adds_a_key(scene: Scene) -> Verified:
    registry = scene.registry
    rows = [
        registry.row("ann control", use="control"),
        registry.row("ann signing", use="signing"),
        registry.row("thief", use="control"),
    ]
    registry.keyring("ann", rows, by=("ann control", "thief"))
    return scene.install(scene.publish())


def locks_out(scene: Scene) -> Verified:
    registry = scene.registry
    ended = registry.row("ann signing", use="signing") | {
        "status": "retired",
        "since": registry.now(),
        "reason": "mine",
    }
    registry.keyring("ann", [registry.row("ann control", use="control"), ended], by=("ann control",))
    return scene.install(scene.publish(), version="1.0.0")


# The gate's key and one moderator's.

GAIN = let_in("gate", gains=["network"], owner=True)
HARMLESS = let_in("gate", content=A_THEME, owner=True)


def moderator_alone_throws_out_the_other(scene: Scene) -> Verified:
    scene.registry.moderators({"mod": None, "second": None}, threshold=1, by=("mod",), under=(), gate=("gate",))
    return scene.install(scene.publish())


def moderator_alone_where_two_must(scene: Scene) -> Verified:
    scene.registry.policy(count=2, gain=2, gate_releases="owner-updates", by=("mod", "second"))
    scene.registry.release(SOLAR, "1.1.0", EVIL)
    return scene.install(scene.publish(), version="1.1.0")


# The jobs' keys, with the address that clients read.


def an_update(scene: Scene) -> dict[str, bytes]:
    """An honest update is published."""
    scene.registry.release(SOLAR, "1.1.0", {"theme.css": b"b{}"})
    return scene.publish()


def hidden(scene: Scene, jobs: Jobs, *, onto: Mapping[str, bytes] | None = None, later: int = 60) -> SignedSite:
    """A site without the update, `jobs` having signed what they had to; carried on from what lies in `onto`."""
    older = RegistryInMemory(demo=False)
    older.__dict__.update(scene.registry.__dict__)
    older.files = {path: data for path, data in scene.registry.files.items() if "/1.1.0/" not in path}
    site = SignedSite(older, now=scene.site.now)
    site.files = dict(onto if onto is not None else scene.site.files)
    site.publish(jobs=jobs, later=later, renew=True)
    return site


def publishing_alone(scene: Scene) -> Verified:
    scene.install(an_update(scene))
    return scene.install(hidden(scene, Jobs(scene.site.jobs.bins, (stranger(),))).files)


def same_version(scene: Scene) -> dict[str, bytes]:
    """The update's bin, signed once more under its old version: the snapshot holds no digests."""
    files = an_update(scene)
    site = hidden(scene, scene.site.jobs)
    path = next(path for path in site.files.keys() - files.keys() if ".index-" in path)
    bin_name = path.split(".", 1)[1]
    newest = max(int(one[4:].split(".")[0]) for one in files if one.endswith(f".{bin_name}"))
    return {**site.files, **files, f"tuf/{newest}.{bin_name}": resigned(site.files[path], newest, scene.site.jobs)}


def resigned(data: bytes, version: int, jobs: Jobs) -> bytes:
    """A bin with another version."""
    from tuf.api.metadata import Metadata

    from registry_tool.signing.tuf.offline import sign, to_bytes

    metadata: Metadata[Any] = Metadata.from_bytes(data)
    metadata.signed.version = version
    metadata.signatures.clear()
    for signer in jobs.bins:
        sign(metadata, signer)
    return to_bytes(metadata)


def publishing_hides_from_a_newcomer(scene: Scene) -> Verified:
    return scene.newcomer().install(same_version(scene))


def jobs_hide_from_one_who_saw(scene: Scene) -> Verified:
    scene.install(an_update(scene))
    return scene.install(hidden(scene, scene.site.jobs).files)


def timestamp_lists_other_files(scene: Scene) -> Verified:
    an_update(scene)
    return scene.newcomer().install(hidden(scene, Jobs((stranger(),), scene.site.jobs.timestamp)).files)


def timestamp_goes_back(scene: Scene) -> Verified:
    scene.install(an_update(scene))
    return scene.install(
        hidden(scene, Jobs((stranger(),), scene.site.jobs.timestamp), onto=scene.first, later=120).files
    )


def timestamp_freezes(scene: Scene) -> Verified:
    an_update(scene)
    site = hidden(scene, Jobs((stranger(),), scene.site.jobs.timestamp), onto=scene.first, later=20 * DAY)
    return scene.install(site.files, now=site.now)


# One root key, a forge account, and an address without any key.


def root_alone(scene: Scene) -> Verified:
    scene.registry.root(keys=("thief",), threshold=1, by=("root", "thief"))
    forged = scene.registry.files.pop("index/trust/2.root.json")
    return scene.install({**scene.site.publish(says_root=2), "tuf/2.root.json": forged})


def root_appoints(scene: Scene) -> Verified:
    scene.registry.moderators({"mod": None, "second": None, "thief": None}, gate=("gate",), by=("root", "thief"))
    return scene.install(scene.publish())


def forge_rewrites(scene: Scene) -> Verified:
    files = scene.registry.files
    edited = {path: data for path, data in files.items() if not path.endswith("admission.json")}
    built(committed(named(scene.registry).files, {**edited, "index/registry.yaml": files["index/registry.yaml"]}))
    return scene.install(scene.site.files)


def host_changes_a_byte(scene: Scene) -> Verified:
    files = {path: data.replace(b"1.0.0", b"9.0.0") for path, data in an_update(scene).items()}
    return scene.install(
        {**scene.site.files, **{path: data for path, data in files.items() if path.startswith("index/")}}
    )


def host_replays(scene: Scene) -> Verified:
    scene.install(an_update(scene))
    return scene.install(scene.first)


def host_freezes(scene: Scene) -> Verified:
    an_update(scene)
    return scene.newcomer().install(scene.first, now=scene.site.now + 6 * DAY)


def host_freezes_for_long(scene: Scene) -> Verified:
    an_update(scene)
    return scene.newcomer().install(scene.first, now=scene.site.now + 8 * DAY)


SIGNING, CONTROL, GATE, MODERATOR = (
    "an author's signing key",
    "an author's control key",
    "the gate's key",
    "one moderator's key",
)
PUBLISHING, TIMESTAMP = "the publishing key", "the timestamp key"
BOTH_JOBS = "both keys of the jobs"
ROOT, FORGE, HOST = "one of the root keys", "a forge account", "the address, without any key"

THEFTS: Final = (
    Theft(SIGNING, "signs a release that nobody admitted", let_in(), "no-version"),
    Theft(SIGNING, "admits its own release", let_in("ann signing"), "not-authorised"),
    Theft(SIGNING, "gets a release past a moderator's eyes", let_in("mod")),
    Theft(
        SIGNING, "has such a release installed after the key was revoked as stolen", fooled_then_revoked, "not-signed"
    ),
    Theft(CONTROL, "adds a key of its own", adds_a_key, "not-countersigned"),
    Theft(CONTROL, "retires the author's signing key: the author must recover", locks_out),
    Theft(GATE, "admits an update that asks for more", let_in("gate", gains=["network"], owner=True), "bad-owner-path"),
    Theft(GATE, "admits what the author never signed", let_in("gate", signed="gate", owner=True), "not-signed"),
    Theft(GATE, "admits in a person's place", let_in("gate"), "not-authorised"),
    Theft(
        GATE,
        "admits an author's own harmless update before its wait is over",
        let_in("gate", content=A_THEME, owner=True),
    ),
    Theft(MODERATOR, "admits what the author never signed", let_in("mod", signed="mod"), "not-signed"),
    Theft(MODERATOR, "throws out the other moderators", moderator_alone_throws_out_the_other, "not-authorised"),
    Theft(MODERATOR, "admits alone where the policy wants two", moderator_alone_where_two_must, "too-few-approvals"),
    Theft(MODERATOR, "admits what an author signed, where one approval is enough", let_in("mod")),
    Theft(PUBLISHING, "lists a release that nobody admitted", let_in("thief", signed="thief"), "not-authorised"),
    Theft(PUBLISHING, "signs a snapshot of its own", publishing_alone, "index-not-trusted"),
    Theft(PUBLISHING, "hides an update from somebody who was never here", publishing_hides_from_a_newcomer),
    Theft(BOTH_JOBS, "hide an update from somebody who saw it", jobs_hide_from_one_who_saw, "rolled-back"),
    Theft(TIMESTAMP, "lists other files", timestamp_lists_other_files, "index-not-trusted"),
    Theft(TIMESTAMP, "goes back behind what was seen", timestamp_goes_back, "rolled-back"),
    Theft(TIMESTAMP, "freezes the registry, until the bins expire", timestamp_freezes),
    Theft(ROOT, "makes a root of its own, with both keys of the jobs", root_alone, "index-not-trusted"),
    Theft(ROOT, "appoints a moderator", root_appoints, "not-authorised"),
    Theft(FORGE, "pushes a release without an admission", let_in(), "no-version"),
    Theft(FORGE, "takes back what was admitted", forge_rewrites, "main-line"),
    Theft(HOST, "changes what it serves", host_changes_a_byte, "bad-digest"),
    Theft(HOST, "shows an old state to somebody who saw a newer one", host_replays, "rolled-back"),
    Theft(HOST, "shows an old state to a newcomer, until its timestamp expires", host_freezes),
    Theft(HOST, "shows it for longer", host_freezes_for_long, "index-expired"),
)
