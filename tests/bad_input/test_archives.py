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


@pytest.fixture(scope="module")
def honest() -> RegistryInMemory:
    """A registry in which nothing is wrong."""
    return skill_release(a_registry(demo=False), PDF, "1.0.0")


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
def test_a_hostile_archive_in_the_place_of_a_good_one_is_not_opened(
    stage: Stage, honest: RegistryInMemory, row: Row
) -> None:
    """Under the digest of another bundle its bytes are not even looked at; one that is too long is not read."""
    good, hostile = honest.bundle(PDF, "1.0.0"), row.build()
    adds(stage, honest, {**honest.site(), layout.object_path(sha256(good)): hostile})
    digest, size = Refusal(4, "bad-digest", "expected sha256 "), Refusal(4, "too-large", "it may have at most 2048")

    stage.refuses(digest if len(hostile) <= len(good) else size, *INSTALL)
