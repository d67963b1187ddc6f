"""What moderators said about submissions (part 4, `moderation/`)."""

from collections.abc import Sequence

from registry_tool.core import layout
from registry_tool.core.authorities import Government
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import Link, SignedBytes, read_links, signers
from registry_tool.core.errors import NotTrusted
from registry_tool.core.published import signed_at
from registry_tool.core.standing import government_at, keyring_at
from registry_tool.core.statements import Moderation
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means


def moderation_subject(submission: str, year: str) -> str:
    """The subject of a chain of decisions; it follows from the path."""
    return f"moderation/{year}/{submission}"


def read_decisions(tree: Tree, submission: str, *, registry: str, means: Means) -> tuple[Link[Moderation], ...]:
    """Every decision about a submission that counts, oldest first; raises `NotTrusted`.

    Each is signed by a moderator, an objection also by a control key of an author whose keyring `under` names.
    """
    found: list[Link[Moderation]] = []
    for year in tree.list("index/moderation"):
        sources = _sources(tree, submission, year.name)
        links = (
            read_links(Moderation, moderation_subject(submission, year.name), sources, registry=registry)
            if sources
            else ()
        )
        for link in links:
            if (link.body.submission, link.body.at[:4]) != (submission, year.name):
                raise NotTrusted(
                    f"a decision in {link.body.subject} is about {link.body.submission[:12]} in {link.body.at[:4]}",
                    code="other-subject",
                )
        found += links
    return _counted(tree, found, registry=registry, means=means) if found else ()


def latest_decision(tree: Tree, submission: str, *, registry: str, means: Means) -> Moderation | None:
    """The last word about a submission; `None` where nobody said anything."""
    return _last([link.body for link in read_decisions(tree, submission, registry=registry, means=means)])


def decided_about(
    tree: Tree, submission: str, manifests: Sequence[str], *, registry: str, means: Means
) -> Moderation | None:
    """The last word about a submission, or about one with the same manifests: its id changes when
    something that it brought landed with another.
    """
    said = latest_decision(tree, submission, registry=registry, means=means)
    if said is not None or not manifests:
        return said
    return _last(
        [
            one
            for one in said_about(tree, manifests, registry=registry, means=means)
            if set(one.manifests) == set(manifests)
        ]
    )


def said_about(tree: Tree, manifests: Sequence[str], *, registry: str, means: Means) -> tuple[Moderation, ...]:
    """Every decision about a submission that brings one of these manifests (digests), oldest first."""
    named = {
        entry.name for year in tree.list("index/moderation") for entry in tree.list(f"index/moderation/{year.name}")
    }
    found: list[Moderation] = []
    for submission in sorted(named):
        # Looked at before anything is verified: there may be many, and few are about these.
        if not any(_mentions(source, manifests) for source in _all_sources(tree, submission)):
            continue
        links = read_decisions(tree, submission, registry=registry, means=means)
        found += [link.body for link in links if set(link.body.manifests) & set(manifests)]
    return tuple(sorted(found, key=lambda one: one.at))


def _last(said: Sequence[Moderation]) -> Moderation | None:
    """The newest; of two in one second the one that was written later."""
    return max(enumerate(said), key=lambda pair: (pair[1].at, pair[0]))[1] if said else None


def _all_sources(tree: Tree, submission: str) -> list[SignedBytes]:
    return [source for year in tree.list("index/moderation") for source in _sources(tree, submission, year.name)]


def _sources(tree: Tree, submission: str, year: str) -> list[SignedBytes]:
    folder = layout.moderation_folder(submission, year)
    sources: list[SignedBytes] = []
    while (source := signed_at(tree, f"{folder}/{len(sources) + 1}.json")) is not None:
        sources.append(source)
    return sources


def _mentions(source: SignedBytes, manifests: Sequence[str]) -> bool:
    return any(manifest.encode() in source.data for manifest in manifests)


def _counted(
    tree: Tree, links: Sequence[Link[Moderation]], *, registry: str, means: Means
) -> tuple[Link[Moderation], ...]:
    """The decisions that count: what somebody signed at or after their own end counts for nothing.

    A decision by nobody who ever might sign it refuses all of them.
    """
    government = government_at(tree, registry=registry, check=means.check)
    counted = []
    for link in links:
        what = f"decision {link.number} about {link.body.submission[:12]}"
        if link.body.action == "objection" and any(name.startswith("authors/") for name in link.body.under):
            held = _by_control_key(tree, link, government, what, means)
        else:
            held = _by_moderator(link, government, what, means)
        counted += [link] if held else []
    return tuple(counted)


def _by_moderator(link: Link[Moderation], government: Government, what: str, means: Means) -> bool:
    moderators = government.moderators
    body, now = moderators.named(link.body.under, what).body, moderators.head.body
    signed = signers(link.source, moderator_keys(body), check=means.check, what=what)
    if not people_of(body, signed):
        raise NotTrusted(f"{what} is signed by no moderator", code="not-authorised")
    held = {row.k16 for person in now.people for row in person.keys if row.held_at(link.body.at)}
    return bool(people_of(body, signed & held))


def _by_control_key(tree: Tree, link: Link[Moderation], government: Government, what: str, means: Means) -> bool:
    """An author objects: with a control key of each keyring that it names."""
    held = True
    for subject in sorted(link.body.under):
        keyring = keyring_at(tree, government, subject.partition("/")[2], check=means.check)
        body = keyring.named(link.body.under, what).body
        control = {row.k16 for row in body.keys if row.active and row.use == "control"}
        signed = control & signers(link.source, [row.raw for row in body.keys], check=means.check, what=what)
        if not signed:
            raise NotTrusted(f"{what} is signed by no control key of {subject}", code="not-authorised")
        held &= any(row.k16 in signed and row.held_at(link.body.at) for row in keyring.head.body.keys)
    return held
