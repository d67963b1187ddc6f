"""The rules of the statements that chains are made of, and the rules of all documents together.

One good and one bad example each; `examples.py` says how they are used.
"""

from typing import Final

from tests.core.examples import (
    ABSENT,
    DIGEST,
    ENDED,
    HEX,
    OTHERS,
    ROW,
    SIGNED,
    STATEMENTS,
    TIME,
    Example,
    Json,
    documents,
    of_every_signed,
    of_every_statement,
)
from tests.core.examples_people import of_profiles, of_reviews
from tests.core.examples_queue import of_queues
from tests.core.examples_releases import of_manifest, of_releases, of_site
from tests.core.examples_waivers import of_waivers

MODERATORS: Final = documents()["registry.moderators-1"]
KEYRING: Final = documents()["registry.keyring-1"]
MOD: Final = MODERATORS["people"][0]
KEY: Final = MOD["keys"][0]
CONTROL, SIGNING = KEYRING["keys"]
ACCOUNT: Final = {"forge": "forge.example", "number": 7, "name": "mod"}
IDENTITY: Final = {"issuer": "https://issuer.example", "subject": "repo:ann/x", "status": "active"}
SMALL: Final = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
SAYS: Final = "has not the form it needs"


def keys(rows: Json, *, of: str = "mod", author: Json = None, accounts: Json = ()) -> dict[str, Json]:
    """A person with these keys and accounts."""
    return {"id": of, "author": author, "accounts": list(accounts), "keys": rows}


def of_moderators() -> tuple[Example, ...]:
    """`registry.moderators/1`."""
    name, other = "registry.moderators-1", {**ACCOUNT, "number": 8}
    row, two = {**ACCOUNT, "status": "active"}, [keys([KEY]), keys([], of="eva", author="eva")]
    twice = [keys([KEY]), keys([], of="eva")]
    return (
        Example(name, ("people",), "there is somebody", [MOD], [], "people: "),
        Example(name, ("people",), "a person is there once", two, [MOD, MOD], "is there twice", schema=False),
        Example(
            name,
            ("people",),
            "two people are not one author",
            two,
            [keys([KEY], author="eva"), keys([], of="eva", author="eva")],
            "the author eva is there twice",
            schema=False,
        ),
        Example(
            name,
            ("people",),
            "two people have not one account",
            [keys([KEY], accounts=[row]), keys([], of="eva", accounts=[{**other, "status": "active"}])],
            [keys([KEY], accounts=[row]), keys([], of="eva", accounts=[row])],
            "the account 7 of",
            schema=False,
        ),
        Example(
            name, ("people",), "a key is there once", twice, [MOD, keys([KEY], of="eva")], "the key ", schema=False
        ),
        Example(
            name,
            ("gate",),
            "the gate's key is no person's",
            [],
            [KEY],
            "the key ",
            schema=False,
        ),
        Example(name, ("threshold",), "as many as there are can sign", 1, 2, "higher than the number", schema=False),
        Example(name, ("threshold",), "somebody must sign", 1, 0, "threshold: "),
        Example(
            name,
            ("people", 0, "keys", 0),
            "the last moderator cannot end",
            KEY,
            {**KEY, **ENDED},
            "higher than the number",
            schema=False,
        ),
        Example(
            name, ("people", 0, "author"), "who publishes nothing says so with null", None, ABSENT, "author: is missing"
        ),
        Example(name, ("people", 0, "author"), "an author is an id", "ann", "Ann", SAYS),
        Example(name, ("people", 0, "id"), "a person's id is a name", "eva", "con", "device"),
        Example(name, ("people", 0, "keys"), "keys are always there, if empty", [KEY], ABSENT, "keys: is missing"),
        Example(
            name,
            ("people", 0, "accounts"),
            "an ended account says since when",
            [{**ACCOUNT, **ENDED}],
            [{**ACCOUNT, "status": "retired"}],
            "says since when",
            schema=False,
        ),
    )


def of_keyring() -> tuple[Example, ...]:
    """`registry.keyring/1`."""
    name, place = "registry.keyring-1", ("keys", 1)
    return (
        Example(name, place, "a key has one of two uses", SIGNING, {**SIGNING, "use": "both"}, "use: "),
        Example(name, place, "a key says its use", SIGNING, KEY, "use: is missing"),
        Example(name, place, "a key is active, retired or revoked", SIGNING, {**SIGNING, "status": "lost"}, "status: "),
        Example(
            name,
            place,
            "what ended says since when",
            {**SIGNING, **ENDED},
            {**SIGNING, "status": "revoked"},
            "since when",
            schema=False,
        ),
        Example(
            name, place, "what is active has not ended", SIGNING, {**SIGNING, "since": TIME}, "since when", schema=False
        ),
        Example(
            name,
            place,
            "reasons are for what ended",
            {**SIGNING, **ENDED, "reason": "lost"},
            {**SIGNING, "reason": "lost"},
            "gives no reason",
            schema=False,
        ),
        Example(
            name,
            place,
            "since is a time",
            {**SIGNING, **ENDED},
            {**SIGNING, **ENDED, "since": "2026-11-21T09:00:00+00:00"},
            SAYS,
        ),
        Example(
            name,
            place,
            "since is a day that there was",
            {**SIGNING, **ENDED},
            {**SIGNING, **ENDED, "since": "2026-02-30T00:00:00Z"},
            "is not a time",
            schema=False,
        ),
        Example(name, place, "since is absent, never null", SIGNING, {**SIGNING, "since": None}, "since is null"),
        Example(
            name, place, "a key is there once", SIGNING, {**CONTROL, "use": "signing"}, "is there twice", schema=False
        ),
        Example(name, place, "a key is 32 bytes", SIGNING, {**SIGNING, "key": SIGNING["key"][4:]}, SAYS),
        Example(
            name,
            place,
            "a key is no point of small order",
            SIGNING,
            {**SIGNING, "key": SMALL},
            "small order",
            schema=False,
        ),
        Example(
            name,
            place,
            "a key is written in one way",
            SIGNING,
            {**SIGNING, "key": SIGNING["key"][:-2] + "d="},
            "another",
            schema=False,
        ),
        Example(
            name,
            ("keys", 0),
            "the last control key cannot end",
            CONTROL,
            {**CONTROL, **ENDED},
            "control key",
            schema=False,
        ),
        Example(name, ("keys",), "there is a control key", [CONTROL], [SIGNING], "control key", schema=False),
        Example(name, ("keys",), "there is a key", [CONTROL], [], "keys: "),
        Example(
            name,
            ("accounts",),
            "an account is known by its number",
            [ACCOUNT],
            [{**ACCOUNT, "number": "7"}],
            "number: ",
        ),
        Example(
            name,
            ("accounts",),
            "an account is there once",
            [ACCOUNT],
            [ACCOUNT, {**ACCOUNT, "name": "x"}],
            "twice",
            schema=False,
        ),
        Example(name, ("accounts",), "accounts are always there", [], ABSENT, "accounts: is missing"),
    )


def of_scope() -> tuple[Example, ...]:
    """`registry.scope/1`."""
    name, bob = "registry.scope-1", {"author": "bob", "status": "active"}
    return (
        Example(name, ("owners",), "an owner is there once", [ROW, bob], [ROW, ROW], "twice", schema=False),
        Example(
            name,
            ("owners",),
            "the last owner cannot end",
            [ROW],
            [{"author": "ann", **ENDED}],
            "active owner",
            schema=False,
        ),
        Example(name, ("owners",), "there is an owner", [ROW], [], "owners: "),
        Example(name, ("members",), "a member is there once", [bob], [bob, bob], "twice", schema=False),
        Example(name, ("members",), "a member is an author", [bob], [{**bob, "author": "@bob"}], SAYS),
        Example(name, ("members",), "members are always there", [], ABSENT, "members: is missing"),
        Example(name, ("needs",), "a release needs a key, an identity or both", "both", "none", "needs: "),
        Example(
            name, ("identities",), "an identity is there once", [IDENTITY], [IDENTITY, IDENTITY], "twice", schema=False
        ),
        Example(
            name,
            ("identities",),
            "an identity may be bound to a repository",
            [{**IDENTITY, "repository_id": 1}],
            [{**IDENTITY, "repository_id": 0}],
            "repository_id: ",
        ),
        Example(
            name, ("identities",), "an identity names its issuer", [IDENTITY], [{**IDENTITY, "issuer": ""}], "issuer: "
        ),
    )


def of_policy() -> tuple[Example, ...]:
    """`registry.policy/1`."""
    name = "registry.policy-1"
    return (
        Example(name, ("approvals", "mode"), "people approve by signing or in a forge", "forge", "none", "mode: "),
        Example(name, ("approvals", "count"), "somebody approves", 2, 0, "count: "),
        Example(
            name,
            ("gate", "releases"),
            "the gate admits nothing or owners' updates",
            "owner-updates",
            "all",
            "releases: ",
        ),
        Example(name, ("gate", "statements"), "the gate countersigns kinds of statements", ["keyring"], ["*"], SAYS),
        Example(name, ("waits", "recover"), "waits are seconds", 60, -1, "recover: "),
        Example(name, ("waits", "new_name"), "waits are whole numbers", 60, "60", "new_name: "),
        Example(name, ("self_approval",), "self_approval is yes or no", True, "yes", "self_approval: "),
        Example(name, ("private",), "private is always there", True, ABSENT, "private: is missing"),
        Example(name, ("limits",), "limits are whole numbers", {"releases": 50}, {"releases": "50"}, "releases: "),
    )


def of_events() -> tuple[Example, ...]:
    """`registry.event/1` and `registry.moderation/1`."""
    event, moderation = "registry.event-1", "registry.moderation-1"
    return (
        Example(event, ("action",), "an action is one of six", "deprecate", "delete", "action: "),
        Example(
            event, ("action",), "a restore says what it lifts", "revoke", "restore", "names what it lifts", schema=False
        ),
        Example(event, ("lifts",), "only a restore lifts", ABSENT, DIGEST, "names what it lifts", schema=False),
        Example(event, ("reason",), "a reason is a word", "license", "It broke!", SAYS),
        Example(event, ("at",), "it says when", TIME, "2026-11-21 09:00:00", SAYS),
        Example(event, ("note",), "a note is always there", "", ABSENT, "note: is missing"),
        Example(event, ("note",), "a note has an end", "x" * 4000, "x" * 4001, "note: "),
        Example(moderation, ("action",), "an action is one of four", "notice", "approve", "action: "),
        Example(moderation, ("submission",), "a submission is a bare digest", HEX, DIGEST, SAYS),
        Example(moderation, ("manifests",), "manifests are digests", [DIGEST], [HEX], SAYS),
        Example(moderation, ("at",), "an hour is of a day", TIME, "2026-11-21T24:00:00Z", SAYS),
    )


def of_machines() -> tuple[Example, ...]:
    """The audit log and the settings files."""
    line, settings = "registry.audit-1", "settings"
    many = [{"id": HEX}] * 1001
    both, alone = [{"author": "ann", "key": HEX[:16]}], [{"identity": "ann@example.org"}]
    rich = [{"identity": "/(?=a)/", "issuer": "https://issuer.example"}]
    form = "a signer is an author, a key, or an identity with its issuer"
    return (
        Example(line, ("schema",), "it names its schema", "registry.audit/1", "registry.audit/2", "schema"),
        Example(line, ("at",), "times are whole", TIME, "2026-11-21 09:00", SAYS),
        Example(line, ("event",), "what happens is known", "refuse", "look", "event"),
        Example(line, ("outcome",), "how it ended is known", "refused", "fine", "outcome"),
        Example(line, ("message",), "texts are bounded", "a" * 2000, "a" * 2001, "message"),
        Example(line, ("grants",), "a grant has its words", [], [{"permission": "network"}], "words"),
        Example(settings, ("registries",), "registries are named by their ids", [], [{"id": "ours"}], SAYS),
        Example(settings, ("registries",), "a list is no longer than people write it", many[:1000], many, "registries"),
        Example(settings, ("trust", "approvals"), "approvals are a number", 0, "two", "trust.approvals"),
        Example(settings, ("trust", "signers"), "a signer is one thing", [], both, form, schema=False),
        Example(settings, ("trust", "signers"), "an identity has its issuer", [], alone, form, schema=False),
        Example(settings, ("trust", "signers"), "a pattern is simple", [], rich, "cannot be matched", schema=False),
        Example(settings, ("cool_down",), "a time has its unit", "90m", "90", SAYS),
        Example(settings, ("cool_down",), "a time is some time", "1s", "0d", SAYS),
        Example(settings, ("run", "unconfined"), "nothing, or what is named", "never", "always", "run.unconfined"),
    )


EXAMPLES: Final = (
    *(example for name in SIGNED for example in of_every_signed(name)),
    *(example for name in STATEMENTS for example in of_every_statement(name)),
    *(Example(name, ("surprise",), "it is closed", ABSENT, 1, "not a member that is known here") for name in OTHERS),
    *of_moderators(),
    *of_keyring(),
    *of_scope(),
    *of_policy(),
    *of_events(),
    *of_manifest(),
    *of_releases(),
    *of_site(),
    *of_profiles(),
    *of_reviews(),
    *of_queues(),
    *of_waivers(),
    *of_machines(),
)
