"""Keyless identities: what a verified signature says of who signed, and whether that is who may.

    bundle + message ──identify──▶ Claims          cryptography, of `signing/`, offline, under a trust root
    Claims + IdentityRow  ──▶ named or not         whole strings and numbers, here
    Claims + Expected     ──▶ as asked or not      what a person said with `--verify-identity`

A certificate says who somebody was for ten minutes; the log says when they signed. Names of
repositories are given away and taken again, so where an issuer gives numbers a scope names them too.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.errors import NotTrusted, WrongUsage
from registry_tool.core.quoting import quoted
from registry_tool.core.statements import IdentityRow, Scope
from registry_tool.core.times import from_seconds, to_seconds

BUNDLE: Final = "sigstore.json"
"""The suffix of the keyless signature over a manifest's bytes."""
WIRE_BUNDLE: Final = "wire.sigstore.json"
"""The suffix of the one over what the ggui client reads; nothing of ours trusts it."""
BUNDLE_BYTES: Final = 64 * limits.KIB
"""Of one bundle; those of today have five to ten."""
SUBJECT_CHARACTERS: Final = 500  # as long as a scope may name
CLOCK_SECONDS: Final = 600
"""How far the clocks of a log, of an author and of a moderator may be apart."""
NAMED_SECONDS: Final = 30 * 86_400
"""How long a statement that names an identity may wait for its landing: as long as an approval counts."""
PATTERN_CHARACTERS: Final = 200
PATTERN_REPEATS: Final = 3
"""Each repeat multiplies the time of a search by the length of the subject; three of 500 take a second at worst."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good keyless signature says: who signed, and when the log saw it."""

    issuer: str
    """Who vouched for the identity; never empty."""
    subject: str
    """A mail address, or the address of a workflow; never empty."""
    repository_id: int | None
    owner_id: int | None
    repository: str
    """Its address, for people to read; empty where the certificate has none. Nothing is decided by it."""
    at: int
    """When the log saw the signature, in seconds since 1970."""

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The same for people's scripts; what is not there is absent."""
        numbers = {"repository_id": self.repository_id, "owner_id": self.owner_id}
        return {
            "issuer": self.issuer,
            "subject": self.subject,
            **{name: number for name, number in numbers.items() if number is not None},
            **({"repository": self.repository} if self.repository else {}),
            "at": from_seconds(self.at),
        }


Identify = Callable[[bytes, bytes], Claims]
"""A bundle and the message that it signs to what it proves; raises `NotTrusted`."""

Keyless = Callable[[bytes], Identify]
"""The bytes of a sigstore trust root to whoever identifies under it."""

SignKeyless = Callable[[bytes], bytes]
"""A message to the bundle that signs it; everything that one of these signs is signed by one identity."""


def refuse_identity(bundle: bytes, message: bytes) -> Claims:
    """An `Identify` that has no trust root, and so believes nobody."""
    raise NotTrusted(
        "a keyless signature cannot be verified here: no sigstore trust root is known",
        code="needs-identity",
        hint="the registry's operator names one with `registry trust rotate --trusted-root FILE`",
    )


def no_keyless(trusted_root: bytes) -> Identify:
    """A `Keyless` that believes nobody, whatever trust root it is given."""
    return refuse_identity


def identify_under(root: Callable[[], bytes | None], keyless: Keyless) -> Identify:
    """An `Identify` that asks for the trust root, and loads what reads it, at its first use."""

    @cache
    def found() -> Identify:
        data = root()
        return refuse_identity if data is None else keyless(data)

    def identify(bundle: bytes, message: bytes) -> Claims:
        under_root = found()
        return under_root(bundle, message)

    return identify


def not_ahead(at: int, now: int, what: str) -> None:
    """Refuses a log time in the future: more than ten minutes after `now`; both in seconds since 1970."""
    if at > now + CLOCK_SECONDS:
        raise NotTrusted(
            f"{what} was signed at {from_seconds(at)}, and it is {from_seconds(now)}",
            code="future-signature",
            hint="set this machine's clock right; if it is right, the log's is not",
        )


def names(row: IdentityRow, claims: Claims) -> bool:
    """Whether `row` is about who signed: whole strings, and every number that the row has."""
    return (row.issuer, row.subject) == (claims.issuer, claims.subject) and all(
        wanted is None or wanted == found
        for wanted, found in ((row.repository_id, claims.repository_id), (row.owner_id, claims.owner_id))
    )


def named_among(claims: Claims, rows: Iterable[IdentityRow], what: str) -> IdentityRow:
    """The row of a scope under which `claims` may sign; `NotTrusted` where none is about who signed.

    A row that says since when it names the identity is not about what the log saw before.
    """
    about = [row for row in rows if names(row, claims)]
    fresh = [row for row in about if row.named is None or claims.at >= to_seconds(row.named) - CLOCK_SECONDS]
    if fresh:
        return fresh[0]
    if about:
        raise NotTrusted(
            f"{what} was signed at {from_seconds(claims.at)}, and the scope names who signed it since {about[0].named}",
            code="signed-too-early",
            hint="sign it again",
        )
    raise NotTrusted(
        f"{what} is signed by {spoken(claims)}, which the scope does not name",
        code="unnamed-identity",
        hint="an owner names it with `registry scope identity add`",
    )


def spoken(claims: Claims) -> str:
    """An identity in words, whole: two that differ in their last letter must not look the same."""
    numbers = [
        f"{word} {number}"
        for word, number in (("repository", claims.repository_id), ("owner", claims.owner_id))
        if number is not None
    ]
    tail = f" ({', '.join(numbers)})" if numbers else ""
    return f"{claims.subject!r} of {claims.issuer!r}{tail}"


def new_identities(before: Scope | None, after: Scope) -> tuple[IdentityRow, ...]:
    """The identities that a scope's statement names for the first time."""
    known = {row.label for row in before.identities} if before else set()
    return tuple(row for row in after.identities if row.label not in known)


def says_since_when(rows: Iterable[IdentityRow]) -> None:
    """Refuses newly named identities that do not say since when they are named."""
    for row in rows:
        if row.named is None:
            raise NotTrusted(
                f"the identity {row.label} does not say since when the scope names it",
                code="bad-named",
                hint="sign again with `registry scope identity add`, which writes it",
            )


def named_now(rows: Iterable[IdentityRow], at: int) -> None:
    """Refuses newly named identities whose `named` is no honest time at landing, `at` seconds since 1970."""
    for row in rows:
        if row.named is None or not at - NAMED_SECONDS <= to_seconds(row.named) <= at + CLOCK_SECONDS:
            raise NotTrusted(
                f"the identity {row.label} says that it is named since {row.named}, and it is {from_seconds(at)}",
                code="bad-named",
                hint="sign again; a time may be thirty days old, and not lie ahead",
            )


# What a person asked for.


@dataclass(frozen=True, slots=True)
class Expected:
    """Whom a person wants a release to be signed by."""

    text: str
    """As it was said."""
    issuer: str
    pattern: re.Pattern[str] | None
    """For `/regex/`; `None` where the whole subject was said."""


def parse_expected(text: str, issuer: str) -> Expected:
    """What `--verify-identity TEXT` and `--issuer ISSUER` mean; `WrongUsage` for what means nothing.

    TEXT is the whole subject, letter by letter, or `/regex/`, which must match all of it. A regex is
    of a small language, so that no subject can make it run for long: letters, classes, groups that are
    not repeated, alternatives, and at most three repeats.
    """
    if not issuer:
        raise WrongUsage(
            "an identity is only worth something with who vouches for it",
            code="no-issuer",
            hint="add --issuer, as https://token.actions.githubusercontent.com",
        )
    if not text:
        raise WrongUsage(
            "--verify-identity names nobody", code="no-identity", hint="give the whole identity, or /regex/"
        )
    if not (len(text) > 1 and text.startswith("/") and text.endswith("/")):
        return Expected(text, issuer, None)
    inner = text[1:-1]
    try:
        _refuse_rich(inner)
        return Expected(text, issuer, re.compile(inner, re.ASCII))
    except (re.error, ValueError) as error:
        raise WrongUsage(
            f"{quoted(text)} cannot be matched: {error}",
            code="bad-pattern",
            hint="give the whole identity, or a simpler /regex/; it must match from the first letter to the last",
        ) from error


def must_be(claims: Claims, expected: Expected, what: str) -> None:
    """Refuses a release, `what`, that somebody else signed than the person asked for."""
    if expected.pattern is None:
        fits = claims.subject == expected.text
    else:
        fits = expected.pattern.fullmatch(claims.subject) is not None
    if not fits or claims.issuer != expected.issuer:
        raise NotTrusted(
            f"{what} is signed by {spoken(claims)}, and not by {expected.text!r} of {expected.issuer!r}",
            code="other-identity",
            hint="look at who publishes it: `registry show`; then say whom you expect, or do not install it",
        )


_TOKEN: Final = re.compile(
    r"""(?P<escape>\\.) | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\]) | (?P<plain>\((?!\?)|\(\?:) | (?P<odd>\(\?)
      | (?P<close>\)) | (?P<repeat>[*+]|\{[0-9]*,?[0-9]*\}) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


_ODD_SET: Final = re.compile(r"\[|--|&&|~~|\|\|")
"""What a later version of the language may read as an operation on classes."""


def _refuse_rich(pattern: str) -> None:
    """Refuses, with `ValueError`, what in a regex could make it run for long or mean something odd."""
    if len(pattern) > PATTERN_CHARACTERS:
        raise ValueError(f"it may have at most {PATTERN_CHARACTERS} characters")
    repeats, last = 0, ""
    for token in _TOKEN.finditer(pattern):
        kind = str(token.lastgroup)
        if kind == "odd":
            raise ValueError("it asks for more than groups and alternatives")
        if kind == "escape" and token[0][1].isdigit():
            raise ValueError("it refers back to what it matched before")
        if kind == "set" and _ODD_SET.search(token[0], 1):
            raise ValueError("its classes hold more than letters and ranges")
        if kind == "repeat":
            repeats += 1
            if last in ("close", "repeat"):
                raise ValueError("it repeats a group or a repeat")
        last = kind
    if repeats > PATTERN_REPEATS:
        raise ValueError(f"it has more than {PATTERN_REPEATS} repeats")
