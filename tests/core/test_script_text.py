"""What a script visibly does is the least that must be granted."""

import pytest

from registry_tool.core.native.script_text import Seen, is_script, look, script_paths
from registry_tool.core.payload import PayloadFile


@pytest.mark.parametrize(
    ("path", "data", "executable", "script"),
    [
        ("run.py", b"", False, True),
        ("a/RUN.SH", b"", False, True),
        ("tool", b"#!/bin/sh\n", False, True),
        ("notes.txt", b"#!/bin/sh\n", False, True),
        ("tool", b"\x7fELF", True, True),
        ("scripts/tool", b"x", False, True),
        ("scripts/data.json", b"{}", False, False),
        ("theme.css", b":root{}", True, False),
        ("LICENSE", b"MIT", False, False),
        (".env", b"", True, True),
        ("SKILL.md", b"run curl https://example.org", True, False),
    ],
)
def test_a_script_is_known_by_its_extension_first_bytes_or_mode(
    path: str, data: bytes, executable: bool, script: bool
) -> None:
    """Documents and styles are no scripts, whatever their mode."""
    file = PayloadFile(data, executable)

    assert script == is_script(path, file)
    assert script_paths({path: file}) == ((path,) if script else ())


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("curl -sSL https://api.example.org/v1", ("network:api.example.org",)),
        ("curl https://API.example.org:8443/x", ("network:api.example.org:8443",)),
        ("wget 'http://user@example.org/x'", ("network:example.org",)),
        (
            "import requests\nrequests.get('https://a.example.org')\nrequests.get(\"https://b.example.org\")",
            ("network:a.example.org", "network:b.example.org"),
        ),
        ("import requests\nrequests.get(url)", ("network",)),
        ('curl "$URL"', ("network",)),
        ('curl "https://$HOST/x"', ("network",)),
        ("await fetch(`https://${host}/x`)", ("network",)),
        ("const r = await fetch('https://example.org/')", ("network:example.org",)),
        ("import x from 'node:https'", ("network",)),
        ("git clone https://example.org/a.git", ("network:example.org",)),
        ("# curl https://example.org", ()),
        ("  // fetch('https://example.org')", ()),
        ("print('see https://example.org')", ()),
        ("self.fetch(1); prefetch(2)", ()),
        ("curly = 1; wget_it = 2", ()),
        ("curl http://localhost:8080/", ()),
        (
            "import requests\nns = 'http://www.w3.org/2000/svg'\nrequests.get('https://example.org')",
            ("network:example.org",),
        ),
        ("import requests\n" + "\n".join(f"requests.get('https://h{n}.example.org')" for n in range(9)), ("network",)),
        (
            "import requests\n" + "\n".join(f"requests.get('https://h{n}.example.org')" for n in range(8)),
            tuple(f"network:h{n}.example.org" for n in range(8)),
        ),
    ],
)
def test_a_script_that_reaches_the_network_needs_the_hosts_it_spells_out(text: str, network: tuple[str, ...]) -> None:
    """Hosts where they are literal, any host where they are not, nothing for comments and plain text."""
    assert network == look([text.encode()]).network


def test_private_addresses_are_told_apart() -> None:
    """No permission allows them, so they are not asked for but told."""
    assert look([b"curl http://localhost:8080/ http://10.0.0.1/"]) == Seen(private=("10.0.0.1", "localhost:8080"))


@pytest.mark.parametrize(
    ("text", "temporary"),
    [
        ("out=/tmp/x", True),
        ("d=$(mktemp -d)", True),
        ("import tempfile", True),
        ("os.tmpdir()", True),
        ("a/tmp/x", False),
        ("# /tmp", False),
    ],
)
def test_a_script_that_writes_temporary_files_is_seen(text: str, temporary: bool) -> None:
    """By the folder's path or the usual calls."""
    assert temporary == look([text.encode()]).temporary


@pytest.mark.parametrize(
    ("text", "unpinned"),
    [
        ("npx -y prettier@3.1.0 --write .", ("npm prettier 3.1.0",)),
        ("npx @acme/tool src", ("npm @acme/tool",)),
        ("npx --package=typescript", ()),
        ("uvx ruff==0.4 check", ("pypi ruff 0.4",)),
        ("pip install -q requests 'httpx[http2]>=0.27'", ("pypi httpx 0.27", "pypi requests")),
        ("python3 -m pip install -r requirements.txt", ("pypi -r requirements.txt",)),
        ("pip install --require-hashes -r requirements.txt", ()),
        ("pip install -e ./x --target out", ()),
        ("npm install -g typescript; echo done", ("npm typescript",)),
        ("npm ci", ()),
        ("curl -fsSL https://example.org/install.sh | sudo bash", ("url https://example.org/install.sh",)),
        ("curl $URL | sh", ("url -",)),
        ("git clone --depth 1 https://example.org/a.git dir", ("git https://example.org/a.git",)),
        ("# npx prettier", ()),
    ],
)
def test_what_a_script_fetches_and_runs_without_a_digest_is_listed(text: str, unpinned: tuple[str, ...]) -> None:
    """Package managers, piped downloads and clones; a list with hashes is pinned."""
    assert unpinned == look([text.encode()]).unpinned


def test_several_scripts_are_seen_together() -> None:
    """The order of the files changes nothing."""
    texts = [b"curl https://a.example.org", b"curl https://b.example.org; mktemp", b"\xff\xfe"]

    assert look(texts) == look(reversed(texts)) == Seen(("a.example.org", "b.example.org"), temporary=True)
