"""What is pushed to the main line and is no landing."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.names import parse_artifact
from registry_tool.services.receiving import COMMITS
from tests.builders import RegistryInMemory
from tests.checks.changes import newcomer, skill, version_path
from tests.services.office import LINKS, an_office, with_links
from tests.services.pushing import GOOD, SUBMISSION, Build, both, by_hand, commit, merge, pushed, said, said_by

pytestmark = pytest.mark.slow

ID = parse_artifact(LINKS)


def admit(**more: Any) -> Build:
    """An update and its admission, in which something is not as it should be."""

    def build(registry: RegistryInMemory) -> None:
        skill(registry, "1.1.0")
        registry.admit(LINKS, "1.1.0", **{"compared": "1.0.0", **more})

    return build


def member(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.__setitem__(name, value)


def put(path: str, data: bytes = b"x") -> Build:
    return lambda registry: registry.files.__setitem__(path, data)


def older_heads(registry: RegistryInMemory) -> None:
    """An admission under the moderators before the last."""
    named = registry.head("policy")
    registry.policy(by=("mod",))
    admit(change=lambda document: document["under"].__setitem__("policy", named))(registry)


def waiver(by: str, path: str = "index/waivers/one.json") -> Build:
    """Something signed where waivers and their like lie."""

    def build(registry: RegistryInMemory) -> None:
        registry.document(path, {"registry": registry.id, "at": registry.now(), "under": {}}, (by,))

    return build


def only(part: str, *builds: Build) -> Build:
    """Of what `builds` add only the paths with this part."""

    def build(registry: RegistryInMemory) -> None:
        before = dict(registry.files)
        for one in builds:
            one(registry)
        registry.files = {path: data for path, data in registry.files.items() if path in before or part in path}

    return build


def approved(by: str, *, place: str = "", **more: Any) -> Build:
    """An approval, at somebody's place, of a release that is not here."""

    def moved(registry: RegistryInMemory) -> None:
        _move(registry, f"/approvals/{by}.", f"/approvals/{place or by}.")

    return only("/approvals/", lambda r: skill(r, "1.1.0"), lambda r: r.approve(LINKS, "1.1.0", by, **more), moved)


HOSTILE: Mapping[str, tuple[Build, tuple[int, str]]] = {
    "nothing": (lambda r: None, (5, "empty-landing")),
    "a release without an admission": (lambda r: skill(r, "1.1.0"), (4, "not-admitted")),
    "an admission by a stranger": (admit(by=("stranger",)), (4, "not-authorised")),
    "an admission by its author": (admit(by=("ann signing",)), (4, "not-authorised")),
    "an admission by nobody": (admit(by=()), (4, "not-authorised")),
    "an admission of other bytes": (admit(change=member("manifest", f"sha256:{'0' * 64}")), (4, "other-release")),
    "an admission of another version": (admit(change=member("version", "1.0.0")), (4, "other-release")),
    "an admission that hides a gain": (
        both(lambda r: skill(r, "1.1.0", permissions=["network"]), lambda r: r.admit(LINKS, "1.1.0", compared="1.0.0")),
        (4, "bad-comparison"),
    ),
    "an admission that compares with nothing": (admit(compared=None), (4, "bad-comparison")),
    "an owner's path by a moderator": (admit(path="owner"), (4, "not-authorised")),
    "an admission from yesterday": (admit(at="2027-01-14T08:00:00Z"), (4, "bad-clock")),
    "an admission under an older state": (older_heads, (4, "mixed-landing")),
    "an admission alone": (put(f"{version_path('1.1.0')}/admission.json", b"{}"), (4, "stray-file")),
    "a countersignature alone": (put(f"index/authors/an/ann/keys/1.{'0' * 16}.sig", bytes(64)), (4, "stray-file")),
    "a signature that is no admission's": (
        both(admit(), put(f"{version_path('1.1.0')}/admission.{'0' * 16}.sig", bytes(64))),
        (4, "stranger"),
    ),
    "a stranger's signature beside a manifest": (
        lambda r: r.files.__setitem__(f"{_manifest_path(r)}.{'0' * 16}.sig", bytes(64)),
        (1, "checks-failed"),
    ),
    "an author whom nobody countersigned": (newcomer, (4, "not-countersigned")),
    "a published file that is changed": (put(f"{version_path('1.0.0')}/release.json", b"{}"), (4, "main-line")),
    "something that no registry holds": (put("index/notes.txt"), (4, "main-line")),
    "a table": (put("index/featured.yaml", b"featured: []\n"), (5, "not-by-push")),
    "a workflow": (put(".github/workflows/gate.yml", b"on: push\n"), (5, "not-by-push")),
    "a file that nothing lists": (put(layout.blob_path(ID, sha256(b"x"))), (4, "stray-file")),
    "a file with other bytes than its name says": (put(layout.blob_path(ID, Hex("0" * 64))), (4, "stray-file")),
    "a policy by its author": (lambda r: r.policy(self_approval=True, by=("ann signing",)), (4, "stranger")),
    "a policy that nobody signed": (lambda r: r.policy(self_approval=True, by=()), (4, "half-signed")),
    "a policy with a release": (both(admit(), lambda r: r.policy(self_approval=True)), (4, "mixed-landing")),
    "a policy out of order": (
        lambda r: r.files.update({"index/policy/3.json": r.files["index/policy/1.json"]}),
        (5, "sign-again"),
    ),
    "a policy from another number": (
        lambda r: r.files.update({"index/policy/2.json": r.files["index/policy/1.json"]}),
        (5, "sign-again"),
    ),
    "a moderator whom nobody let in": (
        lambda r: r.moderators({"mod": None, "eve": None}, by=("eve",)),
        (4, "half-signed"),
    ),
    "a secret": (
        both(
            lambda r: skill(r, "1.1.0", {"notes.md": b"gh" + b"p_" + b"aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dF4gH6\n"}),
            lambda r: r.admit(LINKS, "1.1.0", compared="1.0.0"),
        ),
        (1, "checks-failed"),
    ),
    "a rejection by a stranger": (said_by("stranger"), (4, "stranger")),
    "a rejection by nobody": (said_by(), (4, "not-authorised")),
    "a rejection from yesterday": (said_by("mod", at="2027-01-14T08:00:00Z"), (4, "bad-clock")),
    "a rejection without a time": (said_by("mod", at=7), (4, "bad-clock")),
    "a rejection under a state that never was": (
        said_by("mod", under={"moderators": {"number": 7, "sha256": "0" * 64}}),
        (5, "sign-again"),
    ),
    "a rejection that names no chain": (said_by("mod", under=7), (1, "invalid-document")),
    "a rejection that is a list": (put(f"index/moderation/2027/{SUBMISSION}/1.json", b"[]"), (4, "bad-clock")),
    "a rejection in the wrong year": (
        both(said_by("mod"), lambda r: _move(r, "moderation/2027", "moderation/2028")),
        (4, "other-subject"),
    ),
    "a decision with a gap": (
        both(said_by("mod"), lambda r: _move(r, f"{SUBMISSION}/1.", f"{SUBMISSION}/2.")),
        (4, "not-authorised"),
    ),
    "a waiver by a stranger": (waiver("stranger"), (4, "stranger")),
    "a waiver that is none": (waiver("mod"), (1, "invalid-document")),
    "an entitlement with a gap": (waiver("mod", "index/entitlements/ann/2.json"), (5, "sign-again")),
    "an objection by a stranger": (
        said_by("stranger", action="objection", under={"authors/ann": {"number": 1, "sha256": "0" * 64}}),
        (4, "stranger"),
    ),
    "an approval by an author": (approved("ann signing", place="ann"), (4, "stranger")),
    "an approval at somebody's place": (approved("mod", place="eva"), (4, "other-person")),
    "an approval of another version": (approved("mod", change=member("version", "1.2.0")), (4, "other-release")),
    "an event of what is not admitted": (
        only("/events/", lambda r: skill(r, "1.1.0"), lambda r: r.event(LINKS, "1.1.0", "revoke")),
        (5, "not-admitted"),
    ),
    "an event out of order": (
        both(lambda r: r.event(LINKS, "1.0.0", "revoke"), lambda r: _move(r, "/events/1.", "/events/2.")),
        (5, "sign-again"),
    ),
    "a revocation by an author": (
        lambda r: r.event(LINKS, "1.0.0", "revoke", by=("ann signing",)),
        (1, "checks-failed"),
    ),
}


def _manifest_path(registry: RegistryInMemory) -> str:
    return layout.blob_path(ID, sha256(registry.proof(LINKS, "1.0.0").manifest))


def _move(registry: RegistryInMemory, old: str, new: str) -> None:
    registry.files = {path.replace(old, new): data for path, data in registry.files.items()}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_landing_is_refused(what: str) -> None:
    """By the rule that it breaks, before anybody could take it for the registry's word."""
    build, expected = HOSTILE[what]
    office = with_links(an_office())

    assert [expected] == pushed(office, by_hand(office, build))


def test_a_merge_is_no_landing() -> None:
    """Not even one whose difference to the main line would be a good landing: nobody reads what comes with it."""
    office = with_links(an_office())
    branch = commit(office, {"index/notes.txt": b"x"})
    merged = merge(office, office.evolve(admit()), branch)

    assert [(5, "merge")] == pushed(office, merged)


def test_the_main_line_only_goes_on() -> None:
    """It is neither taken away, made, put back, moved to another history, nor moved by many commits at once."""
    office = an_office()
    before = office.commit
    with_links(office)
    orphan = office.history.commit({}, onto=None, message="x\n", author="eve <eve@example.org>", at=office.tick())
    many = office.commit
    for number in range(COMMITS + 1):
        many = commit(office, {f"index/{number}.txt": b"x"}, onto=many)

    assert [(5, "main-line")] == pushed(office, None)
    assert [(5, "main-line")] == said(office, "refs/heads/main", office.commit)
    assert [[(5, "not-fast-forward")]] * 3 == [pushed(office, one) for one in (before, orphan, many)]


def test_whoever_was_slower_begins_again() -> None:
    """A push that was looked at on a state that is not the newest any more is told so, whatever it brings."""
    office = an_office()
    before = office.commit
    with_links(office)

    assert [(5, "moved")] == pushed(office, commit(office, {}), old=before)


def test_a_bad_landing_between_good_ones_is_refused() -> None:
    """Each commit is looked at: an edit that the next commit takes back does not pass."""
    office = with_links(an_office())
    path = f"{version_path('1.0.0')}/release.json"
    edited = commit(office, {path: b"{}"})
    mended = commit(office, {path: office.tip.read(path) or b""}, onto=edited)

    assert [(4, "main-line")] == pushed(office, mended)


def test_nothing_is_looked_at_twice() -> None:
    """A push that leaves the main line where it is brings no commit, and is no fault."""
    office = an_office()

    assert GOOD == pushed(office, office.commit)
