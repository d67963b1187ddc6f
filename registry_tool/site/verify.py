"""The commands with which anybody checks a release without this tool, ready to paste.

The author's public key and signature stand in them as base64, so `openssl`, `base64`, `sha256sum` and
`curl` are all it takes, and the site that is checked is asked for nothing but the files themselves.
"""

import base64
from dataclasses import dataclass
from typing import Final

from registry_tool.core import layout
from registry_tool.core.index import AuthorSignature, Release

_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410 part 4)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to paste, and what it then says."""

    title: str
    command: str
    expected: str
    """Empty where it says nothing."""


def steps(release: Release, *, url: str) -> tuple[Step, ...]:
    """The commands for one release; `url` is the site's, empty where it has none."""
    manifest, bundle = release.digest, release.manifest.bundle.sha256
    name = f"{release.manifest.scope}-{release.manifest.name}-{release.manifest.version}"
    site = f"site='{url}'" if url else 'site="file://$PWD/"   # the folder that holds this site'
    found = [
        Step(
            "Fetch the manifest: the list of files, with all that the author says about them",
            f'{site}\ncurl -fsS "${{site}}{layout.object_path(manifest)}" -o manifest.json',
            "",
        ),
        Step(
            "Its SHA-256 is the address of the release",
            f"echo '{manifest}  manifest.json' | sha256sum -c",
            "manifest.json: OK",
        ),
    ]
    found += [
        Step(f"The author signed it, with the key {one.k16}", _openssl(one), "Signature Verified Successfully")
        for one in release.signatures
    ]
    if release.status != "withheld":
        found.append(
            Step(
                "The manifest names the bundle; fetch it, and see that it is the one",
                f'curl -fsS "${{site}}{layout.object_path(bundle)}" -o {name}.tar\n'
                f"grep -q '\"sha256\":\"{bundle}\"' manifest.json && echo '{bundle}  {name}.tar' | sha256sum -c",
                f"{name}.tar: OK",
            )
        )
    return tuple(found)


def _openssl(signature: AuthorSignature) -> str:
    key = base64.b64encode(_SPKI + signature.key).decode("ascii")
    signed = base64.b64encode(signature.signature).decode("ascii")
    return (
        f"echo '{key}' | base64 -d > author.der\n"
        f"echo '{signed}' | base64 -d > manifest.sig\n"
        "openssl pkeyutl -verify -pubin -keyform DER -inkey author.der -rawin -in manifest.json -sigfile manifest.sig"
    )
