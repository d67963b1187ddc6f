"""Attacks on the order of a chain and on its rows."""

from typing import Final

from tests.attacks.chains import (
    BOB_IS_MEMBER,
    BOB_OWNS,
    BOTH,
    GATE,
    KEYRING,
    OTHER,
    SCOPE,
    WITH_BOB,
    Attacks,
    account,
    author,
    deleted,
    edited,
    foreign,
    identity,
    joined,
    keyring,
    moderators,
    person_ends,
    policy,
    put,
    replaced,
    scope,
)

CUT: Final[Attacks] = (
    ("a keyring has a gap in its numbers", (keyring(*BOTH, change=put("number", 3)),), "chain-gap"),
    (
        "a keyring follows a statement that is not there",
        (keyring(*BOTH, change=put("previous", OTHER)),),
        "chain-forked",
    ),
    (
        "a second statement says that it follows nothing",
        (keyring(*BOTH, change=put("previous", None)),),
        "chain-forked",
    ),
    ("a keyring is about another author", (keyring(*BOTH, change=put("subject", "authors/bob")),), "other-subject"),
    ("a keyring is of another registry", (keyring(*BOTH, change=put("registry", "ab" * 32)),), "other-registry"),
    ("another registry's keyring is put in place", (foreign,), "other-registry"),
    (
        "a keyring is cut, and the scope names the number",
        (keyring(*BOTH), scope(), deleted(KEYRING.replace("1.", "2."))),
        "bad-under",
    ),
    (
        "moderators are cut, and the policy names the number",
        (moderators("mod"), policy(), deleted("index/moderators/2.json")),
        "bad-under",
    ),
    (
        "a policy is cut, and a keyring names the number",
        (policy(), keyring(*BOTH), deleted("index/policy/2.json")),
        "bad-under",
    ),
    ("an author is called as a device is on Windows", (author("nul"),), "bad-name"),
    ("an author's id is an encoded name", (author("xn--a"),), "bad-name"),
    ("a whole chain is missing", (deleted(SCOPE),), "chain-empty"),
    ("a keyring that signed for the scope is missing", (deleted(KEYRING), author("bob")), "keyring-missing"),
    (
        "a keyring's first statement is replaced",
        (replaced(KEYRING, keyring(*BOTH, by=(*BOTH, "mod"), change=put("extensions", {"org.example": 1}))),),
        "chain-forked",
    ),
    (
        "a scope's first statement is replaced by a stranger",
        (author("eve"), replaced(SCOPE, scope(owners=("eve",), by=("eve control",)))),
        "not-countersigned",
    ),
    (
        "a statement names a keyring that never was",
        (scope(change=put("under", {"authors/ann": {"number": 2, "sha256": "ab" * 32}})),),
        "bad-under",
    ),
    (
        "a statement names another chain's digest",
        (scope(change=put("under", {"authors/ann": {"number": 1, "sha256": "ab" * 32}})),),
        "chain-forked",
    ),
    (
        "a keyring names a chain that cannot sign it",
        (keyring(*BOTH, change=put("under", {"scopes/ann": {"number": 1, "sha256": "ab" * 32}})),),
        "bad-under",
    ),
    (
        "a scope names itself",
        (scope(change=put("under", {"scopes/ann": {"number": 1, "sha256": "ab" * 32}})),),
        "bad-under",
    ),
)

ROWS: Final[Attacks] = (
    ("a key vanishes", (keyring("ann control"),), "row-vanished"),
    ("a member vanishes", (*BOB_IS_MEMBER, scope()), "row-vanished"),
    ("an owner vanishes", (*BOB_OWNS, scope()), "row-vanished"),
    ("an identity vanishes", (scope(change=put("identities", [identity(1)])), scope()), "row-vanished"),
    (
        "an identity becomes another",
        (scope(change=put("identities", [identity(1)])), scope(change=put("identities", [identity(2)]))),
        "row-vanished",
    ),
    ("a moderator vanishes", (moderators("mod", "eva"), moderators("mod", by=("mod", "eva"))), "row-vanished"),
    ("a gate key vanishes", (GATE, moderators("mod")), "row-vanished"),
    (
        "a moderator who only reviews in a forge vanishes",
        (
            moderators("mod", change=joined({"id": "eva", "author": None, "accounts": [], "keys": []})),
            moderators("mod"),
        ),
        "row-vanished",
    ),
    (
        "a moderator's account vanishes",
        (moderators("mod", change=put("people 0 accounts", [account()])), moderators("mod")),
        "row-vanished",
    ),
    (
        "a moderator is the author no more",
        (moderators("mod", change=put("people 0 author", "ann")), moderators("mod")),
        "row-changed",
    ),
    ("a key comes back", (keyring("ann control", over=("ann signing",)), keyring(*BOTH)), "row-changed"),
    (
        "a member comes back",
        (*BOB_IS_MEMBER, scope(over=("bob",)), scope(members=("bob",), by=WITH_BOB)),
        "row-changed",
    ),
    (
        "a key ends at another time than it did",
        (
            keyring("ann control", over=("ann signing",)),
            keyring("ann control", over=("ann signing",), change=put("keys 1 since", "2026-07-01T00:00:00Z")),
        ),
        "row-changed",
    ),
    ("a key changes its use", (edited("use", "ann signing", "control"),), "row-changed"),
    ("a new key has ended already", (keyring(*BOTH, over=("ann signing 2",)),), "row-changed"),
    ("a new member has ended already", (author("bob"), scope(over=("bob",), by=WITH_BOB)), "row-changed"),
    ("the last control key ends", (keyring("ann signing", over=("ann control",)),), "invalid-document"),
    ("the last owner ends", (scope(owners=(), owners_over=("ann",)),), "invalid-document"),
    ("the last moderator ends", (moderators("mod", change=person_ends(0)),), "invalid-document"),
    (
        "a key of small order joins",
        (edited("key", "ann signing", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),),
        "bad-key",
    ),
    (
        "a key that is not canonical joins",
        (edited("key", "ann signing", "/////////////////////////////////////////38="),),
        "bad-key",
    ),
    (
        "a key that is no point of the curve joins",
        (edited("key", "ann signing", "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),),
        "bad-key",
    ),
)
