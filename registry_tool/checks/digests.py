"""That bytes are the bytes that were named, and that somebody signed for them."""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core.bundle import pack, rows
from registry_tool.core.change import Candidate, Change
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.identity import BUNDLE_BYTES
from registry_tool.core.manifest import Manifest
from registry_tool.core.payload import Payload
from registry_tool.core.places import place
from registry_tool.core.review import Check

_SIGNATURE: Final = re.compile(r"(flat\.)?[0-9a-f]{16}\.sig")
_OVER_MANIFEST: Final = re.compile(r"[0-9a-f]{16}\.sig|sigstore\.json")
"""Which of the two a release needs says its scope; landing asks for it."""
_PUBLISH: Final = "publish it again with `registry publish`, which writes the manifest from the files"


def bytes_match(change: Change) -> Iterator[Finding]:
    """A finding for each file, size or digest that is not what the manifest says."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        if candidate.payload is None:
            if not candidate.faults:  # which say why already
                message = "the files that the manifest lists cannot be read"
                yield Finding("bytes-match", "fail", message, place(candidate), _PUBLISH)
            continue
        if sha256(candidate.manifest_bytes) != candidate.digest:
            message = "the manifest's bytes are not those of its address"
            yield Finding("bytes-match", "fail", message, place(candidate), _PUBLISH)
        yield from _files(candidate, candidate.manifest, candidate.payload)
        yield from _bundle(candidate, candidate.manifest, candidate.payload)


def signature(change: Change) -> Iterator[Finding]:
    """A finding for each release that nobody signed, or with a signature that cannot be one."""
    for candidate in change.releases:
        if candidate.manifest is None:
            continue
        if not any(_OVER_MANIFEST.fullmatch(suffix) for suffix in candidate.signatures):
            message = "no key and no identity signed the manifest"
            hint = "publish it with `registry publish`, which signs it"
            yield Finding("signature", "fail", message, place(candidate), hint)
        for suffix, data in sorted(candidate.signatures.items()):
            if _SIGNATURE.fullmatch(suffix) and len(data) != 64:
                message = f"an Ed25519 signature has 64 bytes, {suffix} has {len(data)}"
                yield Finding("signature", "fail", message, place(candidate), "write the raw signature only")
            if suffix.endswith("sigstore.json") and len(data) > BUNDLE_BYTES:
                message = f"a sigstore bundle has at most {BUNDLE_BYTES} bytes, {suffix} has {len(data)}"
                yield Finding("signature", "fail", message, place(candidate), "sign again with `registry publish`")


def _files(candidate: Candidate, manifest: Manifest, payload: Payload) -> Iterator[Finding]:
    said = {row.path: row for row in manifest.rows}
    are = {row.path: row for row in rows(payload)}
    for path in sorted(said.keys() | are.keys()):
        expected, found = said.get(path), are.get(path)
        if expected == found:
            continue
        if expected is None or found is None:
            message = "the manifest does not list this file" if found else "the manifest lists it and it is missing"
        elif expected.sha256 != found.sha256:
            message = f"the manifest says {expected.sha256}, the bytes are {found.sha256}"
        else:
            message = "size or executable bit are not what the manifest says"
        yield Finding("bytes-match", "fail", message, place(candidate, path), _PUBLISH)


def _bundle(candidate: Candidate, manifest: Manifest, payload: Payload) -> Iterator[Finding]:
    try:
        bundle = pack(payload)
    except InvalidInput:
        return  # the check of paths says why these files cannot be packed
    if (manifest.bundle.sha256, manifest.bundle.size) != (sha256(bundle), len(bundle)):
        message = f"the files pack to {sha256(bundle)} with {len(bundle)} bytes, the manifest says another bundle"
        yield Finding("bytes-match", "fail", message, place(candidate), _PUBLISH)


CHECKS: Final = (
    Check(
        id="bytes-match",
        number=4,
        title="Every file, size and digest, and the bundle, are what the manifest says",
        why="It is the promise of the whole registry.",
        level="fail",
        run=bytes_match,
        also=(29,),
        tells=("bad-digest", "blob-missing"),
    ),
    Check(
        id="signature",
        number=5,
        title="A key or an identity signed every release",
        why="Without a signature anybody who can push can publish in anybody's name.",
        level="fail",
        run=signature,
        also=(30,),
        tells=("bad-signature", "not-signed", "sign-again", "stranger"),
    ),
)
