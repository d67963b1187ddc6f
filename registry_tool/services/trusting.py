"""What people sign offline about a registry, and how it changes: who they are, whose keys jobs use, until when.

    Trust                what a repository says today, verified
    Wish ──wanted──▶ Wanted ──(signing/tuf/offline.py)──▶ texts ──▶ a change, which travels: services/changing.py

Root and targets are made anew only where they must be: another key of the bins needs no new root, other
people need both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from registry_tool.core.authorities import Government
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, WrongUsage
from registry_tool.core.freshness import AHEAD_DAYS, DAY
from registry_tool.core.keys import PublicKey, SignatureCheck, k16, key_id, key_text
from registry_tool.core.quoting import quoted
from registry_tool.core.roots import Role, RoleKeys, Root, metadata_id
from registry_tool.core.standing import government_at
from registry_tool.core.statements import HeadRef
from registry_tool.core.stored import registry_of
from registry_tool.core.targets import Days, Targets, targets_at, trusted_root_at
from registry_tool.core.times import to_seconds
from registry_tool.core.tree import Tree
from registry_tool.services.founder import BINS, bits_of, terms_of


@dataclass(frozen=True, slots=True)
class Trust:
    """What a registry's trust stands on, verified from its id down."""

    government: Government
    targets: Targets | None
    """`None` where it was founded before there was a signed index."""
    trusted_root: bytes | None
    """The sigstore trust root that it believes."""

    @property
    def root(self) -> Root:
        """The newest."""
        return self.government.roots[-1]

    @property
    def days(self) -> Days:
        """How long what is signed stays fresh."""
        return self.targets.days if self.targets else terms_of(self.government.policy.head.body)

    @property
    def bins(self) -> RoleKeys:
        """Who signs the bins; without targets whoever signs the snapshot."""
        if self.targets is None:
            return self.root.roles["snapshot"]
        return RoleKeys(tuple(dict.fromkeys(self.targets.bin_keys.values())), self.targets.bin_threshold)

    def names(self) -> dict[bytes, str]:
        """What people are called, by their keys."""
        return names_in(self.root)


def names_in(root: Root) -> dict[bytes, str]:
    """What a root calls the people who sign offline, by their keys."""
    keys = {**root.keyids, **root.targets}
    return {key: root.names[keyid] for keyid, key in keys.items() if keyid in root.names}


def trust_at(tree: Tree, *, check: SignatureCheck) -> Trust:
    """What a repository says; raises `NotTrusted` and `InvalidInput` where it does not hold."""
    government = government_at(tree, registry=registry_of(tree), check=check)
    root = government.roots[-1]
    return Trust(government, targets_at(tree, root, check=check), trusted_root_at(tree, root, check=check))


def needed_targets(trust: Trust) -> Targets:
    """The targets; `NotFound` (`no-targets`) where a registry has none yet."""
    if trust.targets is not None:
        return trust.targets
    raise NotFound(
        "this registry was founded before there was a signed index: it has no targets metadata yet",
        code="no-targets",
        hint="make it, with the key that init kept as `targets`: registry trust refresh --registry REPO",
    )


def demand_fresh(trust: Trust, now: int) -> None:
    """Refuses root or targets that expired: whatever a job signs under them, no client would take."""
    ends = {"root": trust.root.expires} | ({"targets": trust.targets.expires} if trust.targets else {})
    for role, time in ends.items():
        if to_seconds(time) <= now:
            raise NotTrusted(
                f"its {role} expired at {time}, so no client takes what is signed under it",
                code="expired",
                hint=f"whoever holds its {role} keys runs: registry trust rotate --renew --registry REPO",
            )


def is_ending(time: str, now: int, *, days: int = AHEAD_DAYS) -> bool:
    """Whether a time is less than so many days ahead."""
    return to_seconds(time) - now < days * DAY


@dataclass(frozen=True, slots=True)
class Wish:
    """What a rotation should change; what is at its default stays as it is."""

    add: tuple[tuple[str, PublicKey], ...] = ()
    """People who sign offline from then on, with their keys."""
    remove: tuple[str, ...] = ()
    """Keys that end: a name, the beginning of an id, or the whole key."""
    threshold: int | None = None
    """How many people sign."""
    publishing: PublicKey | None = None
    """The key of the bins."""
    timestamp: PublicKey | None = None
    """The key of snapshot and timestamp."""
    bins: int | None = None
    trusted_root: bytes | None = None
    """The sigstore trust root to believe; empty for none."""
    days: tuple[tuple[str, int], ...] = ()
    """Terms by role."""
    renew: bool = False
    """Only newer dates."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The new metadata in values, for whoever writes texts."""

    roles: Mapping[Role, RoleKeys] | None
    """Of the new root; `None` where the root stays."""
    names: Mapping[str, str]
    moderators: HeadRef
    bins: RoleKeys | None
    """Of the new targets; `None` where they stay."""
    bits: int
    days: Days
    trusted_root: bytes | None
    root_number: int
    targets_number: int
    root_expires: int
    """Seconds since 1970."""
    targets_expires: int


def wanted(trust: Trust, wish: Wish, *, now: int) -> Wanted:
    """What the metadata becomes; `WrongUsage` where nothing is asked, `InvalidInput` for what cannot be."""
    root, targets = trust.root, trust.targets
    names = {key_text(key): name for key, name in trust.names().items()}
    roles = dict(root.roles)
    for role in ("root", "targets"):
        roles[role] = _people(root.roles[role], wish, names)
    if wish.timestamp is not None:
        roles["snapshot"] = roles["timestamp"] = RoleKeys((wish.timestamp,))
    offline = _of_people(roles)
    bins = RoleKeys((wish.publishing,)) if wish.publishing is not None else trust.bins
    _demand_apart(trust, offline, [*bins.keys, *roles["timestamp"].keys, *roles["snapshot"].keys])
    days = Days.of({**_all_days(trust.days), **dict(wish.days)})
    bits = bits_of(wish.bins) if wish.bins is not None else targets.bits if targets else bits_of(BINS)
    believed = trust.trusted_root if wish.trusted_root is None else wish.trusted_root or None
    new_root = wish.renew or roles != dict(root.roles)
    same = targets is not None and (bins, bits, days, believed, roles["targets"]) == (
        trust.bins,
        targets.bits,
        Days.of(_all_days(trust.days)),
        trust.trusted_root,
        root.roles["targets"],
    )
    if not new_root and same and not wish.renew:
        raise WrongUsage("nothing would change", hint="say what to change, or --renew for newer dates alone")
    called = {**names, **{key_text(key): name for name, key in wish.add}}
    return Wanted(
        roles=roles if new_root else None,
        names={metadata_id(key): called[key_text(key)] for key in offline if key_text(key) in called},
        moderators=trust.government.moderators.head.ref,
        bins=None if same and not wish.renew else bins,
        bits=bits,
        days=days,
        trusted_root=believed,
        root_number=root.number + 1,
        targets_number=(targets.number if targets else 0) + 1,
        root_expires=now + days.root * DAY,
        targets_expires=now + days.targets * DAY,
    )


def refreshed(trust: Trust, *, now: int) -> Wanted:
    """The same targets once more with newer dates, or the first ones."""
    return replace(wanted(trust, Wish(renew=True), now=now), roles=None)


def _all_days(days: Days) -> dict[str, int]:
    return {name: getattr(days, name) for name in Days.model_fields}


def _people(role: RoleKeys, wish: Wish, names: Mapping[str, str]) -> RoleKeys:
    """Who signs offline for a role then."""
    added = [key for _, key in wish.add]
    kept = [key for key in role.keys if not any(_means(text, key, names) for text in wish.remove)]
    keys = tuple(dict.fromkeys([*kept, *added]))
    threshold = role.threshold if wish.threshold is None else wish.threshold
    if not 1 <= threshold <= len(keys):
        raise InvalidInput(
            f"{threshold} of {len(keys)} people cannot sign",
            code="bad-threshold",
            hint="say how many of them must: --threshold K",
        )
    return RoleKeys(keys, threshold)


def _means(text: str, key: bytes, names: Mapping[str, str]) -> bool:
    """Whether `text` means a key: its person's name, the beginning of its id, or all of it."""
    ids = (str(key_id(key)), metadata_id(key))
    whole = text in (key_text(key), names.get(key_text(key)))
    return whole or (len(text) >= 8 and any(one.startswith(text) for one in ids))


def demand_known(trust: Trust, remove: Iterable[str]) -> None:
    """Refuses to take away a key that nobody has."""
    names = {key_text(key): name for key, name in trust.names().items()}
    keys = _of_people(trust.root.roles)
    for text in remove:
        if not any(_means(text, key, names) for key in keys):
            raise NotFound(
                f"nobody who signs offline has the key {quoted(text)}",
                code="unknown-key",
                hint="`registry trust status` shows their key ids",
            )


def _of_people(roles: Mapping[Role, RoleKeys]) -> list[PublicKey]:
    keys = (*roles["root"].keys, *roles["targets"].keys)
    return [PublicKey(key) for key in dict.fromkeys(keys)]


def _demand_apart(trust: Trust, offline: Sequence[bytes], online: Sequence[bytes]) -> None:
    """A job's key is no person's: whoever breaks into the job must not become one of those who sign offline."""
    uses = trust.government.uses()
    theirs = {key: use for use, keys in uses.items() if use not in ("root", "publishing") for key in keys}
    for key in (*offline, *online):
        if key in theirs or (key in offline and key in online):
            use = theirs.get(PublicKey(key), "a key that people sign with offline")
            raise InvalidInput(
                f"the key {k16(key)} has another use already: {use}",
                code="key-used-twice",
                hint="make a key for this use alone",
            )
