"""Every record can be verified from a clone alone, and says who let in what."""

from collections.abc import Callable

import pytest

from registry_tool.core.errors import NotTrusted
from registry_tool.services.gate import admit
from registry_tool.services.moderator import approve, flag, queue, reject
from registry_tool.services.recorded import Recorded, verify_records
from tests.services.gated import MOD, Place
from tests.services.office import LINKS, MEANS, Office, an_office, with_links
from tests.services.test_merged import a_bad_head


def look(office: Office) -> Recorded:
    return verify_records(office.tip, means=MEANS)


def a_full_place() -> Place:
    """A release by a person, one by its owner, one by a review, one flagged and one rejected."""
    place = Place(owner_update=0).begun()
    place.submit("1.0.1")
    admit(place.gate)
    pull = place.submit("1.1.0", permissions=("network:api.example.org",))
    review = place.forge.review(pull.number, "approved", by=MOD)
    admit(place.gate)
    assert review.number == 1
    made = place.office.publish("@ann/other", "1.0.0")
    flag(place.office.bench("two"), made.id, reason="spam", note="is it?")
    reject(place.office.bench("mod"), made.id, reason="spam", note="it is")
    return place


def test_it_says_who_let_in_what() -> None:
    """By whom, on which path, compared with what, and with which reviews."""
    found = look(a_full_place().office)
    rows = {row["version"]: row for row in found.releases}

    assert ["1.0.0", "1.0.1", "1.1.0"] == sorted(rows)
    assert ("mod", "person", ["mod"]) == (rows["1.0.0"]["by"], rows["1.0.0"]["path"], rows["1.0.0"]["approved_by"])
    assert ("gate", "owner", "1.0.0") == (rows["1.0.1"]["by"], rows["1.0.1"]["path"], rows["1.0.1"]["compared"])
    assert [{"forge": "forge.example", "review": 1, "account": MOD, "person": "mod"}] == rows["1.1.0"]["reviews"]
    assert [("flag", "two"), ("reject", "mod")] == [(row["action"], row["by"]) for row in found.decisions]
    assert {"keyrings": 2, "scopes": 1, "moderators": 1, "policies": 1} == {
        what: found.counts[what] for what in ("keyrings", "scopes", "moderators", "policies")
    }


def test_approvals_are_told_too() -> None:
    """One that an admission counts, and one that counts for nothing because it is forged."""
    office = an_office("mod", "two", count=2)
    made = office.publish(LINKS, "1.0.0")
    approve(office.bench("mod"), made.id, note="fine")
    folder = "index/releases/an/ann/links/1.0.0/approvals"
    (path,) = (path for path in office.files() if path.startswith(folder) and path.endswith(".json"))
    office.land({path.replace("/mod.", "/two."): office.files()[path]})
    approve(office.bench("two"), made.id, note="")
    found = look(office)

    assert [["mod"], []] == [row["by"] for row in found.approvals]
    assert "nobody who moderates" in found.approvals[1]["void"]


def test_what_was_merged_by_hand_is_told() -> None:
    """It lies there, and nobody let it in."""
    office = with_links(an_office())
    office.land(office.prepared(LINKS, "1.1.0").additions)

    a_bad_head(office)

    assert ["index/authors/an/ann/keys/2.json", f"{LINKS}@1.1.0"] == look(office).merged


def bad_decision(office: Office) -> None:
    made = office.publish("@ann/other", "1.0.0")
    reject(office.bench(), made.id, reason="other", note="no")
    (path,) = (path for path in office.files() if "/moderation/" in path and path.endswith(".sig"))
    office.land({path: b"0" * 64})


def bad_admission(office: Office) -> None:
    (path,) = (path for path in office.files() if path.endswith("admission.json"))
    office.land({path: office.files()[path].replace(b"read it", b"read me")})


def bad_payload(office: Office) -> None:
    path = next(path for path, data in office.files().items() if data == b"MIT License\n")
    office.land({path: b"another\n"})


def bad_keyring(office: Office) -> None:
    (path,) = (path for path in office.files() if path.startswith("index/authors") and path.endswith("1.json"))
    office.land({path: office.files()[path].replace(b'"accounts":[]', b'"accounts":[ ]')})


def bad_waiver(office: Office) -> None:
    office.land({"index/waivers/sizes-000000000000.json": b"{}"})


@pytest.mark.parametrize("spoil", [bad_decision, bad_admission, bad_payload, bad_keyring, bad_waiver])
def test_what_does_not_hold_is_told(spoil: Callable[[Office], None]) -> None:
    """All of it at once, each with its place."""
    office = with_links(an_office())
    spoil(office)
    with pytest.raises(NotTrusted) as refused:
        look(office)

    assert "not-trusted" == refused.value.code
    assert [] != [finding.path for finding in refused.value.findings]


def test_what_was_withheld_or_taken_back_holds_all_the_same() -> None:
    """Its files may be gone; what is signed about it is verified."""
    office = with_links(an_office())
    office.land(office.evolve(lambda r: r.event(LINKS, "1.0.0", "withhold", reason="copyright", by=("mod",))))
    (row,) = look(office).releases

    assert ("withheld", "mod") == (row["status"], row["by"])
    assert () == queue(office.bench())
