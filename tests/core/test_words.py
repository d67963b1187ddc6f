"""Statements in words: whatever widens or takes back is said, and what people wrote is quoted."""

from typing import Any

import pytest

from registry_tool.core.keys import k16 as reference
from registry_tool.core.keys import parse_key
from registry_tool.core.statements import Event, Keyring, Moderation, Moderators, Policy, Scope, Statement
from registry_tool.core.words import statement_words
from tests.core.examples import DIGEST, SIGNED, TIME, documents

FRAME: dict[str, Any] = {
    name: documents()["registry.scope-1"][name]
    for name in ("registry", "subject", "number", "previous", "mode", "under")
}
CONTROL, SIGNING = (dict(row) for row in documents()["registry.keyring-1"]["keys"])
C, S = (reference(parse_key(row["key"])) for row in (CONTROL, SIGNING))
PERSON: dict[str, Any] = documents()["registry.moderators-1"]["people"][0]
OVER = {"status": "revoked", "since": TIME}
BOB = {"author": "bob", "status": "active"}
IDENTITY = {"issuer": "https://i.example", "subject": "s", "status": "active"}
ACCOUNT = {"forge": "f.example", "number": 7, "name": "ann\x1b"}
GATE = {"releases": "owner-updates", "statements": ["keyring", "scope", "profile"]}


def of(name: str, **change: Any) -> Statement:  # Any: members of a document
    """A statement, changed."""
    found = SIGNED[name].of({**documents()[name], **change})
    assert isinstance(found, Statement)
    return found


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (of("registry.keyring-1"), f"registers the author ann: control key {C}, signing key {S}"),
        (
            of(
                "registry.keyring-1", number=2, previous=DIGEST, keys=[CONTROL, {**SIGNING, **OVER}], accounts=[ACCOUNT]
            ),
            (
                f"changes the keys of ann: control key {C}, signing key {S} revoked since {TIME}, "
                "account 'ann\\x1b' (7) in 'f.example'"
            ),
        ),
        (
            of("registry.keyring-1", hits=[DIGEST], mode="recover"),
            (
                f"registers the author ann: control key {C}, signing key {S}; takes back 1 release(s) or event(s); "
                "recovers it without its owner's keys"
            ),
        ),
        (of("registry.scope-1"), "claims the scope @ann: owned by ann; a release needs a key"),
        (
            of("registry.scope-1", number=2, previous=DIGEST, members=[{**BOB, **OVER}], needs="both"),
            (
                f"changes the scope @ann: owned by ann, members bob (revoked since {TIME}); "
                "a release needs a key and a keyless identity"
            ),
        ),
        (
            of("registry.scope-1", needs="identity", identities=[IDENTITY, {**IDENTITY, "owner_id": 3, **OVER}]),
            (
                "claims the scope @ann: owned by ann; a release needs a keyless identity; keyless identities: "
                "'s' of 'https://i.example', "
                f"'s' of 'https://i.example' (any repository of the account 3) revoked since {TIME}"
            ),
        ),
        (of("registry.event-1", note="it \u202e broke"), "yanks @ann/solar@1.0.0 (broken): 'it \\u202e broke'"),
        (of("registry.moderators-1"), "names the moderators: mod; 1 of them sign"),
        (
            of("registry.moderators-1", gate=[{"key": CONTROL["key"], "status": "active"}]),
            f"names the moderators: mod; 1 of them sign; the gate signs with {C}",
        ),
        (of("registry.policy-1"), "sets the policy: 1 approval(s), 1 for a new name"),
        (
            of("registry.policy-1", gate=GATE, self_approval=True),
            (
                "sets the policy: 1 approval(s), 1 for a new name; the gate alone may let in "
                "keyrings, scopes, profile, owners' updates; authors may approve their own releases"
            ),
        ),
        (of("registry.moderation-1", note="no\n"), "rejects the submission abababababab (spam): 'no\\n'"),
        (Statement.of({**FRAME, "schema": "registry.other/1"}), "a statement about 'scopes/ann'"),
    ],
)
def test_a_statement_is_said_in_one_sentence(statement: Statement, expected: str) -> None:
    """What it lets in, what it ends, what it takes back; control characters are never shown as they are."""
    assert expected == statement_words(statement)


def test_every_statement_has_words() -> None:
    """No kind of statement is left to the last sentence."""
    for model in (Event, Keyring, Moderation, Moderators, Policy, Scope):
        name = next(name for name, known in SIGNED.items() if known is model)

        assert not statement_words(of(name)).startswith("a statement about")
