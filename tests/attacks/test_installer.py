"""The installer under attack: what lies in its way before it begins."""

from pathlib import Path

import pytest

from registry_tool.stores.rooted import Rooted
from tests.attacks.installer_scene import refused, scene_in, seen
from tests.attacks.installer_ways import WAYS, Way
from tests.stores.targets import load


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.what)
def test_what_lies_in_the_way_leads_nowhere(way: Way, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The install is refused with the table's code and changes nothing, or it is done; what is outside stays."""
    scene = scene_in(tmp_path)
    request.addfinalizer(lambda: Rooted(scene.folder).remove_tree("project"))  # deeper than others can remove it
    way.prepare(scene)
    before, outside = seen(scene.root), seen(scene.outside)

    assert (way.code, outside) == (refused(scene.install), seen(scene.outside))
    if way.code:
        assert before == seen(scene.root)
    else:
        assert {"1": 1} == load(scene.root / "registry.lock.json")
        assert ["receipts"] == sorted(path.name for path in (scene.root / ".registry").iterdir())
