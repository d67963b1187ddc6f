"""Frames: their policy, and that page and tool understand permissions alike."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.confinement import Confinement
from registry_tool.core.digest import sri
from registry_tool.core.errors import InvalidInput, NotTrusted
from registry_tool.core.frames import ENCRYPTED, NOWHERE, frame_document, frame_policy, fresh_every, serves
from registry_tool.kinds.widget import GRAMMAR
from registry_tool.site.templates import template_folder

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "widget-permissions.json").read_bytes())


def confined(permissions: list[str]) -> Confinement | None:
    """As the tool compiles it; `None` where it refuses."""
    try:
        return GRAMMAR.confine(permissions, kind="widget")
    except NotTrusted:
        return None


def told(found: Confinement | None) -> dict[str, Any] | None:
    """The two members that a widget's permissions give."""
    return None if found is None else {"topics": list(found.topics), "intervals": list(found.intervals)}


def test_the_tool_understands_the_vectors() -> None:
    """Each list of permissions gives its topics and intervals or is refused, each topic is served or is not."""
    wrong = [one for one in VECTORS["confined"] if told(confined(one["permissions"])) != one["expected"]]
    wrong += [
        one
        for one in VECTORS["serves"]
        if serves(GRAMMAR.confine(one["permissions"], kind="widget"), one["topic"]) != one["expected"]
    ]

    assert [] == wrong


def test_the_page_understands_them_alike() -> None:
    """host.js gives the same for every vector, refuses what is no list of texts, and sees own members only."""
    script = template_folder() / "host" / "host.js"
    driver = Path(__file__).with_name("frames_driver.mjs")
    done = subprocess.run(
        ["node", str(driver), str(script)], input=json.dumps(VECTORS).encode(), capture_output=True, check=True
    )
    came = json.loads(done.stdout)

    assert [one["expected"] for one in VECTORS["confined"]] == came["confined"]
    assert [one["expected"] for one in VECTORS["serves"]] == came["serves"]
    assert [None] * 6 == came["no_list"]
    assert [None, None, None, 1] == came["own"]


@pytest.mark.parametrize(("intervals", "expected"), [((), None), ((5000,), 5000), ((1000, 60_000), 1000)])
def test_the_shortest_interval_counts(intervals: tuple[int, ...], expected: int | None) -> None:
    """Without an interval a value is never fresh again."""
    assert expected == fresh_every(Confinement(intervals=intervals))


@pytest.mark.parametrize(
    ("connects", "said"), [(NOWHERE, "connect-src 'none';"), (ENCRYPTED, "connect-src https: wss:;")]
)
def test_a_frame_runs_its_own_script_and_connects_as_it_may(connects: tuple[str, ...], said: str) -> None:
    """The document carries the script as it is, and a policy with the script's hash."""
    script = "a('{policy}')"
    made = frame_document('<meta content="{policy}"><script>{script}</script>', script, connects).decode()

    assert f'<meta content="{frame_policy(script, connects)}"><script>{script}</script>' == made
    assert (f"'{sri(script.encode())}'" in made, said in made) == (True, True)


@pytest.mark.parametrize("script", ["x = '</SCRIPT>'", "x <!-- y"])
def test_a_script_that_would_end_early_is_refused(script: str) -> None:
    """What a browser would read as the end of a script, or as the beginning of a comment, is not written."""
    with pytest.raises(InvalidInput, match="cannot hold"):
        frame_document("{script}", script, NOWHERE)
