"""A change of root and targets that travels: what is refused of it, and what it says of itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.errors import RegistryError
from registry_tool.core.keys import k16
from registry_tool.core.roots import Role, RoleKeys, metadata_id
from registry_tool.core.targets import Days
from registry_tool.services.changing import Change, landing, new_change, read_change, signed, words
from registry_tool.services.trusting import Trust, Wish, trust_at, wanted
from registry_tool.signing.ed25519 import check
from registry_tool.signing.tuf.offline import add_signature, make_root, make_targets
from tests.builders import RegistryInMemory, a_registry
from tests.sites import with_targets

NOW = 1_800_000_000
UNTIL = NOW + 86_400 * 400
DAYS = Days(bins=10, snapshot=5, timestamp=2)
TRUST_ROOT = b'{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'

Json = dict[str, Any]


@pytest.fixture
def registry() -> RegistryInMemory:
    """A registry with one person's root and targets."""
    return with_targets(a_registry(demo=False))


def trust_of(registry: RegistryInMemory) -> Trust:
    """What it says today."""
    return trust_at(registry.tree(), check=check)


def a_root(registry: RegistryInMemory, *, version: int = 2, expires: int = UNTIL, **people: RoleKeys) -> bytes:
    """A next root: the same but for `people`."""
    trust = trust_of(registry)
    roles: dict[Role, RoleKeys] = {**trust.root.roles, **people}  # type: ignore[dict-item]  # names of roles
    pin = trust.government.moderators.head.ref
    return make_root(roles, expires=expires, version=version, moderators=pin)


def some_targets(registry: RegistryInMemory, *, version: int = 2, trusted_root: bytes | None = None) -> bytes:
    """Next targets."""
    keys = RoleKeys((registry.hand("publishing").key,))
    return make_targets(keys, version=version, expires=UNTIL, days=DAYS, bits=3, trusted_root=trusted_root)


def two_of_two(registry: RegistryInMemory) -> Change:
    """A change that lets Bob in, which nobody signed yet."""
    trust = trust_of(registry)
    wish = Wish(add=(("bob", registry.hand("bob").key),), threshold=2)
    want = wanted(trust, wish, now=NOW)
    assert want.roles is not None
    assert want.bins is not None
    root = make_root(want.roles, expires=want.root_expires, version=2, moderators=want.moderators, names=want.names)
    targets = make_targets(want.bins, version=2, expires=want.targets_expires, days=want.days, bits=want.bits)
    return new_change(trust, root=root, targets=targets, trusted_root=None, check=check)


def by(change: Change, registry: RegistryInMemory, *names: str) -> Change:
    """The same, signed by these."""
    return signed(change, [registry.hand(name) for name in names], add=add_signature, check=check)


def test_the_file_gives_the_change_back(registry: RegistryInMemory) -> None:
    """Written and read it is the same, with nobody's and with everybody's signatures."""
    change = two_of_two(registry)
    whole = by(change, registry, "root", "targets", "bob")

    assert change == read_change(change.to_bytes(), check=check)
    assert whole == read_change(whole.to_bytes(), check=check)
    assert (False, True) == (change.complete, whole.complete)


def test_the_order_of_signers_does_not_matter(registry: RegistryInMemory) -> None:
    """Bob first or last: complete either way, and a key that is not asked adds nothing."""
    change = two_of_two(registry)
    for order in (("bob", "targets", "root"), ("root", "targets", "stranger", "bob")):
        for name in order:
            change = by(read_change(change.to_bytes(), check=check), registry, name)

        assert change.complete
        assert {"index/trust/2.root.json", "index/trust/2.targets.json"} == landing(
            change, registry.tree(), check=check, now=NOW
        ).keys()
        change = two_of_two(registry)


def test_words_come_from_the_texts(registry: RegistryInMemory) -> None:
    """Who comes, who goes, how many sign, whose keys jobs use, until when: each is a sentence."""
    bob = k16(registry.hand("bob").key)
    said = "\n".join(words(two_of_two(registry)))
    trust = trust_of(registry)
    other = RoleKeys((registry.hand("job").key,))
    more = new_change(
        trust,
        root=a_root(registry, snapshot=other, root=RoleKeys((registry.hand("bob").key,))),
        targets=some_targets(registry, trusted_root=TRUST_ROOT),
        trusted_root=TRUST_ROOT,
        check=check,
    )
    told = "\n".join(words(more))

    assert f"the root: bob ({bob}) may sign from now on" in said
    assert "the root: signed by 2 of 2, until now 1 of 1" in said
    assert "it pins the moderators as they are in number 1" in said
    assert f"the root: the key {k16(registry.hand('root').key)} may sign no longer" in told
    assert "the snapshot: signed by 1 of 1" in told
    assert "timestamp 2; people" in told
    assert "keyless signatures are believed by the sigstore trust root" in told


def test_a_new_name_for_an_old_key_is_said(registry: RegistryInMemory) -> None:
    """Who calls Bob's key Ann is seen by those who are asked to sign."""
    whole = by(two_of_two(registry), registry, "root", "targets", "bob")
    registry.files |= whole.files()
    trust = trust_of(registry)
    pin = trust.government.moderators.head.ref
    names = {metadata_id(registry.hand("bob").key): "ann"}
    root = make_root(trust.root.roles, expires=UNTIL, version=3, moderators=pin, names=names)
    change = new_change(trust, root=root, targets=None, trusted_root=None, check=check)

    assert f"bob ({k16(registry.hand('bob').key)}) is called ann from now on" in words(change)


def edited(edit: Callable[[Json, RegistryInMemory], object]) -> Callable[[RegistryInMemory], bytes]:
    """The file of a change with its JSON changed by hand."""

    def made(registry: RegistryInMemory) -> bytes:
        value: Any = canonical.parse(two_of_two(registry).to_bytes(), limit=10**7, what="it")
        edit(value, registry)
        return canonical.encode(value)

    return made


def damaged(text: str) -> str:
    """Metadata whose first signature is another one."""
    value: Any = canonical.parse(text.encode(), limit=10**6, what="it")
    value["signatures"][0]["sig"] = "00" * 64
    return canonical.encode(value).decode()


def put(name: str, made: Callable[[RegistryInMemory], bytes]) -> Callable[[RegistryInMemory], bytes]:
    """The file of a change with another text in it."""
    return edited(lambda value, registry: value.update({name: made(registry).decode()}))


def signed_by_eve(registry: RegistryInMemory) -> bytes:
    """A root with the signature of somebody whom nobody asks."""
    return add_signature(a_root(registry), registry.hand("eve"))


HOSTILE = [
    ("nothing changes", edited(lambda v, r: [v.pop(n) for n in ("new_root", "new_targets")]), 1, "empty-change"),
    ("a member more", edited(lambda v, r: v.update(words="harmless")), 1, "invalid-document"),
    ("another registry's id", edited(lambda v, r: v.update(registry="0" * 64)), 4, "other-registry"),
    ("no id", edited(lambda v, r: v.update(registry="mine")), 1, "invalid-document"),
    ("a damaged root before", edited(lambda v, r: v.update(roots=[damaged(v["roots"][0])])), 4, "other-registry"),
    ("damaged targets before", edited(lambda v, r: v.update(targets=damaged(v["targets"]))), 4, "bad-signature"),
    ("unsigned targets before", put("targets", some_targets), 4, "bad-root"),
    ("a root that skips one", put("new_root", lambda r: a_root(r, version=3)), 1, "chain-gap"),
    ("targets that skip one", put("new_targets", lambda r: some_targets(r, version=3)), 1, "chain-gap"),
    ("a root that is targets", put("new_root", some_targets), 1, "invalid-document"),
    ("a stranger's signature", put("new_root", signed_by_eve), 1, "unknown-key"),
    (
        "a damaged signature",
        put("new_root", lambda r: damaged(add_signature(a_root(r), r.hand("root")).decode()).encode()),
        4,
        "bad-signature",
    ),
    (
        "a trust root that is not carried",
        put("new_targets", lambda r: some_targets(r, trusted_root=TRUST_ROOT)),
        1,
        "bad-digest",
    ),
    ("a trust root that is not listed", edited(lambda v, r: v.update(trusted_root="{}")), 1, "bad-digest"),
    ("new people without new targets", edited(lambda v, r: v.pop("new_targets")), 4, "bad-root"),
    ("not canonical", lambda r: b" " + two_of_two(r).to_bytes(), 1, "not-canonical"),
    ("too large", lambda r: b" " * (9 * 1024 * 1024), 1, "too-large"),
]


@pytest.mark.parametrize(("made", "exit_code", "code"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_a_hostile_change_is_refused(
    registry: RegistryInMemory, made: Callable[[RegistryInMemory], bytes], exit_code: int, code: str
) -> None:
    """Each file that is not what a change must be is refused before anybody is asked to sign it."""
    with pytest.raises(RegistryError) as refused:
        read_change(made(registry), check=check)

    assert (exit_code, code) == (refused.value.exit_code, refused.value.code), refused.value.message


def moderators_key(registry: RegistryInMemory) -> Change:
    """The moderator becomes root with the same key."""
    people = RoleKeys((registry.hand("root").key, registry.hand("mod").key))
    trust = trust_of(registry)
    return new_change(trust, root=a_root(registry, root=people), targets=None, trusted_root=None, check=check)


@pytest.mark.parametrize(
    ("made", "names", "expected"),
    [
        (two_of_two, ("root", "targets"), "half-signed"),
        (two_of_two, ("bob",), "half-signed"),
        (moderators_key, ("root",), "key-used-twice"),
        (
            lambda r: new_change(
                trust_of(r), root=a_root(r, expires=NOW), targets=None, trusted_root=None, check=check
            ),
            ("root",),
            "expired",
        ),
    ],
)
def test_what_would_not_hold_does_not_land(
    registry: RegistryInMemory, made: Callable[[RegistryInMemory], Change], names: tuple[str, ...], expected: str
) -> None:
    """Too few signatures, a key with another use and a root that is over are refused on the repository's tip."""
    change = by(made(registry), registry, *names)
    with pytest.raises(RegistryError) as refused:
        landing(change, registry.tree(), check=check, now=NOW)

    assert expected == refused.value.code


def test_a_change_lands_where_it_was_begun_and_once(registry: RegistryInMemory) -> None:
    """Another registry is exit 4; the same one a second time, or after another change, is exit 5."""
    whole = by(two_of_two(registry), registry, "root", "targets", "bob")
    other = with_targets(a_registry(demo=True))
    before = registry.tree()
    registry.files |= whole.files()
    third = a_root(registry, version=3)
    renewed = new_change(trust_of(registry), root=third, targets=None, trusted_root=None, check=check)
    rows = [(other.tree(), whole), (registry.tree(), whole), (before, renewed)]
    codes = []
    for tree, change in rows:
        with pytest.raises(RegistryError) as refused:
            landing(change, tree, check=check, now=NOW)
        codes.append(refused.value.code)

    assert ["other-registry", "landed", "moved"] == codes


def test_the_trust_root_travels_and_lands(registry: RegistryInMemory) -> None:
    """A change with a sigstore trust root carries it, and the repository believes it then."""
    trust = trust_of(registry)
    targets = some_targets(registry, trusted_root=TRUST_ROOT)
    change = new_change(trust, root=None, targets=targets, trusted_root=TRUST_ROOT, check=check)
    whole = read_change(by(change, registry, "targets").to_bytes(), check=check)
    registry.files |= landing(whole, registry.tree(), check=check, now=NOW)

    assert TRUST_ROOT == trust_of(registry).trusted_root
    assert whole.root == trust.root
    assert replace(whole, asked=()).complete
