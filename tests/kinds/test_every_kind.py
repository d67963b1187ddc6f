"""What holds for each kind there is, whichever they are; a new file in `kinds/` is tested here by itself."""

import pkgutil
import re

import pytest

import registry_tool.kinds
from registry_tool.core.card import Card
from registry_tool.core.errors import RegistryError, WrongUsage
from registry_tool.core.kind import Kind
from registry_tool.core.names import parse_artifact
from registry_tool.core.native.license import to_spdx
from registry_tool.core.paths import payload_findings
from registry_tool.core.payload import PayloadFile
from registry_tool.core.permissions import Rule
from registry_tool.core.plan import Place, PutTree
from registry_tool.kinds import all_kinds, kind_ids, kind_of
from tests.kinds.releases import card_of, verified_of

KINDS = [pytest.param(kind, id=kind.id) for kind in all_kinds()]
RULES = [
    pytest.param(kind, rule, id=f"{kind.id} {rule.accepts[0]}") for kind in all_kinds() for rule in kind.grammar.rules
]
ACME = parse_artifact("@acme/thing")

ODD_PERMISSIONS = (
    "",
    " ",
    "*",
    "all",
    "network\u200b",
    "NETWORK",
    "network\n",
    "netw\u043erk",
    "cap:ALL",
    "port:0/tcp",
    "mount:/:/",
    "fs:/",
    "mcp:",
    "data:read.",
    "refresh:0s",
    "connect:http://example.org",
)


def test_a_kind_is_found_by_its_file_alone() -> None:
    """The table holds exactly one kind per module of the package, in the order of their ids."""
    modules = sorted(module.name for module in pkgutil.iter_modules(registry_tool.kinds.__path__))

    assert list(kind_ids()) == modules
    assert [kind.id for kind in all_kinds()] == modules


def test_a_kind_that_has_no_file_is_a_key_error() -> None:
    """Asking for one kind by an id that no file has imports nothing."""
    with pytest.raises(KeyError, match="gizmo"):
        kind_of("gizmo")


def test_no_two_kinds_share_a_word() -> None:
    """Ids, categories, readers and target folders tell the kinds apart."""
    kinds = list(all_kinds())

    for words in ([k.id for k in kinds] + [k.category for k in kinds], [k.reader for k in kinds]):
        assert sorted(set(words)) == sorted(words)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_described_for_people(kind: Kind) -> None:
    """Title, icon and summary are there, and the summary is one sentence."""
    assert all((kind.title, kind.icon, kind.target))
    assert kind.summary.endswith(".")
    assert kind.summary.count(".") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_singular_its_category_plural_its_reader_numbered(kind: Kind) -> None:
    """The category begins as the id does, and the reader is `<id>/<number>`."""
    assert kind.category == f"{kind.id}s"
    assert re.fullmatch(f"{kind.id}/[1-9][0-9]*", kind.reader)


@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_a_rule_accepts_its_examples_and_says_what_they_mean(kind: Kind, rule: Rule) -> None:
    """Each example has a meaning in words, with no placeholder left over."""
    assert rule.accepts
    for example in rule.accepts:
        match = re.fullmatch(rule.pattern, example, re.ASCII)

        assert match, example
        assert rule.refuse(match) is None, example
        meaning = kind.grammar.explain(example) or "{}"
        assert "{" not in meaning, example


@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_a_rule_rejects_its_look_alikes(kind: Kind, rule: Rule) -> None:
    """No look-alike that a rule names is granted by any rule of its kind."""
    assert rule.rejects
    for example in rule.rejects:
        assert kind.grammar.explain(example) is None, example
        assert [finding.level for finding in kind.grammar.findings([example], kind=kind.id)] == ["fail"]


@pytest.mark.parametrize("permission", ODD_PERMISSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_permission_is_refused_with_a_hint(kind: Kind, permission: str) -> None:
    """What no kind knows is refused by each, and the finding says what can be asked for (M5)."""
    findings = kind.grammar.findings([permission], kind=kind.id)

    assert [(finding.check, finding.level) for finding in findings] == [("permission-unknown", "fail")]
    assert findings[0].hint


@pytest.mark.parametrize("kind", KINDS)
def test_a_permission_of_another_kind_is_refused(kind: Kind) -> None:
    """An example of a form that this kind has not is unknown to it."""
    own = {rule.pattern for rule in kind.grammar.rules}
    foreign = {
        example
        for other in all_kinds()
        for rule in other.grammar.rules
        if rule.pattern not in own
        for example in rule.accepts
    }

    assert [permission for permission in sorted(foreign) if kind.grammar.explain(permission)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_grant_covers_itself(kind: Kind) -> None:
    """Every example is covered by a list that holds it, and by no empty one."""
    for rule in kind.grammar.rules:
        for example in rule.accepts:
            assert kind.grammar.covered([example], example)
            assert not kind.grammar.covered([], example)


@pytest.mark.parametrize("kind", KINDS)
def test_the_flat_spelling_of_a_permission_reads_back(kind: Kind) -> None:
    """A permission written for foreign readers is the same one when it is read again (M3)."""
    for rule in kind.grammar.rules:
        for example in rule.accepts:
            assert kind.own_permission(kind.flat_permission(example)) == example


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_can_be_published_as_it_is(kind: Kind) -> None:
    """`create` writes files that are read without a fault, need no more than they ask for, and carry a licence."""
    payload = kind.template(ACME)
    card = card_of(payload)

    reading = kind.read(payload, card)

    assert payload_findings(payload) == ()
    assert [finding for finding in reading.findings if finding.level in ("fail", "review")] == []
    permissions = list(card.permissions or ())
    assert kind.grammar.findings(permissions, kind=kind.id) == ()
    assert [need for need in reading.needs if not kind.grammar.covered(permissions, need)] == []
    assert to_spdx(str(card.license or reading.fields.get("license", "")), payload)[0] is not None
    assert card.description or reading.fields.get("description")
    assert card.version or reading.fields.get("version")
    assert card.title or reading.fields.get("title")
    assert reading.unpinned == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_named_as_it_was_asked_for(kind: Kind) -> None:
    """The id of the template is the one given, another id gives other files, and the same id the same."""
    card = card_of(kind.template(ACME))

    assert card.id in (None, "@acme/thing")
    assert kind.template(ACME) == kind.template(ACME)
    assert kind.template(ACME) != kind.template(parse_artifact("@acme/other"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_known_for_its_kind(kind: Kind) -> None:
    """The native file or artifact.yaml of a template tells the kind."""
    payload = kind.template(ACME)

    assert any(name in payload for name in kind.native) or card_of(payload).kind in (kind.id, kind.category)


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_s_spec_is_complete(kind: Kind) -> None:
    """The spec that a kind reads is one that its own model accepts, member for member."""
    payload = kind.template(ACME)

    spec = dict(kind.read(payload, card_of(payload)).spec)

    assert kind.spec.of(spec).value() == spec


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_member_of_a_spec_is_refused(kind: Kind) -> None:
    """A spec is closed (formats, part 1.3)."""
    payload = kind.template(ACME)
    spec = dict(kind.read(payload, card_of(payload)).spec)

    with pytest.raises(RegistryError, match="surprise"):
        kind.spec.of({**spec, "surprise": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_reading_depends_on_the_files_alone(kind: Kind) -> None:
    """Files handed over in another order give the same reading."""
    payload = kind.template(ACME)
    card = card_of(payload)

    turned = dict(sorted(payload.items(), reverse=True))

    assert kind.read(turned, card) == kind.read(payload, card)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"[" * 5000, b"{" * 5000, b"---\n", b"null", b"\x00", b"a: &a [*a]"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_native_file_is_a_finding_and_never_an_exception(kind: Kind, data: bytes) -> None:
    """Whatever stands in a native file, reading tells a fault of level `fail`."""
    for name in kind.native:
        reading = kind.read({name: PayloadFile(data)}, Card())

        assert any(finding.level == "fail" for finding in reading.findings), name
        assert all(finding.message for finding in reading.findings)


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_without_the_native_file_is_refused_with_what_to_add(kind: Kind) -> None:
    """A payload of something else has a finding of level `fail` with a hint."""
    reading = kind.read({"unrelated.bin": PayloadFile(b"1")}, Card())

    assert any(finding.level == "fail" and finding.hint for finding in reading.findings)


@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_writes_whole_files_below_the_target(kind: Kind, personal: bool) -> None:
    """Every path of a plan is relative and stays inside, and planning twice gives the same."""
    verified = verified_of(kind, kind.template(ACME))

    plan = kind.plan(verified, Place(personal=personal, address="https://registry.example.org/"))

    assert plan.steps
    assert plan == kind.plan(verified, Place(personal=personal, address="https://registry.example.org/"))
    for step in plan.steps:
        parts = step.path.split("/")
        assert not {"", ".", ".."} & set(parts), step.path
    trees = [step.path for step in plan.steps if isinstance(step, PutTree)]
    assert sorted(set(trees)) == sorted(trees)


def test_the_table_counts_its_kinds() -> None:
    """The table knows how many kinds it has without importing one of them."""
    assert len(kind_ids()) == len(all_kinds().by_id)


def test_a_kind_is_known_by_its_singular_and_its_plural() -> None:
    """Both name it, as in old manifests; anything else is told which names there are (M3)."""
    kinds = all_kinds()

    assert [(kind.id, kind.id) for kind in kinds] == [(kinds[kind.id].id, kinds[kind.category].id) for kind in kinds]
    with pytest.raises(WrongUsage, match="'gizmo' is not a kind"):
        kinds["gizmo"]
