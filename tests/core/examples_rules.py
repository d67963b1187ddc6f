"""The rules of single documents, one good and one bad example each; `examples.py` says how they are used."""

from typing import Final

from tests.core.examples import (
    ABSENT,
    DIGEST,
    ENDED,
    HEX,
    OTHERS,
    REF,
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

MODERATORS: Final = documents()["registry.moderators-1"]
KEYRING: Final = documents()["registry.keyring-1"]
MANIFEST: Final = documents()["registry.manifest-1"]
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
            [CONTROL | {"use": ABSENT}][:0],
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


def of_manifest() -> tuple[Example, ...]:
    """`registry.manifest/1`, parts 5 and 6."""
    name, file = "registry.manifest-1", MANIFEST["files"][0]
    pin = {"type": "npm", "name": "left-pad", "digest": "sha512-abcdefgh"}
    source = {"repository": "https://forge.example/ann/solar", "commit": "ab" * 20}
    return (
        Example(name, ("kind",), "a kind is a word", "theme", "Theme", SAYS),
        Example(name, ("scope",), "a scope has no --at places 3 and 4", "an-n--x", "an--n", "places 3 and 4"),
        Example(name, ("scope",), "a scope is lower case", "ann", "Ann", SAYS),
        Example(name, ("name",), "a name is no Windows device", "com", "com1", "device"),
        Example(name, ("name",), "a name has two characters", "ab", "a", SAYS),
        Example(name, ("name",), "a name has at most 64 characters", "a" * 64, "a" * 65, SAYS),
        Example(name, ("name",), "a name ends where it ends", "solar", "solar-", SAYS),
        Example(name, ("author",), "an author is an id", "bob", "bob@forge.example", SAYS),
        Example(name, ("version",), "a version has three numbers", "1.0.0-rc.1+b", "1.0", "three numbers"),
        Example(name, ("version",), "a number has no leading zero", "10.0.0", "1.02.3", "three numbers"),
        Example(
            name,
            ("version",),
            "a version has at most 48 characters",
            "1.0.0-" + "a" * 42,
            "1.0.0-" + "a" * 43,
            "version: ",
        ),
        Example(name, ("visibility",), "it is public or private", "private", "secret", "visibility: "),
        Example(name, ("title",), "a title is a line", "Solar", "", "title: "),
        Example(name, ("license",), "a license is said", "MIT", ABSENT, "license: is missing"),
        Example(name, ("tags",), "tags are words", ["a-b"], ["A B"], SAYS),
        Example(name, ("tags",), "tags are sorted", ["aa", "bb"], ["bb", "aa"], "sorted", schema=False),
        Example(name, ("links",), "links are https", {"home": "https://a.example"}, {"home": "javascript:1"}, SAYS),
        Example(name, ("permissions",), "permissions are sorted", ["a", "b"], ["b", "a"], "sorted", schema=False),
        Example(name, ("permissions",), "a permission stands once", ["a"], ["a", "a"], "sorted", schema=False),
        Example(
            name,
            ("requires",),
            "what it requires is a range",
            {"host": "^1.0.0"},
            {"host": "new"},
            "range",
            schema=False,
        ),
        Example(
            name,
            ("dependencies",),
            "it depends on artifacts",
            {"@ann/base": "1.x"},
            {"base": "1.x"},
            "@scope/name",
            schema=False,
        ),
        Example(
            name,
            ("dependencies",),
            "it depends on ranges",
            {"@ann/base": "*"},
            {"@ann/base": "latest"},
            "range",
            schema=False,
        ),
        Example(name, ("pins",), "a pin is of a known type", [pin], [{**pin, "type": "ftp"}], "type: "),
        Example(name, ("pins",), "a pin has a digest", [pin], [{**pin, "digest": ""}], "digest: "),
        Example(name, ("files",), "there is a file", [file], [], "files: "),
        Example(
            name,
            ("files",),
            "files are sorted",
            [{**file, "path": "a"}, file],
            [file, {**file, "path": "a"}],
            "sorted",
            schema=False,
        ),
        Example(name, ("files",), "a file stands once", [file], [file, file], "sorted", schema=False),
        Example(name, ("files", 0, "sha256"), "a file's digest is bare", HEX, DIGEST, SAYS),
        Example(name, ("files", 0, "size"), "a file may be empty", 0, -1, "size: "),
        Example(name, ("files", 0, "executable"), "a file is a program or not", True, 1, "executable: "),
        Example(name, ("bundle", "format"), "the bundle is of a known form", "bundle/1", "zip", "format: "),
        Example(name, ("bundle", "sha256"), "the bundle's digest is bare", HEX, DIGEST, SAYS),
        Example(name, ("reader",), "the rules that read it have a number", "theme/2", "theme", SAYS),
        Example(name, ("spec",), "a spec holds no null", MANIFEST["spec"], {**MANIFEST["spec"], "x": None}, "null"),
        Example(name, ("source",), "a source names a commit", source, {**source, "commit": "main"}, SAYS),
        Example(name, ("source",), "a source is absent, never null", ABSENT, None, "source is null"),
        Example(name, ("imported",), "an import says from where", {"from": "elsewhere"}, {}, "from: is missing"),
    )


def of_releases() -> tuple[Example, ...]:
    """Pointer, approval, admission and evidence, part 8."""
    pointer, approval, admission, evidence = (
        f"registry.{one}-1" for one in "release approval admission evidence".split()
    )
    beside = {"file": f"{'0' * 16}.sig", "sha256": HEX}
    review = {"forge": "forge.example", "review": 3, "account": 7}
    entry = documents()[evidence]["admission"]
    content = {"file": "sigstore.json", "content": "e30="}
    return (
        Example(pointer, ("artifact",), "a pointer names an artifact", "@ann/solar", "ann/solar", SAYS),
        Example(
            pointer, ("artifact",), "an artifact's parts are names", "@ann/solar", "@an--n/solar", "places 3 and 4"
        ),
        Example(pointer, ("artifact",), "no part of it is a device", "@ann/console", "@ann/con", "device"),
        Example(
            pointer,
            ("artifact",),
            "both parts together have an end",
            f"@{'a' * 50}/{'b' * 50}",
            f"@{'a' * 51}/{'b' * 50}",
            "at most 100",
            schema=False,
        ),
        Example(pointer, ("version",), "a pointer names one version", "1.0.0", "latest", "three numbers"),
        Example(pointer, ("manifest",), "a pointer names a digest", DIGEST, HEX, SAYS),
        Example(approval, ("verdict",), "an approval approves", "approve", "reject", "verdict: "),
        Example(
            approval,
            ("under",),
            "an approval is under the moderators",
            {"moderators": REF},
            ABSENT,
            "under: is missing",
        ),
        Example(
            admission,
            ("signatures",),
            "it lists files beside the manifest",
            [beside],
            [{**beside, "file": "x.sig"}],
            SAYS,
        ),
        Example(
            admission,
            ("signatures",),
            "foreign signatures count too",
            [{**beside, "file": f"flat.{'0' * 16}.sig"}],
            [{**beside, "file": f"raw.{'0' * 16}.sig"}],
            SAYS,
        ),
        Example(admission, ("compared",), "nothing to compare with is null", None, ABSENT, "compared: is missing"),
        Example(admission, ("compared",), "it is compared with a version", "1.0.0", "1", "three numbers"),
        Example(admission, ("path",), "a person or an owner let it in", "owner", "gate", "path: "),
        Example(admission, ("approvals",), "an approval is a digest", [DIGEST], [HEX], "approvals[0]"),
        Example(
            admission,
            ("approvals",),
            "an approval is a review in a forge",
            [review],
            [{**review, "account": "mod"}],
            "approvals[0]",
        ),
        Example(admission, ("gained",), "what is gained is said", ["network"], [""], "gained[0]: "),
        Example(admission, ("at",), "it says when", TIME, ABSENT, "at: is missing"),
        Example(
            evidence, ("admission",), "a chain's entry has a text", entry, {**entry, "statement": 1}, "statement: "
        ),
        Example(
            evidence,
            ("admission",),
            "who signed is a reference",
            entry,
            {**entry, "signatures": [{"key": "mod", "signature": "AA=="}]},
            SAYS,
        ),
        Example(
            evidence,
            ("signatures",),
            "a file is one beside the manifest",
            [content],
            [{**content, "file": "../x"}],
            SAYS,
        ),
        Example(evidence, ("signatures",), "its content is base64", [content], [{**content, "content": "{}"}], SAYS),
    )


def of_site() -> tuple[Example, ...]:
    """What the site serves, part 10, and the author's card."""
    record = documents()["registry.name-1"]["versions"]["1.0.0"]
    row = documents()["registry.catalogue-1"]["artifacts"][0]
    entries = documents()["chains-author"]["entries"]
    return (
        Example(
            "registry.name-1", ("versions",), "it is by version", {"2.0.0": record}, {"newest": record}, "three numbers"
        ),
        Example("registry.name-1", ("versions", "1.0.0", "status"), "a status is known", "yanked", "gone", "status: "),
        Example(
            "registry.name-1",
            ("versions", "1.0.0", "events"),
            "events are always there",
            [],
            ABSENT,
            "events: is missing",
        ),
        Example("registry.name-1", ("key",), "it never holds a key", ABSENT, "AA==", "not a member"),
        Example(
            "registry.catalogue-1", ("artifacts",), "a row has a name", [row], [{**row, "artifact": "solar"}], SAYS
        ),
        Example("registry.entry-1", ("offers",), "it says what it offers", ["catalogue"], "catalogue", "offers: "),
        Example("chains-registry", ("roots",), "there is a root", ["{}"], [], "roots: "),
        Example("chains-registry", ("policy",), "there is a policy", entries, [], "policy: "),
        Example("chains-scope", ("keyrings",), "keyrings are by author", {"ann": entries}, {"Ann": entries}, SAYS),
        Example("chains-author", ("entries",), "a chain is not empty", entries, [], "entries: "),
        Example("artifact", ("version",), "YAML's numbers are no versions", "1.0.0", 1.0, "version: "),
        Example("artifact", ("permissions",), "permissions are a list", [], "network", "permissions: "),
        Example("artifact", ("titel",), "a typing mistake is seen", ABSENT, "Solar", "not a member"),
        Example("artifact", ("title",), "nothing to say is absent", ABSENT, None, "title is null"),
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
)
