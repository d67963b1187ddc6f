"""The requests of the ggui client and what it makes of the answers (ggui wire facts, parts 5, 6, 7 and 9).

It asks what the client asks, in its order, refuses what it refuses, and knows nothing of our own formats.
"""

import base64
import hashlib
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from registry_tool.core.ggui.install import blueprint_files, gadget_row
from registry_tool.core.ggui.manifest import BlueprintManifest, GadgetManifest, read_manifest
from registry_tool.core.ggui.wire import canonical, verify_envelope
from registry_tool.signing.ed25519 import check


class Refused(Exception):
    """The client ends with 1 and writes nothing; the text says at which step."""


@dataclass
class Client:
    """A client that was given `--registry URL`."""

    registry: str
    asked: list[str] = field(default_factory=list)
    """Every address that it fetched, in order."""

    def search(self, query: str = "", kind: str = "") -> list[Any]:
        """`ggui <kind> search QUERY`: the rows; one that is odd fails the whole search."""
        members = {"q": query, "kind": kind}
        words = "&".join(f"{name}={quote(value)}" for name, value in members.items() if value)
        body = json.loads(self._fetch(f"{self._base}/search" + (f"?{words}" if words else "")))
        rows: list[Any] = body["results"]
        texts = ("artifactId", "latestVersion", "kind", "publishedAt")
        odd = [row for row in rows if not all(isinstance(row.get(name), str) for name in texts)]
        if odd or any(row["kind"] not in ("gadget", "blueprint") for row in rows) or "nextCursor" in body:
            raise Refused("search")
        return rows

    def install(self, kind: str, wanted: str) -> dict[str, Any]:
        """`ggui <kind> install @scope/name@version --strict`: the row, or the files, that would be written."""
        name, _, version = wanted.rpartition("@")
        parts = [*name.removeprefix("@").split("/"), version]
        body = json.loads(self._fetch("/".join([self._base, "pkg", *(quote(part, safe="") for part in parts)])))
        if not isinstance(body.get("manifest"), dict) or not all(
            isinstance(body.get(member), str) for member in ("publishedAt", "publishedBy")
        ):
            raise Refused("body")
        manifest = read_manifest(body["manifest"])
        if manifest.kind != kind:
            raise Refused("kind")
        if isinstance(manifest, GadgetManifest):
            return self._gadget(manifest, body)
        assert isinstance(manifest, BlueprintManifest)
        self._signed(canonical(body["manifest"]), body)
        return dict(blueprint_files(manifest) or {})

    def _gadget(self, manifest: GadgetManifest, body: Any) -> dict[str, Any]:
        module = self._fetch(body["bundleUrl"])
        sri = "sha384-" + base64.b64encode(hashlib.sha384(module).digest()).decode()
        if body["bundleSri"] != sri:
            raise Refused("sri")
        self._signed(module, body)
        return gadget_row(manifest, bundle_url=body["bundleUrl"], bundle_sri=sri)

    def _signed(self, payload: bytes, body: Any) -> None:
        envelope = json.loads(self._fetch(body["signatureUrl"]))
        public = base64.b64decode(body["authorPublicKey"], validate=True)
        wrong = verify_envelope(envelope, payload, public=public, check=check)
        if wrong is not None:
            raise Refused(wrong)

    @property
    def _base(self) -> str:
        return self.registry.rstrip("/")

    def _fetch(self, address: str) -> bytes:
        if urlsplit(address).scheme not in ("http", "https"):
            raise Refused("relative")
        self.asked.append(address)
        request = urllib.request.Request(address, headers={"accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                data: bytes = answer.read()
                return data
        except urllib.error.HTTPError as error:
            with error:
                raise Refused("yanked" if error.code == 410 else str(error.code)) from None
