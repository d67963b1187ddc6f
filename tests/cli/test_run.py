"""`registry run` of a plugin: what is started, behind what, with what, and what is not."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, Desk, added
from tests.cli.running import TEMPLATE, WORDS, answered, asked, audited, receipt_of, released, typed, with_plugin

COUNT = ("word_count", {"text": "It rains. Does it?"})
TELLS = b"""import os, sys
print(*sys.argv[1:], *sorted(os.environ), os.environ["HOME"], os.getcwd(), file=sys.stderr)
sys.exit(7)
"""
ASKS = json.dumps(
    {
        "name": "io.example.ann/words",
        "packages": [
            {
                "registryType": "npm",
                "identifier": "words",
                "version": "1.0.0",
                "transport": {"type": "stdio"},
                "packageArguments": [{"type": "named", "name": "--token", "valueHint": "TOKEN", "isRequired": True}],
                "environmentVariables": [
                    {"name": "WORDS_TOKEN", "value": "{TOKEN}", "variables": {"TOKEN": {"isRequired": True}}}
                ],
            }
        ],
    }
).encode()


def test_an_agent_calls_what_was_granted_and_nothing_else(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """The server answers through the gate, confined; another tool is refused, and both are in the audit log."""
    with_plugin(desk)

    with typed(asked(COUNT, ("other", {}))):
        desk.run("run", WORDS)

    answers = answered(capfd.readouterr().out)
    assert ["word_count"] == [tool["name"] for tool in answers[2]["tools"]]
    assert '"words": 4' in answers[3]["content"][0]["text"]
    assert "the tool 'other' was not granted to @ann/words; granted: word_count" == answers[4]["message"]
    told = [(one["event"], one["outcome"], one["how"]) for one in audited(desk)]
    assert [
        ("start", "begun", "bubblewrap"),
        ("refuse", "refused", "start"),
        ("start", "ended", "bubblewrap"),
    ] == told
    assert "0" == audited(desk)[-1]["code"]
    assert [{"permission": "mcp:word_count", "words": "let an agent call its tool word_count"}] == audited(desk)[0][
        "grants"
    ]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], "HOME LANG PATH PWD PYTHONNOUSERSITE SSL_CERT_FILE WORDS_TOKEN /item /item"),
        (["--unconfined"], "HOME LANG PATH WORDS_TOKEN {home} {work}"),
    ],
)
def test_a_started_server_gets_what_it_declares(
    desk: Desk, capfd: pytest.CaptureFixture[str], flags: list[str], expected: str
) -> None:
    """Its arguments and inputs; its exit code is ours; no other variable of the person is seen."""
    with_plugin(desk, {"server.py": TELLS, "server.json": ASKS})
    desk.world = replace(desk.world, env={**desk.world.env, "SECRET": "x", "HOME": "/person", "LANG": "C.UTF-8"})
    assert (2, "missing-input") == desk.refused("run", WORDS, *flags)
    capfd.readouterr()

    desk.run("run", WORDS, *flags, "--input", "TOKEN=abc", "--", "--more")

    assert 7 == desk.code
    told = expected.format(home="/person", work=desk.work)
    said = [one for one in capfd.readouterr().err.split() if not one.startswith("LC_")]
    assert f"--token abc --more {told}".split() == said
    assert (2, "unknown-input") == desk.refused("run", WORDS, "--input", "A=1", "--input", "TOKEN=1")


def test_a_server_is_found_from_below_its_project(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """An agent may start it from a folder inside the project, with the input in a variable of its name."""
    with_plugin(desk, {"server.py": TELLS, "server.json": ASKS})
    below = desk.work / "src" / "deep"
    below.mkdir(parents=True)
    desk.world = replace(desk.world, cwd=below, env={**desk.world.env, "TOKEN": "abc"})

    desk.run("run", WORDS)

    assert capfd.readouterr().err.startswith("--token abc HOME")


def test_a_server_in_the_persons_own_folder_is_found(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """With -g, and from everywhere without it."""
    desk.world.home.mkdir()
    with_plugin(desk)
    desk.run("uninstall", WORDS)
    desk.run("install", WORDS, "-g", "--yes")

    for flags in (["-g"], []):
        with typed(asked(COUNT)):
            desk.run("run", WORDS, *flags)
        assert {1, 2, 3} == set(answered(capfd.readouterr().out))


def changed(desk: Desk) -> None:
    (desk.work / "plugins/ann__words/server.py").write_text("print('other')")


def without_python(desk: Desk) -> None:
    desk.world = replace(desk.world, env={**desk.world.env, "PATH": str(desk.folder)})


def more_granted(desk: Desk) -> None:
    receipt = json.loads(receipt_of(desk).read_text())
    receipt["record"]["permissions"].append("network")
    receipt_of(desk).write_text(json.dumps(receipt))


def started_otherwise(desk: Desk) -> None:
    receipt = json.loads(receipt_of(desk).read_text())
    receipt["record"]["run"]["entry"] = "../../other.py"
    receipt_of(desk).write_text(json.dumps(receipt))


def on_another_machine(desk: Desk) -> None:
    desk.world = replace(desk.world, env={**desk.world.env, "REGISTRY_HOME": str(desk.folder / "other")})


def without_a_log(desk: Desk) -> None:
    (desk.folder / "log").mkdir()
    desk.world = replace(desk.world, env={**desk.world.env, "REGISTRY_AUDIT_LOG": str(desk.folder / "log")})


def damaged_pins(desk: Desk) -> None:
    folder = desk.folder / "home/trust/tools"
    folder.mkdir(parents=True)
    release = json.loads(receipt_of(desk).read_text())["record"]["manifest"].removeprefix("sha256:")
    (folder / f"{release}.json").write_text("[]")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (changed, (4, "edited")),
        (without_python, (3, "no-program")),
        (more_granted, (4, "not-agreed")),
        (started_otherwise, (4, "not-agreed")),
        (on_another_machine, (4, "not-agreed")),
        (without_a_log, (5, "no-audit-log")),
        (damaged_pins, (1, "bad-state")),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--unconfined"]])
def test_what_must_not_start_does_not(
    desk: Desk,
    capfd: pytest.CaptureFixture[str],
    before: Callable[[Desk], None],
    expected: tuple[int, str],
    flags: list[str],
) -> None:
    """Changed files, a receipt that came with the folder or was changed, no audit log: nothing runs, nothing is said
    on the output that belongs to the agent."""
    with_plugin(desk)
    capfd.readouterr()
    before(desk)

    with typed(asked(COUNT)):
        assert expected == desk.refused("run", WORDS, *flags)
    assert "" == capfd.readouterr().out


@pytest.mark.parametrize("verb", [["sync", "--force", "--yes"], ["install", f"{WORDS}@1.0.0", "--force", "--yes"]])
def test_what_came_with_a_clone_starts_once_it_was_verified_here(
    desk: Desk, capfd: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    """Somebody else's project has its receipts and files; who verifies them says yes for themselves."""
    with_plugin(desk)
    on_another_machine(desk)
    root = json.loads(receipt_of(desk).read_text())["record"]["registry"]
    desk.run("add", str(desk.folder / "reg"), "--root", root)

    desk.run(*verb)

    capfd.readouterr()
    with typed(asked(COUNT)):
        desk.run("run", WORDS)
    assert {1, 2, 3} == set(answered(capfd.readouterr().out))


def test_a_receipt_that_lacks_what_an_install_notes_is_refused(desk: Desk) -> None:
    """By every verb that reads it."""
    with_plugin(desk)
    receipt = json.loads(receipt_of(desk).read_text())
    receipt["record"].pop("registry")
    receipt_of(desk).write_text(json.dumps(receipt))

    for verb in (["list"], ["run", WORDS], ["uninstall", WORDS], ["verify"], ["update"]):
        assert (1, "bad-receipt") == desk.refused(*verb)


REMOTE = json.dumps({"name": "io.example.ann/words", "remotes": [{"url": "https://words.example/mcp"}]}).encode()
IMAGE = json.dumps(
    {
        "name": "io.example.ann/words",
        "packages": [
            {"registryType": "oci", "identifier": f"words:1@sha256:{'a' * 64}", "transport": {"type": "stdio"}}
        ],
    }
).encode()

FILE = json.dumps(
    {
        "name": "io.example.ann/words",
        "packages": [
            {
                "registryType": "mcpb",
                "identifier": "https://words.example/w.mcpb",
                "fileSha256": "a" * 64,
                "version": "1.0.0",
                "transport": {"type": "stdio"},
            }
        ],
    }
).encode()


@pytest.mark.parametrize(
    ("server", "permissions", "expected"),
    [
        (REMOTE, ["network:words.example"], (2, "remote")),
        (FILE, [], (5, "not-yet")),
        (IMAGE, [], (3, "no-engine")),
    ],
)
def test_what_runs_elsewhere_is_not_started_here(
    desk: Desk, server: bytes, permissions: list[str], expected: tuple[int, str]
) -> None:
    """The message says where it is reached, or that it cannot be done yet."""
    card = b"license: MIT\n"
    without_python(desk)
    with_plugin(desk, {"server.json": server, "artifact.yaml": card}, permissions=permissions)

    assert expected == desk.refused("run", WORDS)


def test_only_what_is_installed_and_runs_is_started(desk: Desk, built: RegistryInMemory) -> None:
    """What is not installed is told, with the line that installs it."""
    added(desk, built)
    assert (3, "not-installed") == desk.refused("run", PDF)
    assert (3, "not-installed") == desk.refused("run", PDF, "-g")
    released(
        "@ann/solar", "theme", {"theme.css": b":root { --a: 1 }", "artifact.yaml": b"entry: theme.css\n"}, (), built
    )
    desk.put("reg", built.files)
    desk.run("install", "@ann/solar", "--yes")

    assert (2, "other-kind") == desk.refused("run", "@ann/solar", "--project", str(desk.work))


def test_a_project_names_what_starts_unconfined_and_the_log_says_so(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    """Once in its settings file; where one says never, the flag does not help."""
    with_plugin(desk)
    settings = desk.work / "registry.settings.yaml"
    settings.write_text(f'run:\n  unconfined: ["{WORDS}"]\n')

    with typed(asked(COUNT)):
        desk.run("run", WORDS)

    assert {1, 2, 3} == set(answered(capfd.readouterr().out))
    assert f"starts with all your rights: {settings} says so" in desk.talk
    assert ["unconfined", "unconfined"] == [one["how"] for one in audited(desk)]
    settings.write_text("run:\n  unconfined: never\n")
    assert (5, "never-unconfined") == desk.refused("run", WORDS, "--unconfined")
    assert ("refuse", "never-unconfined") == (audited(desk)[-1]["event"], audited(desk)[-1]["code"])


def test_a_permission_that_a_settings_file_forbids_now_stops_the_start(desk: Desk) -> None:
    """What was granted before is not granted for ever."""
    with_plugin(desk)
    (desk.work / "registry.settings.yaml").write_text('permissions:\n  never: ["mcp:word_count"]\n')

    assert (4, "policy-permission") == desk.refused("run", WORDS)


CHANGING = b"import os\n" + TEMPLATE.replace(b'"Counts words, sentences', b'os.environ["SAYS"] + " sentences')


def test_a_tool_that_says_something_else_of_itself_is_refused(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """What it said at first is kept where it cannot write; to take the new words it is installed again with --force."""
    says = json.loads(ASKS)
    says["packages"][0] |= {"packageArguments": [], "environmentVariables": [{"name": "SAYS", "isRequired": True}]}
    with_plugin(desk, {"server.py": CHANGING, "server.json": json.dumps(says).encode()})

    def shown(words: str) -> list[str]:
        capfd.readouterr()
        with typed(asked(COUNT)):
            desk.run("run", WORDS, "--input", f"SAYS={words}")
        return [tool["name"] for tool in answered(capfd.readouterr().out)[2]["tools"]]

    assert ["word_count"] == shown("Counts")
    assert ["word_count"] == shown("Counts")
    assert [] == shown("Sends")
    assert "gate" in [one.get("code") for one in audited(desk)]
    desk.run("install", WORDS, "--force", "--yes")
    assert ["word_count"] == shown("Sends")


def test_nothing_of_this_machine_is_open_to_a_server(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """It reads its own files and none of the project's, home's or system's; it writes nowhere."""
    tries = b"""import os, sys
for path in sys.argv[1:]:
    print("read" if os.access(path, os.R_OK) else "not", file=sys.stderr)
for path in ("/item/new", "/tmp/new", "/new"):
    try:
        open(path, "w")
    except OSError as error:
        print(error.errno, file=sys.stderr)
"""
    with_plugin(desk, {"server.py": tries})
    secret = desk.folder / "person" / "secret"
    secret.parent.mkdir(exist_ok=True)
    secret.write_text("x")
    paths = ["/item/server.py", str(desk.work), str(secret), "/etc/passwd", "/home", "/root"]
    capfd.readouterr()

    desk.run("run", WORDS, "--", *paths)

    assert "read not not not not not 30 30 30".split() == capfd.readouterr().err.split()
    assert os.path.exists(Path("/etc/passwd"))
