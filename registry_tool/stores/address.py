"""Where HTTP may go, by which proxy, with which certificates and passwords.

https goes anywhere, plain http only to this machine: to another one it would let anybody on the way
see what is installed, and hold back news.
"""

import ipaddress
import netrc
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.core.quoting import quoted


def site_address(text: str) -> str:
    """The address of a site, with a slash at its end; `WrongUsage` for one that must not or cannot be used."""
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = "write it as https://example.org/registry/"
        raise WrongUsage(f"expected an https address, this is {quoted(text)}", code="bad-address", hint=hint)
    if parts.username is not None or parts.password is not None:
        hint = "put them into ~/.netrc"
        raise WrongUsage("an address holds no user and password", code="bad-address", hint=hint)
    if parts.query or parts.fragment:
        raise WrongUsage(f"an address ends before ? and #, this is {quoted(text)}", code="bad-address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        hint = f"write https://{parts.netloc}"
        raise WrongUsage(f"plain http is for this machine only, not for {parts.hostname}", code="plain-http", hint=hint)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/"))


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # read here, since it raises for one that is no number
    except ValueError as error:
        raise WrongUsage(f"this is no address: {quoted(text)}", code="bad-address") from error
    return parts


def may_follow(origin: str, target: str) -> bool:
    """Whether a redirect from `origin` may be followed to `target`: never out of https, plain http to loopback only."""
    try:
        parts = urlsplit(target)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and is_loopback(parts.hostname) and urlsplit(origin).scheme == "http"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: 127.0.0.0/8, ::1 or localhost (RFC 6761 part 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def file_address(base: str, path: str) -> str:
    """The address of the file at `path` of the site; `InvalidInput` for a path that leaves it."""
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise InvalidInput(f"a path stays inside its site, {quoted(path)} does not", code="bad-path")
    return base + quote(path, safe="/@+~")


def proxy_for(address: str, env: Mapping[str, str]) -> str | None:
    """The proxy for `address`, as HTTPS_PROXY, ALL_PROXY and NO_PROXY say; none to this machine."""
    parts = urlsplit(address)
    # HTTP_PROXY in capitals can come from a request's header where a web server starts us (httpoxy).
    names = ("https_proxy", "HTTPS_PROXY") if parts.scheme == "https" else ("http_proxy",)
    proxy = next((env[name] for name in (*names, "all_proxy", "ALL_PROXY") if env.get(name)), None)
    if proxy is None or _goes_direct(parts.hostname or "", env.get("no_proxy") or env.get("NO_PROXY") or ""):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if _split(proxy).scheme not in ("http", "https"):
        raise WrongUsage(f"expected an http or https proxy, this is {quoted(proxy)}", code="bad-proxy")
    return proxy


def _goes_direct(host: str, exceptions: str) -> bool:
    """Whether NO_PROXY names `host`: itself, a domain that it is in, or `*`."""
    names = [name.strip().lower().lstrip(".") for name in exceptions.split(",")]
    return is_loopback(host) or any(name == "*" or f".{host.lower()}".endswith(f".{name}") for name in names if name)


def trust_of(env: Mapping[str, str]) -> ssl.SSLContext:
    """What certificates are checked against: SSL_CERT_FILE and SSL_CERT_DIR, else what the system trusts."""
    file, folder = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except OSError as error:
        hint = "let SSL_CERT_FILE name a file of certificates in PEM"
        message = "the certificates cannot be read"
        raise WrongUsage(message, where=file or "", code="bad-certificates", hint=hint) from error


def login_for(address: str, env: Mapping[str, str]) -> tuple[str, str] | None:
    """User and password for the host of `address` from NETRC or ~/.netrc."""
    home = env.get("HOME")
    file = Path(env["NETRC"]) if env.get("NETRC") else Path(home) / ".netrc" if home else None
    if file is None or not file.is_file():
        return None
    try:
        found = netrc.netrc(str(file)).authenticators(urlsplit(address).hostname or "")
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"it cannot be read: {error}", where=str(file), code="bad-netrc") from error
    return (found[0], found[2] or "") if found else None
