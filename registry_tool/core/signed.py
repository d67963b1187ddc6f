"""Whether the author signed a release as its scope needs (part 8, "A release is good").

    needs       key                  identity                   both
    a key       one, at least        looked at where there      one, at least
    a bundle    not looked at        one, of a named identity   one, of a named identity

What was named then must not have ended at or before the admission: keys and identities alike.
"""

from collections.abc import Callable
from dataclasses import dataclass

from registry_tool.core.authorities import Authorities
from registry_tool.core.chains import SignedBytes, signers
from registry_tool.core.errors import NotTrusted
from registry_tool.core.identity import BUNDLE, Claims, Expected, Identify, must_be, named_among, not_ahead
from registry_tool.core.keys import K16, SignatureCheck
from registry_tool.core.manifest import Manifest
from registry_tool.core.proof import Proof
from registry_tool.core.release import Admission
from registry_tool.core.statements import Row, Scope
from registry_tool.core.times import to_seconds


@dataclass(frozen=True, slots=True)
class Signed:
    """Who of the author's side signed, and holds."""

    keys: tuple[K16, ...]
    identities: tuple[Claims, ...]


@dataclass(frozen=True, slots=True)
class _Release:
    """What every step here speaks of."""

    proof: Proof
    admission: Admission
    manifest: Manifest
    authorities: Authorities

    @property
    def what(self) -> str:
        return f"{self.manifest.artifact}@{self.manifest.version}"

    @property
    def scope_then(self) -> Scope:
        return self.authorities.scope.named(self.admission.under, f"the admission of {self.what}").body


def author_signed(
    proof: Proof,
    admission: Admission,
    manifest: Manifest,
    authorities: Authorities,
    *,
    check: SignatureCheck,
    identify: Identify,
    expected: Expected | None = None,
) -> Signed:
    """The keys and identities whose signatures over the manifest are needed and hold; raises `NotTrusted`.

    With `expected` the keyless signature is verified whatever the scope needs, and must be that
    person's: where nobody signed so, the release is refused.
    """
    release = _Release(proof, admission, manifest, authorities)
    needs = release.scope_then.needs
    keys = _keys(release, check)
    if needs != "identity" and not keys:
        raise NotTrusted(
            f"{release.what} is not signed by a key that {manifest.author} had at {admission.at}", code="not-signed"
        )
    if needs == "key" and expected is None:
        return Signed(keys, ())
    claims = _claims(release, identify)
    if needs != "key":
        _named(release, claims)
    if expected is not None:
        must_be(claims, expected, release.what)
    return Signed(keys, (claims,))


def _keys(release: _Release, check: SignatureCheck) -> tuple[K16, ...]:
    """The author's signing keys that signed, and were active then and at the admission."""
    keyring = release.authorities.keyring(release.manifest.author)
    then = keyring.named(release.admission.under, f"the admission of {release.what}").body
    files = {
        K16(file.removesuffix(".sig")): content
        for file, content in release.proof.signatures.items()
        if file.count(".") == 1 and file.endswith(".sig")
    }
    source = SignedBytes(release.proof.manifest, files)
    signed = signers(source, [row.raw for row in then.keys], check=check, what=release.what)
    latest: dict[object, Row] = {row.k16: row for row in keyring.head.body.keys}
    at = release.admission.at
    return tuple(
        sorted(
            row.k16
            for row in then.keys
            if row.active and row.use == "signing" and row.k16 in signed and latest[row.k16].held_at(at)
        )
    )


def _claims(release: _Release, identify: Identify) -> Claims:
    """What the keyless signature over the manifest proves."""
    bundle = release.proof.signatures.get(BUNDLE)
    if bundle is None:
        raise NotTrusted(
            f"{release.what} has no keyless signature, and needs one",
            code="no-identity",
            hint="its publisher signs it with `registry publish --keyless`",
        )
    claims = identify(bundle, release.proof.manifest)
    not_ahead(claims.at, to_seconds(release.admission.at), f"{release.what}, admitted before that,")
    return claims


def _named(release: _Release, claims: Claims) -> None:
    """Refuses an identity that the scope did not name then, or that had ended at the admission."""
    head = release.authorities.scope.head.body
    latest = {row.label: row for row in head.identities}
    active = [row for row in release.scope_then.identities if row.active]
    row = named_among(claims, active, release.what)
    held: Callable[[str], bool] = latest[row.label].held_at
    if not held(release.admission.at):
        raise NotTrusted(
            f"{release.what} is signed by the identity {row.label}, which ended at {latest[row.label].since}",
            code="ended-identity",
        )
