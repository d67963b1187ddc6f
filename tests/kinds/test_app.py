"""Apps: which compose file it is, what it needs, and what is installed instead of it."""

import pytest

from registry_tool.core.card import Card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Pin
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar
from registry_tool.core.plan import Place, Plan, PutTree
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
    assert [finding.level for finding in reading.findings] == ["note"]


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


def test_a_grant_that_is_not_used_is_refused() -> None:
    """Permissions equal what the file asks for; unknown ones are told elsewhere (M5)."""
    card = Card(permissions=("cap:CHOWN", "nonsense", "port:80/tcp"))
    findings = KIND.read(payload_of({"compose.yaml": WEB + "    user: '1'\n    ports: ['80:80']\n"}), card).findings

    assert [("app-unused", "fail", "it asks for 'cap:CHOWN', which the compose file does not use")] == [
        (finding.check, finding.level, finding.message) for finding in findings
    ]


@pytest.mark.parametrize(
    ("file", "image_is_told"), [(WEB + "    image: x\n", False), ("services: {web: {build: .}}", False), (WEB, True)]
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
    assert sorted(tree) == [".env.example", "compose.yaml", "conf/.env", "conf/a.toml", "motd.txt"]
    assert tree["motd.txt"] == PayloadFile(b"hello")
    assert b'image: "a/web:1"' in tree["compose.yaml"].data
    assert b"REGISTRY_INPUT_TOKEN=\n" in tree[".env.example"].data
    assert [note.split(" ")[0] for note in plan.notes] == ["First", "Start"]


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
