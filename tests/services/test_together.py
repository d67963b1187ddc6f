"""Two submissions that are each fine and together are not: git merges them clean, landing refuses the second."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.describe import Said
from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import PayloadFile
from registry_tool.services.author import Folder, prepare
from registry_tool.services.gate import admit
from registry_tool.services.moderator import approve, queue
from tests.builders import RegistryInMemory
from tests.checks.changes import skill
from tests.core.landings import rotated
from tests.services.gated import ANN, Place
from tests.services.office import LATER, LINKS, Office, an_office, with_links

PLUGIN = Path(__file__).parents[1] / "demo_artifacts" / "plugin-text-stats"
Build = Callable[[RegistryInMemory], object]


def yank(reason: str) -> Build:
    return lambda registry: registry.event(LINKS, "1.0.0", "yank", reason=reason, at="2027-01-15T09:00:00Z")


def version(number: str, **words: Any) -> Build:
    def build(registry: RegistryInMemory) -> None:
        skill(registry, number, **words)

    return build


def revoked(registry: RegistryInMemory) -> None:
    """Ann's signing key is another one from now on."""
    rotated(registry, "ann laptop", since=LATER)


def keyring(name: str) -> Build:
    return lambda registry: rotated(registry, name, since=LATER)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (yank("broken"), yank("security"), {"append-only", "sign-again"}),
        (version("1.1.0+a"), version("1.1.0+b"), {"append-only", "version-exists"}),
        (version("1.1.2"), version("1.1.1"), {"version"}),
        (revoked, version("1.1.0"), {"sign-again"}),
        (keyring("ann laptop"), keyring("ann phone"), {"append-only", "sign-again"}),
        (version("1.1.0"), version("1.1.0", more={"b.md": b"b\n"}), {"append-only", "version-exists"}),
    ],
)
def test_the_second_of_two_is_refused_on_the_newest_state(first: Build, second: Build, expected: set[str]) -> None:
    """Everything is checked again where it lands, whatever the queue said before; the first one stays as it is."""
    office = with_links(an_office())
    pushed(office, first, "submit/first")
    pushed(office, second, "submit/second")
    ids = {one.branch: (one.change.submission, one.report.verdict) for one in queue(office.bench())}
    approve(office.bench(), ids["submit/first"][0], note="")
    landed = office.commit
    with pytest.raises(InvalidInput) as refused:
        approve(office.bench(), ids["submit/second"][0], note="")

    assert "fail" not in {verdict for _, verdict in ids.values()}
    assert ("checks-failed", landed) == (refused.value.code, office.commit)
    assert set() != expected & {finding.check for finding in refused.value.findings}
    assert [] == [finding for finding in refused.value.findings if not finding.message]


def pushed(office: Office, build: Build, branch: str) -> None:
    """What `build` adds to the registry as it is now, on a branch."""
    office.push(office.evolve(build), branch=branch)


def test_one_new_name_is_one_kind() -> None:
    """A skill and a plugin that want the same name: whoever comes second wants another."""
    office = with_links(an_office())
    plugin = {path.name: PayloadFile(path.read_bytes()) for path in PLUGIN.iterdir()}
    card = plugin["artifact.yaml"].data.replace(b"@harbor/text-stats", b"@ann/other")
    plugin["artifact.yaml"] = PayloadFile(card)
    said = Said(artifact="@ann/other", author="ann")
    first = office.prepared("@ann/other", "0.9.0")
    second = prepare([Folder("plugin", plugin, said)], tip=office.tip, desk=office.desk())
    for one in (first, second):
        office.push(one.additions, branch=f"submit/{one.id[:12]}")
    approve(office.bench(), first.id, note="")
    with pytest.raises(InvalidInput) as refused:
        approve(office.bench(), second.id, note="")

    assert {"other-kind", "name-stays"} & {finding.check for finding in refused.value.findings}


def test_the_gate_looks_again_too() -> None:
    """1.2.0 goes through by itself, and the 1.1.9 that waited beside it does not any more."""
    place = Place(owner_update=0).begun()
    for number in ("1.2.0", "1.1.9"):
        made = place.office.prepared(LINKS, number)
        place.forge.open(place.office.push(made.additions, branch=f"submit/{number}"), by=ANN)
    found = {one.waiting.value()["releases"][0]["version"]: one.state for one in admit(place.gate)}

    assert {"1.2.0": "published", "1.1.9": "waits"} == found
