"""Hostile archives, served as the bundle of a release."""

from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from tests.bad_input.stage import Refusal, Stage, adds
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, skill_release
from tests.core.archives import ROWS, Row

INSTALL = ("install", PDF, "--yes")


def signed_over(hostile: bytes) -> tuple[RegistryInMemory, dict[str, bytes]]:
    """A registry in which everything is right and signed but for the archive itself, and its site."""

    def change(manifest: dict[str, Any]) -> None:
        manifest["bundle"] = {"format": "bundle/1", "sha256": sha256(hostile), "size": len(hostile)}

    built = skill_release(a_registry(demo=False), PDF, "1.0.0", change=change)
    return built, {**built.site(), layout.object_path(sha256(hostile)): hostile}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number} {row.what}")
def test_a_hostile_archive_is_refused_though_its_author_signed_it(stage: Stage, row: Row) -> None:
    """With a manifest that names its digest and a moderator's admission, the archive alone is refused, and why."""
    built, site = signed_over(row.build())
    adds(stage, built, site)

    stage.refuses(Refusal(4, "bad-bundle", row.reason), *INSTALL)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number} {row.what}")
def test_a_hostile_archive_in_the_place_of_a_good_one_is_not_opened(stage: Stage, row: Row) -> None:
    """Under the digest of another bundle its bytes are not even looked at."""
    built = skill_release(a_registry(demo=False), PDF, "1.0.0")
    good = layout.object_path(sha256(built.bundle(PDF, "1.0.0")))
    adds(stage, built, {**built.site(), good: row.build()})

    stage.refuses(Refusal(4, "bad-digest", "expected sha256 "), *INSTALL)
