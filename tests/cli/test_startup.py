"""Start-up: help answers before anything slow is imported."""

import subprocess
import sys

import pytest

SLOW = ("dulwich", "jinja2", "markdown_it", "mcp", "nacl", "pydantic", "sigstore", "tuf", "urllib3", "yaml")

_WATCH = """
import sys
from registry_tool.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def imported(*args: str) -> frozenset[str]:
    """The packages that a process has imported when `registry ARGS` ends."""
    done = subprocess.run([sys.executable, "-c", _WATCH, *args], capture_output=True, text=True, timeout=60, check=True)
    return frozenset(name.partition(".")[0] for name in done.stderr.split())


@pytest.mark.parametrize("word", ["--help", "-h", "--version"])
def test_help_imports_nothing_slow(word: str) -> None:
    """The list of verbs comes from a table and the kinds from names of files; no verb and no kind is imported."""
    found = imported(word)

    assert frozenset() == found & frozenset(SLOW)


def test_installing_reads_only_the_kind_that_it_needs() -> None:
    """Looking up one kind imports no other kind, and no reader of YAML."""
    code = "import sys\nfrom registry_tool.kinds import all_kinds\nall_kinds()['skill']\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    kinds = {name for name in done.stdout.split() if name.startswith("registry_tool.kinds.")}

    assert ({"registry_tool.kinds.skill"}, False) == (kinds, "yaml" in done.stdout.split())
