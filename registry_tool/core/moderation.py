"""What moderators said about submissions (part 4, `moderation/`)."""

from collections.abc import Sequence

from registry_tool.core import layout
from registry_tool.core.authority import moderator_keys, people_of
from registry_tool.core.chains import Link, SignedBytes, read_links, signers
from registry_tool.core.errors import NotTrusted
from registry_tool.core.published import signed_at
from registry_tool.core.standing import government_at
from registry_tool.core.statements import Moderation
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means


def moderation_subject(submission: str, year: str) -> str:
    """The subject of a chain of decisions; it follows from the path."""
    return f"moderation/{year}/{submission}"


def read_decisions(tree: Tree, submission: str, *, registry: str, means: Means) -> tuple[Link[Moderation], ...]:
    """Every decision about a submission, oldest first, each signed by a moderator; raises `NotTrusted`."""
    found: list[Link[Moderation]] = []
    for year in tree.list("index/moderation"):
        folder = layout.moderation_folder(submission, year.name)
        sources: list[SignedBytes] = []
        while (source := signed_at(tree, f"{folder}/{len(sources) + 1}.json")) is not None:
            sources.append(source)
        if sources:
            subject = moderation_subject(submission, year.name)
            found += read_links(Moderation, subject, sources, registry=registry)
    moderators = government_at(tree, registry=registry, check=means.check).moderators if found else None
    for link in found:
        what = f"decision {link.number} about {submission[:12]}"
        if moderators is not None:
            body = moderators.named(link.body.under, what).body
            signed = signers(link.source, moderator_keys(body), check=means.check, what=what)
            if not people_of(body, signed):
                raise NotTrusted(f"{what} is signed by no moderator", code="not-authorised")
    return tuple(found)


def decided_about(
    tree: Tree, submission: str, manifests: Sequence[str], *, registry: str, means: Means
) -> Moderation | None:
    """The last word about a submission, or about one with the same manifests: its id changes when
    something that it brought landed with another.
    """
    said = latest_decision(tree, submission, registry=registry, means=means)
    if said is not None or not manifests:
        return said
    others = {
        entry.name for year in tree.list("index/moderation") for entry in tree.list(f"index/moderation/{year.name}")
    }
    decisions = (latest_decision(tree, other, registry=registry, means=means) for other in sorted(others))
    about = [one for one in decisions if one is not None and set(one.manifests) == set(manifests)]
    return max(about, key=lambda one: one.at, default=None)


def latest_decision(tree: Tree, submission: str, *, registry: str, means: Means) -> Moderation | None:
    """The last word about a submission; `None` where nobody said anything."""
    links = read_decisions(tree, submission, registry=registry, means=means)
    return max((link.body for link in links), key=lambda body: body.at, default=None)
