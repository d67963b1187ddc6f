"""What the attacks on chains are made of: small steps that change a registry in memory."""

from collections.abc import Callable
from typing import Any, Final

from registry_tool.core.authorities import Authorities
from registry_tool.core.keys import k16
from tests.builders import Change, RegistryInMemory, a_registry, active

LATER = "2026-06-01T00:00:00Z"
Json = dict[str, Any]  # a document's value, edited in place
Step = Callable[[RegistryInMemory], object]
Attacks = tuple[tuple[str, tuple[Step, ...], str], ...]
"""A sentence, what is done, and the code of the refusal."""
Deeds = tuple[tuple[str, tuple[Step, ...]], ...]
"""A sentence, and what is done."""


def registry_with(*steps: Step) -> RegistryInMemory:
    """A registry with moderator, policy, and the author ann with a scope, after these steps."""
    registry = a_registry(demo=False).with_author("ann")
    for step in steps:
        step(registry)
    return registry


def verified(registry: RegistryInMemory) -> Authorities:
    """Everybody who may say something about ann's scope, as a client verifies it."""
    authors = {path.split("/")[3] for path in registry.files if path.startswith("index/authors/")}
    return registry.authorities("ann", *sorted(authors))


def put(place: str, value: object) -> Change:
    """Sets what lies at a place, as `people 0 author`, of a document before it is signed."""
    *outer, member = (int(part) if part.isdigit() else part for part in place.split(" "))

    def change(document: Json) -> None:
        inner: Any = document
        for part in outer:
            inner = inner[part]
        inner[member] = value

    return change


def dropped(*place: str) -> Change:
    """Takes out what lies at a place."""

    def change(document: Json) -> None:
        inner = document
        for part in place[:-1]:
            inner = inner[part]
        inner.pop(place[-1], None)

    return change


def all_of(*changes: Change) -> Change:
    """One change after the other."""

    def change(document: Json) -> None:
        for one in changes:
            if one is not None:
                one(document)

    return change


def joined(person: Json) -> Change:
    """One more moderator."""
    return lambda document: document["people"].append(person)


def person_ends(place: int) -> Change:
    """Ends the key of a moderator."""

    def change(document: Json) -> None:
        person = document["people"][place]
        person["keys"] = [ended(person["keys"][0])]

    return change


def under_first_root(document: Json) -> None:
    """Names the first root, whose digest is the registry's id."""
    document["under"]["root"] = {"number": 1, "sha256": document["registry"]}


def ended(row: Json, **more: Any) -> Json:  # Any: members of a row
    """A row, ended."""
    return {**row, "status": "revoked", "since": LATER, **more}


def row_of(registry: RegistryInMemory, name: str) -> Json:
    """The active row of ann's key `name`, as `ann control`; its use is the last word but numbers."""
    return registry.row(name, use="control" if "control" in name else "signing")


def keyring(
    *rows: str, over: tuple[str, ...] = (), by: tuple[str, ...] = ("ann control", "mod"), change: Change = None
) -> Step:
    """Ann's next keyring: active `rows`, ended ones `over`, by default with a control key and the moderator."""

    def step(registry: RegistryInMemory) -> None:
        all_rows = [row_of(registry, name) for name in rows] + [ended(row_of(registry, name)) for name in over]
        registry.keyring("ann", all_rows, by=by, change=change)

    return step


def scope(
    *,
    owners: tuple[str, ...] = ("ann",),
    members: tuple[str, ...] = (),
    over: tuple[str, ...] = (),
    owners_over: tuple[str, ...] = (),
    by: tuple[str, ...] = ("ann control", "mod"),
    change: Change = None,
) -> Step:
    """The next statement of ann's scope, with these active and ended (`over`) owners and members."""

    def step(registry: RegistryInMemory) -> None:
        every = {*owners, *members, *over, *owners_over}
        registry.scope(
            "ann",
            owners=[active(one) for one in owners] + [ended({"author": one}) for one in owners_over],
            members=[active(one) for one in members] + [ended({"author": one}) for one in over],
            by=by,
            under=("moderators", "policy", *(f"authors/{one}" for one in sorted(every))),
            change=change,
        )

    return step


def author(name: str) -> Step:
    """Another author, registered properly."""
    return lambda registry: registry.keyring(name)


def moderators(*people: str, change: Change = None, **more: Any) -> Step:  # Any: what the builder takes
    """The next moderators, by default signed by mod and all of them."""

    def step(registry: RegistryInMemory) -> None:
        given: Json = {"by": ("mod", *people), "under": (), **more}
        registry.moderators(dict.fromkeys(people), change=change, **given)

    return step


def policy(**more: Any) -> Step:  # Any: what the builder takes
    """The next policy."""
    return lambda registry: registry.policy(**more)


def root(**more: Any) -> Step:  # Any: what the builder takes
    """The next root."""
    return lambda registry: registry.root(**more)


def deleted(path: str) -> Step:
    """A statement and its signatures disappear."""

    def step(registry: RegistryInMemory) -> None:
        stem = path.removesuffix(".json") + "."
        for name in [one for one in registry.files if one.startswith(stem)]:
            del registry.files[name]

    return step


def unsigned(path: str, by: str) -> Step:
    """A signature is stripped."""
    return lambda registry: registry.files.pop(signature(registry, path, by))


def bent(path: str, by: str) -> Step:
    """One bit of a signature is flipped."""

    def step(registry: RegistryInMemory) -> None:
        name = signature(registry, path, by)
        registry.files[name] = bytes([registry.files[name][0] ^ 1]) + registry.files[name][1:]

    return step


def signature(registry: RegistryInMemory, path: str, by: str) -> str:
    """Where a signature lies."""
    return f"{path.removesuffix('.json')}.{k16(registry.hand(by).key)}.sig"


def same_key(one: str, other: str) -> Step:
    """From here on two names sign with one key."""

    def step(registry: RegistryInMemory) -> None:
        registry._hands[other] = registry.hand(one)

    return step


def replaced(path: str, again: Step) -> Step:
    """A statement makes way for another one with its number."""

    def step(registry: RegistryInMemory) -> None:
        deleted(path)(registry)
        again(registry)

    return step


def edited(member: str, name: str, value: object) -> Step:
    """Ann's keyring, properly signed, with one member of the row of a key changed."""

    def step(registry: RegistryInMemory) -> None:
        rows = [row_of(registry, one) for one in BOTH]
        next(row for row in rows if row["key"] == row_of(registry, name)["key"])[member] = value
        registry.keyring("ann", rows, by=("ann control", "ann signing", "mod"))

    return step


def identity(number: int) -> Json:
    """A keyless identity."""
    return {"issuer": "https://issuer.example", "subject": "ann", "repository_id": number, "status": "active"}


def account(name: str = "mod") -> Json:
    """A moderator's account in a forge."""
    return {"forge": "forge.example", "number": 7, "name": name, "status": "active"}


def foreign(registry: RegistryInMemory) -> None:
    """Puts another registry's keyring, whole and good, in the place of ann's."""
    other = a_registry(demo=True).with_author("ann")
    deleted(KEYRING)(registry)
    registry.files.update({path: data for path, data in other.files.items() if path.startswith("index/authors/")})


def two_keys(registry: RegistryInMemory) -> None:
    """Two moderators who both must sign; the first has two keys."""
    people = [registry.row("mod"), registry.row("mod two")]
    moderators("mod", "eva", threshold=2, by=("mod", "mod two", "eva"), change=put("people 0 keys", people))(registry)


def another_root(registry: RegistryInMemory) -> None:
    """The pinned id stays; the root below it is another one."""
    pinned = registry.id
    registry.files.pop("index/trust/1.root.json")
    registry.root(keys=("thief",))
    registry.id = pinned


KEYRING: Final = "index/authors/an/ann/keys/1.json"
SCOPE: Final = "index/scopes/an/ann/1.json"
MODERATORS: Final = "index/moderators/1.json"
OTHER: Final = "sha256:" + "ab" * 32
BOTH: Final = ("ann control", "ann signing")
TWO: Final = ("ann control", "ann signing", "ann control 2")
WITH_BOB: Final = ("ann control", "bob control", "mod")
ROOT_TWO: Final = root(keys=("root two",), by=("root", "root two"))
BOB_IS_MEMBER: Final = (author("bob"), scope(members=("bob",), by=WITH_BOB))
BOB_OWNS: Final = (author("bob"), scope(owners=("ann", "bob"), by=WITH_BOB))
TWO_CONTROL: Final = keyring(*TWO, by=("ann control", "ann control 2", "mod"))
GATE: Final = moderators("mod", gate=("gate",))
