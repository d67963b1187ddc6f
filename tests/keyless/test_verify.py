"""What a keyless signature proves offline, and every way in which it must not be believed."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509

from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError
from registry_tool.core.identity import BUNDLE_BYTES, Claims
from registry_tool.signing.sigstore.verify import identifier, verify
from tests.keyless.bundles import EITHER, FIRST, MESSAGE, SECOND, Made, Tampering
from tests.keyless.instance import GITHUB, GOOGLE, LONG, WORKFLOW, Instance

pytestmark = pytest.mark.slow

REKOR = pytest.mark.parametrize("rekor", [1, 2])


def refused(act: Callable[[], object]) -> NotTrusted:
    with pytest.raises(NotTrusted) as error:
        act()
    return error.value


@REKOR
def test_a_bundle_says_who_signed_and_when(made: dict[int, Made], rekor: int) -> None:
    """Issuer, whole subject, both numbers, and the log's time are those of the job that signed."""
    claims = made[rekor].verified()

    assert (GITHUB, f"https://github.com/{WORKFLOW}", 42, 7) == (
        claims.issuer,
        claims.subject,
        claims.repository_id,
        claims.owner_id,
    )
    assert "https://github.com/acme/links" == claims.repository
    assert abs(claims.at - time.time()) < 600


@REKOR
def test_a_person_has_no_numbers(sigstore: Instance, rekor: int) -> None:
    """A mail address is a subject too, without a repository."""
    bundle = sigstore.sign(MESSAGE, sigstore.token(email="ann@example.org"), rekor=rekor)
    claims = verify(bundle, MESSAGE, sigstore.trusted_root(), sigstore.now())

    assert Claims(GOOGLE, "ann@example.org", None, None, "", claims.at) == claims


@REKOR
def test_the_message_is_the_one_that_was_signed(made: dict[int, Made], rekor: int) -> None:
    """One letter more, and it does not hold."""
    assert "bad-keyless" == refused(lambda: made[rekor].verified(message=MESSAGE + b" ")).code


@pytest.mark.parametrize(
    ("rekor", "tamper"),
    [
        *((rekor, tamper) for rekor in (1, 2) for tamper in EITHER),
        *((1, tamper) for tamper in FIRST),
        *((2, tamper) for tamper in SECOND),
    ],
)
def test_a_bundle_that_was_tampered_with_is_refused(made: dict[int, Made], rekor: int, tamper: Tampering) -> None:
    """Whatever was changed, left out or taken from another release, exit 4."""
    assert (4, "bad-keyless") == (
        refused(lambda: made[rekor].verified(tamper)).exit_code,
        refused(lambda: made[rekor].verified(tamper)).code,
    )


@REKOR
@pytest.mark.parametrize("members", [("certificateAuthorities",), ("ctlogs",), ("tlogs",), ("timestampAuthorities",)])
def test_another_instance_is_not_believed(made: dict[int, Made], rekor: int, members: tuple[str, ...]) -> None:
    """Where one of the trust root's parts is somebody else's, nothing that it vouches for holds."""
    if rekor == 1 and members == ("timestampAuthorities",):
        members = ("tlogs",)  # the first version needs no stamps
    other = json.loads(Instance.stranger().trusted_root())
    root = made[rekor].sigstore.trusted_root(**{name: other[name] for name in members})

    assert "bad-keyless" == refused(lambda: made[rekor].verified(root=root)).code


@REKOR
def test_a_log_that_was_taken_out_of_the_trust_root_is_not_believed(made: dict[int, Made], rekor: int) -> None:
    """The message says that the trust root may be old, as it is when a log is new."""
    logs = json.loads(made[rekor].sigstore.trusted_root())["tlogs"]
    root = made[rekor].sigstore.trusted_root(tlogs=[logs[2 - rekor]])

    assert "the trust root may be old" in refused(lambda: made[rekor].verified(root=root)).hint


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad-keyless"),
        (b"[]", "bad-keyless"),
        (b"{}", "bad-keyless"),
        (b"\xff", "bad-keyless"),
        (b"[" * 60_000, "bad-keyless"),
        (b"{" + b" " * BUNDLE_BYTES + b"}", "too-large"),
    ],
)
def test_what_is_no_bundle_is_refused(sigstore: Instance, data: bytes, code: str) -> None:
    """Nonsense, deep or long, is refused in one sentence."""
    assert code == refused(lambda: verify(data, MESSAGE, sigstore.trusted_root(), sigstore.now())).code


@pytest.mark.parametrize("root", [b"", b"{}", b"[]", b" " * 600_000, b'{"mediaType": "x"}'])
def test_what_is_no_trust_root_is_said_so(made: dict[int, Made], root: bytes) -> None:
    """It is the operator's file that is wrong, and not the signature."""
    with pytest.raises(InvalidInput):
        verify(made[1].bundle, MESSAGE, root, 0)


@REKOR
def test_a_time_in_the_future_is_refused(made: dict[int, Made], rekor: int) -> None:
    """The log may be ten minutes ahead of this machine, and no more."""
    found = made[rekor].verified()
    root = made[rekor].sigstore.trusted_root()

    assert found == verify(made[rekor].bundle, MESSAGE, root, found.at - 600)
    assert found == identifier(root, now=lambda: found.at)(made[rekor].bundle, MESSAGE)
    refusal = refused(lambda: verify(made[rekor].bundle, MESSAGE, root, found.at - 601))
    assert "future-signature" == refusal.code


@REKOR
def test_a_certificate_that_had_ended_when_the_log_saw_it_is_refused(rekor: int) -> None:
    """A log entry eleven minutes after the certificate was made proves nothing."""
    clock = [int(time.time()) - 660]
    with Instance(lambda: clock[0]) as sigstore:
        sigstore.fulcio.lifetime = LONG  # the signer looks at its own clock
        sigstore.fulcio.now = lambda: clock[0]
        token = sigstore.job()
        good = sigstore.sign(MESSAGE, token, rekor=rekor)
        sigstore.fulcio.now = lambda: clock[0] + 660
        early = sigstore.sign(MESSAGE, token, rekor=rekor)

    assert clock[0] == verify(good, MESSAGE, sigstore.trusted_root(), clock[0]).at
    refusal = refused(lambda: verify(early, MESSAGE, sigstore.trusted_root(), clock[0]))
    assert "bad-keyless" == refusal.code


@REKOR
def test_an_old_signature_stays_good(rekor: int) -> None:
    """Two years after its certificate ended, a bundle proves what it always did."""
    then = int(time.time()) - 2 * 365 * 86_400
    with Instance(lambda: then, lifetime=LONG) as sigstore:
        bundle = sigstore.sign(MESSAGE, rekor=rekor)

    assert then == verify(bundle, MESSAGE, sigstore.trusted_root(), int(time.time())).at


def odd(**members: Any) -> Callable[[Instance], None]:
    def change(sigstore: Instance) -> None:
        for name, value in members.items():
            setattr(sigstore.fulcio, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (odd(without=frozenset({"1", "8"})), ""),
        (odd(without=frozenset({"1"})), GOOGLE),
        (odd(without=frozenset({"8"})), GOOGLE),
        (odd(raw={"1": b"https://evil.example"}), ""),
        (odd(raw={"8": b"not DER"}), ""),
        (odd(raw={"8": b""}), ""),
        (odd(raw={"8": b"\x0c\x05abc"}), ""),
        (odd(raw={"8": b"\x0c\x84\x00\x00\x00\x03abc"}), ""),
        (odd(raw={"15": b"\x0c\x03abc"}), ""),
        (odd(raw={"15": b"\x0c\x10" + b"1" * 16}), ""),
        (odd(names=(x509.RFC822Name("a@example.org"), x509.RFC822Name("b@example.org"))), ""),
        (odd(names=(x509.DNSName("example.org"),)), ""),
        (odd(names=(x509.UniformResourceIdentifier("https://e.example/" + "a" * 500),)), ""),
        (odd(names=(x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x0c\x03ann"),)), ""),
    ],
)
def test_a_certificate_names_one_subject_and_one_issuer(change: Callable[[Instance], None], expected: str) -> None:
    """None, two that differ, or a name of another kind are refused: who signed must be beyond doubt."""
    with Instance() as sigstore:
        change(sigstore)
        bundle = sigstore.sign(MESSAGE)
    try:
        found = verify(bundle, MESSAGE, sigstore.trusted_root(), sigstore.now()).issuer
    except RegistryError as error:
        found = "" if error.exit_code == 4 else str(error.exit_code)

    assert expected == found


def test_a_user_name_is_a_subject() -> None:
    """The third kind of name that the authority gives."""
    with Instance() as sigstore:
        kind = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
        sigstore.fulcio.names = (x509.OtherName(kind, b"\x0c\x0bann!example"),)
        bundle = sigstore.sign(MESSAGE)

    assert "ann!example" == verify(bundle, MESSAGE, sigstore.trusted_root(), sigstore.now()).subject


@REKOR
def test_verifying_is_quick(made: dict[int, Made], rekor: int) -> None:
    """A tenth of what the registry promises, so that a slow machine still keeps it: 500 ms for one release."""
    made[rekor].verified()
    begin = time.process_time()
    for _ in range(5):
        made[rekor].verified()

    assert (time.process_time() - begin) / 5 < 0.5
