"""Keyless signing: a token says who somebody is, an authority makes a certificate of it, a log keeps both.

    token  ──Fulcio──▶  certificate for ten minutes  ──sign──▶  bundle  ◀──proof──  Rekor, or a time stamp

What is signed stands in a public log for ever, with the name in the certificate.
"""

from typing import Final

from sigstore.errors import Error, NetworkError
from sigstore.models import ClientTrustConfig
from sigstore.oidc import ExpiredIdentity, IdentityToken, Issuer, IssuerError, detect_credential
from sigstore.sign import Signer, SigningContext

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, Unreachable

CONFIG_BYTES: Final = limits.ROOT_BYTES

_SILENT: Final = (NetworkError, OSError)  # what its HTTP client raises is an OSError
_SERVICES: Final = (Error, IssuerError, ExpiredIdentity, ValueError, LookupError)


class Session:
    """Signs messages as one identity, with one key and one certificate.

    `token` is an identity token; where it is empty the machine's own (a CI job's) is used where `ambient`
    says that there may be one, else a browser where `browser` lets it. `config` is a client trust
    configuration of another sigstore instance, empty for the public one.
    """

    def __init__(self, token: str, config: bytes, *, ambient: bool, browser: bool) -> None:
        self._config = _config(config)
        self._token = _identity(token, self._config, ambient=ambient, browser=browser)
        self._signer: Signer | None = None

    def sign(self, message: bytes) -> bytes:
        """The bundle that signs `message`, as JSON in bytes.

        Raises `NotTrusted` where the authority or the log refuse, `Unreachable` where they do not answer.
        """
        try:
            if self._signer is None:
                # The default keeps the key: without it each signature would be by another key than its certificate's.
                self._signer = Signer(self._token, SigningContext.from_trust_config(self._config))
            return self._signer.sign_artifact(message).to_json().encode("utf-8")
        except _SILENT as error:
            raise _unreachable(error) from error
        except Exception as error:  # its clients raise classes of their own that share no parent
            raise NotTrusted(
                f"the sigstore instance did not sign: {_reason(error)}",
                code="not-signed-keyless",
                hint="a token is good for a few minutes only: get a new one, and try again",
            ) from error


def _config(config: bytes) -> ClientTrustConfig:
    if len(config) > CONFIG_BYTES:
        raise InvalidInput(f"a trust configuration has at most {CONFIG_BYTES} bytes", code="too-large")
    try:
        return ClientTrustConfig.from_json(config.decode("utf-8")) if config else ClientTrustConfig.production()
    except (Error, ValueError) as error:
        if config:
            raise InvalidInput(
                f"this is no trust configuration of a sigstore instance: {_reason(error)}",
                code="bad-trust-config",
                hint="give the file that your instance's operator hands out for `sigstore --trust-config`",
            ) from error
        raise _unreachable(error) from error


def _identity(token: str, config: ClientTrustConfig, *, ambient: bool, browser: bool) -> IdentityToken:
    """Who signs: a token that was given, the machine's own, or whoever logs in."""
    try:
        raw = token or (detect_credential() if ambient else None)
        if raw:
            return IdentityToken(raw)
        if browser:
            return Issuer(config.signing_config.get_oidc_url()).identity_token()
    except _SILENT as error:
        raise _unreachable(error) from error
    except _SERVICES as error:
        raise NotTrusted(
            f"this identity token cannot be used: {_reason(error)}",
            code="bad-token",
            hint="in GitHub's jobs say `permissions: id-token: write`; elsewhere get a new token for `sigstore`",
        ) from error
    raise NotFound(
        "nothing says who you are: there is no identity token, and no terminal to log in at",
        code="no-token",
        hint="give --identity-token, or run it in a CI job that may ask for one",
    )


def _unreachable(error: BaseException) -> Unreachable:
    return Unreachable(
        f"the sigstore instance does not answer: {_reason(error)}", code="no-sigstore", hint="try again in a minute"
    )


def _reason(error: BaseException) -> str:
    """The error's words, or those of what caused it, in one short line."""
    words = str(error) or str(error.__cause__ or "") or type(error).__name__
    return " ".join(words.split())[:300]
