"""Which events a person's deed comes to, and with which key each is signed.

yank, deprecate               an owner or member of the scope, by a signing key
quarantine, revoke, withhold  a moderator
restore                       whoever may do what it lifts
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry_tool.core.authorities import Authorities
from registry_tool.core.digest import Hex
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids, WrongUsage
from registry_tool.core.keys import Signer, k16
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId, Wanted
from registry_tool.core.published import (
    admission_of,
    events_at,
    payload_at,
    pointer_at,
    proof_of,
    registry_of,
    version_folders,
)
from registry_tool.core.reasons import checked_reason
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.statements import Event, Person
from registry_tool.core.status import BY_PUBLISHERS, read_events, standing_events
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.core.versions import parse_version
from registry_tool.services.author import Desk


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person wants to become of releases."""

    action: str
    """`yank`, `deprecate`, `quarantine`, `revoke`, `withhold` or `restore`."""
    releases: tuple[Wanted, ...]
    """Each with its version."""
    reason: str
    note: str
    who: str = ""
    """The author or moderator that acts; empty where the keys on this machine say it."""
    event: int | None = None
    """For `restore`: the number of the event to lift; else the gravest that this person may lift."""


@dataclass(frozen=True, slots=True)
class Act:
    """One event that is about to be signed."""

    manifest: Manifest
    author: str
    """Who signs it as a publisher; empty where a moderator does."""
    person: Person | None
    """The moderator who signs it; `None` where a publisher does."""
    signer: Signer
    subjects: tuple[str, ...]
    """The chains that say that the signer may."""
    before: tuple[int, bytes] | None
    """Number and bytes of the event before it."""
    last: str
    """The newest time that anything about the release has."""
    lifts: Hex | None = None
    lifted: str = ""
    """The action that it lifts."""

    @property
    def words(self) -> str:
        """The release, as people write it."""
        return f"{self.manifest.artifact}@{self.manifest.version}"


@dataclass(frozen=True, slots=True)
class _Release:
    """An admitted release with its verified events."""

    manifest: Manifest
    admitted: str
    standing: tuple[tuple[Hex, Event], ...]
    events: tuple[tuple[Hex, Event], ...]
    newest: bytes
    authorities: Authorities


@dataclass(slots=True)
class _Hands:
    """Who acts: the moderator and the authors whose keys are on this machine, looked for when they are needed."""

    tip: Tree
    desk: Desk
    who: str
    person: tuple[Person, Signer] | None = None
    publishers: dict[str, tuple[str, Signer] | None] = field(default_factory=dict)


def versions_of(tip: Tree, artifact: ArtifactId) -> tuple[Wanted, ...]:
    """Every admitted version of a name, oldest first; `NotFound` where there is none."""
    registry = registry_of(tip)
    found = []
    for folder in version_folders(tip, artifact):
        pointer = pointer_at(tip, artifact, folder, registry=registry)
        if pointer is not None and proof_of(tip, artifact, folder, pointer) is not None:
            found.append(Wanted(artifact, pointer.version))
    if not found:
        raise NotFound(f"nothing of {artifact} was admitted here", code="no-artifact", hint="look at the spelling")
    return tuple(found)


def untold(tip: Tree, releases: Sequence[Wanted], action: str, *, means: Means) -> tuple[Wanted, ...]:
    """Those of `releases` of which `action` is not said already."""
    standing = ((one, _release(tip, one, means).standing) for one in releases)
    return tuple(one for one, events in standing if all(body.action != action for _, body in events))


def acts_of(tip: Tree, deed: Deed, *, desk: Desk) -> tuple[Act, ...]:
    """What is to be signed, one for each release, all by a publisher or all by a moderator.

    Raises `WrongUsage` for an unknown reason, `NotFound` for what is not there, `NotTrusted` where
    nobody with keys on this machine may, `StateForbids` where it is so already.
    """
    checked_reason(deed.action, deed.reason)
    hands = _Hands(tip, desk, deed.who)
    acts = tuple(_act(hands, deed, one) for one in dict.fromkeys(deed.releases))
    if len({act.author for act in acts}) > 1:
        raise WrongUsage("these are not for one person to sign", code="several-people", hint="name them one by one")
    return acts


def _act(hands: _Hands, deed: Deed, wanted: Wanted) -> Act:
    release = _release(hands.tip, wanted, hands.desk.means)
    what = f"{release.manifest.artifact}@{release.manifest.version}"
    lifts: Hex | None = None
    action = deed.action
    if action == "restore":
        lifts, lifted = _to_lift(hands, deed, release, what)
        action = lifted.action
        if action == "withhold":
            _files_are_there(hands.tip, release.manifest, what)
    elif any(body.action == action for _, body in release.standing):
        raise StateForbids(f"{what} has that said of it already", code="already", hint=f"registry show {what}")
    if action in BY_PUBLISHERS:
        person: Person | None = None
        author, signer = _publisher(hands, release, action)
        subjects: tuple[str, ...] = (f"authors/{author}", f"scopes/{release.manifest.scope}")
    else:
        author, subjects = "", ("moderators",)
        person, signer = _moderator(hands, release, action)
    number = len(release.events)
    return Act(
        release.manifest,
        author,
        person,
        signer,
        subjects,
        (number, release.newest) if number else None,
        max([release.admitted, *(body.at for _, body in release.events)]),
        lifts,
        action if lifts else "",
    )


def _release(tip: Tree, wanted: Wanted, means: Means) -> _Release:
    check = means.check
    registry = registry_of(tip)
    if wanted.version is None:
        hint = f"name it: {wanted.artifact}@1.0.0"
        raise WrongUsage(f"nothing says which version of {wanted.artifact} is meant", code="needs-version", hint=hint)
    folder = parse_version(wanted.version).folder
    pointer = pointer_at(tip, wanted.artifact, folder, registry=registry)
    proof = proof_of(tip, wanted.artifact, folder, pointer)
    if proof is None or pointer is None or pointer.version != wanted.version:
        there = ", ".join(str(one.version) for one in versions_of(tip, wanted.artifact)[-5:])
        raise NotFound(f"{wanted} was not admitted here", code="no-version", hint=f"there are: {there}")
    government = government_at(tip, registry=registry, check=check)
    authorities = authorities_at(tip, government, wanted.artifact.scope, check=check)
    sources = events_at(tip, wanted.artifact, folder)
    told = read_events(
        sources, artifact=str(wanted.artifact), version=pointer.version, authorities=authorities, check=check
    )
    return _Release(
        read_manifest(proof.manifest, registry=registry),
        admission_of(proof, registry=registry).at,
        standing_events(told.counting),
        tuple((link.sha256, link.body) for link in told.links),
        sources[-1].data if sources else b"",
        authorities,
    )


def _to_lift(hands: _Hands, deed: Deed, release: _Release, what: str) -> tuple[Hex, Event]:
    """The event that a `restore` takes back."""
    if deed.event is not None:
        chosen = next((one for one in release.events if one[1].number == deed.event), None)
        if chosen is None:
            raise NotFound(f"{what} has no event {deed.event}", code="no-event", hint=f"it has {len(release.events)}")
        if chosen not in release.standing:
            raise StateForbids(f"event {deed.event} of {what} does not stand: nothing is left to lift", code="lifted")
        return chosen
    if not release.standing:
        raise StateForbids(f"nothing was said of {what} that could be lifted", code="nothing-to-lift")
    for one in release.standing:
        if _may(hands, release, one[1].action):
            return one
    return release.standing[0]  # nobody here may lift any; who may is said for the gravest


def _may(hands: _Hands, release: _Release, action: str) -> bool:
    try:
        _publisher(hands, release, action) if action in BY_PUBLISHERS else _moderator(hands, release, action)
    except (NotTrusted, NotFound):
        return False
    return True


def _moderator(hands: _Hands, release: _Release, action: str) -> tuple[Person, Signer]:
    """The moderator on this machine; `NotTrusted` saying who may, where there is none."""
    if hands.person is None:
        people = release.authorities.moderators.head.body.people
        active = {row.k16: person for person in people for row in person.keys if row.active}
        owner = f"registry:{release.authorities.registry[:16]}"
        found = [
            (active[k16(signer.key)], signer)
            for signer in hands.desk.keys.every(owner, "moderator")
            if k16(signer.key) in active
        ]
        mine = [one for one in found if hands.who in ("", one[0].id, one[0].author)]
        if not mine:
            names = ", ".join(person.id for person in people if any(row.active for row in person.keys))
            raise NotTrusted(
                f"{_lifting(action)} is for a moderator: {names}",
                code="not-a-moderator",
                hint="an owner or member may yank it: registry yank"
                if not found
                else f"the moderator's key on this machine is of {found[0][0].id}",
            )
        hands.person = mine[0]
    return hands.person


def _publisher(hands: _Hands, release: _Release, action: str) -> tuple[str, Signer]:
    """An owner or member with an active signing key on this machine; `NotTrusted` saying who may."""
    scope = release.manifest.scope
    body = release.authorities.scope.head.body
    publishers = sorted({row.author for row in body.publishers() if row.active})
    if scope not in hands.publishers:
        asked = publishers if not hands.who else [one for one in publishers if one == hands.who]
        signing = ((author, _signing(hands, release, author)) for author in asked)
        found = [(author, signer) for author, signer in signing if signer is not None]
        if len(found) > 1:
            names = ", ".join(author for author, _ in found)
            raise WrongUsage(f"several who publish in @{scope} are here: {names}", code="needs-author", hint="add --as")
        hands.publishers[scope] = found[0] if found else None
    chosen = hands.publishers[scope]
    if chosen is not None:
        return chosen
    if hands.who in publishers:
        raise NotFound(
            f"no active signing key of {hands.who} is on this machine",
            code="key-missing",
            hint=f"import it with `registry keys import --as {hands.who}`, or make another: registry keys rotate",
        )
    who = f"{hands.who} does not publish in @{scope}" if hands.who else f"nobody who publishes in @{scope} is here"
    raise NotTrusted(
        f"{_lifting(action)} is for {', '.join(publishers)}, and {who}",
        code="not-a-publisher",
        hint="a moderator may quarantine it: registry quarantine",
    )


def _signing(hands: _Hands, release: _Release, author: str) -> Signer | None:
    rows = release.authorities.keyring(author).head.body.keys
    active = {row.k16 for row in rows if row.active and row.use == "signing"}
    return next((one for one in hands.desk.keys.every(author, "signing") if k16(one.key) in active), None)


def _lifting(action: str) -> str:
    return f"to {action} a release, and to lift that,"


def _files_are_there(tip: Tree, manifest: Manifest, what: str) -> None:
    """Refuses to lift a withholding while files are gone: nothing could be built any more."""
    try:
        payload_at(tip, manifest.id, manifest)
    except InvalidInput as error:
        raise StateForbids(
            f"the files of {what} are gone: {error.message}",
            where=error.where,
            code="files-gone",
            hint="commit them again where they were, then restore it",
        ) from error
