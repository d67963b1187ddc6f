"""The demo artifacts are useful by themselves: scripts run, servers answer, colours can be read."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.demo_registry import ARTIFACTS

NOTES = ARTIFACTS / "skill-release-notes" / "scripts" / "release_notes.py"
PROFILE = ARTIFACTS / "skill-csv-profile" / "scripts" / "csv_profile.py"
TABLE = """pier;opened;berths;side
north;2024-01-03;36;east
south;2024-02-01;;east
old;2024-02-01;41
new;2023-12-31;28;west
"""


def python(*words: str | Path, cwd: Path, text: str = "") -> str:
    """What a script says on stdout, which must end well."""
    done = subprocess.run(
        [sys.executable, *words], cwd=cwd, input=text, capture_output=True, text=True, check=False, timeout=30
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def committed(folder: Path, *messages: str) -> None:
    """A repository with one commit for each of `messages`, the first of them tagged."""
    identity = ["-c", "user.name=Tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "init", "-q", folder], check=True)
    for number, message in enumerate(messages):
        subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", message], cwd=folder, check=True)
        if number == 0:
            subprocess.run(["git", "tag", "v1.0.0"], cwd=folder, check=True)


def test_release_notes_tell_what_users_notice(tmp_path: Path) -> None:
    """Since the last tag: what breaks, what is new and what was mended; a chore is left out."""
    committed(
        tmp_path,
        "first",
        "feat(search): find by tag",
        "chore: tidy up",
        "Fix the crash on an empty file",
        "feat!: drop Python 3.9\n\nBREAKING CHANGE: Python 3.11 is needed",
        "Document the settings",
    )
    said = re.sub(r"\([0-9a-f]{7,}\)", "(…)", python(NOTES, cwd=tmp_path))

    assert (
        "## Breaking\n\n- Drop Python 3.9 (Python 3.11 is needed) (…)\n\n"
        "## New\n\n- search: Find by tag (…)\n\n"
        "## Mended\n\n- Fix the crash on an empty file (…)\n\n"
        "## Also\n\n- Document the settings (…)\n"
    ) == said
    assert python(NOTES, "v1.0.0", "HEAD~4", cwd=tmp_path).startswith("## New")
    assert "Nothing that a user would notice.\n" == python(NOTES, "HEAD", cwd=tmp_path)


def test_a_profile_tells_types_gaps_and_broken_rows(tmp_path: Path) -> None:
    """It finds the delimiter, the type of each column, empty cells, and the row that is too short."""
    (tmp_path / "piers.csv").write_text(TABLE, "utf-8")
    found = json.loads(python(PROFILE, "piers.csv", "--json", cwd=tmp_path))
    columns = {one["name"]: (one["type"], one["empty"], one["smallest"], one["largest"]) for one in found["columns"]}

    assert (3, [4]) == (found["rows"], found["ragged"])
    assert {
        "pier": ("text", 0, "new", "south"),
        "opened": ("date", 0, "2023-12-31", "2024-02-01"),
        "berths": ("whole", 1, "28", "36"),
        "side": ("text", 0, "east", "west"),
    } == columns
    assert "wrong number of cells in line 4" in python(PROFILE, "piers.csv", cwd=tmp_path)


def asked(server: str, *requests: tuple[str, dict[str, Any]]) -> list[Any]:  # Any: JSON
    """The answers of a server to these methods with their parameters."""
    folder = ARTIFACTS / f"plugin-{server}"
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        for number, (method, params) in enumerate(requests)
    ]
    lines.insert(1, json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
    answers = python(folder / f"{server.replace('-', '_')}.py", cwd=folder, text="\n".join(lines) + "\n").splitlines()
    return [json.loads(line) for line in answers]


@pytest.mark.parametrize("server", ["unit-convert", "text-stats"])
def test_a_server_introduces_itself_and_its_tools(server: str) -> None:
    """`initialize` and `tools/list` answer, with exactly the tools that the permissions name; others are errors."""
    hello, tools, ping, unknown = asked(
        server,
        ("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}}),
        ("tools/list", {}),
        ("ping", {}),
        ("resources/list", {}),
    )
    granted = re.findall(r'"mcp:(\w+)"', (ARTIFACTS / f"plugin-{server}" / "artifact.yaml").read_text("utf-8"))

    assert ("2025-06-18", server) == (hello["result"]["protocolVersion"], hello["result"]["serverInfo"]["name"])
    assert granted == [tool["name"] for tool in tools["result"]["tools"]]
    assert ({}, -32601) == (ping["result"], unknown["error"]["code"])


@pytest.mark.parametrize(
    ("server", "tool", "arguments", "expected"),
    [
        ("unit-convert", "convert", {"value": 26.2, "from": "mi", "to": "km"}, "26.2 mi = 42.1648128 km"),
        ("unit-convert", "convert", {"value": -40, "from": "F", "to": "C"}, "-40 F = -40 C"),
        ("unit-convert", "convert", {"value": 1, "from": "GiB", "to": "MB"}, "1 GiB = 1073.741824 MB"),
        ("unit-convert", "convert", {"value": 1, "from": "kg", "to": "m"}, "kg is a unit of mass and m one of length"),
        (
            "unit-convert",
            "convert",
            {"value": "1", "from": "kg", "to": "g"},
            "convert takes a number `value` and the units `from` and `to`",
        ),
        ("text-stats", "word_frequency", {"text": "One fish, two fish.", "top": 1}, '{"fish": 2}'),
        (
            "text-stats",
            "text_stats",
            {"text": "It rains. Stay in!\n\nOr not?"},
            (
                '{"characters": 27, "words": 6, "different_words": 6, "sentences": 3, "paragraphs": 2, '
                '"words_per_sentence": 2.0, "minutes_to_read": 0.0}'
            ),
        ),
        ("text-stats", "text_stats", {}, "text_stats takes a text"),
    ],
)
def test_a_tool_answers(server: str, tool: str, arguments: dict[str, Any], expected: str) -> None:  # Any: JSON
    """A call gives the result, or an error that says what is wrong, as the text of its answer."""
    (answer,) = asked(server, ("tools/call", {"name": tool, "arguments": arguments}))

    assert expected == answer["result"]["content"][0]["text"]


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def sides(theme: str) -> dict[str, dict[str, str]]:
    """The colours of a theme by day and by night, by their names without `--color-`."""
    text = (ARTIFACTS / f"theme-{theme}" / "theme.css").read_text("utf-8")
    day, night = (
        dict(re.findall(r"--color-([a-z0-9-]+): (#[0-9a-f]{6});", part)) for part in re.split(r"\n@media", text)[:2]
    )
    return {"day": day, "night": {**day, **night}}


@pytest.mark.parametrize("theme", ["paper", "harbor"])
@pytest.mark.parametrize("side", ["day", "night"])
def test_every_text_of_a_theme_can_be_read(theme: str, side: str) -> None:
    """Each text colour reaches 4.5:1 on both surfaces and on the accent, each chart's colour 3:1 (WCAG 2.2 AA)."""
    colours = sides(theme)[side]
    wanted = {
        (name, surface): 3.0 if name.startswith("chart") else 4.5
        for name in colours
        if name in ("text", "muted", "accent", "good", "warning", "bad") or name.startswith("chart")
        for surface in ("page", "raised")
    }
    wanted["on-accent", "accent"] = 4.5
    faint = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in wanted}

    assert {} == {pair: round(found, 2) for pair, found in faint.items() if found < wanted[pair]}


@pytest.mark.parametrize("theme", ["paper", "harbor"])
def test_a_theme_sets_every_colour_for_the_night_too(theme: str) -> None:
    """No colour of the day shines through at night."""
    text = (ARTIFACTS / f"theme-{theme}" / "theme.css").read_text("utf-8")
    parts = [set(re.findall(r"--(color-[a-z0-9-]+):", part)) for part in re.split(r"\n@media", text)[:2]]

    assert [set()] == [day - night for day, night in pairwise(parts)]
