"""A registry of images on this machine: one image, and a token to read it with (OCI distribution specification 1.1)."""

import json
from collections.abc import Mapping

from tests.stores.servers import Handler, Route, Site, answer

BODY = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
MANIFEST = "/v2/acme/wiki/manifests/2"
TOKEN = "t0ken"
ASKED = "/token?service=here&scope=repository%3Aacme%2Fwiki%3Apull"


def bearer(url: str) -> str:
    """What the registry at `url` answers to whoever has no token."""
    return f'Bearer realm="{url}token",service="here",scope="ignored"'


def guarded(
    site: Site, *, token: bytes | None = None, wanted: str = TOKEN, basic: str | None = None
) -> Mapping[str, Route]:
    """The routes of a registry that gives `token` for what it calls `basic`, and the image for `wanted`."""

    def manifest(handler: Handler) -> None:
        if handler.headers.get("Authorization") == f"Bearer {wanted}":
            answer(BODY)(handler)
        else:
            answer(b"", 401, WWW_Authenticate=bearer(site.url))(handler)

    def give(handler: Handler) -> None:
        right = handler.headers.get("Authorization") == basic
        answer((token if token is not None else json.dumps({"token": TOKEN}).encode()) if right else b"")(handler)

    return {MANIFEST: manifest, ASKED: give}
