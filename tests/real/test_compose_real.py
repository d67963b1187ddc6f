"""What is installed of an app, read by a compose that we did not write: Debian's `docker-compose`."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from registry_tool.core.answers import answered
from registry_tool.core.plan import Place
from registry_tool.kinds.app import KIND
from registry_tool.stores.disk import DiskTarget
from tests.kinds.test_app_templates import TEMPLATES, released

pytestmark = pytest.mark.slow


def config(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    """The app as that compose understands it, with its .env and nothing of this machine's environment."""
    command = ["docker-compose", "--project-directory", str(folder), "-f", str(folder / "compose.yaml"), "config"]
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "is not set" not in done.stderr
    value: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(done.stdout)
    return value


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_what_is_installed_is_accepted_by_a_real_compose(path: Path, tmp_path: Path) -> None:
    """It reads every service, publishes ports on this machine alone, and finds every value in the person's file."""
    verified = released(path)
    plan = KIND.plan(verified, Place())
    said = {ask.name: f"it's $${ask.name} #1" for ask in plan.asks}
    DiskTarget(tmp_path).apply(answered(plan, said), {"id": "@ann/app"})

    found = config(tmp_path / "apps/ann__app")

    spec = verified.manifest.spec
    assert {row["name"]: row["image"].partition("@")[0] for row in spec["services"]} == {
        name: str(service["image"]).partition("@")[0] for name, service in found["services"].items()
    }
    for service in found["services"].values():
        ports = service.get("ports", [])
        assert isinstance(ports, list)
        assert all(str(port).startswith("127.0.0.1:") for port in ports)
        assert (["ALL"], ["no-new-privileges:true"]) == (service["cap_drop"], service["security_opt"])
    shown = yaml.safe_dump(found["services"], width=10_000)
    variables = [ask.name for ask in plan.asks if ask.variable]
    assert [name for name in variables if f"$${name} #1" in shown] == variables
