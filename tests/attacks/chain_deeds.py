"""What looks like an attack and is honest."""

from typing import Final

from tests.attacks.chains import (
    BOB_IS_MEMBER,
    BOB_OWNS,
    BOTH,
    GATE,
    OTHER,
    ROOT_TWO,
    TWO,
    TWO_CONTROL,
    Deeds,
    account,
    author,
    ended,
    identity,
    keyring,
    moderators,
    person_ends,
    policy,
    put,
    scope,
)

HONEST: Final[Deeds] = (
    ("an author adds a key", (TWO_CONTROL,)),
    (
        "an author adds a key, and the gate countersigns",
        (GATE, policy(gate_statements=["keyring"]), keyring(*TWO, by=("ann control", "ann control 2", "gate"))),
    ),
    ("an author ends a signing key alone", (keyring("ann control", over=("ann signing",), by=("ann control",)),)),
    (
        "a control key ends itself",
        (TWO_CONTROL, keyring("ann control 2", "ann signing", over=("ann control",), by=("ann control",))),
    ),
    (
        "a lost control key is ended with a moderator",
        (TWO_CONTROL, keyring("ann control 2", "ann signing", over=("ann control",), by=("ann control 2", "mod"))),
    ),
    ("an unknown signature counts for nothing", (keyring(*BOTH, by=("ann control", "eve")),)),
    (
        "an author drops an account alone",
        (
            keyring(*BOTH, change=put("accounts", [{"forge": "forge.example", "number": 1, "name": "ann"}])),
            keyring(*BOTH, by=("ann control",)),
        ),
    ),
    (
        "a release is taken back with a moderator",
        (keyring("ann control", over=("ann signing",), change=put("hits", [OTHER])),),
    ),
    ("a member joins and leaves alone", (*BOB_IS_MEMBER, scope(over=("bob",), by=("bob control",)))),
    ("an owner ends a member alone", (*BOB_IS_MEMBER, scope(over=("bob",), by=("ann control",)))),
    ("an owner leaves alone", (*BOB_OWNS, scope(owners=("ann",), owners_over=("bob",), by=("bob control",)))),
    (
        "an owner is removed with a moderator",
        (*BOB_OWNS, scope(owners=("ann",), owners_over=("bob",), by=("ann control", "mod"))),
    ),
    ("an owner tightens what releases need alone", (scope(by=("ann control",), change=put("needs", "both")),)),
    (
        "an owner ends an identity alone",
        (
            scope(change=put("identities", [identity(1)])),
            scope(by=("ann control",), change=put("identities", [ended(identity(1))])),
        ),
    ),
    (
        "moderators recover a keyring",
        (
            keyring(
                "ann control 3",
                "ann signing",
                over=("ann control",),
                by=("ann control 3", "mod"),
                change=put("mode", "recover"),
            ),
        ),
    ),
    (
        "moderators recover a scope",
        (
            author("bob"),
            scope(owners=("bob",), owners_over=("ann",), by=("bob control", "mod"), change=put("mode", "recover")),
        ),
    ),
    ("the root is replaced", (ROOT_TWO, moderators("mod", "eva", under=("root",), by=("root two", "eva")))),
    ("a lone root replaces the moderators", (moderators("mod", "eva", under=("root",), by=("root", "eva")),)),
    (
        "a moderator ends, and another one signs on",
        (moderators("mod", "eva"), moderators("mod", "eva", by=("mod",), change=person_ends(0)), policy(by=("eva",))),
    ),
    (
        "a moderator's account takes another name",
        (
            moderators("mod", change=put("people 0 accounts", [account()])),
            moderators("mod", change=put("people 0 accounts", [account("modder")])),
        ),
    ),
    (
        "moderators change the policy by their threshold",
        (moderators("mod", "eva", threshold=2), policy(by=("mod", "eva"))),
    ),
)
