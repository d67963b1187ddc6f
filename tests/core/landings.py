"""What landing says about submissions that are made from a registry in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.findings import Finding
from registry_tool.core.foreign import flat_message
from registry_tool.core.keys import k16
from registry_tool.core.landing import submission_faults
from registry_tool.core.ports import Edit
from registry_tool.core.trust import Means
from registry_tool.kinds import skill as skills
from registry_tool.signing.ed25519 import check
from tests.builders import Change, RegistryInMemory
from tests.checks.changes import KINDS, Build, change, skill

MEANS = Means(check, {kind.id: kind.grammar.covers for kind in KINDS})
LINKS = "@ann/links"

ANN = ("ann control",)
"""Who signs for ann where no moderator does yet."""


def faults(build: Build, *, tip: Build | None = None, odd: Sequence[Edit] = ()) -> tuple[Finding, ...]:
    """Everything that keeps the submission that `build` makes from landing."""
    return submission_faults(change(build, tip=tip, odd=odd), means=MEANS)


def codes(build: Build, *, tip: Build | None = None, odd: Sequence[Edit] = ()) -> list[str]:
    """The same as sorted words, each once."""
    return sorted({fault.check for fault in faults(build, tip=tip, odd=odd)})


def keys(registry: RegistryInMemory, *more: str, signing: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Ann's keys, her signing key as `signing` says, and another signing key for each of `more`."""
    own = registry.row("ann signing", use="signing") | dict(signing or {})
    return [registry.row("ann control", use="control"), own, *(registry.row(name, use="signing") for name in more)]


def rotated(
    registry: RegistryInMemory,
    *more: str,
    by: Sequence[str] = ANN,
    since: str = "2026-04-01T00:00:00Z",
    change: Change = None,
) -> None:
    """Ann's next keyring: her signing key has ended, those of `more` are new."""
    ended = {"status": "retired", "since": since}
    registry.keyring("ann", keys(registry, *more, signing=ended), by=(*by, *more), change=change)


PAST = "2026-03-01T00:00:00Z"
"""Before everything that the registry admitted."""


def member_on_the_tip(registry: RegistryInMemory) -> None:
    """Bob is a member of ann's scope, and 1.0.5 is his."""
    registry.keyring("bob")
    registry.scope("ann", owners=["ann"], members=["bob"])
    skill(registry, "1.0.5", author="bob")
    registry.admit(LINKS, "1.0.5")


def bob_ends(registry: RegistryInMemory, since: str) -> None:
    """Ann ends bob's membership."""
    row = {"author": "bob", "status": "retired", "since": since}
    registry.scope("ann", owners=["ann"], members=[row], by=("ann control",))


def yanked(registry: RegistryInMemory) -> None:
    """Ann yanks 1.0.0."""
    registry.event(LINKS, "1.0.0", "yank")


def both(*builds: Callable[[RegistryInMemory], object]) -> Build:
    """Several things in one submission."""

    def build(registry: RegistryInMemory) -> None:
        for one in builds:
            one(registry)

    return build


def update(registry: RegistryInMemory, version: str = "1.1.0", **words: Any) -> None:
    """The next version of ann's skill."""
    skill(registry, version, **words)


def blob_of(registry: RegistryInMemory, version: str) -> str:
    manifest = registry.manifest(LINKS, version)
    return layout.blob_path(manifest.id, sha256(manifest.to_bytes()))


def sign(registry: RegistryInMemory, by: str, version: str = "1.1.0", *, form: str = "") -> None:
    """Another signature beside the manifest of a version."""
    blob, signer = blob_of(registry, version), registry.hand(by)
    message = flat_message(registry.manifest(LINKS, version), skills.KIND) if form else registry.files[blob]
    registry.files[f"{blob}.{form}{k16(signer.key)}.sig"] = signer.sign(message)
