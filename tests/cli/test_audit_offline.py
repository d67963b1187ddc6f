"""`registry audit --offline` goes by the state of a site that this machine saw last."""

from dataclasses import replace

import pytest

from tests.builders import RegistryInMemory
from tests.building_index import DAY, SignedSite
from tests.cli.desk import PDF, Desk
from tests.stores.servers import answer, serving

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("days", [0, 400])
def test_what_this_machine_learnt_is_told_without_a_network(desk: Desk, built: RegistryInMemory, days: int) -> None:
    """A revocation that was seen once is told for ever, as of then, also after the index expired."""
    site = SignedSite(built, now=desk.world.now() - 7200)
    with serving({f"/{path}": answer(data) for path, data in site.publish().items()}) as server:
        desk.run("add", server.url, "--root", built.id)
        desk.run("install", PDF, "--yes")
        assert "1 of 1 may stay" in desk.run("audit")
        built.event(PDF, "1.0.0", "revoke", reason="malware")
        server.routes.update({f"/{path}": answer(data) for path, data in site.publish().items()})
        assert (4, "must-go") == desk.refused("audit")
        asked = len(server.requests)
        assert (4, "must-go") == desk.refused("audit", "--offline")
        assert asked == len(server.requests)
    now = desk.world.now() + days * DAY
    desk.world = replace(desk.world, now=lambda: now)

    assert (4, "must-go") == desk.refused("audit", "--offline")
    assert "malware" in desk.error.findings[0].message
    assert "Removed" in desk.run("audit", "--offline", "--remove")
    assert "this is its state as of " in desk.talk
    assert "Nothing is installed here.\n" == desk.run("audit")
