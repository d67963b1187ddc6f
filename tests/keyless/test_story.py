"""A team goes from keys to keyless releases, with the real signer and verifier, through the command line."""

import html
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.ggui.keyless import leaf_certificate, sigstore_envelope
from registry_tool.core.ggui.wire import envelope_shape
from tests.cli.desk import SKILL, Desk
from tests.keyless.instance import GITHUB, WORKFLOW, Instance

pytestmark = pytest.mark.slow

ARTIFACTS = Path(__file__).parents[1] / "demo_artifacts"
JOB = ("--issuer", GITHUB, "--subject", f"https://github.com/{WORKFLOW}", "--repository-id", "42", "--owner-id", "7")


@dataclass
class Team:
    """A machine with a registry `reg` that believes an instance, and ann's scope in it."""

    desk: Desk
    sigstore: Instance
    config: Path
    registry: str

    def publish(self, version: str, *more: str) -> Any:
        """Publishes a version of ann's skill, and lets it in."""
        card = f"license: MIT\nid: '@ann/pdf'\nversion: {version}\n".encode()
        folder = self.desk.put("pdf", {**SKILL, "artifact.yaml": card})
        found = self.desk.json("publish", folder, "--registry", "reg", "--as", "ann", "--yes", *more)
        self.approve()
        return found

    def keyless(self, version: str, token: str = "", *more: str) -> Any:
        """The same, as the CI job or whom the token names."""
        given = ("--identity-token", token or self.sigstore.job(), "--trust-config", str(self.config), *more)
        return self.publish(version, *given)

    def approve(self) -> None:
        """Lets in all that waits."""
        for one in self.desk.json("queue", "list", "--registry", "reg"):
            self.desk.run("queue", "approve", one["id"][:12], "--registry", "reg", "--yes")

    def scope(self, deed: str, *rest: str) -> None:
        """Changes ann's scope, and lets the change in."""
        self.desk.run("scope", deed, *rest, "--registry", "reg", "--as", "ann")
        self.approve()


def a_team(folder: Path, sigstore: Instance, *, rekor: int = 1) -> Team:
    desk = Desk(folder)
    desk.world = replace(desk.world, now=lambda: int(time.time()))
    config, root = folder / "config.json", folder / "root.json"
    config.write_bytes(sigstore.trust_config(rekor=rekor))
    root.write_bytes(sigstore.trusted_root())
    made = desk.json("init", "reg", "--name", "Example", "--yes")
    desk.run("trust", "rotate", "--registry", "reg", "--trusted-root", str(root), "--yes")
    team = Team(desk, sigstore, config, made["registry"])
    team.publish("1.0.0")
    return team


@pytest.fixture(scope="module", params=[1, 2])
def team(request: pytest.FixtureRequest, sigstore: Instance, tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Ann's scope needs an identity: the CI job's; it published 1.1.0, and the site is built and added."""
    team = a_team(tmp_path_factory.mktemp("team"), sigstore, rekor=request.param)
    team.scope("identity", "add", "@ann", *JOB)
    team.scope("needs", "@ann", "identity")
    team.keyless("1.1.0")
    team.desk.run("build", "--registry", "reg", "--out", "site")
    team.desk.run("add", "site", "--root", team.registry)
    return team


def test_a_keyless_release_installs_from_a_site(team: Team) -> None:
    """Publish, approve, build, install: who signed is told at each step."""
    found = team.desk.json("install", "@ann/pdf", "--yes")
    (row,) = found["installed"]
    shown = team.desk.json("show", "@ann/pdf")

    assert "1.1.0" == row["version"]
    assert [f"https://github.com/{WORKFLOW}"] == [one["subject"] for one in row["verified"]["identities"]]
    assert row["verified"]["identities"] == shown["identities"]
    assert f"https://github.com/{WORKFLOW} of {GITHUB}" in team.desk.run("show", "@ann/pdf")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("--verify-identity", f"https://github.com/{WORKFLOW}", "--issuer", GITHUB), None),
        (("--verify-identity", r"/https://github\.com/acme/.*/", "--issuer", GITHUB), None),
        (("--verify-identity", "https://github.com/acme", "--issuer", GITHUB), (4, "other-identity")),
        (("--verify-identity", "/acme/", "--issuer", GITHUB), (4, "other-identity")),
        (("--verify-identity", "/(a+)+/", "--issuer", GITHUB), (2, "bad-pattern")),
        (("--verify-identity", f"https://github.com/{WORKFLOW}"), (2, "no-issuer")),
        (("--issuer", GITHUB), (2, "no-identity")),
    ],
)
def test_a_person_says_whom_they_expect(
    team: Team, asked: tuple[str, ...], expected: tuple[int, str] | None, tmp_path: Path
) -> None:
    """Another signer is refused, and nothing is written."""
    project = tmp_path / "project"
    words = ("@ann/pdf@1.1.0", "--project", str(project), "--yes", *asked)
    if expected is None:
        team.desk.run("install", *words)
        assert (project / ".agents/skills/pdf/SKILL.md").is_file()
    else:
        assert expected == team.desk.refused("install", *words)
        assert [] == list(tmp_path.rglob("SKILL.md"))


def test_a_release_without_a_bundle_is_by_nobody_that_one_may_expect(team: Team) -> None:
    """1.0.0 has a key's signature only."""
    asked = ("--verify-identity", f"https://github.com/{WORKFLOW}", "--issuer", GITHUB)

    assert (4, "no-identity") == team.desk.refused("verify", "@ann/pdf@1.0.0", *asked)


def test_what_was_signed_with_a_key_before_stays_good(team: Team) -> None:
    """Nobody signs again: 1.0.0 came in when a key was enough."""
    found = team.desk.json("verify", "@ann/pdf@1.0.0")["verified"]

    assert (1, []) == (len(found["signed_by"]), found["identities"])


def test_a_clone_is_as_good_as_a_site(team: Team) -> None:
    """The trust root comes with the repository."""
    found = team.desk.json("verify", "reg")

    assert 2 <= found["verified"]["releases"]


def test_the_commands_of_the_page_accept_the_release(team: Team, tmp_path: Path) -> None:
    """Pasted as they stand into a shell, sigstore's own tool says OK, and refuses another manifest."""
    page = (team.desk.work / "site/skills/ann/pdf/index.html").read_text()
    pasted = [html.unescape(one) for one in re.findall(r'<pre class="paste"[^>]*><code>(.*?)</code></pre>', page, re.S)]
    shell = "\n".join(["set -e", f"python3() {{ '{sys.executable}' \"$@\"; }}", *pasted])
    shell = shell.replace('"file://$PWD/"', f"'file://{team.desk.work}/site/'")
    (stock,) = [one for one in pasted if "-m sigstore" in one]

    done = _bash(shell, tmp_path)
    assert "OK: manifest.json" in done.stdout + done.stderr
    assert 0 == done.returncode
    (tmp_path / "manifest.json").write_bytes(b"{}")
    assert 0 != _bash(f"python3() {{ '{sys.executable}' \"$@\"; }}\n{stock}", tmp_path).returncode


def _bash(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_scope_refuses_whom_it_does_not_name(team: Team) -> None:
    """The submission is refused before it is sent, with the identity in words."""
    team.desk.put("pdf", {**SKILL, "artifact.yaml": b"license: MIT\nid: '@ann/pdf'\nversion: 1.9.0\n"})
    token = team.sigstore.token(email="eve@example.org")
    folder = str(team.desk.folder / "pdf")
    given = ("--identity-token", token, "--trust-config", str(team.config))
    code = team.desk.refused("publish", folder, "--registry", "reg", "--as", "ann", "--yes", *given)

    assert (1, "checks-failed") == code
    assert ["unnamed-identity"] == [one.check for one in team.desk.error.findings]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("not a token", (4, "bad-token")),
        ("@nowhere", (3, "no-file")),
        ("", (3, "no-token")),
    ],
)
def test_without_a_token_nothing_is_signed(team: Team, said: str, expected: tuple[int, str]) -> None:
    """What is no token, or none at all where no terminal is, is told in one sentence."""
    folder = team.desk.put("pdf", {**SKILL, "artifact.yaml": b"license: MIT\nid: '@ann/pdf'\nversion: 1.9.0\n"})
    given = ("--identity-token", said, "--trust-config", str(team.config))

    assert expected == team.desk.refused("publish", folder, "--registry", "reg", "--as", "ann", "--yes", *given)


def test_a_dry_run_signs_nothing_in_public(team: Team) -> None:
    """It says as whom it would sign, and asks no instance."""
    folder = team.desk.put("pdf", {**SKILL, "artifact.yaml": b"license: MIT\nid: '@ann/pdf'\nversion: 1.9.0\n"})
    said = team.desk.run("publish", folder, "--registry", "reg", "--as", "ann", "--yes", "--dry-run")

    assert f"Would sign without a key, as 'https://github.com/{WORKFLOW}'" in said


def test_a_job_without_keys_publishes(team: Team, tmp_path: Path) -> None:
    """In CI there is no key: the identity alone signs; the token comes from the environment or a file."""
    before = team.desk.json("verify", "reg")["verified"]["releases"]
    desk = Desk(tmp_path)
    env = {"REGISTRY_IDENTITY_TOKEN": team.sigstore.job(), "REGISTRY_SIGSTORE_CONFIG": str(team.config)}
    desk.world = replace(desk.world, now=team.desk.world.now, env={**desk.world.env, **env})
    folder = desk.put("pdf", {**SKILL, "artifact.yaml": b"license: MIT\nid: '@ann/pdf'\nversion: 1.8.0\n"})
    (tmp_path / "token").write_text(team.sigstore.job())
    where = str(team.desk.work / "reg")
    given = ("--registry", where, "--as", "ann", "--yes", "--identity-token", f"@{tmp_path / 'token'}")
    said = desk.run("publish", folder, *given)
    team.approve()

    assert "Your keys are in" not in said
    assert before + 1 == team.desk.json("verify", "reg")["verified"]["releases"]


def test_a_job_says_who_it_is_by_itself(team: Team, tmp_path: Path) -> None:
    """Where the CI gives its jobs a credential, nobody hands a token around."""
    desk = Desk(tmp_path)
    folder = desk.put("pdf", {**SKILL, "artifact.yaml": b"license: MIT\nid: '@ann/pdf'\nversion: 1.7.0\n"})
    job = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{team.sigstore.url}/token?api-version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x",
    }
    command = [sys.executable, "-m", "registry_tool", "publish", folder, "--registry", str(team.desk.work / "reg")]
    command += ["--as", "ann", "--yes", "--json", "--trust-config", str(team.config)]
    done = subprocess.run(
        command, cwd=desk.work, env={**desk.world.env, **job}, capture_output=True, text=True, timeout=60, check=False
    )

    assert "" == done.stderr
    assert [f"https://github.com/{WORKFLOW}"] == [one["subject"] for one in json.loads(done.stdout)["identities"]]


def test_both_takes_a_key_and_an_identity(sigstore: Instance, tmp_path: Path) -> None:
    """One flag more at publish, and a scope that says both, afterwards a key alone is refused."""
    team = a_team(tmp_path, sigstore)
    team.scope("identity", "add", "@ann", *JOB)
    assert [f"https://github.com/{WORKFLOW}"] == [
        one["subject"] for one in team.keyless("1.1.0", "", "--keyless")["identities"]
    ]
    team.scope("needs", "@ann", "both")
    found = team.keyless("1.2.0")
    assert 1 == len(found["identities"])
    team.scope("identity", "remove", "@ann", *JOB)
    card = b"license: MIT\nid: '@ann/pdf'\nversion: 1.3.0\n"
    folder = team.desk.put("pdf", {**SKILL, "artifact.yaml": card})
    given = ("--identity-token", sigstore.job(), "--trust-config", str(team.config))
    refused = team.desk.refused("publish", folder, "--registry", "reg", "--as", "ann", "--yes", *given)

    assert (1, "checks-failed") == refused
    team.desk.run("add", "reg", "--root", team.registry)
    assert 3 == team.desk.json("verify", "reg")["verified"]["releases"]


def test_a_scope_cannot_need_an_identity_that_nobody_is(sigstore: Instance, tmp_path: Path) -> None:
    """Nor be told what it says already, name somebody twice, or end whom it does not name."""
    team = a_team(tmp_path, sigstore)
    as_ann = ("--registry", "reg", "--as", "ann")

    assert (5, "no-identity") == team.desk.refused("scope", "needs", "@ann", "both", *as_ann)
    assert (5, "no-change") == team.desk.refused("scope", "needs", "@ann", "key", *as_ann)
    assert (3, "no-identity") == team.desk.refused("scope", "identity", "remove", "@ann", *JOB, *as_ann)
    team.scope("identity", "add", "@ann", *JOB)
    assert (5, "named-already") == team.desk.refused("scope", "identity", "add", "@ann", *JOB, *as_ann)
    team.scope("identity", "remove", "@ann", *JOB[:4])
    assert (5, "named-already") == team.desk.refused("scope", "identity", "add", "@ann", *JOB, *as_ann)


def test_the_ggui_client_gets_an_envelope(team: Team) -> None:
    """Made from the bundle of a release, it has the shape that the client asks for, and the signer's certificate."""
    (path,) = list((team.desk.work / "reg").glob("index/releases/an/ann/pdf/blobs/*/*.sigstore.json"))[:1]
    bundle = path.read_bytes()
    envelope = sigstore_envelope(b"module", bundle, signed_at="2026-11-21T09:00:00.000Z")

    assert envelope_shape(envelope)
    assert leaf_certificate(bundle) == leaf_certificate(envelope["bundle"].encode())


@pytest.mark.parametrize("name", ["gadget-use-countdown", "blueprint-poll-results"])
def test_what_a_ggui_client_reads_is_signed_too(sigstore: Instance, tmp_path: Path, name: str) -> None:
    """A public gadget or blueprint gets a second bundle, over the wire's bytes, which the admission lists."""
    team = a_team(tmp_path, sigstore)
    given = ("--registry", "reg", "--as", "harbor", "--yes")
    first = b"license: MIT\nid: '@harbor/pdf'\nversion: 1.0.0\n"
    team.desk.run("publish", team.desk.put("first", {**SKILL, "artifact.yaml": first}), *given)
    team.approve()
    team.desk.run("scope", "identity", "add", "@harbor", *JOB, "--registry", "reg", "--as", "harbor")
    team.approve()
    keyless = ("--keyless", "--identity-token", sigstore.job(), "--trust-config", str(team.config))
    team.desk.run("publish", str(ARTIFACTS / name), *given, *keyless)
    team.approve()
    (admission,) = (team.desk.work / "reg/index/releases/ha/harbor").glob(f"{name.partition('-')[2]}/*/admission.json")
    listed = [one["file"] for one in json.loads(admission.read_bytes())["signatures"]]

    assert ["sigstore.json", "wire.sigstore.json"] == [one for one in listed if "sigstore" in one]
