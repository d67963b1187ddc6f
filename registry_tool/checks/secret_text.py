"""Passwords, keys and tokens that were published by mistake.

Formats whose tokens work at once are refused; what only looks like a password asks for a person. The
secret itself is never repeated in a message: reports are public.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from registry_tool.core import limits
from registry_tool.core.change import Change
from registry_tool.core.findings import Finding, Level
from registry_tool.core.places import place
from registry_tool.core.review import Check
from registry_tool.core.since import is_as_reviewed

_LIVE: Final[tuple[tuple[str, bytes, bytes], ...]] = (
    # What it is, what must occur for the pattern to be tried at all (searching for it is quick), the pattern.
    ("an AWS access key", b"AKIA", rb"\bAKIA[A-Z0-9]{16}\b"),
    ("a temporary AWS access key", b"ASIA", rb"\bASIA[A-Z0-9]{16}\b"),
    ("a GitHub token", b"gh", rb"\bgh[opsur]_[A-Za-z0-9]{36}\b"),
    ("a GitHub token", b"github_pat_", rb"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
    ("a GitLab token", b"glpat-", rb"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a Slack token", b"xox", rb"\bxox[abeoprs]-[0-9]{6,}-[A-Za-z0-9-]{16,}"),
    ("a Slack web hook", b"hooks.slack.com", rb"hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}"),
    ("an npm token", b"npm_", rb"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a Python package index token", b"pypi-AgE", rb"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    ("a Google key", b"AIza", rb"\bAIza[A-Za-z0-9_-]{35}"),
    ("a Stripe key", b"k_live_", rb"\b[rs]k_live_[A-Za-z0-9]{24,}"),
    ("an Anthropic key", b"sk-ant-", rb"\bsk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,}"),
    ("an OpenAI key", b"T3BlbkFJ", rb"\bsk-[A-Za-z0-9_-]{20,200}T3BlbkFJ[A-Za-z0-9_-]{20,}"),
    ("a Hugging Face token", b"hf_", rb"\bhf_[A-Za-z0-9]{34}\b"),
    ("a SendGrid key", b"SG.", rb"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    (
        "a private key",
        b"PRIVATE KEY",
        (
            rb"-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
            rb"(?:\s|\\[nr]|[A-Za-z-]{1,40}: [^\n]{1,80}\n){1,9}[A-Za-z0-9+/=]{40}"
        ),
    ),
)
_COMPILED: Final = tuple((what, marker, re.compile(form)) for what, marker, form in _LIVE)
_JWT: Final = re.compile(rb"\beyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{20}")
_ASSIGNED: Final = re.compile(
    rb"(?i)(?:passw(?:or)?d|secret|token|api[_-]?key|access[_-]?key)[\w-]{0,20}[\"']?[ \t]{0,8}[:=][ \t]{0,8}"
    rb"[\"'](?P<value>[^\"'\s]{12,200})[\"']"
)
_PLACEHOLDER: Final = re.compile(
    rb"(?i)[${}<>%*]|example|your|change|placeholder|dummy|xxx|https?:|process\.env|\.\.\."
)
_DISTINCT: Final = 8  # characters; real tokens are random, placeholders are xxxxxx
_BITS: Final = 3.5  # per character; words of a language lie below, random text above


def secrets(change: Change) -> Iterator[Finding]:
    """A finding for each file that holds a live token, and for what looks like a password."""
    for candidate in change.releases:
        yield from _found(place(candidate), candidate.manifest_bytes)
        for path, file in sorted((candidate.payload or {}).items()):
            known = is_as_reviewed(candidate, path)
            yield from (one for one in _found(place(candidate, path), file.data) if one.level == "fail" or not known)


def _found(path: str, data: bytes) -> Iterator[Finding]:
    for what, marker, form in _COMPILED:
        if marker in data:
            match = next((one for one in form.finditer(data) if _is_real(one[0])), None)
            if match:
                hint = "revoke it now: it was published; then remove it and publish again"
                yield _finding("fail", f"this is {what}", path, data, match.start(), hint)
    if len(data) > limits.NATIVE_BYTES or b"\0" in data:
        return
    jwt = _JWT.search(data)
    if jwt:
        message = "this may be a token that lets somebody in (JWT)"
        yield _finding("review", message, path, data, jwt.start(), "where it is an example, write so beside it")
    match = next((one for one in _ASSIGNED.finditer(data) if _is_random(one["value"])), None)
    if match:
        hint = "read it from the environment; where it is an example, write EXAMPLE in it"
        yield _finding("review", "this looks like a password", path, data, match.start("value"), hint)


def _finding(level: Level, message: str, path: str, data: bytes, start: int, hint: str) -> Finding:
    return Finding("secrets", level, message, path, hint, data.count(b"\n", 0, start) + 1)


def _is_real(token: bytes) -> bool:
    return b"EXAMPLE" not in token.upper() and len(set(token[-24:])) >= _DISTINCT


def _is_random(value: bytes) -> bool:
    if _PLACEHOLDER.search(value) or not re.search(rb"[0-9]", value) or not re.search(rb"[A-Za-z]", value):
        return False
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values()) >= _BITS


CHECKS: Final = (
    Check(
        id="secrets",
        number=34,
        title="No file holds a key, token or password",
        why="Leaked tokens were how worms spread from one package to the next.",
        level="fail",
        run=secrets,
        waivable=True,
    ),
)
