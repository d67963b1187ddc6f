"""Bundles that this tool makes are verified by sigstore's own library in JavaScript."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from registry_tool.core.ggui.keyless import sigstore_envelope
from tests.keyless.instance import GITHUB, WORKFLOW, Instance
from tests.real.packages import SIGSTORE_IN_NODE

pytestmark = pytest.mark.network

_VERIFY: Final = """
import { readFileSync } from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const json = (file) => JSON.parse(readFileSync(file, "utf8"));
const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(json("root.json"))));
for (const { message, bundle, subject, issuer } of json("cases.json")) {
  try {
    const entity = toSignedEntity(bundleFromJSON(bundle), Buffer.from(message));
    const extensions = issuer ? { issuer } : undefined;
    verifier.verify(entity, { subjectAlternativeName: subject, extensions });
    console.log("holds");
  } catch (error) {
    console.log(error.code ?? error.name);
  }
}
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sigstore's packages for node, each of the pinned version and hash."""
    folder = tmp_path_factory.mktemp("node")
    for number, package in enumerate(SIGSTORE_IN_NODE):
        inner = package.unpacked(folder / f"package-{number}")
        place = folder / "node_modules" / package.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(inner, place)
    (folder / "verify.mjs").write_text(_VERIFY)
    return folder


def said(node: Path, sigstore: Instance, cases: list[dict[str, object]]) -> list[str]:
    """What the library says of each case."""
    (node / "root.json").write_bytes(sigstore.trusted_root())
    (node / "cases.json").write_text(json.dumps(cases))
    done = subprocess.run(
        ["node", "verify.mjs"], cwd=node, capture_output=True, text=True, timeout=60, check=True, env=_bare()
    )
    return done.stdout.split()


def _bare() -> dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_bundle_of_ours_holds_in_javascript(node: Path, rekor: int) -> None:
    """With the identity that signed; another identity, issuer or message is refused, and so is a foreign instance."""
    subject = f"https://github.com/{WORKFLOW}"
    with Instance() as sigstore:
        bundle = json.loads(sigstore.sign(b"manifest", sigstore.job(), rekor=rekor))
    good = {"message": "manifest", "bundle": bundle, "subject": subject, "issuer": GITHUB}
    cases: list[dict[str, object]] = [
        good,
        {**good, "subject": "https://github.com/evil/x"},
        {**good, "issuer": "https://issuer.example"},
        {**good, "message": "another"},
    ]

    assert ["holds", "UNTRUSTED_SIGNER_ERROR", "UNTRUSTED_SIGNER_ERROR", "SIGNATURE_ERROR"] == said(
        node, sigstore, cases
    )
    assert ["holds"] != said(node, Instance.stranger(), [good])


@pytest.mark.parametrize("rekor", [1, 2])
def test_the_envelope_for_the_ggui_client_holds_in_javascript(node: Path, rekor: int) -> None:
    """Rewritten with its certificate in a chain, the bundle is as good as before."""
    with Instance() as sigstore:
        bundle = sigstore.sign(b"module", sigstore.job(), rekor=rekor)
    envelope = sigstore_envelope(b"module", bundle, signed_at="2026-11-21T09:00:00.000Z")
    subject = f"https://github.com/{WORKFLOW}"
    case: dict[str, object] = {
        "message": "module",
        "bundle": json.loads(envelope["bundle"]),
        "subject": subject,
        "issuer": GITHUB,
    }

    assert ["holds"] == said(node, sigstore, [case])
