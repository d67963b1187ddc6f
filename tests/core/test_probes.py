"""What a deployed site is asked, and what its answers are taken for."""

import pytest

from registry_tool.core import routes
from registry_tool.core.ports import Answered
from registry_tool.core.probes import Probe, came, probes

KNOWN = {
    "category": "gadgets",
    "slug": "ann__clock",
    "kind": "gadget",
    "scope": "ann",
    "name": "clock",
    "version": "1.0.0",
    "file": "manifest.json",
    "namespace": "io.a",
    "server": "b",
}


def test_every_rule_is_asked_for_where_the_site_has_something_to_ask_with() -> None:
    """With one of everything there is a question for each rule; with nothing, for those without names."""
    everything = {probe.path for probe in probes(KNOWN, gone="/pkg/ann/clock/0.9.0", digest="ab" * 32)}
    nothing = {probe.path for probe in probes({})}
    filled = {rule.path.replace("{@", "{").format_map(KNOWN) for rule in routes.RULES}

    assert filled <= everything
    assert {rule.path for rule in routes.RULES if "{" not in rule.path} == filled & nothing
    assert {"/pkg/ann/clock/0.9.0", f"/objects/sha256/ab/{'ab' * 32}"} == everything - nothing - filled


def test_a_question_about_a_route_is_asked_only_where_its_file_is_there() -> None:
    """Each rule's question names the file that answers it."""
    by_path = {probe.path: probe.file for probe in probes(KNOWN)}

    assert "/pkg/ann/clock/index.json" == by_path["/pkg/ann/clock"]
    assert "/v0.1/servers/io.a/b/versions.json" == by_path["/v0/servers/io.a/b/versions"]


@pytest.mark.parametrize(
    ("probe", "answer", "holds", "words"),
    [
        (Probe("/", ""), Answered(200, {}, b""), True, "200"),
        (Probe("/", "", status=404), Answered(200, {}, b""), False, "200"),
        (
            Probe("/", "", type=routes.JSON),
            Answered(200, {"content-type": "Application/JSON; charset=x"}, b""),
            True,
            "200, application/json",
        ),
        (Probe("/", "", type=routes.JSON), Answered(200, {}, b""), False, "200, no type"),
        (Probe("/", "", status=301, location="/b"), Answered(301, {"location": "/y/b"}, b""), True, "301, to /y/b"),
        (Probe("/", "", status=301, location="/b"), Answered(301, {}, b""), False, "301, to nowhere"),
        (Probe("/", "", header="vary"), Answered(200, {"vary": "x"}, b""), True, "200, vary"),
        (Probe("/", "", header="vary"), Answered(200, {}, b""), False, "200, no vary"),
        (Probe("/", "", cache="fresh"), Answered(200, {"cache-control": "no-cache"}, b""), True, "200, no-cache"),
        (Probe("/", "", cache="fresh"), Answered(200, {"cache-control": "max-age=60"}, b""), True, "200, max-age=60"),
        (
            Probe("/", "", cache="fresh"),
            Answered(200, {"cache-control": "max-age=99999"}, b""),
            False,
            "200, max-age=99999",
        ),
        (Probe("/", "", cache="fresh"), Answered(200, {}, b""), False, "200, no cache-control"),
        (Probe("/", "", cache="forever"), Answered(200, {"cache-control": "immutable"}, b""), True, "200, immutable"),
        (Probe("/", "", header="vary"), Answered(200, {"content-type": "\x1b[31m"}, b""), False, "200, no vary"),
        (Probe("/", "", type="a/b"), Answered(200, {"content-type": "\x1b[31m"}, b""), False, "200, ?[31m"),
    ],
)
def test_an_answer_is_held_against_what_is_expected(probe: Probe, answer: Answered, holds: bool, words: str) -> None:
    """Status, type, place, caching and headers count where they are asked for; no answer reaches the terminal raw."""
    assert (holds, words) == came(probe, answer)


def test_what_is_expected_is_said_in_words() -> None:
    """The words name everything that counts."""
    probe = Probe("/", "", status=301, type=routes.JSON, location="/b", cache="fresh", header="vary")

    assert "301, application/json, to /b, asked for again, vary" == probe.expected
    assert "200" == Probe("/", "").expected
