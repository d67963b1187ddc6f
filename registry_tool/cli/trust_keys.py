"""Where the keys come from that sign roots, targets and the index: files, the environment, addresses.

Which keys are needed says the metadata, so each is found by its public half, whatever its file is
called. None is ever written to a repository or shown.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.keys import PublicKey, Signer, key_id
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.roots import RoleKeys, Root
    from registry_tool.core.targets import Targets
    from registry_tool.signing.tuf.index import Jobs

PUBLISHING, TIMESTAMP = "REGISTRY_PUBLISHING_KEY", "REGISTRY_TIMESTAMP_KEY"
"""Secrets of a job: a PEM text (PKCS #8), or base64 of the 32 bytes."""
PIN = "REGISTRY_KEY_PIN"
"""What a token asks for."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller said about the keys of jobs: addresses, empty where none was given."""

    publishing: str = ""
    timestamp: str = ""


def owner_of(registry: str) -> str:
    """Under whose name the keys of a registry are kept."""
    return f"registry:{registry[:16]}"


def own_signers(world: World, registry: str, addresses: Sequence[str], wanted: Iterable[PublicKey]) -> list[Signer]:
    """Those of the `wanted` keys that this person has: in the key folder, at `addresses`, or published ones.

    Raises `InvalidInput` for an address whose key is none of them.
    """
    keys = list(dict.fromkeys(wanted))
    found: dict[PublicKey, Signer] = {}
    for address in addresses:
        signer = _at(world, address, keys)
        found.setdefault(signer.key, signer)
    for signer in kept(world, registry):
        if signer.key in keys:
            found.setdefault(signer.key, signer)
    for key in keys:
        published = _published(key)
        if published is not None:
            found.setdefault(key, published)
    return [found[key] for key in keys if key in found]


def kept(world: World, registry: str) -> list[Signer]:
    """Every key of the registry in the person's folder."""
    owner = owner_of(registry)
    uses = dict.fromkeys(str(row["use"]) for row in world.keys.list() if row["owner"] == owner)
    return [signer for use in uses for signer in world.keys.every(owner, use)]


def jobs_of(world: World, registry: str, root: "Root", targets: "Targets", given: Given) -> "Jobs":
    """The keys that sign the index; each was tried.

    Raises `NotFound` (`key-missing`) with the three ways to give one, `InvalidInput` (`other-key`) for one
    that the metadata does not name.
    """
    from registry_tool.core.roots import RoleKeys
    from registry_tool.signing.tuf.index import Jobs

    bins = RoleKeys(tuple(dict.fromkeys(targets.bin_keys.values())), targets.bin_threshold)
    snapshot, timestamp = root.roles["snapshot"], root.roles["timestamp"]
    ours = _job(world, registry, "publishing", [bins], PUBLISHING, given.publishing)
    theirs = _job(world, registry, "timestamp", [snapshot, timestamp], TIMESTAMP, given.timestamp)
    return Jobs(ours, theirs)


def _job(
    world: World, registry: str, use: str, roles: Sequence["RoleKeys"], variable: str, address: str
) -> tuple[Signer, ...]:
    """Signers enough for each of `roles`."""
    wanted = list(dict.fromkeys(PublicKey(key) for role in roles for key in role.keys))
    signers = own_signers(world, registry, [address] if address else [], wanted)
    secret = world.env.get(variable, "")
    if secret:
        signers.append(_one_of(signer_in(secret, variable), wanted, f"the key in {variable}"))
    there = {signer.key: signer for signer in signers}
    for role in roles:
        absent = [key for key in role.keys if key not in there]
        if len(role.keys) - len(absent) < role.threshold:
            raise _missing(registry, use, [PublicKey(key) for key in absent], variable)
    return tuple(there.values())


def _missing(registry: str, use: str, absent: Sequence[PublicKey], variable: str) -> NotFound:
    ids = " or ".join(key_id(key)[:16] for key in absent)
    return NotFound(
        f"the {use} key {ids} is not here, and the index cannot be signed without it; nothing was written",
        code="key-missing",
        hint=(
            f"give it in one of three ways: its file, registry keys import FILE --as {owner_of(registry)} --use {use}; "
            f"the environment, {variable}; or its address, --{use}-key file2:PATH (or a key service's). "
            "--unsigned builds a site without an index, which clients refuse"
        ),
    )


def _at(world: World, address: str, wanted: Sequence[PublicKey]) -> Signer:
    """The signer at an address, which is one of `wanted`."""
    from registry_tool.signing.addresses import signer_at

    scheme, _, name = address.partition(":")
    if scheme == "envvar":
        secret = world.env.get(name, "")
        if not secret:
            raise NotFound(f"there is no {name} in the environment", code="key-missing", hint="set it, then try again")
        return _one_of(signer_in(secret, name), wanted, f"the key in {name}")
    other: InvalidInput | None = None
    for key in wanted:
        try:
            return signer_at(address, key, secret=lambda what: world.env.get(PIN, ""))
        except InvalidInput as error:
            if error.code != "other-key":
                raise
            other = error
    raise other or InvalidInput(f"no key is needed that {address} could be", code="other-key")


def _one_of(signer: Signer, wanted: Sequence[PublicKey], what: str) -> Signer:
    if signer.key in wanted:
        return signer
    ids = " or ".join(key_id(key)[:16] for key in wanted)
    raise InvalidInput(
        f"{what} is {key_id(signer.key)[:16]}, and the registry names {ids}",
        code="other-key",
        hint="give the key that the registry names, or change what it names: registry trust rotate",
    )


def signer_in(secret: str, what: str) -> Signer:
    """The key that a secret of the environment holds; `InvalidInput` (`bad-key-file`) for anything else."""
    from registry_tool.signing.ed25519 import Ed25519Signer
    from registry_tool.stores.keys import seed_of

    text = secret.strip()
    if text.startswith("-----BEGIN"):
        return Ed25519Signer(seed_of(text.replace("\\n", "\n").encode("utf-8", "surrogateescape")))
    try:
        seed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        seed = b""
    if len(seed) != 32:
        raise InvalidInput(
            f"{what} holds no Ed25519 private key: expected PEM (PKCS #8), or base64 of 32 bytes",
            code="bad-key-file",
            hint=f'for a key in a file: export {what}="$(cat publishing.pem)"',
        )
    return Ed25519Signer(seed)


def _published(key: PublicKey) -> Signer | None:
    """A published test key: everybody may sign a demonstration, which proves nothing."""
    from registry_tool.core.demo_keys import DEMO_KEY_IDS, DEMO_SEEDS, demo_seed
    from registry_tool.signing.ed25519 import Ed25519Signer

    if key_id(key) not in DEMO_KEY_IDS:
        return None
    signers = (Ed25519Signer(demo_seed(number)) for number in range(DEMO_SEEDS))
    return next((signer for signer in signers if signer.key == key), None)
