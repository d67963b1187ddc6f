"""Who signed without a key: an identity that the scope names, and the next version too once there was one."""

from collections.abc import Iterator
from typing import Final

from registry_tool.checks.versions import versions_at
from registry_tool.core import layout
from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import Digest, bare
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.heads import newest
from registry_tool.core.identity import BUNDLE
from registry_tool.core.places import place
from registry_tool.core.published import manifest_signatures, pointer_at
from registry_tool.core.review import Check
from registry_tool.core.statements import Scope
from registry_tool.core.versions import parse_version


def provenance_continues(change: Change) -> Iterator[Finding]:
    """A finding for each release that no identity signed, while one signed the version before.

    Whether it is another identity than before is said by whoever can verify both.
    """
    for candidate in change.releases:
        if candidate.manifest is None or BUNDLE in candidate.signatures:
            continue
        before = next((one for one in _before(change, candidate) if _signed_keyless(change, candidate, one)), None)
        if before is not None:
            message = f"{before} was signed by an identity, without a key, and this version is not"
            hint = "publish it from where the version before came, in CI for example; `registry publish --keyless`"
            yield Finding("provenance-continues", "fail", message, place(candidate), hint)


def attestation(change: Change) -> Iterator[Finding]:
    """A finding for each release that is signed without a key into a scope that names no identity."""
    for candidate in change.releases:
        if BUNDLE in candidate.signatures and not _names_identities(change, candidate.artifact.scope):
            message = f"it is signed without a key, and the scope @{candidate.artifact.scope} names no identity"
            hint = "an owner names it with `registry scope identity add`; or publish it with a key"
            yield Finding("attestation", "fail", message, place(candidate), hint)


def _before(change: Change, candidate: Candidate) -> Iterator[str]:
    """The folders of the newest version below this one, and of the newest that a person let in."""
    this = parse_version(candidate.folder)
    yield from [one.folder for one in reversed(versions_at(change.tip, candidate.artifact)) if one < this][:1]
    if candidate.previous is not None:
        yield parse_version(candidate.previous.version).folder


def _signed_keyless(change: Change, candidate: Candidate, folder: str) -> bool:
    if change.tip.entry(f"{layout.version_folder(candidate.artifact, folder)}/admission.json") is None:
        return False  # nobody let it in
    try:
        pointer = pointer_at(change.tip, candidate.artifact, folder, registry=change.registry)
    except RegistryError:
        return False  # verification says what is wrong with it
    digest = bare(Digest(pointer.manifest)) if pointer else None
    return digest is not None and BUNDLE in manifest_signatures(change.tip, candidate.artifact, digest)


def _names_identities(change: Change, scope: str) -> bool:
    body = newest(change.merged, f"scopes/{scope}", Scope, registry=change.registry)
    return body is None or any(row.active for row in body.identities)  # without one, others say what is wrong


CHECKS: Final = (
    Check(
        id="attestation",
        number=16,
        title="A signature without a key is by an identity that the scope names",
        why="A good signature by anybody at all proves nothing about who may publish here.",
        level="fail",
        run=attestation,
        tells=(
            "bad-keyless",
            "future-signature",
            "needs-identity",
            "no-identity",
            "signed-too-early",
            "unnamed-identity",
        ),
    ),
    Check(
        id="provenance-continues",
        number=15,
        title="Once an identity signed a name's versions, the next ones are signed by one too",
        why="In two takeovers the stolen key published around the workflow that had signed until then.",
        level="fail",
        run=provenance_continues,
        waivable=True,
    ),
)
