"""Sites without a signed index, with one that expired, went back or was signed by others: no verb works from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from registry_tool.core import layout
from tests.bad_input.stage import Refusal, Stage, pdf_registry
from tests.builders import RegistryInMemory
from tests.building_index import DAY, SignedSite, forged, stranger
from tests.cli.desk import PDF, skill_release

INSTALL = ("install", PDF, "--yes")


@dataclass(frozen=True)
class Known:
    """A site that this person added and installed from, and what it showed before."""

    site: SignedSite
    old: Mapping[str, bytes]
    new: Mapping[str, bytes]


@pytest.fixture
def known(stage: Stage) -> Known:
    """The project has version 1.0.0, the site 1.1.0 since a minute, and the person saw both."""
    site = SignedSite(pdf_registry(), now=stage.world.now() - 300, bits=1)
    old = site.publish()
    where = stage.put("reg", old)
    stage.run("add", where, "--root", site.registry.id)
    stage.done(*INSTALL)
    skill_release(site.registry, PDF, "1.1.0")
    new = site.publish()
    stage.put("reg", new)
    stage.done(*INSTALL, "--project", "elsewhere")
    return Known(site, old, new)


def without(known: Known) -> Mapping[str, bytes]:
    return {path: data for path, data in known.new.items() if not path.startswith(layout.METADATA)}


def by_a_stranger(known: Known) -> Mapping[str, bytes]:
    return forged(known.new, layout.TIMESTAMP, lambda signed: signed.update(version=2**31), by=[stranger()])


def good_for_longer(known: Known) -> Mapping[str, bytes]:
    return forged(known.new, layout.TIMESTAMP, lambda signed: signed.update(expires="2035-01-01T00:00:00Z"))


def of_another(known: Known) -> Mapping[str, bytes]:
    other = RegistryInMemory(demo=False)
    other.hand("somebody else")
    other.root()
    other.moderators({"mod": None})
    other.policy()
    site = SignedSite(skill_release(other, PDF, "1.1.0"), now=known.site.now + 60, bits=1)
    return {**known.new, **{path: data for path, data in site.publish().items() if path.startswith(layout.METADATA)}}


ROWS: Mapping[str, tuple[Callable[[Known], Mapping[str, bytes]], int, Refusal]] = {
    "none": (without, 0, Refusal(4, "index-unsigned", "this site has no signed index")),
    "expired": (lambda known: known.new, 8 * DAY, Refusal(4, "index-expired", "its signed index expired")),
    "the old one": (lambda known: known.old, 0, Refusal(4, "rolled-back", "is older than it should be")),
    "a stranger's": (by_a_stranger, 0, Refusal(4, "index-not-trusted", "its signed index does not hold")),
    "edited": (good_for_longer, 8 * DAY, Refusal(4, "index-not-trusted", "its signed index does not hold")),
    "another registry's": (
        of_another,
        0,
        Refusal(4, "index-not-trusted", "its signed index does not hold"),
    ),
}
VERBS: tuple[tuple[str, ...], ...] = (
    (*INSTALL, "--force"),
    ("skill", "install", PDF, "--yes", "--project", "third"),
    ("update", "--yes"),
    ("export", PDF, "-o", "pdf.tar"),
    ("show", PDF),
    ("search", "pdf"),
    ("verify", PDF),
    ("verify", "reg"),
)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
@pytest.mark.parametrize("what", ROWS)
def test_nothing_is_done_from_a_site_with_a_bad_index(
    stage: Stage, known: Known, what: str, verb: tuple[str, ...]
) -> None:
    """Whoever reads a site asks for its newest state first, and stops with the reason where nobody proves it."""
    deed, later, expected = ROWS[what]
    stage.put("reg", dict(deed(known)))
    now = stage.world.now() + later
    stage.world = replace(stage.world, now=lambda: now)

    stage.refuses(expected, *verb)


@pytest.mark.parametrize("what", ["none", "expired", "a stranger's"])
def test_a_site_with_a_bad_index_is_not_added(stage: Stage, known: Known, tmp_path: Path, what: str) -> None:
    """Somebody who knows nothing but the id trusts nothing of it, and nothing of it stays."""
    deed, later, expected = ROWS[what]
    other = Stage(tmp_path / "somebody")
    where = other.put("reg", dict(deed(known)))
    now = stage.world.now() + later
    other.world = replace(other.world, now=lambda: now)
    other.world.folder("trust").parent.mkdir(parents=True)

    other.refuses(expected, "add", where, "--root", known.site.registry.id)
    assert [] == other.done("remote", "list")["registries"]


def test_a_refused_install_is_not_forgotten(stage: Stage, known: Known) -> None:
    """Who was refused the newest state, for what was wrong in it, is not led back to the one before it."""
    stage.put("reg", known.site.publish(plain={**known.site.registry.site(), layout.REGISTRY_CHAINS: b"{}"}))
    stage.refuses(Refusal(4, "invalid-document", "what it serves is broken"), *INSTALL, "--project", "third")
    stage.put("reg", dict(known.new))

    stage.refuses(ROWS["the old one"][2], *INSTALL, "--project", "third")
