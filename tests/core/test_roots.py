"""Root metadata as a client reads it; attacks on it are in `tests/attacks`."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core import canonical
from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.keys import key_text
from registry_tool.core.published import roots_at
from registry_tool.core.roots import Root, read_roots, registry_id
from registry_tool.signing.ed25519 import Ed25519Signer, check
from registry_tool.signing.tuf.offline import RoleKeys, make_root, signed_by
from tests.building_chains import Chains

Edit = Callable[[dict[str, Any]], object]


def chains(*more: Edit) -> Chains:
    """A registry's first root, changed before it is signed."""

    def change(signed: dict[str, Any]) -> None:
        for edit in more:
            edit(signed)

    made = Chains(demo=False)
    made.root(change=change)
    return made


def read(made: Chains) -> tuple[Root, ...]:
    """All roots."""
    return read_roots(roots_at(made.tree()), registry=made.id, check=check)


def some_key(signed: dict[str, Any]) -> dict[str, Any]:
    """One of the keys that a root lists."""
    found: dict[str, Any] = signed["keys"][signed["roles"]["root"]["keyids"][0]]
    return found


def test_the_first_root_makes_the_id() -> None:
    """The id is the digest of the file; its keys and thresholds are read."""
    made = chains()
    first = made.files["index/trust/1.root.json"]
    (root,) = read(made)

    assert made.id == registry_id(first) == sha256(first) == root.sha256
    assert (1, (made.hand("root").key,), 1, None) == (root.number, root.keys, root.threshold, root.moderators)
    assert {made.hand("targets").key, made.hand("publishing").key} == set(root.others)


def test_a_root_of_the_tuf_library_is_read() -> None:
    """What python-tuf writes in compact form is canonical and verified, with two root keys."""
    people = [Ed25519Signer(bytes([number]) * 32) for number in range(1, 5)]
    one, two, three, four = (person.key for person in people)
    root, targets, online = RoleKeys((one, two), 2), RoleKeys((three,)), RoleKeys((four,))
    data = make_root({"root": root, "targets": targets, "snapshot": online, "timestamp": online}, expires=2_000_000_000)
    data = signed_by(data, people[:2])
    (read_root,) = read_roots([data], registry=registry_id(data), check=check)

    assert [2, 2, 2] == [len(read_root.keys), read_root.threshold, len(read_root.others)]


@pytest.mark.parametrize(
    ("edit", "code", "said"),
    [
        (lambda signed: signed.update(surprise=1), "invalid-document", "surprise: is not a member"),
        (lambda signed: signed.update(_type="targets"), "invalid-document", "_type"),
        (lambda signed: signed.update(spec_version="2.0.0"), "invalid-document", "spec_version"),
        (lambda signed: signed.update(expires="soon"), "invalid-document", "expires"),
        (lambda signed: signed.update(version=0), "invalid-document", "version"),
        (lambda signed: signed.update(version=2), "chain-gap", "version 2"),
        (lambda signed: signed["roles"].pop("snapshot"), "invalid-document", "four roles"),
        (lambda signed: signed["roles"].update(mirrors=signed["roles"]["root"]), "invalid-document", "mirrors"),
        (lambda signed: signed["roles"]["root"].update(threshold=0), "invalid-document", "threshold"),
        (lambda signed: signed["roles"]["root"].update(threshold=2), "bad-root", "2 of its own root keys"),
        (lambda signed: signed["roles"]["root"]["keyids"].append("ab" * 32), "invalid-document", "does not list"),
        (lambda signed: signed["roles"]["targets"].update(keyids=["ab"]), "invalid-document", "does not list"),
        (lambda signed: some_key(signed).update(keytype="rsa"), "bad-key", "'rsa'"),
        (lambda signed: some_key(signed).update(scheme="ecdsa"), "bad-key", "ed25519"),
        (lambda signed: some_key(signed)["keyval"].update(public="01" + "00" * 31), "bad-key", "small order"),
        (lambda signed: some_key(signed)["keyval"].update(public="01" * 8), "bad-key", "32 bytes"),
        (lambda signed: some_key(signed)["keyval"].update(public="0"), "invalid-document", "public"),
        (
            lambda signed: signed.update({"x-moderators": {"number": 1, "sha256": "ab" * 32}}),
            "invalid-document",
            "pins",
        ),
        (lambda signed: signed.update({"x-moderators": None}), "invalid-document", "null"),
    ],
)
def test_a_root_that_is_not_well_formed_is_refused(edit: Edit, code: str, said: str) -> None:
    """Each member of a root has its form, and the first root pins nothing."""
    with pytest.raises(RegistryError) as refused:
        read(chains(edit))

    assert code == refused.value.code
    assert said in refused.value.message


def resigned(made: Chains, edit: Callable[[list[dict[str, Any]]], object]) -> Chains:
    """The first root with its signatures changed, and the id that it gets by that."""
    path = "index/trust/1.root.json"
    value = canonical.parse(made.files[path], limit=10**6, what="root")
    edit(value["signatures"])
    made.files[path] = canonical.encode(value)
    made.id = sha256(made.files[path])
    return made


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda signatures: signatures.append({"keyid": "ab" * 32, "sig": "00" * 64}), ""),
        (lambda signatures: signatures.append(signatures[0]), "invalid-document"),
        (lambda signatures: signatures[0].update(sig="00" * 64), "bad-signature"),
        (lambda signatures: signatures[0].update(sig="00" * 63), "bad-signature"),
        (lambda signatures: signatures[0].update(sig="xy"), "invalid-document"),
        (lambda signatures: signatures.clear(), "bad-root"),
    ],
)
def test_a_roots_signatures_all_hold(edit: Callable[[list[dict[str, Any]]], object], code: str) -> None:
    """One by an unknown key counts for nothing; one by a known key that does not hold refuses the root."""
    found = ""
    try:
        read(resigned(chains(), edit))
    except RegistryError as error:
        found = error.code

    assert code == found


@pytest.mark.parametrize("texts", [[], [b"{}"]])
def test_nothing_stands_in_for_the_first_root(texts: list[bytes]) -> None:
    """Another file, and none, are another registry."""
    with pytest.raises(RegistryError, match="another registry") as refused:
        read_roots(texts, registry="ab" * 32, check=check)

    assert (4, "other-registry") == (refused.value.exit_code, refused.value.code)


def test_a_root_is_canonical() -> None:
    """A root that python-tuf writes in its readable form is refused, though its id would be right."""
    data = b'{ "signatures": [], "signed": {} }'

    with pytest.raises(RegistryError, match="canonical"):
        read_roots([data], registry=sha256(data), check=check)


def test_roots_follow_each_other() -> None:
    """A rotation signed by old and new keys is verified, and pins the moderators from there on."""
    made = chains()
    made.moderators({"mod": None})
    made.root(keys=("root two", "root three"), threshold=2, by=("root", "root two", "root three"))
    first, second = read(made)

    assert (None, 1) == (first.moderators, second.moderators.number if second.moderators else 0)
    assert {made.hand("root two").key, made.hand("root three").key} == set(second.keys)
    assert key_text(made.hand("root").key) not in {key_text(key) for key in second.keys}
