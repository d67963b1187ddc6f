"""Digests of images, asked of a registry of images on this machine that wants a token first."""

import json

import pytest

from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotFound, NotTrusted, RegistryError, Unreachable
from registry_tool.core.native.compose_values import read_image
from registry_tool.core.native.image_places import place_of
from registry_tool.stores.http import HttpExchange
from registry_tool.stores.images import ImageRegistries
from tests.stores.oci import BODY, MANIFEST, TOKEN, bearer, guarded
from tests.stores.servers import Route, Site, answer, serving

DIGEST = f"sha256:{sha256(BODY)}"


def ask(site: Site, login: tuple[str, str] | None = None) -> str:
    """The digest of the image that the site has."""
    host = site.url.removeprefix("http://").rstrip("/")
    registries = ImageRegistries(HttpExchange(env={}), lambda address: login)
    return registries.digest(place_of(read_image(f"{host}/acme/wiki:2")))


def test_a_token_is_fetched_where_the_registry_says() -> None:
    """The digest is that of the bytes that came; index documents are asked for first."""
    with serving({}) as site:
        site.routes.update(guarded(site))

        assert DIGEST == ask(site)

    paths = [path for path, _ in site.requests]
    assert [MANIFEST, "/token?service=here&scope=repository%3Aacme%2Fwiki%3Apull", MANIFEST] == paths
    assert site.requests[0][1]["accept"].startswith("application/vnd.oci.image.index.v1+json, ")
    assert f"Bearer {TOKEN}" == site.requests[2][1]["authorization"]
    assert all("authorization" not in headers for _, headers in site.requests[:2])


def test_a_password_is_given_for_the_token() -> None:
    """To the host that it is kept for."""
    with serving({}) as site:
        site.routes.update(guarded(site, basic="Basic YW5uOng="))

        assert DIGEST == ask(site, ("ann", "x"))


def test_a_registry_may_ask_for_the_password_itself() -> None:
    """Without a token (RFC 7617)."""

    def route(handler: object) -> None:
        said = handler.headers.get("Authorization")  # type: ignore[attr-defined]  # the server's handler
        ok = said == "Basic YW5uOng="
        answer(BODY if ok else b"", 200 if ok else 401, WWW_Authenticate='Basic realm="x"')(handler)  # type: ignore[arg-type]  # as above

    with serving({MANIFEST: route}) as site:
        assert DIGEST == ask(site, ("ann", "x"))
        with pytest.raises(NotFound):
            ask(site)


@pytest.mark.parametrize(
    ("route", "error"),
    [
        (answer(b"", 404), NotFound),
        (answer(b"", 403), NotFound),
        (answer(b"", 500), Unreachable),
        (answer(BODY, Docker_Content_Digest="sha256:" + "0" * 64), NotTrusted),
        (answer(b"", 401), NotFound),
        (answer(b"", 401, WWW_Authenticate="Bearer scope=x"), Unreachable),
        (answer(b"", 401, WWW_Authenticate='Bearer realm="http://example.com/token"'), Unreachable),
        (answer(b"", 401, WWW_Authenticate='Bearer realm="nonsense"'), Unreachable),
    ],
)
def test_an_answer_that_is_none_is_told(route: Route, error: type[RegistryError]) -> None:
    """No image, no answer, bytes that are not what they say, and a token asked for in the open."""
    with serving({MANIFEST: route}) as site, pytest.raises(error):
        ask(site)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token"', json.dumps({"access_token": "t"}).encode()])
def test_a_token_that_is_none_is_told(body: bytes) -> None:
    """Whatever comes is refused, or is the token by its older name."""
    with serving({}) as site:
        site.routes.update(guarded(site, token=body, wanted="t"))
        if b"access_token" in body:
            assert DIGEST == ask(site)
            return

        with pytest.raises(Unreachable, match="it gives no token"):
            ask(site)


def test_what_a_registry_asks_for_is_taken_apart() -> None:
    """The header as registries write it."""
    assert 'Bearer realm="http://x/token",service="here",scope="ignored"' == bearer("http://x/")


def test_another_machine_is_not_asked_in_the_open() -> None:
    """A realm without encryption is refused before anything is sent there."""

    class Said:
        """Answers with a realm that would be asked in the open."""

        def send(self, method: str, url: str, **more: object) -> object:
            """The refusal of a registry."""
            from registry_tool.core.ports import Answered

            assert url == "https://images.example/v2/a/b/manifests/1"
            return Answered(401, {"www-authenticate": 'Bearer realm="http://images.example/token"'}, b"")

    registries = ImageRegistries(Said(), lambda address: None)  # type: ignore[arg-type]  # a server in a method
    with pytest.raises(Unreachable, match="a password in the open"):
        registries.digest(place_of(read_image("images.example/a/b:1")))
