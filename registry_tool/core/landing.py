"""Whether a submission may land (part 9), before anybody approved it.

Everything is checked on the tip with the submission's additions, the approver's own signatures
apart. Once those are there too, `standing.py` and `trust.py` verify the result as a client will.
The same function serves the author's check, the queue, a hook and a merge check.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from registry_tool.core import layout
from registry_tool.core.authorities import Authorities, Government
from registry_tool.core.chains import SignedBytes, signers
from registry_tool.core.change import Candidate, Change
from registry_tool.core.errors import NotTrusted, RegistryError, StateForbids
from registry_tool.core.families import FAMILIES
from registry_tool.core.findings import Finding
from registry_tool.core.foreign import foreign_faults
from registry_tool.core.identity import BUNDLE, named_among
from registry_tool.core.joining import event_may_join, keys_may_join, statement_may_join
from registry_tool.core.keys import K16, SignatureCheck
from registry_tool.core.layout import locate
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.names import ArtifactId
from registry_tool.core.naming_identities import identities_may_join
from registry_tool.core.native.yaml_text import load_yaml
from registry_tool.core.published import proof_at, version_folders
from registry_tool.core.publishing import demand_publisher
from registry_tool.core.standing import authorities_at, government_at, trusting_at
from registry_tool.core.tables import (
    CATEGORIES_TABLE,
    REGISTRY_TABLE,
    SOURCES_TABLE,
    read_categories,
    read_registry_table,
    read_sources,
)
from registry_tool.core.tiers import TIERS_TABLE, read_tiers, table_faults
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means


def submission_faults(change: Change, *, means: Means) -> tuple[Finding, ...]:
    """Everything that keeps a submission from landing, the approver's signatures apart."""
    faults: list[Finding] = [*_only_adds(change), *_places(change), *_accompanied(change), *_tables(change)]
    with collecting(faults, "registry", "index/trust"):
        government = government_at(change.tip, registry=change.registry, check=means.check)
        trusting = trusting_at(change.tip, government, means=means)
        waiting = frozenset(one.located.subject for one in change.statements if one.located.role == "chain")
        for joined in change.statements:
            faults += joined.faults
            with collecting(faults, "signature", joined.path):
                if joined.located.role in FAMILIES:
                    FAMILIES[joined.located.role].may_join(change, joined, government, means)
                elif joined.located.role == "chain":
                    statement_may_join(change, joined, government, waiting, check=means.check)
                    identities_may_join(change, joined)
                else:
                    event_may_join(change, joined, government, waiting, check=means.check)
        for candidate in change.releases:
            faults += _read_whole(candidate)
            with collecting(faults, "owner", candidate.path):
                _release(change, candidate, government, waiting, trusting)
            with collecting(faults, "tier", candidate.path):
                if candidate.manifest is not None:
                    demand_publisher(change.tip, candidate.manifest.author, government, check=means.check)
            faults += foreign_faults(candidate, change, means=trusting)
        with collecting(faults, "key-use", ""):
            keys_may_join(change, government)
    return tuple(dict.fromkeys(faults))


@contextmanager
def collecting(faults: list[Finding], check: str, path: str) -> Iterator[None]:
    """Turns what is raised inside into a finding, so that people are told everything at once."""
    try:
        yield
    except RegistryError as error:
        faults.append(Finding(error.code or check, "fail", error.message, error.where or path, error.hint))


def _release(
    change: Change, candidate: Candidate, government: Government, waiting: frozenset[str], means: Means
) -> None:
    manifest = candidate.manifest
    if manifest is None:
        return  # its faults say why
    what = f"{manifest.artifact}@{manifest.version}"
    if change.tip.read(candidate.path) is not None:
        raise StateForbids(
            f"{what} is published already and never changes", code="version-exists", hint="raise the version"
        )
    kind = kind_of_name(change.tip, candidate.artifact, registry=change.registry)
    if kind is not None and kind != manifest.kind:
        raise StateForbids(
            f"{manifest.artifact} is a {kind}, this release is a {manifest.kind}",
            code="other-kind",
            hint="publish it under a new name",
        )
    if manifest.visibility == "private" and not government.policy.head.body.private:
        raise StateForbids(
            f"{what} is private, which this registry does not take", code="private", hint="visibility: public"
        )
    authorities = authorities_at(change.merged, government, manifest.scope, check=means.check, waiting=waiting)
    row = next(
        (row for row in authorities.scope.head.body.publishers() if row.author == manifest.author and row.active), None
    )
    if row is None:
        raise NotTrusted(
            f"{manifest.author} does not publish in @{manifest.scope}",
            code="not-a-publisher",
            hint=f"an owner lets you in with `registry scope invite @{manifest.scope} {manifest.author}`",
        )
    _author_signed(candidate, manifest, authorities, means)


def _author_signed(candidate: Candidate, manifest: Manifest, authorities: Authorities, means: Means) -> None:
    """Refuses a release without the signatures that its scope needs, and one with any that is nobody's."""
    what = f"{manifest.artifact}@{manifest.version}"
    scope = authorities.scope.head.body
    if scope.needs != "identity" or _key_signatures(candidate):
        _key_signed(candidate, manifest, authorities, means.check, what)
    bundle = candidate.signatures.get(BUNDLE)
    if bundle is not None:
        claims = means.identify(bundle, candidate.manifest_bytes)
        named_among(claims, [row for row in scope.identities if row.active], what)
    elif scope.needs != "key":
        raise NotTrusted(
            f"@{manifest.scope} needs a keyless signature, and {what} has none",
            code="no-identity",
            hint="publish it with `registry publish`, which signs it as you or as your CI's job",
        )


def _key_signatures(candidate: Candidate) -> dict[K16, bytes]:
    """Signatures over the manifest by keys."""
    return {K16(file[:16]): content for file, content in candidate.signatures.items() if len(file) == 20}


def _key_signed(
    candidate: Candidate, manifest: Manifest, authorities: Authorities, check: SignatureCheck, what: str
) -> None:
    keyring = authorities.keyring(manifest.author).head.body
    source = SignedBytes(candidate.manifest_bytes, _key_signatures(candidate))
    signed = signers(source, [one.raw for one in keyring.keys], check=check, what=what)
    strangers = sorted(set(source.signatures) - signed)
    if strangers:
        raise NotTrusted(f"the signature by {strangers[0]} is by no key of {manifest.author}", code="stranger")
    active = {one.k16 for one in keyring.keys if one.active and one.use == "signing"}
    if not signed & active:
        ended = sorted(signed)
        hint = (
            "sign again with an active signing key" if ended else "publish it with `registry publish`, which signs it"
        )
        raise NotTrusted(
            f"{what} is not signed by an active signing key of {manifest.author}",
            code="sign-again" if ended else "not-signed",
            hint=hint,
        )


def kind_of_name(tree: Tree, artifact: ArtifactId, *, registry: str) -> str | None:
    """The kind that a name has for ever; `None` where nothing of that name was admitted."""
    for folder in version_folders(tree, artifact):
        proof = proof_at(tree, artifact, folder, registry=registry)
        if proof is not None:
            return read_manifest(proof.manifest, registry=registry).kind
    return None


def _read_whole(candidate: Candidate) -> tuple[Finding, ...]:
    """What keeps a release from being read to its last byte."""
    manifest = candidate.manifest
    if candidate.faults or manifest is None or candidate.kind is not None:
        return candidate.faults
    message = f"{manifest.kind} is no kind that this tool knows"
    return (Finding("unknown-kind", "fail", message, candidate.path, "update the tool, or publish it as another kind"),)


def _only_adds(change: Change) -> list[Finding]:
    """A submission adds regular files; what is published never changes, the tables of words apart."""
    found: dict[str, Finding] = {}
    for edit in change.edits:
        if edit.old is not None and (edit.new is None or locate(edit.path).role != "table"):
            found[edit.path] = _changed(edit.path)
        elif edit.new is not None and edit.new.type != "file":
            message = f"a submission brings regular files, this is something else: {edit.new.type}"
            found[edit.path] = Finding("allowed-paths", "fail", message, edit.path, "leave it out")
    for one in change.located:
        if one.role != "table" and change.tip.entry(one.path) is not None:
            found.setdefault(one.path, _changed(one.path))
    return [found[path] for path in sorted(found)]


def _changed(path: str) -> Finding:
    hint = "restore it; what is published never changes, publish a new version instead"
    return Finding("append-only", "fail", "it is published, and changed or deleted here", path, hint)


def _places(change: Change) -> list[Finding]:
    """Every path that a submission adds is of a form that submissions may bring."""
    allowed = {"chain", "blob", "blob-signature", "pointer", "event"}
    allowed |= {role for role, family in FAMILIES.items() if family.submitted}
    if all(one.role == "table" for one in change.located):
        return []  # a moderator reads it and approves it by hand
    found = []
    for one in change.located:
        if one.role in allowed and one.subject not in ("moderators", "policy"):
            continue
        message = "a submission does not bring this file"
        found.append(Finding("allowed-paths", "fail", message, one.path, "remove it; maintainers change it by hand"))
    return found


def _tables(change: Change) -> list[Finding]:
    """A table can be read: one that cannot would keep the whole registry from being built."""
    found: list[Finding] = []
    for one in change.located:
        data = change.additions[one.path]
        with collecting(found, "table", one.path):
            if one.path == REGISTRY_TABLE:
                read_registry_table(data)
            elif one.path == CATEGORIES_TABLE:
                read_categories(data, change.kinds)
            elif one.path == TIERS_TABLE:
                found += table_faults(read_tiers(data) or {}, change.kinds)
            elif one.path == SOURCES_TABLE:
                read_sources(data)
            elif one.role == "table":
                found += [fault for fault in load_yaml(data, what=one.path).findings if fault.level == "fail"]
    return found


def _accompanied(change: Change) -> list[Finding]:
    """Blobs are listed by a manifest of the same submission, signatures come with what they sign."""
    added = set(change.additions)
    listed: set[str] = set()
    manifests: set[str] = set()
    for candidate in change.releases:
        if candidate.manifest is not None:
            manifests.add(layout.blob_path(candidate.artifact, candidate.digest))  # type: ignore[arg-type]  # a digest once the manifest is there
            listed |= {layout.blob_path(candidate.artifact, file.sha256) for file in candidate.manifest.files}  # type: ignore[arg-type]  # HexText
    found = []
    for one in change.located:
        if one.role == "blob" and one.path not in listed | manifests:
            found.append(
                Finding("stray-file", "fail", "no manifest of this submission lists this blob", one.path, "remove it")
            )
        document = one.path.rpartition(f".{one.sig}.sig")[0] + ".json" if one.sig else ""
        if one.role == "blob-signature":
            document = one.path.removesuffix(f".{one.suffix}")
        if document and (document not in added or (one.role == "blob-signature" and document not in manifests)):
            hint = "a signature comes only together with what it signs; remove it"
            found.append(Finding("stray-file", "fail", "what it signs is not in this submission", one.path, hint))
    return found
