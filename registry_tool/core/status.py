"""Events about a release, and the status that they give it (part 8).

    withheld > revoked > quarantined > yanked > deprecated > active

The status is the gravest event that no `restore` lifted, never simply the last one.
"""

from collections.abc import Sequence

from registry_tool.core.authorities import Authorities
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import Link, SignedBytes, read_links, signers
from registry_tool.core.digest import Digest, prefixed
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import SignatureCheck
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


def status_of(events: Sequence[Link[Event]]) -> Status:
    """The status that verified events give."""
    lifted = {event.body.lifts for event in events if event.body.lifts}
    standing = {event.body.action for event in events if prefixed(event.sha256) not in lifted}
    return next((status for action, status in GRAVEST_FIRST if action in standing), "active")


def read_events(
    sources: Sequence[SignedBytes], *, artifact: str, version: str, authorities: Authorities, check: SignatureCheck
) -> tuple[Link[Event], ...]:
    """The events of one release, each signed by somebody who may; raises `NotTrusted`."""
    if not sources:
        return ()
    links = read_links(Event, f"{artifact}@{version}", sources, registry=authorities.registry)
    by_digest = {prefixed(link.sha256): link.body for link in links}
    for link in links:
        what = f"event {link.number} of {artifact}@{version}"
        action = link.body.action
        if link.body.lifts is not None:
            lifted = by_digest.get(Digest(link.body.lifts))
            if lifted is None or lifted.number >= link.number or lifted.action == "restore":
                raise NotTrusted(f"{what} restores from an event that is not there", code="bad-event")
            action = lifted.action
        if action in BY_PUBLISHERS:
            _by_publisher(link, authorities, what, check)
        else:
            _by_moderator(link, authorities, what, check)
    return links


def _by_publisher(link: Link[Event], authorities: Authorities, what: str, check: SignatureCheck) -> None:
    authors = [subject.partition("/")[2] for subject in link.body.under if subject.startswith("authors/")]
    for author in authors:
        if _publisher_signed(link, author, authorities, what, check):
            return
    raise NotTrusted(f"{what} is signed by nobody who publishes there", code="not-authorised")


def _publisher_signed(
    link: Link[Event], author: str, authorities: Authorities, what: str, check: SignatureCheck
) -> bool:
    keyring, scope = authorities.keyring(author), authorities.scope
    then, now = keyring.named(link.body.under, what).body, keyring.head.body
    signed = signers(link.source, [row.raw for row in then.keys], check=check, what=what)
    latest: dict[object, Row] = {row.k16: row for row in now.keys}
    good_key = any(
        row.active and row.use == "signing" and row.k16 in signed and latest[row.k16].held_at(link.body.at)
        for row in then.keys
    )
    listed = any(row.active and row.author == author for row in scope.named(link.body.under, what).body.publishers())
    still = any(row.author == author and row.held_at(link.body.at) for row in scope.head.body.publishers())
    return good_key and listed and still


def _by_moderator(link: Link[Event], authorities: Authorities, what: str, check: SignatureCheck) -> None:
    moderators = authorities.moderators
    then, now = moderators.named(link.body.under, what).body, moderators.head.body
    signed = signers(link.source, moderator_keys(then), check=check, what=what)
    held = {row.k16 for person in now.people for row in person.keys if row.held_at(link.body.at)}
    if not people_of(then, signed & held):
        raise NotTrusted(f"{what} is not signed by a moderator", code="not-authorised")
