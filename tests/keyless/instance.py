"""A sigstore instance on loopback, so that the real signer, its clients and the real verifier run.

    with Instance() as sigstore:
        bundle = sigstore.sign(b"message", sigstore.token(email="ann@example.org"), rekor=2)
        verify(bundle, b"message", sigstore.trusted_root(), now)

Fulcio with its certificate log, Rekor 1 and 2, and a time stamp authority answer at one address. Its
clock is the caller's; its tokens are signed by nobody, as no client of the library looks.
"""

import base64
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography import x509

from registry_tool.signing.sigstore.sign import Session
from tests.keyless.authority import Fulcio, Stamps, certificate_der, pem, public_der
from tests.keyless.log import FirstRekor, SecondRekor, b64

GITHUB = "https://token.actions.githubusercontent.com"
GOOGLE = "https://accounts.google.com"
WORKFLOW = "acme/links/.github/workflows/publish.yml@refs/tags/v1"
LONG = 25 * 365 * 86_400
"""Seconds; a certificate that the signer's own clock does not find ended, for signing in the past."""


class Instance:
    """One instance; `now` gives seconds since 1970, `lifetime` is of certificates in seconds."""

    def __init__(self, now: Callable[[], int] = lambda: int(time.time()), *, lifetime: int = 600) -> None:
        self.now = now
        self.refuses = ""
        """A path whose requests it refuses."""
        self.fulcio = Fulcio(self.clock, lifetime)
        self.first, self.second = FirstRekor(self.clock), SecondRekor()
        self.stamps = Stamps(self.clock)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @classmethod
    def stranger(cls) -> Self:
        """Another instance, whose address nobody needs."""
        found = cls()
        found._server.server_close()
        return found

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def clock(self) -> int:
        """What all its parts take for the time; a test may change `now`."""
        return self.now()

    # What others get of it.

    def token(self, issuer: str = GOOGLE, **claims: str | int) -> str:
        """A token of `issuer`; with `email`, or with the claims of a workflow."""
        now = int(time.time())  # the library compares it with its own clock
        told = {"iss": issuer, "aud": "sigstore", "sub": "1", "iat": now, "exp": now + 600, **claims}
        parts = (json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, told))
        return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "AA"])

    def job(self, workflow: str = WORKFLOW, *, repository_id: str = "42", owner_id: str = "7") -> str:
        """A token of a CI job."""
        repository, _, rest = workflow.partition("/.github/")
        return self.token(
            GITHUB,
            sub=f"repo:{repository}:ref:{rest.partition('@')[2]}",
            job_workflow_ref=workflow,
            repository=repository,
            repository_id=repository_id,
            repository_owner_id=owner_id,
        )

    def sign(self, message: bytes, token: str = "", *, rekor: int = 1) -> bytes:
        """A bundle, made by the tool's own session."""
        found = token or self.token(email="ann@example.org")
        return Session(found, self.trust_config(rekor=rekor), ambient=False, browser=False).sign(message)

    def trusted_root(self, **members: Any) -> bytes:
        """The trust root, with other `members` where they are given."""
        return json.dumps({**self._root(), **members}).encode()

    def trust_config(self, *, rekor: int = 1) -> bytes:
        """The stock client trust configuration; entries go to Rekor of the version `rekor`."""
        signing = {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [self._service(1)],
            "oidcUrls": [self._service(1)],
            "rekorTlogUrls": [self._service(rekor)],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": [{**self._service(1), "url": f"{self.url}/stamp"}] if rekor == 2 else [],
            "tsaConfig": {"selector": "ANY"},
        }
        media = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
        return json.dumps({"mediaType": media, "trustedRoot": self._root(), "signingConfig": signing}).encode()

    def _service(self, version: int) -> dict[str, Any]:
        since = {"start": "2020-01-01T00:00:00Z"}
        return {"url": self.url, "majorApiVersion": version, "validFor": since, "operator": "example"}

    def _root(self) -> dict[str, Any]:
        since = {"start": "2020-01-01T00:00:00Z"}

        def log(address: str, key: Any, details: str, identity: bytes) -> dict[str, Any]:
            public = {"rawBytes": b64(public_der(key)), "keyDetails": details, "validFor": since}
            return {
                "baseUrl": address,
                "hashAlgorithm": "SHA2_256",
                "publicKey": public,
                "logId": {"keyId": b64(identity)},
            }

        def authority(*chain: x509.Certificate) -> dict[str, Any]:
            certificates = [{"rawBytes": b64(certificate_der(one))} for one in chain]
            subject = {"organization": "example", "commonName": "test"}
            return {
                "subject": subject,
                "uri": "https://authority.example",
                "certChain": {"certificates": certificates},
                "validFor": since,
            }

        elliptic, edwards = "PKIX_ECDSA_P256_SHA_256", "PKIX_ED25519"
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [
                log("https://rekor.example", self.first.key, elliptic, self.first.id),
                log(f"https://{self.second.origin}", self.second.key, edwards, self.second.id),
            ],
            "certificateAuthorities": [authority(self.fulcio.certificate)],
            "ctlogs": [log("https://ct.example", self.fulcio.log_key, elliptic, self.fulcio.log_id)],
            "timestampAuthorities": [authority(self.stamps.certificate, self.stamps.root)],
        }

    # What it answers.

    def answer(self, path: str, body: bytes, bearer: str) -> tuple[int, str, bytes]:
        """Status, type and body for a POST."""
        if path == self.refuses:
            return 403, "text/plain", b"not you"
        if path == "/stamp":
            return 201, "application/timestamp-reply", self.stamps.stamp(body)
        value = json.loads(body)
        match path:
            case "/api/v2/signingCert":
                request = x509.load_pem_x509_csr(base64.b64decode(value["certificateSigningRequest"]))
                leaf = self.fulcio.issue(request, bearer)
                chain = {"certificates": [pem(leaf), pem(self.fulcio.certificate)]}
                answer: dict[str, Any] = {"signedCertificateEmbeddedSct": {"chain": chain}}
            case "/api/v1/log/entries":
                answer = self.first.add(value)
            case "/api/v2/log/entries":
                answer = self.second.add(value)
            case _:
                return 404, "text/plain", b"not here"
        return 201, "application/json", json.dumps(answer).encode()


def _handler(instance: Instance) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else head and body wait 40 ms for each other

        def do_GET(self) -> None:
            """A job asks who it is, as GitHub's do."""
            self._send(200, "application/json", json.dumps({"value": instance.job()}).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._send(*instance.answer(self.path, body, bearer))

        def _send(self, status: int, kind: str, answer: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            """Says nothing."""

    return Handler
