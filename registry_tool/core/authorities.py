"""Everybody who may say something about one scope, verified from the pinned id down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from registry_tool.core.authority import one_use_each, read_keyring, read_moderators, read_policy, read_scope
from registry_tool.core.chains import AnyChain, Chain, SignedBytes
from registry_tool.core.demo_keys import is_demonstration
from registry_tool.core.digest import Hex
from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import PublicKey, SignatureCheck
from registry_tool.core.release import RegistryChains
from registry_tool.core.roots import Root, read_roots
from registry_tool.core.statements import HeadRef, Keyring, Moderators, Policy, Scope, Statement


@dataclass(frozen=True, slots=True)
class Government:
    """The registry's own chains: root, moderators, policy."""

    registry: str
    roots: tuple[Root, ...]
    moderators: Chain[Moderators]
    policy: Chain[Policy]

    @property
    def heads(self) -> Mapping[str, HeadRef]:
        """What `under` says of them today."""
        return {"moderators": self.moderators.head.ref, "policy": self.policy.head.ref}

    def uses(self) -> dict[str, list[PublicKey]]:
        """Every key of theirs by who uses it, for `one_use_each`."""
        uses: dict[str, list[PublicKey]] = {}
        for root in self.roots:
            uses.setdefault("root", []).extend(root.keys)
            uses.setdefault("publishing", []).extend(root.others)
        for link in self.moderators.links:
            for person in link.body.people:
                uses.setdefault(f"moderator {person.id}", []).extend(row.raw for row in person.keys)
            uses.setdefault("gate", []).extend(row.raw for row in link.body.gate)
        return uses

    @property
    def demonstration(self) -> bool:
        """Whether one of its keys is a published test key: then it proves nothing to anybody."""
        return is_demonstration(key for keys in self.uses().values() for key in keys)


@dataclass(frozen=True, slots=True)
class Authorities:
    """The government, a scope, and the keyrings of those who publish there."""

    government: Government
    scope: Chain[Scope]
    keyrings: Mapping[str, Chain[Keyring]] = field(default_factory=dict)

    @property
    def registry(self) -> str:
        """The registry's id."""
        return self.government.registry

    @property
    def moderators(self) -> Chain[Moderators]:
        """Who may admit."""
        return self.government.moderators

    @property
    def policy(self) -> Chain[Policy]:
        """What admitting takes."""
        return self.government.policy

    def keyring(self, author: str) -> Chain[Keyring]:
        """An author's keyring; `NotTrusted` where it was not given."""
        return known_keyring(self.keyrings, author)

    @property
    def taken_back(self) -> frozenset[str]:
        """Digests of what these chains take back (part 4, `hits`), each with a moderator's signature.

        Of manifests, and of events; whether an event is void also asks whose chain says so (`read_events`).
        """
        bodies: list[Statement] = [link.body for link in self.moderators.links]
        bodies += [link.body for link in self.scope.links]
        bodies += [link.body for chain in self.keyrings.values() for link in chain.links]
        return frozenset(digest for body in bodies for digest in body.hits)

    def hits_of(self, subject: str) -> frozenset[str]:
        """Digests that one chain of these takes back: `moderators`, the scope's, or an author's."""
        chain: AnyChain = self.keyring(subject.partition("/")[2]) if subject.startswith("authors/") else self.scope
        links = self.moderators.links if subject == "moderators" else chain.links
        return frozenset(digest for link in links for digest in link.body.hits)

    @property
    def demonstration(self) -> bool:
        """Whether any key here is a published test key."""
        authors = (row.raw for chain in self.keyrings.values() for link in chain.links for row in link.body.keys)
        return self.government.demonstration or is_demonstration(authors)


def known_keyring(keyrings: Mapping[str, Chain[Keyring]], author: str) -> Chain[Keyring]:
    """An author's keyring; `NotTrusted` where there is none."""
    if author not in keyrings:
        raise NotTrusted(f"the keyring of {author} is missing", code="keyring-missing")
    return keyrings[author]


def read_government(
    roots: Sequence[bytes],
    moderators: Sequence[SignedBytes],
    policy: Sequence[SignedBytes],
    *,
    registry: str,
    check: SignatureCheck,
) -> Government:
    """The registry's own chains, verified in the order root, moderators, policy; raises `NotTrusted`."""
    read = read_roots(roots, registry=registry, check=check)
    people = read_moderators(moderators, registry=registry, roots=read, check=check)
    rules = read_policy(policy, registry=registry, moderators=people, check=check)
    government = Government(Hex(registry), read, people, rules)
    one_use_each(government.uses())
    return government


def government_of(chains: RegistryChains, *, registry: str, check: SignatureCheck) -> Government:
    """The same, from the file that the site serves."""
    return read_government(
        [text.encode("utf-8", "surrogatepass") for text in chains.roots],
        [SignedBytes.of(entry) for entry in chains.moderators],
        [SignedBytes.of(entry) for entry in chains.policy],
        registry=registry,
        check=check,
    )


def read_authorities(
    government: Government,
    scope: str,
    entries: Sequence[SignedBytes],
    keyrings: Mapping[str, Sequence[SignedBytes]],
    *,
    check: SignatureCheck,
) -> Authorities:
    """A scope and its keyrings, verified under `government`; raises `NotTrusted`."""
    read = {
        author: read_keyring(
            keyrings[author],
            author,
            registry=government.registry,
            moderators=government.moderators,
            policy=government.policy,
            check=check,
        )
        for author in sorted(keyrings)
    }
    chain = read_scope(
        entries,
        scope,
        registry=government.registry,
        moderators=government.moderators,
        policy=government.policy,
        keyrings=lambda author: known_keyring(read, author),
        check=check,
    )
    uses = government.uses()
    for author, keyring in read.items():
        for use in ("control", "signing"):
            uses[f"{use} of {author}"] = [row.raw for row in keyring.head.body.keys if row.use == use]
    one_use_each(uses)
    return Authorities(government, chain, read)
