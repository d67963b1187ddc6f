"""A release as the ggui client reads it: manifest, envelope, key, and the body of `GET /pkg/S/N/V` (parts 4 and 6).

A release is a package of the wire where its author signed what this client reads. `publish` makes that signature
with every key, and with every identity for public releases. Without one the client would print a warning, verify
nothing and install, also with `--strict` (part 12.4); so nothing is answered for such a release, and it is
installed with our own tool, which verifies the manifest.

Of two signatures of a public release the keyless one is given: its certificate says who signed, while a key comes
from the same host as the bytes (part 12.3). No signature is verified here: landing did, and the client does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.canonical import Json
from registry_tool.core.digest import sri
from registry_tool.core.errors import InvalidInput
from registry_tool.core.ggui import wire
from registry_tool.core.ggui.keyless import leaf_certificate, sigstore_envelope
from registry_tool.core.ggui.manifest import read_manifest, tool_bindings
from registry_tool.core.identity import WIRE_BUNDLE
from registry_tool.core.index import About, Name, Release
from registry_tool.core.keys import key_text
from registry_tool.core.manifest import Manifest
from registry_tool.core.profiles import DomainClaim
from registry_tool.core.status import TREATMENT

GADGET: Final = "gadget"


@dataclass(frozen=True, slots=True)
class Package:
    """One release on the wire."""

    release: Release
    manifest: Mapping[str, Json]
    """What the client reads."""
    payload: bytes
    """What is signed: a gadget's module, a blueprint's whole manifest."""
    envelope: Mapping[str, str]
    key: str
    """`authorPublicKey`: base64 of the raw key, or of the signer's certificate."""

    @property
    def published(self) -> str:
        """When it was admitted, as the client's own registry writes times: with milliseconds."""
        return _milliseconds(self.release)


def package_of(name: Name, release: Release, about: About) -> Package | None:
    """`release` on the wire; `None` where it cannot or must not be there.

    1. The kind is on the wire, and the site has an address: the client takes no relative one.
    2. It is public, and no moderator took it back.
    3. Its `spec` is one of its kind, the wire has a form for it, and its author signed that.
    """
    # 1
    category = about.category_of(name.kind)
    kind = category.kind if category is not None else None
    if kind is None or kind.wire is None or kind.wire_manifest is None or not about.table.url:
        return None
    # 2
    if release.manifest.visibility != "public" or not TREATMENT[release.status].module:
        return None
    # 3
    try:
        kind.spec.of(release.manifest.spec)
        manifest = kind.wire_manifest(release.manifest, release.payload)
        payload = kind.wire(release.manifest, release.payload)
        signed = _signed(release, payload)
    except InvalidInput:
        return None
    return Package(release, manifest, payload, *signed) if signed else None


def _signed(release: Release, payload: bytes) -> tuple[dict[str, str], str] | None:
    """The envelope and the key, or the certificate, of the author's signature; `None` where there is none."""
    files, at = release.proof.signatures, _milliseconds(release)
    bundle = files.get(WIRE_BUNDLE)
    if bundle is not None:
        return sigstore_envelope(payload, bundle, signed_at=at), leaf_certificate(bundle)
    for one in release.signatures:
        signature = files.get(f"wire.{one.k16}.sig")
        if signature is not None:
            return _enveloped(payload, one.key, signature, at), key_text(one.key)
    return None


def _enveloped(payload: bytes, key: bytes, signature: bytes, at: str) -> dict[str, str]:
    return wire.envelope(payload, sign=lambda digest: signature, public=key, signed_at=at)


def yanked(release: Release) -> bool:
    """Whether nobody new is to install it."""
    return not TREATMENT[release.status].chosen


def address(manifest: Manifest) -> str:
    """The folder of its files on the site."""
    return f"bundles/public/{manifest.artifact}/{manifest.version}"


def body(package: Package, name: Name, about: About) -> dict[str, Json]:
    """What `GET /pkg/S/N/V` answers: with 200, or with 410 where the release is yanked."""
    release = package.release
    folder = f"{about.table.url}{address(release.manifest)}"
    module = release.manifest.kind == GADGET
    return {
        "manifest": package.manifest,
        **({"bundleUrl": f"{folder}/bundle.js", "bundleSri": sri(package.payload)} if module else {}),
        "signatureUrl": f"{folder}/bundle.js.sig",
        "authorPublicKey": package.key,
        "publishedAt": package.published,
        "publishedBy": release.manifest.author,
        **_author(name, release),
    }


def row(name: Name, about: About) -> dict[str, Json] | None:
    """A name as a search finds it (`search.Row`): by its newest version that is not yanked, a stable one first.

    `None` where it has none on the wire.
    """
    safe = [one for one in name.releases if not yanked(one)]
    stable = [one for one in safe if "-" not in one.manifest.version.partition("+")[0]]
    found = (one for release in (*stable, *safe) if (one := package_of(name, release, about)) is not None)
    package = next(found, None)
    if package is None:
        return None
    manifest, value = package.release.manifest, package.manifest
    bindings, source = tool_bindings(read_manifest(value))
    exports: Any = value.get("exports") or [{}]  # Any: JSON
    hook = exports[0].get("hook") or exports[0].get("component")
    person = value.get("author", {}).get("name")
    return {
        "artifactId": manifest.artifact,
        "latestVersion": manifest.version,
        "kind": manifest.kind,
        **{member: value[member] for member in ("description", "tags") if member in value},
        "publishedAt": package.published,
        **({"mcpTools": [dict(one) for one in bindings], "mcpToolsSource": source} if bindings else {}),
        **_author(name, package.release),
        "publishedBy": manifest.author,
        **({"hook": hook} if hook else {}),
        **({"authorName": person} if person else {}),
    }


def _author(name: Name, release: Release) -> dict[str, str]:
    """Whether the author proved who they are, and by which domain; nothing of an author who is not looked at here."""
    if release.manifest.author != name.shown.manifest.author:
        return {}
    if not name.marks.author_verified:
        return {"scopeVerification": "unverified"}
    confirmed = name.author.confirmed if name.author is not None else ()
    domains = sorted(one.claim.domain for one in confirmed if isinstance(one.claim, DomainClaim))
    return {"scopeVerification": "verified", **({"verifiedDomain": domains[0]} if domains else {})}


def _milliseconds(release: Release) -> str:
    return str(release.admitted["at"]).removesuffix("Z") + ".000Z"
