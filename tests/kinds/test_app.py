"""Apps: which compose file it is, what it needs, and what is installed instead of it."""

import pytest
import yaml

from registry_tool.core.card import Card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.grants import mismatches
from registry_tool.core.kind import Pin
from registry_tool.core.names import parse_artifact
from registry_tool.core.native.yaml_text import load_yaml
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar
from registry_tool.core.plan import Ask, Place, Plan, PutTree
from registry_tool.core.verified import Verified
from registry_tool.kinds.app import KIND
from tests.kinds.releases import card_of, manifest_of, verified_of

DIGEST = "sha256:" + "0a" * 32
WEB = "services:\n  web:\n    image: a/web:1\n"


def payload_of(files: dict[str, str]) -> Payload:
    """A payload of these texts."""
    return {path: PayloadFile(text.encode()) for path, text in files.items()}


def tree_of(plan: Plan) -> Payload:
    """The files that an app's plan writes; it has no other step."""
    (step,) = plan.steps
    assert isinstance(step, PutTree)
    return step.files


@pytest.mark.parametrize(
    ("files", "entry", "expected"),
    [
        ({"compose.yaml": WEB, "docker-compose.yml": "x"}, None, "compose.yaml"),
        ({"docker-compose.yaml": WEB}, None, "docker-compose.yaml"),
        ({"deploy/stack.yaml": WEB, "compose.yaml": "x"}, "deploy/stack.yaml", "deploy/stack.yaml"),
    ],
)
def test_the_compose_file_is_found(files: dict[str, str], entry: str | None, expected: str) -> None:
    """The card decides, then the usual names, best first."""
    reading = KIND.read(payload_of(files), Card(entry=entry) if entry else Card())

    assert (expected, expected) == (reading.native, reading.spec["entry"])
    assert [finding.check for finding in reading.findings] == ["app-root", "app-port"]


@pytest.mark.parametrize(
    ("files", "entry", "words"),
    [
        ({"README.md": ""}, None, "there is no compose file"),
        ({"compose.yaml": WEB}, "none.yaml", "'none.yaml'"),
        ({"chart/Chart.yaml": ""}, None, "Helm"),
    ],
)
def test_a_folder_without_a_compose_file_is_refused(files: dict[str, str], entry: str | None, words: str) -> None:
    """The hint says what to add, for a Helm chart too."""
    findings = KIND.read(payload_of(files), Card(entry=entry) if entry else Card()).findings

    assert [("app-entry", "fail", True)] == [(one.check, one.level, bool(one.hint)) for one in findings]
    assert words in findings[0].message


def test_images_are_pinned_by_the_file_or_by_the_card() -> None:
    """A digest pins; a tag alone goes to a person; one image is told once."""
    text = (
        f"services:\n  a: {{image: 'x/a:1@{DIGEST}'}}\n  b: {{image: 'localhost:5000/b:2'}}\n  c: {{image: 'c:3'}}\n"
        f"  d: {{image: 'c:3'}}\n  e: {{image: 'localhost:5000/e@{DIGEST}'}}\n"
    )
    card = Card(
        pins=(
            {"type": "image", "name": "localhost:5000/b", "version": "2", "digest": DIGEST},
            {"type": "npm", "name": "c", "version": "3", "digest": DIGEST},
        )
    )

    reading = KIND.read(payload_of({"compose.yaml": text}), card)

    assert reading.unpinned == ("image c:3",)
    assert reading.pins == (
        Pin("image", "localhost:5000/b", DIGEST, "2"),
        Pin("image", "localhost:5000/e", DIGEST),
        Pin("image", "x/a", DIGEST, "1"),
    )


def test_the_spec_names_services_images_and_inputs() -> None:
    """What the gallery and the installer need, and nothing else."""
    text = (
        WEB
        + "    command: run\n    environment: [TOKEN, 'TZ=${TZ:-UTC}']\n  db:\n    image: db:2\n    command: [a, b]\n"
    )

    assert KIND.read(payload_of({"compose.yaml": text}), Card()).spec == {
        "entry": "compose.yaml",
        "services": [
            {"name": "db", "image": "db:2", "command": ["a", "b"]},
            {"name": "web", "image": "a/web:1", "command": ["run"]},
        ],
        "inputs": [
            {"name": "TOKEN", "required": True, "secret": True},
            {"name": "TZ", "required": False, "secret": False, "default": "UTC"},
        ],
        "images": ["a/web:1", "db:2"],
    }


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        ("    user: '1'\n", ["cap:CHOWN", "port:81/tcp"]),
        ("    cap_drop: [ALL]\n", ["cap:CHOWN", "port:81/tcp"]),
        ("    cap_add: [SETUID]\n", ["cap:CHOWN", "port:81/tcp"]),
        ("    cap_drop: [CHOWN]\n", ["cap:CHOWN", "port:81/tcp"]),
        ("    user: '0:0'\n", ["port:81/tcp"]),
        ("", ["port:81/tcp"]),
    ],
)
def test_a_grant_that_is_not_used_is_refused(lines: str, refused: list[str]) -> None:
    """Permissions equal what the file asks for; a service that begins as root makes use of five more (M5)."""
    reading = KIND.read(payload_of({"compose.yaml": WEB + "    ports: ['80:80']\n" + lines}), Card())

    found = mismatches(KIND, ["cap:CHOWN", "cap:SETUID", "port:80/tcp", "port:81/tcp"], reading)

    unused = [one.message.split("'")[1] for one in found if one.check == "permission-unused"]
    assert refused == [one for one in unused if one != "cap:SETUID"]


def test_what_images_need_to_start_is_proposed() -> None:
    """An image that begins as root and changes its user is proposed five privileges, and gets what is granted."""
    payload = payload_of({"compose.yaml": WEB + "  db: {image: 'b:1', user: '70'}\n"})
    reading = KIND.read(payload, Card())

    plan = KIND.plan(released(payload, "cap:CHOWN", "cap:SETUID"), Place())

    assert ((), ("cap:CHOWN", "cap:DAC_OVERRIDE", "cap:FOWNER", "cap:SETGID", "cap:SETUID")) == (
        reading.needs,
        reading.may,
    )
    services = yaml.safe_load(tree_of(plan)["compose.yaml"].data)["services"]
    assert [services["web"].get("cap_add"), services["db"].get("cap_add")] == [["CHOWN", "SETUID"], None]


def test_an_image_that_floats_is_told_with_the_line_to_write() -> None:
    """No version and `latest` are warnings, a tag is not; all are unpinned, for a person to accept (B10)."""
    text = "services:\n  a: {image: x}\n  b: {image: 'h:5000/y:latest'}\n  c: {image: 'z:1'}\n"
    reading = KIND.read(payload_of({"compose.yaml": text}), Card())

    warned = [(one.message.split("'")[1], one.hint) for one in reading.findings if one.check == "app-image"]

    assert ["h:5000/y:latest", "x"] == [name for name, _ in warned]
    assert "image: h:5000/y:1.2.3" in warned[0][1]
    assert ("image h:5000/y:latest", "image x", "image z:1") == reading.unpinned


def test_an_image_without_a_tag_can_be_pinned() -> None:
    """The card's digest for its name alone is the one that is installed."""
    payload = payload_of({"compose.yaml": "services:\n  a: {image: b}\n"})
    card = Card(pins=({"type": "image", "name": "b", "digest": DIGEST},))

    reading = KIND.read(payload, card)
    plan = KIND.plan(released(payload), Place())

    assert ((Pin("image", "b", DIGEST),), ()) == (reading.pins, reading.unpinned)
    assert f'image: "b@{DIGEST}"'.encode() in tree_of(plan)["compose.yaml"].data


def test_inputs_are_described_by_the_card() -> None:
    """Description, default and secrecy come from artifact.yaml; one that the file has not is told."""
    text = WEB + "    environment: ['A=${A}', 'B=${B:-x}', 'TOKEN=${TOKEN:?}']\n"
    inputs = load_yaml(
        b"inputs:\n  A: {description: What a is, default: d, secret: true}\n  B: In words\n  TOKEN:\n  C: {}\n",
        what="x",
    ).value

    reading = KIND.read(payload_of({"compose.yaml": text}), Card.of(inputs))

    assert reading.spec["inputs"] == [
        {"name": "A", "required": False, "secret": True, "description": "What a is", "default": "d"},
        {"name": "B", "required": False, "secret": False, "description": "In words", "default": "x"},
        {"name": "TOKEN", "required": True, "secret": True, "demanded": True},
    ]
    told = [(one.level, one.message) for one in reading.findings if one.check == "app-input"]
    assert told == [("warn", "the input 'C' is described, and the compose file has no ${C}")]


def test_inputs_may_be_rows() -> None:
    """A list of rows with names says the same as a table by name."""
    rows = Card.of({"inputs": [{"name": "A", "description": "x"}]})

    assert rows.inputs == Card.of({"inputs": {"A": "x"}}).inputs


@pytest.mark.parametrize("inputs", [{"a b": "x"}, {"A": 1}, {"A": {"odd": 1}}, "x", [{"description": "x"}]])
def test_inputs_that_are_none_are_refused(inputs: object) -> None:
    """The card is a closed document, its inputs too."""
    with pytest.raises(InvalidInput):
        Card.of({"inputs": inputs})


@pytest.mark.parametrize(
    ("file", "image_is_told"),
    [("services: {web: {image: 'A B'}}", False), ("services: {web: {build: .}}", False), (WEB, True)],
)
def test_a_service_without_an_image_is_not_called_unpinned(file: str, image_is_told: bool) -> None:
    """A fault is told once, not as something that a person could wave through."""
    assert image_is_told == bool(KIND.read(payload_of({"compose.yaml": file}), Card()).unpinned)


@pytest.mark.parametrize("grammar", [KIND.grammar])
def test_everything_that_a_file_can_need_can_be_said(grammar: Grammar) -> None:
    """Each permission that is read from odd but good mounts and ports is one that the grammar knows."""
    text = WEB + (
        "    cap_add: [CHOWN]\n    ports: ['1-3:1-3/udp']\n"
        "    volumes: ['/a b/c', './a b/c.d:/x~y:ro', 'v_1.a:/(x)', '$A/b:/b', '${UP_LOAD}:/c', '/é:/e']\n"
    )

    needs = KIND.read(payload_of({"compose.yaml": text}), Card()).needs

    assert len(needs) == 9
    assert [need for need in needs if grammar.explain(need) is None] == []


def test_a_capability_that_opens_the_host_cannot_be_asked_for() -> None:
    """The refusal lists the few that can (sandbox rows 75 to 80)."""
    findings = KIND.grammar.findings(["cap:SYS_ADMIN"], kind="app")

    assert ["fail"] == [finding.level for finding in findings]
    assert "only these can be granted: AUDIT_WRITE, CHOWN" in findings[0].message


def test_what_is_installed_is_ours() -> None:
    """The author's compose file is left out; files that it mounts and the list of inputs lie beside ours."""
    text = WEB + (
        "    environment: [TOKEN]\n    volumes:\n      - ./conf:/conf:ro\n"
        "      - {type: bind, source: ./motd.txt, target: /motd, content: hello}\n"
    )
    payload = payload_of(
        {
            "d/docker-compose.yml": text,
            "d/conf/a.toml": "a",
            "d/conf/.env": "b",
            "d/configuration": "c",
            "d/.env": "D=1",
            "conf/x": "d",
            "artifact.yaml": "entry: d/docker-compose.yml",
        }
    )
    verified = verified_of(KIND, payload, name="wiki")

    plan = KIND.plan(verified, Place())

    tree = tree_of(plan)
    assert plan.steps[0].path == "apps/acme__wiki"
    assert sorted(tree) == ["compose.yaml", "conf/.env", "conf/a.toml", "motd.txt"]
    assert tree["motd.txt"] == PayloadFile(b"hello")
    assert b'image: "a/web:1"' in tree["compose.yaml"].data
    (step,) = plan.steps
    assert isinstance(step, PutTree)
    assert b"REGISTRY_INPUT_TOKEN=\n" in step.own[".env"]
    assert plan.asks == (Ask("TOKEN", secret=True),)
    assert [note.split(" ")[0] for note in plan.notes] == ["Its", "Start"]


def test_an_app_without_inputs_is_started_at_once() -> None:
    """There is no list of inputs, and the note is the command to type."""
    verified = verified_of(KIND, KIND.template(parse_artifact("@acme/pages")), name="pages")

    plan = KIND.plan(verified, Place())

    assert sorted(tree_of(plan)) == ["compose.yaml", "site/index.html"]
    assert plan.notes == (
        "Start it with: docker compose --project-directory apps/acme__pages -f apps/acme__pages/compose.yaml up -d",
    )


def released(payload: Payload, *permissions: str) -> Verified:
    """A release of `payload` that was granted exactly `permissions`."""
    good = verified_of(KIND, KIND.template(parse_artifact("@acme/pages")))
    spec = {"entry": "compose.yaml", "services": [], "inputs": [], "images": []}
    manifest = manifest_of(KIND, payload, scope="acme", name="wiki", spec=spec, permissions=permissions)
    pins = ({"type": "image", "name": "a/web", "version": "1", "digest": DIGEST},)
    value = {**manifest.value(), "pins": [*pins, {"type": "image", "name": "b", "digest": DIGEST}]}
    return Verified(
        seal=good.seal,
        registry=good.registry,
        manifest=type(manifest).of(value),
        digest=good.digest,
        payload=payload,
        bundle=good.bundle,
        admission=good.admission,
        signed_by=good.signed_by,
        status=good.status,
    )


def test_the_release_s_pins_decide_which_image_runs() -> None:
    """An image that the manifest pins is installed with its digest."""
    plan = KIND.plan(released(payload_of({"compose.yaml": WEB})), Place())

    assert f'image: "a/web:1@{DIGEST}"'.encode() in tree_of(plan)["compose.yaml"].data


@pytest.mark.parametrize(
    ("text", "permissions"),
    [
        (WEB + "    ports: ['80:80']\n", ()),
        (WEB, ("port:80/tcp",)),
        (WEB + "    privileged: true\n", ()),
    ],
)
def test_a_release_that_asks_for_something_else_is_not_installed(text: str, permissions: tuple[str, ...]) -> None:
    """Grants and file are compared once more at install (M5)."""
    with pytest.raises(InvalidInput) as refused:
        KIND.plan(released(payload_of({"compose.yaml": text}), *permissions), Place())

    assert refused.value.code == "app-mismatch"


def test_the_template_needs_what_its_card_asks_for() -> None:
    """The permissions of the template are exactly those of its compose file, and its image is pinned."""
    payload = KIND.template(parse_artifact("@acme/pages"))
    reading = KIND.read(payload, card_of(payload))

    assert tuple(card_of(payload).permissions or ()) == reading.needs
    assert [pin.type for pin in reading.pins] == ["image"]
