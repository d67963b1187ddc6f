"""`make demo`: it ends well by itself, on a busy port too, and leaves the checkout as it was."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from registry_tool.kinds import kind_ids
from tests.demo_registry import ROOT, on_disk


@pytest.mark.slow
def test_the_demo_ends_well_where_its_port_is_busy(tmp_path: Path) -> None:
    """Without a terminal and without an identity for git it installs every kind, updates one, and ends with 0."""
    before = on_disk()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(scratch), "SERVE": "0"}
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which does as well
        done = subprocess.run(
            [sys.executable, "-m", "tests.demo"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert (0, "") == (done.returncode, done.stderr)
    assert sorted(kind_ids()) == sorted(re.findall(r"^  installed the (\w+)", done.stdout, re.MULTILINE))
    assert ["Verified 7 artifacts of 7 kinds"] == re.findall(r"Verified \d+ artifacts of \d+ kinds", done.stdout)
    assert "Port 8080 is busy" in done.stdout
    assert "Updated @lighthouse/paper to 1.1.0" in done.stdout
    assert [] == list(scratch.iterdir())
    assert before == on_disk()
