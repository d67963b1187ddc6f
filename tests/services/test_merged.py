"""What was merged by hand lies on the main line, is listed, and can be let in afterwards."""

from functools import partial

import pytest

from registry_tool.core.errors import NotTrusted
from registry_tool.core.names import parse_artifact
from registry_tool.core.standing import authorities_at, government_at
from registry_tool.core.tree import walk
from registry_tool.core.without import Without
from registry_tool.services.merged import merged, merged_release, uncountersigned_heads
from registry_tool.services.moderator import approve, find, queue, reject
from registry_tool.signing.ed25519 import check
from tests.proving import refusal
from tests.services.office import LINKS, MEANS, Office, an_office, verified, with_links
from tests.sites import built, files_of

pytestmark = pytest.mark.slow


def merge(office: Office, version: str, **more: bytes) -> str:
    """Somebody presses the forge's button; the id that the submission had."""
    made = office.prepared(LINKS, version, {f"{name}.md": data for name, data in more.items()})
    office.land(made.additions)
    return made.id


def test_a_release_that_was_merged_is_listed_and_can_be_let_in() -> None:
    """It has the id of its submission and the state `merged`; approving adds the admission alone."""
    office = with_links(an_office())
    name = merge(office, "1.1.0", new=b"new\n")
    (waiting,) = queue(office.bench())
    before = set(office.files())
    landed = approve(office.bench(), name, note="read it now")

    assert (name, "merged", "ann") == (waiting.change.submission, waiting.state, waiting.author)
    assert ["1.0.0"] == [one.previous.version for one in waiting.change.releases if one.previous]
    assert ("published", ["admission"]) == (
        landed["state"],
        sorted({path.rpartition("/")[2].partition(".")[0] for path in set(office.files()) - before}),
    )
    assert "1.1.0" == verified(office, "1.1.0").manifest.version
    assert () == queue(office.bench())


def test_it_is_named_by_name_and_version_whenever_it_was_merged() -> None:
    """Also where that is longer ago than what a listing looks at; what is admitted or not there is not found."""
    office = with_links(an_office())
    merge(office, "1.1.0")

    assert "merged" == find(office.bench(), f"{LINKS}@1.1.0").state
    for name in (f"{LINKS}@1.0.0", f"{LINKS}@3.0.0", LINKS):
        assert (3, "no-submission") == refusal(partial(find, office.bench(), name))
    assert "published" == approve(office.bench(), f"{LINKS}@1.1.0", note="")["state"]


def test_what_was_merged_and_rejected_is_listed_no_more() -> None:
    """It lies there, and stays out; the main line is left alone."""
    office = with_links(an_office())
    name = merge(office, "1.1.0")
    reject(office.bench(), name, reason="other", note="not like this")

    assert () == queue(office.bench())
    assert f"{LINKS}@1.1.0" in {
        str(one.artifact) + "@" + one.folder
        for _, c in merged(office.bench(), office.commit, office.tip)
        for one in c.releases
    }


def test_a_first_submission_that_was_merged_is_let_in_whole() -> None:
    """Its keyring and its scope get their signatures with the admission."""
    office = an_office()
    name = merge(office, "1.0.0")
    (waiting,) = queue(office.bench())
    landed = approve(office.bench(), name, note="")

    assert (name, 2) == (waiting.change.submission, len(waiting.change.statements))
    assert ("published", 2) == (landed["state"], len(landed["countersigned"]))
    assert "mod" == verified(office).by


def test_files_that_another_version_has_stay() -> None:
    """Only what the release alone brought is looked at as new."""
    office = with_links(an_office())
    merge(office, "1.1.0", new=b"new\n")
    (waiting,) = queue(office.bench())
    (candidate,) = waiting.change.releases
    payload = candidate.payload or {}

    assert {"new.md"} == {path for path in payload if path not in (candidate.previous_payload or {})}
    assert b"MIT License\n" not in waiting.change.additions.values()


def a_bad_head(office: Office) -> None:
    """Somebody merges a keyring that lets a new key in, which no moderator signed."""
    rows = ("ann control", "control"), ("ann signing", "signing"), ("ann laptop", "signing")
    office.land(
        office.evolve(
            lambda r: r.keyring("ann", [r.row(name, use=use) for name, use in rows], by=("ann control", "ann laptop"))
        )
    )


def test_a_statement_without_its_countersignature_is_left_out_and_can_be_signed() -> None:
    """Its files are those of the statement alone; once a moderator signs, it counts."""
    office = with_links(an_office())
    a_bad_head(office)
    government = government_at(office.tip, registry=office.registry.id, check=check)
    hidden = uncountersigned_heads(office.tip, "ann", government, MEANS)
    authorities = authorities_at(Without(office.tip, hidden), government, "ann", check=check)
    (waiting,) = queue(office.bench())
    landed = approve(office.bench(), waiting.change.submission, note="it is ann's laptop")

    assert {"2"} == {path.rpartition("/")[2].partition(".")[0] for path in hidden}
    assert 1 == len(authorities.keyring("ann").links)
    assert ("published", 1) == (landed["state"], len(landed["countersigned"]))
    assert frozenset() == uncountersigned_heads(office.tip, "ann", government, MEANS)


def test_what_holds_is_hidden_nowhere() -> None:
    """A narrowing needs nobody's signature but its owner's, so it counts from the moment that it was merged."""
    office = with_links(an_office())
    rows = [
        ("ann control", "control", {}),
        ("ann signing", "signing", {"status": "retired", "since": "2027-02-01T00:00:00Z"}),
    ]
    office.land(
        office.evolve(
            lambda r: r.keyring(
                "ann", [{**r.row(name, use=use), **more} for name, use, more in rows], by=("ann control",)
            )
        )
    )
    government = government_at(office.tip, registry=office.registry.id, check=check)

    assert frozenset() == uncountersigned_heads(office.tip, "ann", government, MEANS)
    assert () == queue(office.bench())


@pytest.mark.parametrize("version", ["1.0.0", "9.0.0"])
def test_only_what_lies_there_unadmitted_is_a_merged_release(version: str) -> None:
    """Neither what is admitted nor what is not there."""
    office = with_links(an_office())

    assert merged_release(office.bench(), office.tip, parse_artifact(LINKS), version) is None


def site_of(office: Office) -> tuple[tuple[str, ...], dict[str, bytes]]:
    made = built(office.history)
    return made.left_out, files_of(made.made)


def test_a_statement_that_nobody_countersigned_holds_up_no_build() -> None:
    """The build is the one before it; it says what it left out, and nothing of it is published."""
    office = with_links(an_office())
    _, before = site_of(office)
    a_bad_head(office)
    left_out, after = site_of(office)

    assert ("index/authors/an/ann/keys/2.json",) == left_out
    assert before == after


def test_a_scope_that_nobody_countersigned_holds_up_no_build() -> None:
    """A whole first submission that was merged: nothing of it is on the site, the rest is."""
    office = with_links(an_office())
    before = set(site_of(office)[1])
    office.author = "bob"
    office.land(office.prepared("@bob/tables", "1.0.0").additions)
    left_out, after = site_of(office)

    assert ("@bob/tables@1.0.0", "index/authors/bo/bob/keys/1.json", "index/scopes/bo/bob/1.json") == left_out
    assert before == set(after)


def test_a_chain_that_does_not_hold_refuses_the_build() -> None:
    """Only what lacks a countersignature is left out; anything else that is wrong is refused as ever."""
    office = with_links(an_office())
    path = "index/authors/an/ann/keys/2.json"
    office.land({path: b"{}"})

    with pytest.raises(NotTrusted):
        site_of(office)


def test_a_tree_without_files_is_a_tree() -> None:
    """What is hidden is not listed, not read and not there; a folder with nothing else in it is gone, too."""
    office = with_links(an_office())
    tip = office.tip
    folder = "index/releases/an/ann/links/1.0.0"
    gone = {path for path, _ in walk(tip, folder)} | {"index/registry.yaml"}
    tree = Without(tip, gone)
    left = {path for path, _ in walk(tree)}

    assert {path for path, _ in walk(tip)} - gone == left
    assert (None, None, ()) == (tree.entry(folder), tree.read(f"{folder}/release.json"), tree.list(folder))
    assert tree.entry("index/releases/an/ann/links/blobs") == tip.entry("index/releases/an/ann/links/blobs")
    assert (tree.entry("index/releases") or tree).id != (tip.entry("index/releases") or tree).id  # type: ignore[union-attr]  # both are there
