"""Tokens and passwords. No token stands here in one piece, since others look for them too."""

import pytest

from registry_tool.checks.secret_text import secrets
from registry_tool.core import limits
from tests.checks.changes import with_candidate
from tests.checks.fixtures import update, with_file

R = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dF4gH6kL8nP0rS2tU4wX6zA8cD1eF3gH5jK7mN9pQ2rT4vX6yB8dF0"
"""Looks random, is not."""
UPPER = R.upper()
NEWLINE = "\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AK" + "IA" + UPPER[:16], "an AWS access key"),
        ("AS" + "IA" + UPPER[:16], "a temporary AWS access key"),
        ("gh" + "p_" + R[:36], "a GitHub token"),
        ("gh" + "s_" + R[:36], "a GitHub token"),
        ("github_" + "pat_" + R[:22] + "_" + R[:59], "a GitHub token"),
        ("gl" + "pat-" + R[:20], "a GitLab token"),
        ("xo" + "xb-123456789012-" + R[:24], "a Slack token"),
        ("https://hooks.slack" + ".com/services/T" + UPPER[:8] + "/B" + UPPER[:8] + "/" + R[:24], "a Slack web hook"),
        ("np" + "m_" + R[:36], "an npm token"),
        ("py" + "pi-AgE" + R[:60], "a Python package index token"),
        ("AI" + "za" + R[:35], "a Google key"),
        ("sk_" + "live_" + R[:24], "a Stripe key"),
        ("rk_" + "live_" + R[:24], "a Stripe key"),
        ("sk-" + "ant-api03-" + R[:84], "an Anthropic key"),
        ("sk-" + R[:20] + "T3Blbk" + "FJ" + R[20:40], "an OpenAI key"),
        ("hf" + "_" + R[:34], "a Hugging Face token"),
        ("S" + "G." + R[:22] + "." + R[:43], "a SendGrid key"),
        ("-----BEGIN RSA PRIVATE" + " KEY-----\n" + R[:64] + "\n", "a private key"),
        ("-----BEGIN PRIVATE" + " KEY-----\\n" + R[:64], "a private key"),
        ("-----BEGIN PGP PRIVATE" + " KEY BLOCK-----\n\n" + R[:64], "a private key"),
        ("-----BEGIN EC PRIVATE" + " KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\n" + R[:64], "a private key"),
    ],
)
def test_a_live_token_is_refused(text: str, expected: str) -> None:
    """A token that works at once is refused with its line, by what it is, and never repeated."""
    found = list(secrets(with_file("notes.txt", f"one\nthe key: {text}\n".encode())()))

    assert [("fail", f"this is {expected}", 2, "@ann/links@1.0.1: notes.txt")] == [
        (one.level, one.message, one.line, one.path) for one in found
    ]
    assert R[:8] not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "AK" + "IAIOSFODNN7EXAMPLE",
        "gh" + "p_" + "x" * 36,
        "npm_config_registry",
        "-----BEGIN PRIVATE" + " KEY-----\n...\n-----END PRIVATE" + " KEY-----",
        "eyJ is how they begin",
        'password = "correct horse"',
        'password: "hunter2"',
        'password = "${PASSWORD_1234567}"',
        'token = "your-token-goes-here-1"',
        'token = "aaaaaaaaaaaaaaaaaaa1"',
        'secret = "aaaabbbbccccddddeeee"',
        'api_key = "1234567890123456"',
        "token: " + R[:30],
        'const password = process.env["PASSWORD_1"]',
    ],
)
def test_an_example_is_left_alone(text: str) -> None:
    """Placeholders, documented examples, words and what is read from the environment are no secrets."""
    assert [] == list(secrets(with_file("notes.txt", text.encode())()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'password = "{R[:24]}"', "this looks like a password"),
        (f"apiKey: '{R[:24]}'", "this looks like a password"),
        (f'"client_secret": "{R[:24]}"', "this looks like a password"),
        (f"eyJ{R[:20]}.eyJ{R[:30]}.{R[:30]}", "this may be a token that lets somebody in (JWT)"),
    ],
)
def test_what_looks_like_a_password_asks_for_a_person(text: str, expected: str) -> None:
    """Random text that is given to something called password, key or token is looked at by a person."""
    assert [("review", expected)] == [
        (one.level, one.message) for one in secrets(with_file("notes.txt", text.encode())())
    ]


def test_large_and_binary_files_are_searched_for_live_tokens_only() -> None:
    """In what is not text, and in very large text, only formats that are never chance are looked for."""
    text = f'password = "{R[:24]}" '.encode()
    live = ("gh" + "p_" + R[:36]).encode()

    assert [] == list(secrets(with_file("a.bin", b"\0" + text)()))
    assert [] == list(secrets(with_file("a.txt", text + b" " * limits.NATIVE_BYTES)()))
    assert 1 == len(list(secrets(with_file("a.bin", b"\0" + live)())))


def test_a_manifest_is_searched_too() -> None:
    """A token in a description is found; a release without files has only its manifest."""
    made = with_candidate(update(), payload=None, manifest_bytes=("gh" + "p_" + R[:36]).encode())

    assert ["@ann/links@1.0.1"] == [one.path for one in secrets(made)]
