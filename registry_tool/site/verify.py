"""The commands with which anybody checks a release without this tool, ready to paste.

The author's public key and signature stand in them as base64, so `openssl`, `base64`, `sha256sum` and
`curl` are all it takes, and the site that is checked is asked for nothing but the files themselves.
A keyless signature takes sigstore's own tool, under the trust root that the registry publishes.
"""

import base64
import shlex
from dataclasses import dataclass
from typing import Final

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.identity import BUNDLE, Claims
from registry_tool.core.index import AuthorSignature, Release

_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410 part 4)."""


_CONFIG: Final = (
    '{"mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json", "trustedRoot": %s, '
    '"signingConfig": {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}}'
)
"""A trust root as sigstore's tool takes it; it signs nothing here, so it needs no addresses."""


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
    if release.identities:
        found.append(
            Step(
                "What proves the keyless signature, and whom this registry believes",
                _keyless_files(layout.object_path(sha256(release.evidence))),
                "",
            )
        )
    found += [
        Step(
            f"{one.subject} signed it, says {one.issuer}; asked of sigstore's own tool (pip install sigstore)",
            _sigstore(one),
            "OK: manifest.json",
        )
        for one in release.identities
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


def _keyless_files(evidence: str) -> str:
    """Fetches the bundle, and writes the trust root as sigstore's tool takes it."""
    take = (
        "import base64, json; files = json.load(open('evidence.json'))['signatures']; "
        f"[open('manifest.{BUNDLE}', 'wb').write(base64.b64decode(one['content'])) "
        f"for one in files if one['file'] == '{BUNDLE}']"
    )
    return (
        f'curl -fsS "${{site}}{evidence}" -o evidence.json\n'
        f'curl -fsS "${{site}}{layout.TRUSTED_ROOT}" -o trusted_root.json\n'
        f'python3 -c "{take}"\n'
        f"printf '{_CONFIG}' \"$(cat trusted_root.json)\" > trust.json"
    )


def _sigstore(claims: Claims) -> str:
    return (
        f"python3 -m sigstore --trust-config trust.json verify identity --offline --bundle manifest.{BUNDLE} \\\n"
        f"  --cert-identity {shlex.quote(claims.subject)} --cert-oidc-issuer {shlex.quote(claims.issuer)} manifest.json"
    )


def _openssl(signature: AuthorSignature) -> str:
    key = base64.b64encode(_SPKI + signature.key).decode("ascii")
    signed = base64.b64encode(signature.signature).decode("ascii")
    return (
        f"echo '{key}' | base64 -d > author.der\n"
        f"echo '{signed}' | base64 -d > manifest.sig\n"
        "openssl pkeyutl -verify -pubin -keyform DER -inkey author.der -rawin -in manifest.json -sigfile manifest.sig"
    )
