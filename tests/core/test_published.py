"""What a clone says of itself, and that a hostile one is refused instead of believed."""

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import (
    PublishedTree,
    authors_of,
    chain_at,
    events_at,
    hinted_status,
    name_record,
    payload_at,
    proof_at,
    registry_of,
    scope_chains,
    signed_at,
)
from registry_tool.core.tree import MemoryTree
from tests.builders import RegistryInMemory, a_registry

SOLAR = parse_artifact("@ann/solar")
WAITS = parse_artifact("@ann/waits")
FOLDER = layout.version_folder(SOLAR, "1.0.0")


@pytest.fixture
def registry() -> RegistryInMemory:
    built = a_registry().release("@ann/solar", "1.0.0").release("@ann/solar", "1.1.0")
    built.event("@ann/solar", "1.0.0", "yank")
    built.publish("@ann/waits", "1.0.0")
    return built


def test_a_clone_answers_as_its_site_does(registry: RegistryInMemory) -> None:
    """For every file of the site that clients read, a clone gives the same bytes."""
    source, site = registry.source(), registry.site()

    paths = sorted(site, key=lambda path: path.startswith("objects/"))
    answers = source.fetch_all([(path, 10**7) for path in paths])

    assert [site[path] for path in paths] == list(answers)
    assert "memory" == source.where


@pytest.mark.parametrize(
    "path",
    [
        "index/an/ann/nothing.json",
        "index/an/ann/waits.json",
        "chains/scopes/no/nobody.json",
        "chains/authors/no/nobody.json",
        f"objects/sha256/00/{'0' * 64}",
        "index/registry.json",
        "somewhere/else",
    ],
)
def test_what_is_not_there_is_nothing(registry: RegistryInMemory, path: str) -> None:
    """A path without a file, and a name of which nothing was admitted, give nothing."""
    assert registry.source().fetch(path, limit=10**6) is None


def test_a_keyring_and_an_entry_are_given_by_themselves(registry: RegistryInMemory) -> None:
    """A keyring can be asked for alone; an entry is what the maker of the source says."""
    source = PublishedTree(registry.tree(), where="here", entry=b"{}")

    assert b"{}" == source.fetch(layout.ENTRY, limit=10)
    assert b'{"entries":' == (source.fetch("chains/authors/an/ann.json", limit=10**6) or b"")[:11]


def test_limits_hold_for_a_clone_too(registry: RegistryInMemory) -> None:
    """A file over the limit is refused."""
    with pytest.raises(InvalidInput) as refused:
        registry.source().fetch(layout.REGISTRY_CHAINS, limit=10)

    assert "too-large" == refused.value.code


def test_the_address_is_the_operators_word(registry: RegistryInMemory) -> None:
    """The public address stands in a table; a registry without one has none."""
    assert "" == registry.source().address
    registry.files["index/registry.yaml"] = b"name: Example\nurl: https://registry.example/\n"

    assert "https://registry.example/" == registry.source().address


def test_a_folder_without_a_root_is_no_registry() -> None:
    """Where there is no first root there is no registry."""
    with pytest.raises(NotFound) as refused:
        registry_of(MemoryTree({}))

    assert "not-a-registry" == refused.value.code
    assert {} == scope_chains(a_registry().tree(), "nobody")


def test_only_signatures_of_a_document_are_its_own(registry: RegistryInMemory) -> None:
    """Files with other names beside a document are not taken for its signatures, nor folders."""
    path = layout.statement_path("policy", 1)
    before = signed_at(registry.tree(), path)
    registry.files["index/policy/1.more.sig"] = b"x"
    registry.files["index/policy/1.0123456789abcdef.sig/inside"] = b"x"
    registry.files["index/policy/11.0123456789abcdef.sig"] = b"x"

    assert before == signed_at(registry.tree(), path)


def test_a_folder_beside_a_manifest_is_no_signature(registry: RegistryInMemory) -> None:
    """Only files beside a manifest's blob belong to its proof."""
    before = registry.proof("@ann/solar", "1.0.0")
    blob = next(path for path in registry.files if path.endswith(".sig") and "/solar/blobs/" in path)
    registry.files[f"{blob.partition('.')[0]}.folder/inside"] = b"x"

    assert before == registry.proof("@ann/solar", "1.0.0")


def test_approvals_belong_to_the_proof(registry: RegistryInMemory) -> None:
    """Approvals beside the admission are part of what proves a release; their signatures are not documents."""
    registry.approve("@ann/solar", "1.0.0", "mod")

    assert 1 == len(registry.proof("@ann/solar", "1.0.0").approvals)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (f"{FOLDER}/events/1.json", b"[]"),
        (f"{FOLDER}/events/1.json", b'{"action":"yank"}'),
        (f"{FOLDER}/events/1.json", b"\xff"),
        (f"{FOLDER}/admission.json", b"{}"),
        (f"{FOLDER}/release.json", b"[]"),
        (layout.root_path(2), b"\xff"),
        (layout.statement_path("scopes/ann", 1), b"[]"),
        (layout.statement_path("scopes/ann", 1), b"{}"),
        (layout.statement_path("policy", 1), b"\xff"),
    ],
)
def test_a_broken_document_in_a_clone_is_an_error_of_the_input(
    registry: RegistryInMemory, path: str, data: bytes
) -> None:
    """Whatever a hostile clone has in place of a document, it is refused as bad input and never crashes."""
    registry.files[path] = data
    source = registry.source()

    asked = [(one, 10**7) for one in (layout.REGISTRY_CHAINS, layout.name_path(SOLAR), layout.scope_path("ann"))]
    with pytest.raises((InvalidInput, NotTrusted)) as refused:
        source.fetch_all(asked)

    assert refused.value.message


def test_blobs_are_what_their_names_say(registry: RegistryInMemory) -> None:
    """A payload's blob that is missing or has other bytes than its name says is refused."""
    manifest = registry.manifest("@ann/solar", "1.0.0")
    blob = layout.blob_path(SOLAR, manifest.rows[0].sha256)
    registry.files[blob] = b"other"
    with pytest.raises(InvalidInput) as changed:
        payload_at(registry.tree(), SOLAR, manifest)
    del registry.files[blob]
    with pytest.raises(InvalidInput) as missing:
        payload_at(registry.tree(), SOLAR, manifest)

    assert ("bad-digest", "blob-missing") == (changed.value.code, missing.value.code)


def test_a_manifest_that_is_gone_is_told(registry: RegistryInMemory) -> None:
    """A pointer to a manifest that is not there is refused."""
    digest = canonical.parse(registry.files[f"{FOLDER}/release.json"], limit=10**5, what="it")["manifest"]
    del registry.files[layout.blob_path(SOLAR, digest.removeprefix("sha256:"))]

    with pytest.raises(InvalidInput) as refused:
        proof_at(registry.tree(), SOLAR, "1.0.0", registry=registry.id)

    assert "blob-missing" == refused.value.code


def test_hints_follow_the_events(registry: RegistryInMemory) -> None:
    """The hinted status is the gravest that no later event lifted."""
    yank = registry.event("@ann/solar", "1.1.0", "yank")
    assert "yanked" == hinted_status(events_at(registry.tree(), SOLAR, "1.1.0"))
    registry.event("@ann/solar", "1.1.0", "restore", lifts=yank)

    assert "active" == hinted_status(events_at(registry.tree(), SOLAR, "1.1.0"))
    assert ("ann",) == authors_of(registry.tree(), "ann")
    assert 1 == len(chain_at(registry.tree(), "scopes/ann"))
    assert name_record(registry.tree(), WAITS, registry=registry.id) is None


def test_a_large_keyring_lies_apart(registry: RegistryInMemory) -> None:
    """Above twenty kilobytes a keyring has its own file, and the scope's file leaves it out."""
    for number in range(20):
        names = [f"ann laptop {one}" for one in range(number + 1)]
        rows = [registry.row("ann control", use="control"), registry.row("ann signing", use="signing")]
        rows += [registry.row(name, use="signing") for name in names]
        registry.keyring("ann", rows, by=("ann control", names[-1], "mod"))
    files = scope_chains(registry.tree(), "ann")

    assert [layout.author_path("ann"), layout.scope_path("ann")] == sorted(files)
    assert {} == canonical.parse(files[layout.scope_path("ann")], limit=10**6, what="the scope")["keyrings"]
