"""Tiers at work: the operator gives one, a person's machine keeps it, an install asks what it allows (M8).

issue    a moderator signs who has which tier, until when; it lands, and goes to them as a file
accept   their machine keeps it, once all of it holds
right_of what counts now: that tier, or Free with the reason
demand_room   whether what an install adds still fits
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from registry_tool.core import layout, limits
from registry_tool.core.canonical import parse_loose
from registry_tool.core.chains import SignedBytes
from registry_tool.core.demo_keys import is_demonstration
from registry_tool.core.entitlements import (
    FAMILY,
    Entitlement,
    KeptEntitlement,
    entitlements_at,
    read_entitlement,
    subject_of,
)
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, RegistryError, StateForbids, WrongUsage
from registry_tool.core.freshness import DAY
from registry_tool.core.keys import SignatureCheck, parse_key
from registry_tool.core.kind import Kinds
from registry_tool.core.layout import locate
from registry_tool.core.published import chain_at, registry_of, signed_at
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.standing import government_at, heads_at, keyring_at
from registry_tool.core.tiers import FREE, TIERS_TABLE, Tier, caps_by_category, excess, read_tiers
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Overlay, Tree
from registry_tool.services.bench import TRIES, Bench, advance, me, moved, tip_of
from registry_tool.services.consumer import Prepared
from registry_tool.services.contact import Contact
from registry_tool.services.indexed import IndexedSource
from registry_tool.services.project import Receipt

SHOWN: Final = 20
"""How many names a message lists."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator gives to somebody."""

    holder: str
    tier: str
    until: str
    keys: tuple[str, ...] = ()
    """Public keys that the holder has."""
    author: str = ""
    """Whose active signing keys count too; the holder's own where nothing is said."""
    caps: Mapping[str, int | None] = field(default_factory=dict)
    """By category, what takes the place of the tier's own cap; `None` takes it away."""


def issue(bench: Bench, order: Order) -> dict[str, Any]:  # Any: JSON
    """Gives a tier: signs the entitlement and lands it; what was given, with `entry`, the file to send.

    `StateForbids` (`no-tiers`) where the registry has none; `NotFound` for another tier or author.
    """
    for _ in range(TRIES):
        commit, tip = tip_of(bench.history)
        person, signer = me(bench, tip)
        at = bench.now()
        value = _entitlement(bench, tip, order, at)
        path = layout.statement_path(value["subject"], value["number"])
        files = sealed(path, value, [signer])
        merged = Overlay(tip, files)
        government = government_at(merged, registry=registry_of(tip), check=bench.means.check)
        FAMILY.verify(merged, locate(path), government, bench.means)
        message = f"Give {order.holder} the tier {order.tier} until {order.until}\n"
        new = advance(bench, commit, files, message=message, by=person.id, at=at)
        if new is not None:
            source = signed_at(merged, path)
            entry = source.entry() if source is not None else {}
            told = {name: value[name] for name in ("registry", "holder", "tier", "keys", "caps", "publish", "until")}
            return {**told, "number": value["number"], "by": person.id, "commit": new, "entry": entry}
    raise moved()


def _entitlement(bench: Bench, tip: Tree, order: Order, at: int) -> dict[str, Any]:  # Any: JSON
    """The statement that follows on what the holder had."""
    registry, subject = registry_of(tip), subject_of(order.holder)
    tiers = read_tiers(tip.read(TIERS_TABLE))
    if tiers is None:
        hint = f"a moderator approves a submission that adds {TIERS_TABLE}; `registry init --tiers` begins with one"
        raise StateForbids("this registry has no tiers", code="no-tiers", hint=hint)
    if order.tier not in tiers:
        raise NotFound(f"no tier is called {order.tier}", code="no-tier", hint="one of: " + ", ".join(sorted(tiers)))
    government = government_at(tip, registry=registry, check=bench.means.check)
    given = entitlements_at(tip, order.holder, government, check=bench.means.check)
    if given and from_seconds(at) < given[-1].body.at:
        message = f"this machine's clock says {from_seconds(at)}, and {order.holder} was given a tier after that"
        raise StateForbids(message, code="clock-behind", hint="set the clock right")
    keys = _keys(bench, tip, order)
    if is_demonstration(parse_key(key) for key in keys) and not government.demonstration:
        hint = "name a key that only the holder has"
        raise NotTrusted("one of the keys is a published test key, which everybody has", code="test-key", hint=hint)
    chain = chain_at(tip, subject)
    before = (len(chain), chain[-1].data) if chain else None
    heads = heads_at(tip, ["moderators"])
    value = {
        **frame("registry.entitlement/1", registry, subject, before, heads),
        "tier": order.tier,
        "holder": order.holder,
        "keys": sorted(keys),
        "caps": _caps(tiers[order.tier], order, bench.kinds),
        "publish": tiers[order.tier].publish,
        "at": from_seconds(at),
        "until": order.until,
    }
    Entitlement.of(value)
    return value


def _keys(bench: Bench, tip: Tree, order: Order) -> frozenset[str]:
    author = order.author or ("" if order.keys else order.holder)
    if not author:
        return frozenset(order.keys)
    government = government_at(tip, registry=registry_of(tip), check=bench.means.check)
    try:
        keyring = keyring_at(tip, government, author, check=bench.means.check).head.body
    except NotFound as error:
        hint = "say --key with a public key of theirs (`registry keys list --json`), or --author with who is registered"
        raise NotFound(error.message, code=error.code, hint=hint) from error
    return frozenset(order.keys) | {row.key for row in keyring.keys if row.active and row.use == "signing"}


def _caps(tier: Tier, order: Order, kinds: Kinds) -> dict[str, int]:
    categories = {kind.category for kind in kinds}
    unknown = sorted(order.caps.keys() - categories)
    if unknown:
        hint = "one of: " + ", ".join(sorted(categories))
        raise WrongUsage(f"{unknown[0]} is no category", code="unknown-category", hint=hint)
    caps: dict[str, int | None] = {**caps_by_category(tier.caps, categories), **order.caps}
    return {category: cap for category, cap in sorted(caps.items()) if cap is not None}


@dataclass(frozen=True, slots=True)
class Right:
    """The tier that counts on this machine for one registry."""

    tier: str
    caps: Mapping[str, int]
    """By category, as the table or the entitlement says them; the old alias among them."""
    publish: bool
    until: str = ""
    """When it ends; empty for Free, which does not."""
    holder: str = ""
    why: str = ""
    """Why it is Free; empty where an entitlement counts."""


def accept(
    contact: Contact,
    data: bytes,
    before: Mapping[str, Any],  # Any: JSON
    *,
    keys: Collection[str],
    now: int,
    check: SignatureCheck,
) -> tuple[Entitlement, dict[str, Any]]:  # Any: JSON
    """The entitlement in the operator's file, and what is kept of it; `before` is what was kept until now.

    `keys` are the public keys on this machine, `now` is in seconds since 1970. `InvalidInput` for a file that is none;
    `NotTrusted` for one of another registry, of somebody else, edited, or by nobody who moderates today;
    `StateForbids` where it ended, or a newer one is kept.
    """
    value = parse_loose(data, limit=2 * limits.STATEMENT_BYTES, what="the file")
    if not isinstance(value, dict):
        hint = "the operator writes one with `registry tier issue`"
        raise InvalidInput("the file is no entitlement: it is no JSON object", code="invalid-document", hint=hint)
    kept = KeptEntitlement.of(value)
    if contact.government and contact.tiers is None:
        raise StateForbids("this registry has no tiers, so none is needed", code="no-tiers")
    body = _demand(contact, kept, keys=keys, now=now, check=check)
    number = _number(contact, before, body.holder, check)
    if number > body.number:
        message = f"this is number {body.number} of what {body.holder} was given, and number {number} is kept here"
        raise StateForbids(message, code="older-tier", hint="nothing to do: the newer one counts")
    newest = from_seconds(_not_before(contact, before))
    return body, {**kept.value(), "newest": newest}


def right_of(
    contact: Contact,
    kept: Mapping[str, Any],  # Any: JSON
    *,
    keys: Collection[str],
    now: int,
    check: SignatureCheck,
) -> Right | None:
    """What counts on this machine: the tier that was kept, else Free and why; `None` where there are no tiers."""
    _ = contact.government
    if contact.tiers is None:
        return None
    free = contact.tiers[FREE]
    right = Right(FREE, free.caps, free.publish, why="no entitlement of this registry is kept on this machine")
    if not kept:
        return right
    try:
        body = _demand(contact, KeptEntitlement.of(kept), keys=keys, now=now, check=check)
    except RegistryError as error:
        return replace(right, why=error.message)
    return Right(body.tier, body.caps, body.publish, body.until, body.holder)


def _demand(
    contact: Contact, kept: KeptEntitlement, *, keys: Collection[str], now: int, check: SignatureCheck
) -> Entitlement:
    given = read_entitlement(SignedBytes.of(kept), contact.government, check=check)
    body = given.body
    again = "ask the operator for another one"
    if not (given.counts and given.today):
        message = f"the entitlement of {body.holder} is signed by nobody who moderates this registry today"
        raise NotTrusted(message, code="not-authorised", hint=again)
    if not set(body.keys) & set(keys):
        message = f"the entitlement is for {body.holder}, and none of the keys that it names is on this machine"
        raise NotTrusted(message, code="other-holder", hint="`registry keys list` shows yours; " + again)
    newest = max(now, _not_before(contact, kept.value()))
    if not body.holds_at(newest):
        late = f" (this machine's clock says {from_seconds(now)})" if now < to_seconds(body.until) else ""
        message = f"the entitlement of {body.holder} to {body.tier} ended at {body.until}{late}"
        raise StateForbids(message, code="tier-ended", hint=again)
    return body


def _not_before(contact: Contact, kept: Mapping[str, Any]) -> int:  # Any: JSON
    """The newest time that this machine verified of the registry, in seconds since 1970: it is not earlier now."""
    before = contact.seen.before.get("names", {})
    times = [str(row["at"]) for row in (*before.values(), *contact.seen.names.values())]
    times += [str(kept["newest"])] if kept.get("newest") else []
    fresh = contact.source.freshness if isinstance(contact.source, IndexedSource) else None
    signed = 0
    if fresh is not None and "timestamp" in fresh.expires and "timestamp" in fresh.lifetimes:
        signed = to_seconds(fresh.expires["timestamp"]) - fresh.lifetimes["timestamp"] * DAY
    return max([signed, *map(to_seconds, times)])


def newest_of(contact: Contact, kept: Mapping[str, Any]) -> str:  # Any: JSON
    """The newest time that was verified of the registry, to be kept with the entitlement; empty where none is kept."""
    try:
        return from_seconds(_not_before(contact, KeptEntitlement.of(kept).value()))
    except InvalidInput:
        return ""


def _number(contact: Contact, before: Mapping[str, Any], holder: str, check: SignatureCheck) -> int:  # Any: JSON
    """The number of the entitlement of `holder` that is kept already; 0 where none is that holds."""
    try:
        given = read_entitlement(SignedBytes.of(KeptEntitlement.of(before)), contact.government, check=check)
    except RegistryError:
        return 0
    return given.body.number if given.body.holder == holder else 0


def by_category(receipts: Mapping[str, Receipt], registry: str, kinds: Kinds) -> dict[str, list[str]]:
    """What is installed from a registry, by category; kinds that this tool does not know apart."""
    found: dict[str, list[str]] = {}
    for name, receipt in sorted(receipts.items()):
        kind = receipt["record"]["kind"]
        if receipt["record"]["registry"] == registry and kind in kinds.by_id:
            found.setdefault(kinds[kind].category, []).append(name)
    return found


def demand_room(
    right: Right,
    receipts: Mapping[str, Receipt],
    prepared: Sequence[Prepared],
    *,
    registry: str,
    kinds: Kinds,
    gone: Collection[str] = (),
    flags: str = "",
) -> None:
    """Refuses, as `StateForbids` (`tier-cap`), an install that adds more than the tier allows.

    `receipts` are of everything installed, `gone` the artifacts that the same step takes away, `flags` name the folder
    on the command line. What takes the place of an installed version adds nothing.
    """
    left = {name: receipt for name, receipt in receipts.items() if name not in gone}
    added: dict[str, list[str]] = {}
    for step in (step for one in prepared for step in one.steps if step.verified.artifact not in left):
        added.setdefault(kinds[step.verified.manifest.kind].category, []).append(step.verified.artifact)
    caps = caps_by_category(right.caps, [kind.category for kind in kinds])
    found = excess(caps, there=by_category(left, registry, kinds), added=added)
    if found is None:
        return
    there = f"{len(found.there)} are installed here: {_names(found.there)}" if found.there else "none is installed here"
    message = (
        f"the tier {right.tier} allows {found.cap} {found.category} from this registry, and {there}; "
        f"{_names(found.added)} would be too many" + (f" ({right.why})" if right.why else "")
    )
    uninstall = f"uninstall one (registry uninstall {found.there[0]}{flags}), or " if found.there else ""
    hint = f"{uninstall}keep what the operator gave you: registry tier set FILE"
    raise StateForbids(message, code="tier-cap", hint=hint)


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
