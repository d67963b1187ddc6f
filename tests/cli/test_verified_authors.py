"""Authors who say who they are, moderators who look, and everybody who reads it (M14)."""

from pathlib import Path
from typing import Any

import pytest

from registry_tool.services.profiles import proof_text
from tests.cli.operating import with_env
from tests.cli.people import Town
from tests.domains import domains
from tests.forge.forges import pushed, registry_at
from tests.forge.github_fake import serving

pytestmark = pytest.mark.slow

PATH = "/.well-known/registry-author.json"
CLAIM = ("--domain", "example.org")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A registry with the author ann in it."""
    town = Town(tmp_path)
    town.publish("ann", "1.0.0")
    return town


def says(town: Town, *line: str, who: str = "ann") -> Any:  # Any: JSON
    """Ann sends a profile."""
    return town.desk(who).json("author", "profile", *line, "--as", who, "--registry", town.where)


def shown(town: Town, name: str = "ann") -> Any:  # Any: JSON
    """What a stranger reads of an author."""
    reader = town.desk("reader")
    if not reader.world.state.registries():
        reader.run("add", town.where, "--root", town.id)
    return reader.json("author", "show", name, "--registry", town.where)


def proven(town: Town, folder: Path, name: str = "ann", *, told: bytes | None = None) -> Any:  # Any: a context
    """The domain example.org, which names the author."""
    return domains(folder / "tls", {"example.org": {PATH: told or proof_text(town.id, name).encode()}})


def looks(town: Town, env: dict[str, str], *line: str) -> Any:  # Any: JSON
    """The moderator looks, with the network that `env` gives."""
    with_env(town.desk("mod"), **env)
    return town.desk("mod").json("author", "verify", *line, "--registry", town.where)


def test_an_author_is_verified_after_a_moderator_looked(town: Town, tmp_path: Path) -> None:
    """The whole way: claim, put the file up, look, confirm; the stranger reads who confirmed what and when."""
    made = says(town, "--name", "Ann Lee", "--about", "Makes things.", "--link", "home=https://example.org/", *CLAIM)
    with proven(town, tmp_path) as env:
        before = looks(town, env, "ann")
        after = looks(town, env, "ann", "--yes")
    found = shown(town)

    assert [("https://example.org/.well-known/registry-author.json", proof_text(town.id, "ann"))] == [
        (one["place"], one["text"]) for one in made["proofs"]
    ]
    assert ([True], "pending") == ([one["holds"] for one in before["proofs"]], before["state"])
    assert ("published", ["confirms that ann has the domain example.org"]) == (after["state"], after["countersigned"])
    assert ("Ann Lee", True, "operator") == (found["name"], found["verified"], found["claims"][0]["by"][0])
    assert [{"scope": "ann", "role": "owner"}] == found["scopes"]

    history = town.world("mod").history(Path(town.where))
    message = history.info(history.resolve("main") or "").message
    assert "the domain example.org: https://example.org/.well-known/registry-author.json names ann" in message


def test_what_is_confirmed_stays_so_while_ann_changes_the_rest(town: Town, tmp_path: Path) -> None:
    """A new name asks no moderator to look again; a new claim does."""
    says(town, *CLAIM)
    with proven(town, tmp_path) as env:
        looks(town, env, "ann", "--yes")
    renamed = says(town, "--name", "Ann Other")
    town.admit(renamed["submission"])
    more = says(town, "--domain", "other.example", "--drop", "example.org")

    assert ([], [{"claim": "domain", "domain": "example.org"}]) == (renamed["proofs"], renamed["claims"])
    assert ("Ann Other", True) == (shown(town)["name"], shown(town)["verified"])
    assert [{"claim": "domain", "domain": "other.example"}] == more["claims"]
    assert (5, "no-change") == town.desk("ann").refused(
        "author", "profile", *CLAIM, "--as", "ann", "--registry", town.where
    )
    assert (3, "no-claim") == town.desk("ann").refused(
        "author", "profile", "--drop", "nothing", "--as", "ann", "--registry", town.where
    )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (b"", "there is no"),
        (b'{"registry": "x", "author": "ann"}', "does not name ann"),
        (b"[1, 2]", "does not name ann"),
        (b"<html>", "a web page"),
        (b'{"registry": NaN}', "number"),
    ],
)
def test_a_proof_that_does_not_hold_confirms_nothing(town: Town, tmp_path: Path, told: bytes, words: str) -> None:
    """Each is told in words; a moderator who looked another way says how, and it is recorded."""
    says(town, *CLAIM)
    pages = {"example.org": {PATH: told} if told else {}}
    with domains(tmp_path / "tls", pages) as env:
        found = looks(town, env, "ann")
        refused = town.refused("mod", "author", "verify", "ann")
        error = town.desk("mod").error
        done = looks(town, env, "ann", "--yes", "--seen", "rang her up")

    assert ([False], (4, "claim-unproven")) == ([one["holds"] for one in found["proofs"]], refused)
    assert words in found["proofs"][0]["words"] or words == "a web page"
    assert found["proofs"][0]["words"] == error.findings[0].message
    assert ("published", True) == (done["state"], shown(town)["verified"])


def test_a_list_may_name_several_authors(town: Town, tmp_path: Path) -> None:
    """One domain, more than one author."""
    says(town, *CLAIM)
    told = f"[{proof_text(town.id, 'bob')}, {proof_text(town.id, 'ann')}]".encode()
    with proven(town, tmp_path, told=told) as env:
        assert [True] == [one["holds"] for one in looks(town, env, "ann")["proofs"]]


def test_a_claim_that_is_so_no_more_is_taken_away(town: Town, tmp_path: Path) -> None:
    """The domain was sold: looking again finds it, a moderator takes the claim away, and everybody reads why."""
    says(town, *CLAIM)
    with proven(town, tmp_path) as env:
        looks(town, env, "ann", "--yes")
        again = looks(town, env, "ann")
    with proven(town, tmp_path, "mallory") as env:
        with_env(town.desk("mod"), **env)
        gone = town.desk("mod").refused("author", "verify", "ann", "--registry", town.where)
    mod = town.desk("mod")
    line = ("author", "remove-claim", "ann", "example.org", "--note", "sold in May", "--registry", town.where)
    rehearsed = mod.json(*line, "--dry-run")
    still = shown(town)["verified"]
    done = mod.json(*line)
    found = shown(town)

    assert (["nothing-waits"], (4, "claim-unproven")) == ([again["state"]], gone)
    assert ("", True, True) == (rehearsed["commit"], rehearsed["dry_run"], still)
    assert ("operator", False, []) == (done["by"], found["verified"], found["claims"])
    assert [("example.org", "sold in May")] == [(one["claim"], one["note"]) for one in found["removed"]]
    assert (3, "no-claim") == mod.refused(*line)
    assert "Nothing of ann is confirmed." in mod.run("author", "verify", "ann", "--registry", town.where)


def test_a_first_profile_brings_its_author(town: Town) -> None:
    """Somebody who never published registers with it; who has said nothing has no page to show."""
    bob = town.desk("bob")
    bob.json("author", "profile", "--name", "Bob", "--as", "bob", "--registry", town.where, "--dry-run")
    made = says(town, "--name", "Bob", who="bob")
    told = bob.run("status")
    town.admit(made["submission"])

    assert "the profile of bob" in told
    assert ("Bob", False, []) == tuple(shown(town, "bob")[name] for name in ("name", "verified", "scopes"))
    assert (3, "no-author") == town.desk("reader").refused("author", "show", "eve", "--registry", town.where)


def test_an_author_without_a_profile_has_said_nothing(town: Town) -> None:
    """What they published is known all the same, and that nobody looked."""
    found = shown(town)
    words = town.desk("reader").run("author", "show", "ann", "--registry", town.where)

    assert ("", False, ["ann"]) == (found["name"], found["verified"], [one["scope"] for one in found["scopes"]])
    assert words.startswith("ann: not verified\n")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("--account", "nothing"), (2, "bad-account")),
        (("--account", "forge.example/ann"), (2, "needs-number")),
        (("--link", "home=http://example.org/"), (2, "bad-link")),
        (("--link", "nothing"), (2, "bad-link")),
        (("--domain", "127.0.0.1"), (1, "invalid-document")),
        (("--name", "x" * 300), (1, "invalid-document")),
    ],
)
def test_a_claim_that_cannot_be_meant_is_refused(town: Town, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    """Before anything is signed."""
    assert expected == town.desk("ann").refused("author", "profile", *line, "--as", "ann", "--registry", town.where)


def test_an_account_is_claimed_by_its_number(town: Town) -> None:
    """Where no forge can be asked the number is said; the words say where the proof goes."""
    line = ("author", "profile", "--account", "forge.example/ann:7", "--organisation", "forge.example/acme:8")
    words = town.desk("ann").run(*line, "--as", "ann", "--registry", town.where)
    found = looks(town, {}, "ann")

    assert "registry-author.json in the repository ann/.github on forge.example" in words
    assert [7, 8] == [one["number"] for one in found["proofs"]]
    assert [False, False] == [one["holds"] for one in found["proofs"]]
    assert "no way to ask 'forge.example'" in found["proofs"][0]["words"]


def test_a_forge_is_asked_for_the_number(town: Town, tmp_path: Path) -> None:
    """Where the registry's forge is known: the author types a name, and the moderator's look asks the same forge."""
    (tmp_path / "forge").mkdir()
    with serving(tmp_path / "forge") as github:
        registry, account = registry_at(github), github.things.account("ann")
        env = {**github.env("ann"), "GITHUB_REPOSITORY": registry.full_name}
        with_env(town.desk("ann"), **env)
        made = says(town, "--account", "127.0.0.1/ann")
        before = looks(town, env, "ann")
        own = github.things.repository(account, ".github")
        pushed(own, "main", {"registry-author.json": proof_text(town.id, "ann").encode()})
        after = looks(town, env, "ann", "--yes")

    assert [account.id] == [one["number"] for one in made["claims"]]
    assert ([False], "published") == ([one["holds"] for one in before["proofs"]], after["state"])
    assert [f"confirms that ann has the account 'ann' ({account.id}) in '127.0.0.1'"] == after["countersigned"]


def test_words_say_what_to_do_next(town: Town, tmp_path: Path) -> None:
    """Each verb, for people."""
    ann, mod = town.desk("ann"), town.desk("mod")
    sent = ann.run("author", "profile", "--name", "Ann", *CLAIM, "--as", "ann", "--registry", town.where)
    with proven(town, tmp_path) as env:
        with_env(mod, **env)
        looked = mod.run("author", "verify", "ann", "--registry", town.where)
        done = mod.run("author", "verify", "ann", "--registry", town.where, "--yes")
        again = mod.run("author", "verify", "ann", "--registry", town.where)
    shown(town)
    reader = town.desk("reader")
    read = reader.run("author", "show", "ann", "--registry", town.where)
    listed = reader.run("search", "--registry", town.where)
    item = reader.run("show", "@ann/one", "--registry", town.where)
    took = mod.run("author", "remove-claim", "ann", "example.org", "--note", "sold", "--registry", town.where)

    assert proof_text(town.id, "ann") in sent.replace("  {", "{")
    assert "registry author verify" in sent
    assert ("holds" in looked, "--yes" in looked, "--seen" in looked) == (True, True, False)
    assert "Confirmed, signed by operator" in done
    assert "still holds" in again
    assert ("ann ('Ann'): verified" in read, "confirmed by operator at" in read) == (True, True)
    assert ("author verified" in listed, "author verified" in item) == (True, True)
    assert "Took example.org of ann away" in took
    assert (3, "no-submission") == mod.refused("queue", "show", "ann", "--registry", town.where)
