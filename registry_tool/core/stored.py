"""What a repository of a registry holds, read from its tree; nothing is verified here.

The layout says where things lie, this module what is there: documents with their signatures, chains,
proofs, events and payloads. What the site makes of them is `published.py`.
"""

from collections.abc import Collection, Sequence

from registry_tool.core import canonical, layout, limits
from registry_tool.core.chains import SignedBytes
from registry_tool.core.digest import Hex, bare, prefixed, sha256
from registry_tool.core.document import load
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.keys import K16
from registry_tool.core.manifest import Manifest
from registry_tool.core.names import ArtifactId, parse_author
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.proof import Proof
from registry_tool.core.release import Admission, Pointer, Status
from registry_tool.core.statements import Event, Scope
from registry_tool.core.status import Standing, standing_of
from registry_tool.core.tree import Tree
from registry_tool.core.versions import parse_version


def registry_of(tree: Tree) -> Hex:
    """The id of the registry in `tree`; `NotFound` where there is none."""
    first = tree.read(layout.root_path(1))
    if first is None:
        raise NotFound(
            "there is no registry here: index/trust/1.root.json is missing",
            code="not-a-registry",
            hint="make one with `registry init DIR`",
        )
    return sha256(first)


def text_of(data: bytes, what: str) -> str:
    """`data` as the text that the site carries; `InvalidInput` where it is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{what} is not UTF-8 at byte {error.start}", code="not-canonical") from error


def signed_at(tree: Tree, path: str) -> SignedBytes | None:
    """A JSON document and the signatures beside it; `None` where there is none."""
    data = tree.read(path)
    if data is None:
        return None
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix(".json")
    signatures: dict[K16, bytes] = {}
    for entry in tree.list(folder):
        middle = entry.name.removeprefix(stem + ".").removesuffix(".sig")
        if entry.name == f"{stem}.{middle}.sig" and len(middle) == 16:
            content = tree.read(f"{folder}/{entry.name}")
            if content is not None:
                signatures[K16(middle)] = content
    text_of(data, path)
    return SignedBytes(data, signatures)


def chain_at(tree: Tree, subject: str) -> tuple[SignedBytes, ...]:
    """A chain's statements in order; empty where there is no chain. A gap ends it here and is refused
    by whoever verifies the whole tree.
    """
    found: list[SignedBytes] = []
    while (source := signed_at(tree, layout.statement_path(subject, len(found) + 1))) is not None:
        found.append(source)
    return tuple(found)


def roots_at(tree: Tree) -> tuple[bytes, ...]:
    """The root metadata files in order."""
    found: list[bytes] = []
    while (data := tree.read(layout.root_path(len(found) + 1))) is not None:
        found.append(data)
    return tuple(found)


def version_folders(tree: Tree, artifact: ArtifactId) -> tuple[str, ...]:
    """The folders of a name's versions, oldest first."""
    names = [entry.name for entry in tree.list(layout.name_folder(artifact)) if entry.name != "blobs"]
    return tuple(sorted(names, key=parse_version))


def names_in(tree: Tree) -> tuple[ArtifactId, ...]:
    """Every name in the repository, sorted."""
    found = []
    for shard in tree.list("index/releases"):
        for scope in tree.list(f"index/releases/{shard.name}"):
            for name in tree.list(f"index/releases/{shard.name}/{scope.name}"):
                found.append(ArtifactId(scope.name, name.name))  # type: ignore[arg-type]  # a landing checked the grammar
    return tuple(sorted(found, key=lambda one: (one.scope, one.name)))


def pointer_at(tree: Tree, artifact: ArtifactId, version: str, *, registry: str) -> Pointer | None:
    """What `release.json` of a version says."""
    path = f"{layout.version_folder(artifact, version)}/release.json"
    data = tree.read(path)
    return None if data is None else load(Pointer, data, limit=limits.STATEMENT_BYTES, registry=registry, what=path)


def proof_at(tree: Tree, artifact: ArtifactId, version: str, *, registry: str) -> Proof | None:
    """Everything signed about a version; `None` where it is not admitted."""
    return proof_of(tree, artifact, version, pointer_at(tree, artifact, version, registry=registry))


def proof_of(tree: Tree, artifact: ArtifactId, version: str, pointer: Pointer | None) -> Proof | None:
    """The same, where `pointer_at` of the version was asked already."""
    folder = layout.version_folder(artifact, version)
    admission = signed_at(tree, f"{folder}/admission.json")
    if pointer is None or admission is None:
        return None
    blob = layout.blob_path(artifact, bare(pointer.manifest))  # type: ignore[arg-type]  # DigestText is a digest
    manifest = tree.read(blob)
    if manifest is None:
        raise InvalidInput("the manifest that release.json names is missing", where=blob, code="blob-missing")
    approvals = tuple(
        source
        for entry in tree.list(f"{folder}/approvals")
        if entry.name.endswith(".json") and (source := signed_at(tree, f"{folder}/approvals/{entry.name}")) is not None
    )
    return Proof(manifest, manifest_signatures(tree, artifact, sha256(manifest)), admission, approvals)


def admission_of(proof: Proof, *, registry: str) -> Admission:
    """The admission's document, its signature not looked at."""
    return load(Admission, proof.admission.data, limit=limits.STATEMENT_BYTES, registry=registry, what="the admission")


def manifest_signatures(tree: Tree, artifact: ArtifactId, digest: Hex) -> dict[str, bytes]:
    """Every file beside a manifest's blob, by its suffix."""
    folder, _, name = layout.blob_path(artifact, digest).rpartition("/")
    files: dict[str, bytes] = {}
    for entry in tree.list(folder):
        if entry.name.startswith(name + "."):
            content = tree.read(f"{folder}/{entry.name}")
            if content is not None:
                files[entry.name.removeprefix(name + ".")] = content
    return files


def events_at(tree: Tree, artifact: ArtifactId, version: str) -> tuple[SignedBytes, ...]:
    """The events of a version in order."""
    folder = f"{layout.version_folder(artifact, version)}/events"
    found: list[SignedBytes] = []
    while (source := signed_at(tree, f"{folder}/{len(found) + 1}.json")) is not None:
        found.append(source)
    return tuple(found)


def payload_at(tree: Tree, artifact: ArtifactId, manifest: Manifest) -> Payload:
    """The payload's files from their blobs; `InvalidInput` where one is missing or changed."""
    payload: dict[str, PayloadFile] = {}
    for file in manifest.files:
        path = layout.blob_path(artifact, Hex(file.sha256))
        data = tree.read(path)
        if data is None:
            raise InvalidInput(f"the blob of {file.path} is missing", where=path, code="blob-missing")
        if sha256(data) != file.sha256:
            raise InvalidInput(
                f"the blob of {file.path} has other bytes than its name says", where=path, code="bad-digest"
            )
        payload[file.path] = PayloadFile(data, file.executable)
    return payload


def hinted_status(events: Sequence[SignedBytes], taken: Collection[str] = ()) -> Status:
    """The status that events give before anybody verified them; those in `taken` (digests) count for nothing."""
    return hinted_standing(events, taken).status


def hinted_standing(events: Sequence[SignedBytes], taken: Collection[str] = ()) -> Standing:
    """What events come to, before anybody verified them or after somebody else did."""
    digests = ((sha256(event.data), event.data) for event in events)
    return standing_of((digest, _event(data)) for digest, data in digests if prefixed(digest) not in taken)


def _event(data: bytes) -> Event:
    value = canonical.parse(data, limit=limits.STATEMENT_BYTES, what="an event")
    if not isinstance(value, dict):
        raise InvalidInput("an event is not a JSON object", code="invalid-document")
    return Event.of(value)


def authors_named(source: SignedBytes, *, registry: str, what: str) -> frozenset[str]:
    """The authors that a statement of a scope names as owner, member or signer."""
    body = load(Scope, source.data, limit=limits.STATEMENT_BYTES, registry=registry, what=what)
    under = {subject.partition("/")[2] for subject in body.under if subject.startswith("authors/")}
    return frozenset(parse_author(author) for author in under | {row.author for row in body.publishers()})
