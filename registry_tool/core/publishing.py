"""Who may publish where a registry has tiers (M8): whose tier says so, and whose claims a moderator confirmed.

Where `index/tiers.yaml` is not on the tip, everybody whom their scope lists. What the documents say and what their
signatures prove are two questions: checks ask the first, a landing asks both.
"""

from registry_tool.core import layout, limits
from registry_tool.core.authorities import Government
from registry_tool.core.document import load
from registry_tool.core.entitlements import Entitlement, entitlements_at, subject_of
from registry_tool.core.errors import NotTrusted, RegistryError, StateForbids
from registry_tool.core.joining_profiles import profile_of
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.stored import chain_at
from registry_tool.core.tiers import FREE, PUBLISH, TIERS_TABLE
from registry_tool.core.tree import Tree


def has_tiers(tip: Tree) -> bool:
    """Whether the registry has tiers."""
    return tip.entry(TIERS_TABLE) is not None


def publish_fault(tip: Tree, author: str, *, registry: str, at: int) -> tuple[str, str] | None:
    """Why the tier of an author lets them publish nothing, and what to do; `None` where it does.

    Signatures are not looked at: `demand_publisher` does. `at` in seconds since 1970.
    """
    if not has_tiers(tip):
        return None
    give = f"ask the operator for a tier: registry tier issue {author} --tier pro --until TIME"
    body = _newest(tip, author, registry)
    if body is None:
        return f"{author} has no tier here, and {FREE} publishes nothing", give
    if not body.holds_at(at):
        return f"the tier {body.tier} of {author} ended at {body.until}", give
    if not body.publish:
        return f"the tier {body.tier} of {author} publishes nothing", give
    return None


def demand_publisher(tip: Tree, author: str, government: Government, *, check: SignatureCheck) -> None:
    """Refuses an author whose entitlement no moderator gave, or who is not verified; nothing where there are no tiers.

    `NotTrusted` and `StateForbids`, both with the code `tier`. An author without any is told by `publish_fault`.
    """
    if not has_tiers(tip):
        return
    given = entitlements_at(tip, author, government, check=check)
    if not given:
        return
    if not given[-1].counts:
        raise NotTrusted(
            f"{PUBLISH} is off: the entitlement of {author} is signed by nobody who was a moderator then",
            code="tier",
            hint=f"the operator gives another: registry tier issue {author}",
        )
    if not is_verified(tip, author, government, check=check):
        raise StateForbids(
            f"{PUBLISH} is off: {author} is not verified",
            code="tier",
            hint="claim a domain or an account in your profile (`registry author`), and let a moderator confirm it",
        )


def is_verified(tip: Tree, author: str, government: Government, *, check: SignatureCheck) -> bool:
    """Whether a moderator confirmed a claim of the author's profile (M14)."""
    found = profile_of(tip, author, government, check=check)
    return found is not None and found.standing is not None and found.standing.verified


def _newest(tip: Tree, author: str, registry: str) -> Entitlement | None:
    chain = chain_at(tip, subject_of(author))
    if not chain:
        return None
    path = layout.statement_path(subject_of(author), len(chain))
    try:
        return load(Entitlement, chain[-1].data, limit=limits.STATEMENT_BYTES, registry=registry, what=path)
    except RegistryError:
        return None
