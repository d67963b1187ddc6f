"""Who installs what a key signed loads nothing that only keyless signatures need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.keyless.instance import Instance
from tests.keyless.test_story import a_team

pytestmark = pytest.mark.slow

ONLY_KEYLESS = frozenset(
    "sigstore sigstore_models rfc3161_client rekor_types id requests rich jwt pyasn1 email_validator".split()
)
_WATCH = """
import sys
from registry_tool.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("verb", ["install", "verify"])
def test_an_install_of_what_a_key_signed_loads_no_sigstore(sigstore: Instance, tmp_path: Path, verb: str) -> None:
    """From a built site with its signed index, in a process of its own; also where the registry has a trust root."""
    team = a_team(tmp_path, sigstore)
    team.desk.run("build", "--registry", "reg", "--out", "site")
    team.desk.run("add", "site", "--root", team.registry)
    command = [sys.executable, "-c", _WATCH, verb, "@ann/pdf", "--json", *(["--yes"] if verb == "install" else [])]
    done = subprocess.run(
        command,
        cwd=team.desk.work,
        env=dict(team.desk.world.env),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = frozenset(done.stderr.split())

    assert json.loads(done.stdout)
    assert {"registry_tool", "nacl"} <= loaded
    assert frozenset() == loaded & ONLY_KEYLESS
