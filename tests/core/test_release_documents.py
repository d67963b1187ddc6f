"""What lies beside a manifest, read as it is written; each rule has its example in `examples_releases.py`."""

from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.release import (
    Admission,
    Approval,
    Entry,
    Evidence,
    NameRecord,
    Pointer,
    ScopeChains,
    SignatureFile,
)
from registry_tool.core.statements import ForgeReview
from tests.core.examples import DIGEST, HEX, OTHERS, SIGNED, documents

REVIEW: dict[str, Any] = {"forge": "forge.example", "review": 3, "account": 7}


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_document_is_written_as_it_was_read(name: str) -> None:
    """Every document comes back as the value that it was."""
    model = {**SIGNED, **OTHERS}[name]

    assert documents()[name] == model.of(documents()[name]).value()


def test_an_approval_is_a_digest_or_a_review() -> None:
    """Both forms are told apart when an admission is read."""
    value = {**documents()["registry.admission-1"], "approvals": [DIGEST, REVIEW]}

    assert (DIGEST, ForgeReview.of(REVIEW)) == Admission.of(value).approvals


def test_a_new_name_compares_with_nothing() -> None:
    """`compared` is null for it, and never left out."""
    value = documents()["registry.admission-1"]

    assert Admission.of(value).compared is None
    with pytest.raises(InvalidInput, match="compared: is missing"):
        Admission.of({name: member for name, member in value.items() if name != "compared"})


@pytest.mark.parametrize("member", ["artifact", "version", "manifest", "signatures", "under", "gained", "note", "at"])
def test_an_admission_leaves_nothing_out(member: str) -> None:
    """Lists, maps and texts are there, if empty."""
    value = {name: given for name, given in documents()["registry.admission-1"].items() if name != member}

    with pytest.raises(InvalidInput, match=f"{member}: is missing"):
        Admission.of(value)


@pytest.mark.parametrize(
    ("file", "good"),
    [
        (f"{'0' * 16}.sig", True),
        (f"flat.{'0' * 16}.sig", True),
        (f"wire.{'0' * 16}.sig", True),
        ("sigstore.json", True),
        ("wire.sigstore.json", True),
        (f"{'0' * 16}.sig\n", False),
        (f"{'0' * 15}.sig", False),
        (f"flat.wire.{'0' * 16}.sig", False),
        ("flat.sigstore.json", False),
        ("", False),
    ],
)
def test_a_file_beside_a_manifest_has_a_known_name(file: str, good: bool) -> None:
    """Only our signatures, the foreign ones and the keyless one have a place there."""
    found = True
    try:
        SignatureFile.of({"file": file, "sha256": HEX})
    except InvalidInput:
        found = False

    assert good == found


@pytest.mark.parametrize("model", [Pointer, Approval, Evidence])
def test_one_document_is_not_taken_for_another(model: type[Pointer | Approval | Evidence]) -> None:
    """An admission is no pointer, approval or evidence, whatever members they share."""
    value = {**documents()["registry.admission-1"], "compared": "1.0.0"}

    with pytest.raises(InvalidInput) as refused:
        model.of(value)

    assert any(fault.message.startswith("schema: ") for fault in refused.value.findings)


def test_maps_are_by_good_names() -> None:
    """Versions and authors as names of members are read as strictly as elsewhere."""
    record = documents()["registry.name-1"]
    entries = documents()["chains-author"]["entries"]

    with pytest.raises(InvalidInput, match="three numbers"):
        NameRecord.of({**record, "versions": {"01.0.0": record["versions"]["1.0.0"]}})
    with pytest.raises(InvalidInput, match="device"):
        ScopeChains.of({"entries": entries, "keyrings": {"con": entries}})


def test_an_entry_holds_at_most_200_signatures() -> None:
    """A host cannot make a client check signatures for ever."""
    one = {"key": "0" * 16, "signature": "AA=="}

    assert 200 == len(Entry.of({"statement": "", "signatures": [one] * 200}).signatures)
    with pytest.raises(InvalidInput, match="at most 200 item"):
        Entry.of({"statement": "", "signatures": [one] * 201})
