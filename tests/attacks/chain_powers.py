"""Attacks by those who may do something and take more; signatures that are missing or bad."""

from typing import Final

from tests.attacks.chains import (
    BOB_IS_MEMBER,
    BOB_OWNS,
    BOTH,
    GATE,
    KEYRING,
    OTHER,
    SCOPE,
    TWO,
    TWO_CONTROL,
    Attacks,
    all_of,
    author,
    bent,
    dropped,
    identity,
    keyring,
    moderators,
    policy,
    put,
    replaced,
    scope,
    unsigned,
)

UNSIGNED: Final[Attacks] = (
    ("a moderator's countersignature is stripped off a keyring", (unsigned(KEYRING, "mod"),), "not-countersigned"),
    ("a moderator's countersignature is stripped off a scope", (unsigned(SCOPE, "mod"),), "not-countersigned"),
    ("a countersignature is bent", (bent(KEYRING, "mod"),), "bad-signature"),
    (
        "a countersignature that nobody asked for is bent",
        (keyring(*BOTH), bent(KEYRING.replace("1.", "2."), "mod")),
        "bad-signature",
    ),
    ("an owner's signature is stripped", (unsigned(SCOPE, "ann control"),), "not-authorised"),
    ("an owner's signature is bent", (bent(SCOPE, "ann control"),), "bad-signature"),
    ("a new key's own signature is stripped", (unsigned(KEYRING, "ann signing"),), "not-authorised"),
    ("a keyring is extended by a signing key", (keyring(*BOTH, by=("ann signing", "mod")),), "not-authorised"),
    (
        "a keyring is extended by a key that ended",
        (
            TWO_CONTROL,
            keyring(*BOTH, over=("ann control 2",)),
            keyring(*BOTH, over=("ann control 2",), by=("ann control 2", "mod")),
        ),
        "not-authorised",
    ),
    (
        "a keyring is extended by the key that it lets in",
        (keyring(*TWO, by=("ann control 2", "mod")),),
        "not-authorised",
    ),
    ("a keyring is extended by a moderator alone", (keyring(*BOTH, by=("mod",)),), "not-authorised"),
    ("a new key is let in that never signed", (keyring(*TWO),), "not-authorised"),
    (
        "a new key is let in by its owner alone",
        (keyring(*TWO, by=("ann control", "ann control 2")),),
        "not-countersigned",
    ),
    (
        "an account is added by its owner alone",
        (
            keyring(
                *BOTH,
                by=("ann control",),
                change=put("accounts", [{"forge": "forge.example", "number": 1, "name": "ann"}]),
            ),
        ),
        "not-countersigned",
    ),
    (
        "a widening does not say under which moderators",
        (scope(by=("ann control", "mod"), change=all_of(put("needs", "identity"), dropped("under", "moderators"))),),
        "not-countersigned",
    ),
    ("a stranger countersigns", (keyring(*TWO, by=("ann control", "ann control 2", "eve")),), "not-countersigned"),
    (
        "the gate countersigns where policy lets it sign nothing",
        (GATE, keyring(*TWO, by=("ann control", "ann control 2", "gate"))),
        "not-countersigned",
    ),
    (
        "the gate countersigns a keyring where it may do scopes",
        (GATE, policy(gate_statements=["scope"]), keyring(*TWO, by=("ann control", "ann control 2", "gate"))),
        "not-countersigned",
    ),
    (
        "the gate takes back releases",
        (
            GATE,
            policy(gate_statements=["keyring"]),
            keyring(*BOTH, by=("ann control", "gate"), change=put("hits", [OTHER])),
        ),
        "not-countersigned",
    ),
    (
        "an author takes back releases alone",
        (keyring(*BOTH, by=("ann control",), change=put("hits", [OTHER])),),
        "not-countersigned",
    ),
    (
        "an owner takes back releases alone",
        (scope(by=("ann control",), change=put("hits", [OTHER])),),
        "not-countersigned",
    ),
)

TAKEN: Final[Attacks] = (
    (
        "a member writes for the scope",
        (*BOB_IS_MEMBER, author("eve"), scope(members=("bob", "eve"), by=("bob control", "eve control", "mod"))),
        "not-authorised",
    ),
    (
        "a member makes herself owner",
        (*BOB_IS_MEMBER, scope(owners=("ann", "bob"), members=("bob",), by=("bob control", "mod"))),
        "not-authorised",
    ),
    (
        "a member leaves and lets an identity in",
        (*BOB_IS_MEMBER, scope(over=("bob",), by=("bob control", "mod"), change=put("identities", [identity(1)]))),
        "not-authorised",
    ),
    (
        "a member ends another member",
        (
            *BOB_IS_MEMBER,
            author("eve"),
            scope(members=("bob", "eve"), by=("ann control", "eve control", "mod")),
            scope(members=("bob",), over=("eve",), by=("bob control", "mod")),
        ),
        "not-authorised",
    ),
    (
        "a member changes nothing",
        (*BOB_IS_MEMBER, scope(members=("bob",), by=("bob control", "mod"))),
        "not-authorised",
    ),
    (
        "a member leaves and brings a friend in",
        (
            *BOB_IS_MEMBER,
            author("eve"),
            scope(members=("eve",), over=("bob",), by=("bob control", "eve control", "mod")),
        ),
        "not-authorised",
    ),
    ("an owner lets in one who never signed", (author("bob"), scope(members=("bob",))), "not-authorised"),
    (
        "an owner lets in one whose signing key signed",
        (author("bob"), scope(members=("bob",), by=("ann control", "bob signing", "mod"))),
        "not-authorised",
    ),
    (
        "an owner lets in one without a moderator",
        (author("bob"), scope(members=("bob",), by=("ann control", "bob control"))),
        "not-countersigned",
    ),
    (
        "one owner removes another alone",
        (*BOB_OWNS, scope(owners=("ann",), owners_over=("bob",), by=("ann control",))),
        "not-countersigned",
    ),
    (
        "an owner loosens what releases need",
        (scope(change=put("needs", "both")), scope(by=("ann control",), change=put("needs", "key"))),
        "not-countersigned",
    ),
    (
        "an owner swaps keys for identities",
        (scope(by=("ann control",), change=put("needs", "identity")),),
        "not-countersigned",
    ),
    (
        "an owner lets in an identity alone",
        (scope(by=("ann control",), change=put("identities", [identity(1)])),),
        "not-countersigned",
    ),
    (
        "one control key ends all others",
        (TWO_CONTROL, keyring("ann control 2", "ann signing", over=("ann control",), by=("ann control 2",))),
        "not-countersigned",
    ),
    (
        "a tightening smuggles in a member",
        (author("bob"), scope(members=("bob",), by=("ann control", "bob control"), change=put("needs", "both"))),
        "not-countersigned",
    ),
    (
        "a key that was ended goes back to a lower keyring",
        (
            *BOB_IS_MEMBER,
            TWO_CONTROL,
            scope(members=("bob",)),
            scope(members=("bob",), change=put("under authors/ann number", 1)),
        ),
        "bad-under",
    ),
    (
        "a lower keyring is named with a statement between",
        (
            *BOB_OWNS,
            TWO_CONTROL,
            scope(owners=("ann", "bob")),
            scope(owners=("ann", "bob"), by=("bob control", "mod"), change=dropped("under", "authors/ann")),
            scope(owners=("ann", "bob"), change=put("under authors/ann number", 1)),
        ),
        "bad-under",
    ),
    (
        "one number is named with two digests",
        (
            scope(change=put("under", {"authors/bob": {"number": 1, "sha256": "ab" * 32}})),
            scope(change=put("under", {"authors/bob": {"number": 1, "sha256": "cd" * 32}})),
        ),
        "chain-forked",
    ),
    (
        "a keyring recovers with its control key alone",
        (keyring(*BOTH, by=("ann control",), change=put("mode", "recover")),),
        "not-authorised",
    ),
    (
        "a first keyring recovers",
        (replaced(KEYRING, keyring(*BOTH, by=(*BOTH, "mod"), change=put("mode", "recover"))),),
        "not-authorised",
    ),
    (
        "a scope is recovered by too few moderators",
        (moderators("mod", "eva", threshold=2), scope(by=("mod",), change=put("mode", "recover"))),
        "not-authorised",
    ),
    (
        "recovering lets in a key that never signed",
        (keyring(*TWO, by=("mod",), change=put("mode", "recover")),),
        "not-authorised",
    ),
    (
        "recovering a scope lets in one who never signed",
        (author("bob"), scope(owners=("ann", "bob"), by=("mod",), change=put("mode", "recover"))),
        "not-authorised",
    ),
)
