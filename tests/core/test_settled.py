"""Settings files together: none of them lifts what another one says."""

from dataclasses import replace
from typing import Any

import pytest

from registry_tool.core.document import Document
from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.core.kind import Kinds
from registry_tool.core.names import parse_artifact
from registry_tool.core.settings import Settings, kind_and_permission, read_settings
from registry_tool.core.settled import (
    NOTHING_SETTLED,
    Facts,
    HereRule,
    SettingsFile,
    Settled,
    facts_of,
    facts_of_record,
    settle,
)
from registry_tool.core.times import to_seconds
from registry_tool.kinds import kind_of
from tests.builders import a_kind
from tests.core.test_permissions import GRAMMAR
from tests.kinds.releases import verified_of

REGISTRY, OTHER, KEY = "ab" * 32, "cd" * 32, "ef" * 8
MAIL = {"identity": "ann@example.org", "issuer": "https://issuer.example"}
PATTERN = {"identity": "/.*@example[.]org/", "issuer": "https://issuer.example"}
NEVER = {"unconfined": "never"}
GIZMO, THING = a_kind("gizmo", grammar=GRAMMAR), a_kind("thing")
KINDS = Kinds.of([GIZMO, THING])
FACTS = Facts(
    what="@ann/solar@1.0.0",
    registry=REGISTRY,
    author="ann",
    keys=(KEY,),
    identities=(("https://issuer.example", "ann@example.org"),),
    permissions=("network:a.example", "port:80"),
    at="2026-11-21T09:00:00Z",
)
NOW = to_seconds(FACTS.at) + 3600


def file(level: Any, **members: Any) -> SettingsFile:
    return SettingsFile(level, f"{level}.yaml", Settings.of(members))


def settled(**members: Any) -> Settled:
    """What one file of the project says."""
    return settle([file("project", **members)], KINDS)


def refusal(held: Settled, facts: Facts = FACTS, *, now: int = NOW) -> str:
    """The code of the refusal of a release, where it names a file and says what to do; empty where it is let in."""
    try:
        held.refuse_release(GIZMO, facts, now=now)
    except NotTrusted as error:
        return error.code if error.where and error.hint else "no hint"
    return ""


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, ""),
        ({"registries": [{"id": OTHER}, {"id": REGISTRY}]}, ""),
        ({"registries": [{"id": OTHER, "name": "ours"}]}, "policy-registry"),
        ({"registries": []}, "policy-registry"),
        ({"trust": {"signers": [{"author": "bob"}, {"author": "ann"}]}}, ""),
        ({"trust": {"signers": [{"key": KEY}]}}, ""),
        ({"trust": {"signers": [MAIL]}}, ""),
        ({"trust": {"signers": [PATTERN]}}, ""),
        ({"trust": {"signers": [{"author": "bob"}]}}, "policy-signer"),
        ({"trust": {"signers": [{"key": "01" * 8}]}}, "policy-signer"),
        ({"trust": {"signers": [{**MAIL, "identity": "bob@example.org"}]}}, "policy-signer"),
        ({"trust": {"signers": [{**MAIL, "issuer": "https://other.example"}]}}, "policy-signer"),
        ({"trust": {"signers": [{**PATTERN, "identity": "/example/"}]}}, "policy-signer"),
        ({"trust": {"signers": []}}, "policy-signer"),
        ({"permissions": {"never": ["port:443", "network:b.example"]}}, ""),
        ({"permissions": {"never": ["thing network"]}}, ""),
        ({"permissions": {"never": ["port:80"]}}, "policy-permission"),
        ({"permissions": {"never": ["network"]}}, "policy-permission"),
        ({"permissions": {"never": ["gizmo network"]}}, "policy-permission"),
        ({"cool_down": "1h"}, ""),
        ({"cool_down": "60m"}, ""),
        ({"cool_down": "3601s"}, "policy-cool-down"),
        ({"cool_down": "2d"}, "policy-cool-down"),
    ],
)
def test_a_release_is_held_against_every_rule(members: dict[str, Any], expected: str) -> None:
    """It is refused by each rule that it breaks, with the file, and what to do."""
    assert expected == refusal(settled(**members))


def test_a_grant_that_holds_what_is_never_granted_is_refused() -> None:
    """To forbid one host forbids also what reaches every host."""
    wide = replace(FACTS, permissions=("network",))

    assert "policy-permission" == refusal(settled(permissions={"never": ["network:evil.example"]}), wide)


def test_words_of_a_permission_that_is_not_known_say_so() -> None:
    """What is never granted is compared also with a permission that this tool has no words for."""
    with pytest.raises(NotTrusted, match="unknown"):
        settled(permissions={"never": ["network"]}).refuse_grants(GIZMO, ["network:{x}"], what="@ann/solar")


def test_what_is_installed_waits_no_more() -> None:
    """Looked at again before a start, it is held against everything but the time that it has waited."""
    held = settled(cool_down="2d")
    held.refuse_installed(GIZMO, FACTS)

    assert "" == refusal(held, replace(FACTS, at=""))


@pytest.mark.parametrize("first", ["machine", "person", "project"])
def test_files_only_take_away(first: str) -> None:
    """Whichever file is the strict one, the generous ones beside it change nothing."""
    levels = ("machine", "person", "project")
    strict = {
        "registries": [{"id": REGISTRY}],
        "trust": {"approvals": 3, "signers": [{"author": "ann"}]},
        "permissions": {"never": ["port:443"]},
        "cool_down": "3d",
    }
    generous = {
        "registries": [{"id": REGISTRY}, {"id": OTHER}],
        "trust": {"approvals": 1, "signers": [{"author": "ann"}, {"author": "bob"}]},
        "permissions": {"never": []},
        "cool_down": "1s",
    }
    held = settle([file(level, **(strict if level == first else generous)) for level in levels], KINDS)
    late = NOW + 9 * 86_400

    assert (3, 3 * 86_400) == (held.approvals, held.cool_down)
    assert ["policy-registry", "policy-signer", "policy-permission", "policy-cool-down", ""] == [
        refusal(held, replace(FACTS, registry=OTHER), now=late),
        refusal(held, replace(FACTS, author="bob"), now=late),
        refusal(held, replace(FACTS, permissions=("port:443",)), now=late),
        refusal(held),
        refusal(held, now=late),
    ]


def test_no_file_says_nothing() -> None:
    """Without a file everything is as the registry says."""
    assert (0, 0, (), None) == (
        NOTHING_SETTLED.approvals,
        NOTHING_SETTLED.cool_down,
        NOTHING_SETTLED.rules(),
        NOTHING_SETTLED.granted(GIZMO, "network"),
    )
    NOTHING_SETTLED.refuse_unconfined("@ann/words")
    assert "" == refusal(NOTHING_SETTLED)


def test_a_person_grants_without_a_question() -> None:
    """What the machine's or the person's file grants, and all that it covers, is not asked for; of its kind only."""
    held = settle([file("machine"), file("person", permissions={"granted": ["network", "thing network"]})], KINDS)

    assert ["person.yaml", "person.yaml", None] == [
        held.granted(GIZMO, one) for one in ("network", "network:a.example", "port:80")
    ]
    only = settle([file("person", permissions={"granted": ["thing network"]})], KINDS)
    assert (None, "person.yaml") == (only.granted(GIZMO, "network"), only.granted(THING, "network"))


@pytest.mark.parametrize(
    ("files", "named", "forbidden"),
    [
        ([], None, False),
        ([file("project", run={"unconfined": ["@ann/words"]})], "project.yaml", False),
        ([file("person", run={"unconfined": ["@ann/words"]}), file("project")], "person.yaml", False),
        ([file("project", run={"unconfined": ["@ann/other"]})], None, False),
        (
            [file("machine", run={"unconfined": "never"}), file("project", run={"unconfined": ["@ann/words"]})],
            None,
            True,
        ),
        (
            [file("person", run={"unconfined": ["@ann/words"]}), file("project", run={"unconfined": "never"})],
            None,
            True,
        ),
    ],
)
def test_unconfined_is_what_a_file_names_and_none_forbids(
    files: list[SettingsFile], named: str | None, forbidden: bool
) -> None:
    """One file names it, and any file's never wins over all of them."""
    held = settle(files, KINDS)

    assert named == held.unconfined("@ann/words")
    if forbidden:
        with pytest.raises(StateForbids) as refused:
            held.refuse_unconfined("@ann/words")
        assert "never-unconfined" == refused.value.code
    else:
        held.refuse_unconfined("@ann/words")


@pytest.mark.parametrize(
    ("level", "members", "said"),
    [
        ("project", {"permissions": {"granted": ["network"]}}, "a project cannot grant permissions"),
        ("person", {"permissions": {"granted": ["netwrok"]}}, "'netwrok' is no permission of any kind"),
        ("machine", {"permissions": {"never": ["thing port:80"]}}, "'port:80' is no permission of a thing"),
        ("machine", {"permissions": {"never": ["robot network"]}}, "'robot' in 'robot network' is not a kind"),
    ],
)
def test_a_line_that_would_do_nothing_is_refused(level: str, members: dict[str, Any], said: str) -> None:
    """A misspelt permission forbids nothing, and a project cannot say yes for others: exit 1, naming the file."""
    with pytest.raises(InvalidInput) as refused:
        settle([file(level, **members)], KINDS)

    assert said in refused.value.message
    assert ("bad-settings", f"{level}.yaml") == (refused.value.code, refused.value.where)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("network", ("", "network")), ("skill network", ("skill", "network")), ("Skill x", ("", "Skill x"))],
)
def test_a_kind_may_stand_before_a_permission(text: str, expected: tuple[str, str]) -> None:
    """One word in small letters and a space are the kind."""
    assert expected == kind_and_permission(text)


def test_every_rule_is_told_with_its_file() -> None:
    """The words of each, in the order of the files."""
    full = {
        "registries": [{"id": REGISTRY, "name": "ours"}, {"id": OTHER}],
        "trust": {"approvals": 1, "signers": [{"author": "ann"}, {"key": KEY}, MAIL]},
        "permissions": {"never": ["network"]},
        "cool_down": "3d",
        "run": {"unconfined": "never"},
    }
    own = {
        "registries": [],
        "trust": {"approvals": 2, "signers": []},
        "permissions": {"granted": ["port:80"]},
        "run": {"unconfined": ["@ann/words"]},
    }
    signers = f"the author ann; the key {KEY}; ann@example.org of https://issuer.example"
    expected = [
        ("registries", f"Things come from these registries only: ours ({REGISTRY[:12]}…), {OTHER}.", "machine"),
        ("trust.approvals", "At least 1 person approved what is installed.", "machine"),
        ("trust.signers", f"Only what one of these signed is installed: {signers}.", "machine"),
        ("permissions.never", "Never granted: network.", "machine"),
        ("cool_down", "Only what was let in at least 3d ago is installed.", "machine"),
        ("run.unconfined", "Nothing starts unconfined, whatever anybody says.", "machine"),
        ("registries", "Things come from these registries only: none.", "person"),
        ("trust.approvals", "At least 2 people approved what is installed.", "person"),
        ("trust.signers", "Only what one of these signed is installed: nobody.", "person"),
        ("permissions.granted", "Granted without a question: port:80.", "person"),
        ("run.unconfined", "These start with all your rights: @ann/words.", "person"),
    ]
    rules = settle([file("machine", **full), file("person", **own), file("project")], KINDS).rules()

    assert [HereRule(rule, words, level, f"{level}.yaml") for rule, words, level in expected] == list(rules)
    assert {"rule", "words", "said_by", "path"} == rules[0].value().keys()


def test_facts_are_the_same_of_a_release_and_of_its_receipt() -> None:
    """What rules look at is in both, the time of its admission apart."""
    theme = kind_of("theme")
    verified = verified_of(theme, theme.template(parse_artifact("@acme/thing")))
    manifest, facts = verified.manifest, facts_of(verified)
    record = {
        "id": verified.artifact,
        "version": manifest.version,
        "registry": verified.registry,
        "author": manifest.author,
        "keys": list(verified.signed_by),
        "permissions": list(manifest.permissions),
    }

    assert replace(facts, at="") == facts_of_record(record)
    assert "2026-11-21T09:00:00Z" == facts.at
    assert (("i", "s"),) == facts_of_record({**record, "identities": [{"issuer": "i", "subject": "s"}]}).identities


@pytest.mark.parametrize(("text", "seconds"), [(b"", 0), (b"cool_down: 90m\n", 5400), (b"cool_down: 3d\n", 259_200)])
def test_a_waiting_time_has_its_unit(text: bytes, seconds: int) -> None:
    """Seconds, minutes, hours or days."""
    assert seconds == read_settings(text, what="x").cool_down_seconds


def test_settings_are_a_document() -> None:
    """They are closed and cannot be changed, as everything that is read from a file."""
    assert issubclass(Settings, Document)
    with pytest.raises(RegistryError):
        Settings.of({"surprise": 1})
