"""What a commit on the main line is, told from its additions alone (part 9, "Landing").

    ground    root, targets, sigstore trust root     signed offline          by themselves
    people    moderators, policy                     their threshold         by themselves
    decided   all else: what a submission brought, and what whoever approved it added to that

Nobody wrote down which file came from whom, and nobody needs to: the layout and the signers say it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core.errors import NotTrusted
from registry_tool.core.families import FAMILIES
from registry_tool.core.keys import K16
from registry_tool.core.layout import Located, Role, locate

Sort = Literal["ground", "people", "decided"]

_GROUND: Final[frozenset[Role]] = frozenset(("root", "targets", "trusted-root"))
_BY_APPROVERS: Final[frozenset[Role]] = frozenset(("admission", "approval", "moderation"))
_BY_THEMSELVES: Final = {"ground": "what is signed offline", "people": "a change of moderators or policy"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The additions of a landing, by who brought them."""

    submitted: Mapping[str, bytes]
    """What a submission may bring."""
    decided: Mapping[str, bytes]
    """What moderators or the gate wrote: admissions, approvals, decisions, events of theirs, countersignatures."""
    restored: Mapping[str, bytes]
    """Payload files of a name of which nothing is published here: withheld ones that come back."""


def sort_of(additions: Mapping[str, bytes]) -> Sort:
    """What kind of landing it is; `NotTrusted` (`mixed-landing`) for one that is two kinds at once."""
    found = {_sort(locate(path)) for path in additions}
    for sort in ("ground", "people"):
        if sort in found and len(found) > 1:
            raise NotTrusted(
                f"{_BY_THEMSELVES[sort]} lands by itself, and this commit brings something else too",
                code="mixed-landing",
                hint="make two commits of it; the tool's own verbs do",
            )
    return found.pop() if found else "decided"


def parts_of(additions: Mapping[str, bytes], moderating: Collection[K16]) -> Parts:
    """The additions of a landing of the kind `decided`; `moderating` are the keys of moderators and the gate."""
    located = [locate(path) for path in sorted(additions)]
    signed: dict[str, list[bool]] = {}
    for one in located:
        if one.sig is not None:
            signed.setdefault(signed_by(one), []).append(one.sig in moderating)
    theirs = {path for path, all_theirs in signed.items() if all(all_theirs)}
    published = {one.artifact for one in located if one.role == "pointer"}
    parts: dict[str, dict[str, bytes]] = {"submitted": {}, "decided": {}, "restored": {}}
    for one in located:
        parts[_part(one, moderating, theirs, published)][one.path] = additions[one.path]
    return Parts(parts["submitted"], parts["decided"], parts["restored"])


def stray_signatures(additions: Mapping[str, bytes]) -> tuple[str, ...]:
    """Detached signatures that come without the document that they sign, sorted."""
    located = (locate(path) for path in sorted(additions))
    return tuple(one.path for one in located if one.sig is not None and signed_by(one) not in additions)


def _sort(located: Located) -> Sort:
    if located.role in _GROUND:
        return "ground"
    return "people" if located.subject in ("moderators", "policy") else "decided"


def _part(
    one: Located, moderating: Collection[K16], theirs: Collection[str], published: Collection[object]
) -> Literal["submitted", "decided", "restored"]:
    if one.role in _BY_APPROVERS or (one.role in FAMILIES and not FAMILIES[one.role].submitted):
        return "decided"
    if one.sig in moderating or (one.role != "chain" and one.path in theirs):
        return "decided"
    return "restored" if one.role == "blob" and one.artifact not in published else "submitted"


def signed_by(one: Located) -> str:
    """The path of the document that a detached signature is of."""
    return one.path.removesuffix(f".{one.sig}.sig") + ".json"
