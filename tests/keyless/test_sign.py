"""Signing without a key fails in one sentence, and never halfway."""

import json
import time

import pytest

from registry_tool.signing.sigstore.sign import Session
from registry_tool.signing.sigstore.verify import verify
from tests.keyless.instance import Instance
from tests.proving import refusal

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("rekor", [1, 2])
def test_one_session_signs_many_messages_with_one_certificate(sigstore: Instance, rekor: int) -> None:
    """Each bundle holds for its message; the certificate is asked for once."""
    session = Session(sigstore.job(), sigstore.trust_config(rekor=rekor), ambient=False, browser=False)
    bundles = [session.sign(message) for message in (b"one", b"two")]
    root, now = sigstore.trusted_root(), sigstore.now()
    certificates = {json.loads(one)["verificationMaterial"]["certificate"]["rawBytes"] for one in bundles}

    assert 1 == len(certificates)
    assert 1 == len(
        {verify(one, message, root, now).subject for one, message in zip(bundles, (b"one", b"two"), strict=True)}
    )


@pytest.mark.parametrize("path", ["/api/v2/signingCert", "/api/v1/log/entries"])
def test_an_instance_that_refuses_is_told(path: str) -> None:
    """The authority or the log says no: exit 4, and a new token is what helps."""
    with Instance() as sigstore:
        sigstore.refuses = path
        assert (4, "not-signed-keyless") == refusal(lambda: sigstore.sign(b"message"))


def test_a_bundle_without_a_stamp_is_not_made() -> None:
    """The second log keeps no time: where the stamps are refused, nothing is signed."""
    with Instance() as sigstore:
        sigstore.refuses = "/stamp"
        assert (4, "not-signed-keyless") == refusal(lambda: sigstore.sign(b"message", rekor=2))


def test_an_instance_that_is_gone_is_told() -> None:
    """Exit 6: try again."""
    sigstore = Instance.stranger()

    assert (6, "no-sigstore") == refusal(lambda: sigstore.sign(b"message"))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (b"{}", (1, "bad-trust-config")),
        (b"\xff", (1, "bad-trust-config")),
        (b" " * 600_000, (1, "too-large")),
    ],
)
def test_what_is_no_trust_configuration_is_refused(config: bytes, expected: tuple[int, str]) -> None:
    """The file that the instance's operator hands out, and no other."""
    assert expected == refusal(lambda: Session("", config, ambient=False, browser=False))


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.AA"])
def test_what_is_no_token_is_refused(sigstore: Instance, token: str) -> None:
    """Before any instance is asked."""
    assert (4, "bad-token") == refusal(lambda: Session(token, sigstore.trust_config(), ambient=False, browser=False))


def test_an_old_token_is_refused(sigstore: Instance) -> None:
    """It is good for a few minutes."""
    token = sigstore.token(exp=int(time.time()) - 60)

    assert (4, "bad-token") == refusal(lambda: Session(token, sigstore.trust_config(), ambient=False, browser=False))


def test_without_a_token_and_a_terminal_nobody_signs(sigstore: Instance) -> None:
    """The hint names both ways."""
    assert (3, "no-token") == refusal(lambda: Session("", sigstore.trust_config(), ambient=False, browser=False))


def test_a_browser_needs_an_instance_that_answers() -> None:
    """Where a person could log in, the instance is asked how; one that is gone is told."""
    config = Instance.stranger().trust_config()

    assert (6, "no-sigstore") == refusal(lambda: Session("", config, ambient=False, browser=True))
