"""Events about a release, and the status that they give it (part 8).

    withheld > revoked > quarantined > yanked > deprecated > active

The status is the gravest event that no `restore` lifted, never simply the last one. What was signed with
a stolen key is void where a statement says so in `hits` (part 4): it lifts nothing and gives nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from registry_tool.core.authorities import Authorities
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import Link, SignedBytes, read_links, signers
from registry_tool.core.digest import Digest, Hex, prefixed
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import K16, SignatureCheck
from registry_tool.core.release import Status
from registry_tool.core.statements import Event, Row

GRAVEST_FIRST: tuple[tuple[str, Status], ...] = (
    ("withhold", "withheld"),
    ("revoke", "revoked"),
    ("quarantine", "quarantined"),
    ("yank", "yanked"),
    ("deprecate", "deprecated"),
)
BY_PUBLISHERS = frozenset({"yank", "deprecate"})
"""What an owner or member may do; the rest is for moderators."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What clients and sites do with releases of one status; `lifecycle.md` shows the same table to people."""

    chosen: bool
    """Whether an install or update that names no version takes it, and a search finds it."""
    exact: int
    """Exit code of an install, or of a verification, that names this version."""
    locked: int
    """Exit code of an install from a lock file that names it."""
    stays: bool
    """Whether what is installed may stay; if not, `audit` and `verify --all` end with 4."""
    bundle: bool
    """Whether the site publishes its files."""
    module: bool
    """Whether apps may go on importing a gadget's module from the site."""


TREATMENT: Final[Mapping[Status, Treatment]] = MappingProxyType(
    {
        "active": Treatment(chosen=True, exact=0, locked=0, stays=True, bundle=True, module=True),
        "deprecated": Treatment(chosen=True, exact=0, locked=0, stays=True, bundle=True, module=True),
        "yanked": Treatment(chosen=False, exact=5, locked=0, stays=True, bundle=True, module=True),
        "quarantined": Treatment(chosen=False, exact=4, locked=4, stays=False, bundle=True, module=False),
        "revoked": Treatment(chosen=False, exact=4, locked=4, stays=False, bundle=True, module=False),
        "withheld": Treatment(chosen=False, exact=4, locked=4, stays=False, bundle=False, module=False),
    }
)
"""Its manifest stays readable whatever the status."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a release's events come to: the gravest that nobody lifted, and what it says."""

    status: Status
    reason: str = ""
    """A word; empty where it is active."""
    note: str = ""
    since: str = ""
    """The event's time."""
    number: int = 0
    """The event's number, 0 where it is active."""


def standing_events(events: Iterable[tuple[Hex, Event]]) -> tuple[tuple[Hex, Event], ...]:
    """The events (with the digests of their bytes) that nobody lifted, the gravest first, then the oldest."""
    listed = tuple(events)
    lifted = {body.lifts for _, body in listed if body.lifts}
    order = {action: place for place, (action, _) in enumerate(GRAVEST_FIRST)}
    there = (one for one in listed if one[1].action in order and prefixed(one[0]) not in lifted)
    return tuple(sorted(there, key=lambda one: (order[one[1].action], one[1].number)))


def standing_of(events: Iterable[tuple[Hex, Event]]) -> Standing:
    """What events come to, in any order."""
    there = standing_events(events)
    if not there:
        return Standing("active")
    body = there[0][1]
    return Standing(dict(GRAVEST_FIRST)[body.action], body.reason, body.note, body.at, body.number)


@dataclass(frozen=True, slots=True)
class Events:
    """The verified events of one release."""

    links: tuple[Link[Event], ...] = ()
    """All of them, also those that count for nothing."""
    void: frozenset[Hex] = frozenset()
    """Those that a statement takes back (part 4, `hits`): they keep their numbers, and count for nothing."""

    @property
    def counting(self) -> tuple[tuple[Hex, Event], ...]:
        """The events that nobody took back, with the digests of their bytes."""
        return tuple((link.sha256, link.body) for link in self.links if link.sha256 not in self.void)

    @property
    def standing(self) -> Standing:
        """What they come to."""
        return standing_of(self.counting)


def status_of(events: Events) -> Status:
    """The status that verified events give."""
    return events.standing.status


def read_events(
    sources: Sequence[SignedBytes], *, artifact: str, version: str, authorities: Authorities, check: SignatureCheck
) -> Events:
    """The events of one release, each signed by somebody who may; raises `NotTrusted`.

    An event that a statement takes back needs no signer that still holds: whoever may have stolen the key is
    not believed, and the chain goes on. Only a chain whose own key signed an event takes it back.
    """
    if not sources:
        return Events()
    links = read_links(Event, f"{artifact}@{version}", sources, registry=authorities.registry)
    by_digest = {prefixed(link.sha256): link.body for link in links}
    void: set[Hex] = set()
    for link in links:
        what = f"event {link.number} of {artifact}@{version}"
        action: str = link.body.action
        if link.body.lifts is not None:
            lifted = by_digest.get(Digest(link.body.lifts))
            if lifted is None or lifted.number >= link.number or lifted.action == "restore":
                raise NotTrusted(f"{what} restores from an event that is not there", code="bad-event")
            action = lifted.action
        judge = _voided_by_publisher if action in BY_PUBLISHERS else _voided_by_moderators
        if judge(link, authorities, what, check):
            void.add(link.sha256)
    return Events(links, frozenset(void))


def _voided_by_publisher(link: Link[Event], authorities: Authorities, what: str, check: SignatureCheck) -> bool:
    """Whether a publisher's event is taken back, by the publisher's keyring or by the scope."""
    digest, scope = prefixed(link.sha256), authorities.scope
    for subject in (name for name in link.body.under if name.startswith("authors/")):
        author = subject.partition("/")[2]
        signed = _publisher_signed(link, author, authorities, what, check)
        if signed and digest in authorities.hits_of(subject) | authorities.hits_of(scope.subject):
            return True
        latest: dict[object, Row] = {row.k16: row for row in authorities.keyring(author).head.body.keys}
        still = any(row.author == author and row.held_at(link.body.at) for row in scope.head.body.publishers())
        if still and any(latest[key].held_at(link.body.at) for key in signed):
            return False
    raise NotTrusted(f"{what} is signed by nobody who publishes there", code="not-authorised")


def _publisher_signed(
    link: Link[Event], author: str, authorities: Authorities, what: str, check: SignatureCheck
) -> frozenset[K16]:
    """The author's signing keys that signed, by the keyring and the scope that the event names."""
    then = authorities.keyring(author).named(link.body.under, what).body
    signed = signers(link.source, [row.raw for row in then.keys], check=check, what=what)
    publishers = authorities.scope.named(link.body.under, what).body.publishers()
    if not any(row.active and row.author == author for row in publishers):
        return frozenset()
    return frozenset(row.k16 for row in then.keys if row.active and row.use == "signing" and row.k16 in signed)


def _voided_by_moderators(link: Link[Event], authorities: Authorities, what: str, check: SignatureCheck) -> bool:
    """Whether a moderator's event is taken back by the moderators."""
    moderators = authorities.moderators
    then, now = moderators.named(link.body.under, what).body, moderators.head.body
    signed = signers(link.source, moderator_keys(then), check=check, what=what)
    if people_of(then, signed) and prefixed(link.sha256) in authorities.hits_of(moderators.subject):
        return True
    held = {row.k16 for person in now.people for row in person.keys if row.held_at(link.body.at)}
    if not people_of(then, signed & held):
        raise NotTrusted(f"{what} is not signed by a moderator", code="not-authorised")
    return False
