"""Domains on this machine: a proxy that answers for them by TLS, with certificates of its own authority.

with domains(folder, {"example.org": {"/.well-known/x.json": b"…"}}) as env:
    HttpSource("https://example.org/", env=env)
"""

import http.server
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Pages = Mapping[str, Mapping[str, bytes]]
"""Host to path to body."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Lets a client through to a host, which is answered right here."""

    disable_nagle_algorithm = True  # else head and body wait 40 ms for each other

    pages: Pages
    context: ssl.SSLContext

    def do_CONNECT(self) -> None:
        host = self.path.rpartition(":")[0]
        if host not in self.pages:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        with self.context.wrap_socket(self.connection, server_side=True) as inside:
            asked = inside.recv(65536).split(b" ")[1].decode()
            body = self.pages[host].get(asked)
            status = b"200 OK" if body is not None else b"404 Not Found"
            head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body or b""))
            inside.sendall(head + (body or b""))
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's name; Any: as there
        """Says nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:  # Any: as the standard library has it
        """Says nothing: clients hang up after their answer."""


@contextmanager
def domains(folder: Path, pages: Pages) -> Iterator[dict[str, str]]:
    """What the environment of a client says so that it finds these domains, for the time of a `with`."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, bundle = folder / "authority.pem", folder / "host.pem"
    _certify(sorted(pages), authority, bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    handler = type("DomainsHandler", (_Handler,), {"pages": pages, "context": context})
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"HTTPS_PROXY": f"http://127.0.0.1:{server.server_address[1]}", "SSL_CERT_FILE": str(authority)}
        server.shutdown()


def _certify(hosts: list[str], authority: Path, bundle: Path) -> None:
    """Writes a new authority, and a key with a certificate for all of `hosts`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    begins = datetime(2020, 1, 1, tzinfo=UTC)

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey, extension: x509.ExtensionType) -> bytes:
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=365 * 60))
            .add_extension(extension, critical=True)
            .sign(root, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    host = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a host of the tests")])
    names = x509.SubjectAlternativeName([x509.DNSName(one) for one in hosts])
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority.write_bytes(certificate(name, root.public_key(), x509.BasicConstraints(ca=True, path_length=0)))
    bundle.write_bytes(private + certificate(host, key.public_key(), names))
