"""`registry app pin`: digests from a registry of images on this machine."""

from pathlib import Path

import pytest

from registry_tool.core.digest import sha256
from tests.cli.desk import Desk
from tests.stores.oci import BODY, guarded
from tests.stores.servers import Site, serving

DIGEST = f"sha256:{sha256(BODY)}"
CARD = b"title: A wiki\ndescription: Pages for a team.\nlicense: MIT\n"


def wiki(desk: Desk, site: Site, image: str = "acme/wiki:2") -> Path:
    """An app's folder whose image lies on the site."""
    host = site.url.removeprefix("http://").rstrip("/")
    compose = f"services: {{web: {{image: '{host}/{image}'}}, db: {{image: 'db@{DIGEST}'}}}}\n"
    return Path(desk.put("wiki", {"compose.yaml": compose.encode(), "artifact.yaml": CARD}))


def test_digests_are_written_into_the_card(desk: Desk) -> None:
    """What is published then is pinned; doing it again changes nothing."""
    with serving({}) as site:
        site.routes.update(guarded(site))
        folder = wiki(desk, site)
        before = (folder / "compose.yaml").read_bytes()

        value = desk.json("app", "pin", str(folder), "--yes")
        again = desk.run("app", "pin", str(folder))

    host = site.url.removeprefix("http://").rstrip("/")
    assert {
        "folder": str(folder),
        "pins": [{"image": f"{host}/acme/wiki:2", "digest": DIGEST}],
        "written": True,
    } == value
    assert "The digests of 1 images are as they were." in again
    assert CARD in (folder / "artifact.yaml").read_bytes()
    assert before == (folder / "compose.yaml").read_bytes()
    assert [] == desk.json("check", str(folder), "--id", "@ann/wiki", "--version", "1.0.0")["folders"][0]["unpinned"]


def test_a_dry_run_shows_and_writes_nothing(desk: Desk) -> None:
    """So does a person who cannot be asked."""
    with serving({}) as site:
        site.routes.update(guarded(site))
        folder = wiki(desk, site)

        assert "Would pin 1 images" in desk.run("app", "pin", str(folder), "--dry-run")
        assert (2, "needs-answer") == desk.refused("app", "pin", str(folder))
    assert CARD == (folder / "artifact.yaml").read_bytes()


def test_where_no_registry_of_images_answers_it_is_said(desk: Desk) -> None:
    """With the host, and nothing is written."""
    with serving({}) as site:
        folder = wiki(desk, site)

    assert 6 == desk.refused("app", "pin", str(folder), "--yes")[0]
    assert "127.0.0.1" in desk.error.message
    assert CARD == (folder / "artifact.yaml").read_bytes()


def test_an_app_without_open_images_needs_no_pins(desk: Desk) -> None:
    """Nobody is asked."""
    folder = desk.put("x", {"compose.yaml": f"services: {{a: {{image: 'a@{DIGEST}'}}}}\n".encode()})

    assert "Every image has its digest" in desk.run("app", "pin", folder)


@pytest.mark.parametrize("compose", [b"services: {a: {image: 'A B'}}\n", b"x"])
def test_an_app_that_cannot_be_read_is_refused(desk: Desk, compose: bytes) -> None:
    """With its faults."""
    folder = desk.put("x", {"compose.yaml": compose})

    assert (1, "not-publishable") == desk.refused("app", "pin", folder)
