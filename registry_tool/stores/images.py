"""Registries of images, asked for a digest (OCI distribution specification 1.1).

GET /v2/acme/wiki/manifests/2     401, WWW-Authenticate: Bearer realm="…",service="…",scope="…"
GET <realm>?service=…&scope=…     {"token": "…"}
GET /v2/acme/wiki/manifests/2     the manifest; its SHA-256 is the image's digest
"""

import base64
import json
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from registry_tool.core import limits
from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotFound, NotTrusted, Unreachable, WrongUsage
from registry_tool.core.native.image_places import ImagePlace
from registry_tool.core.ports import Answered, Exchange

MANIFEST_BYTES: Final = 4 * limits.MIB  # what the specification asks registries to take
_TOKEN_BYTES: Final = 64 * limits.KIB
_ACCEPT: Final = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_PART: Final = re.compile(r'([A-Za-z_]+)="([^"\r\n]*)"')

Login = Callable[[str], tuple[str, str] | None]
"""User and password for an address, where the person has them."""


class ImageRegistries:
    """The registries that images' names lead to."""

    def __init__(self, exchange: Exchange, login: Login) -> None:
        self._exchange = exchange
        self._login = login

    def digest(self, place: ImagePlace) -> str:
        """`sha256:…` of what the tag is now: an index of platforms where there is one.

        `NotFound` where there is no such image or it is not for everybody, `Unreachable` where nobody answers,
        `NotTrusted` where the answer is not what its own digest says.
        """
        answer = self._ask(place, {})
        allowed = self._allowed(place, answer) if answer.status == 401 else ""
        if allowed:
            answer = self._ask(place, {"Authorization": allowed})
        name = f"{place.repository}:{place.tag}"
        if answer.status in (401, 403, 404):
            hint = "is the name right? for an image of your own, put user and password into ~/.netrc"
            raise NotFound(f"{place.host} has no image {name} for us", where=place.host, code="no-image", hint=hint)
        if answer.status != 200:
            raise Unreachable(f"it answers {answer.status} for {name}", where=place.host, hint="try again later")
        found = f"sha256:{sha256(answer.body)}"
        said = answer.headers.get("docker-content-digest", found)
        if said.startswith("sha256:") and said != found:
            raise NotTrusted(f"{name} is not what its digest says", where=place.host, code="bad-digest")
        return found

    def _ask(self, place: ImagePlace, more: dict[str, str]) -> Answered:
        headers = {"Accept": _ACCEPT, **more}
        return self._exchange.send("GET", place.address, headers=headers, body=None, limit=MANIFEST_BYTES)

    def _allowed(self, place: ImagePlace, answer: Answered) -> str:
        """What to say to be let in: the person's password, or the token that the registry sends us for.

        A password goes only to the host that it is kept for. Empty where there is nothing to say.
        """
        asked = answer.headers.get("www-authenticate", "")
        if not asked.lower().startswith("bearer "):
            return self._basic(place.address)
        parts = dict(_PART.findall(asked))
        realm = parts.get("realm", "")
        if not realm.startswith("https://") and not place.local:
            raise Unreachable("it asks for a password in the open", where=place.host, code="bad-answer")
        asks = {"service": parts.get("service", ""), "scope": f"repository:{place.repository}:pull"}
        query = urlencode({name: text for name, text in asks.items() if text})
        try:
            basic = self._basic(realm)
            headers = {"Authorization": basic} if basic else {}
            got = self._exchange.send("GET", f"{realm}?{query}", headers=headers, body=None, limit=_TOKEN_BYTES)
            value = json.loads(got.body)
            token = str(value.get("token") or value["access_token"])
        except (ValueError, KeyError, AttributeError, TypeError, WrongUsage) as error:
            raise Unreachable("it gives no token to read with", where=place.host, code="bad-answer") from error
        return f"Bearer {token}"

    def _basic(self, address: str) -> str:
        """The person's user and password for the host of `address`, as a header says them (RFC 7617)."""
        login = self._login(address)
        return "Basic " + base64.b64encode(":".join(login).encode()).decode() if login else ""
