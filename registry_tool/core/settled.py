"""All settings files together: what holds here, and which file says it.

Every file only takes away: a registry must be named by each file that names any, a release signed by somebody of
each list of signers, `never` is everything that any file says. What two files say differently is the stricter of both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.core.identity import Expected
from registry_tool.core.kind import Kind, Kinds
from registry_tool.core.quoting import quoted
from registry_tool.core.settings import Settings, Signer, kind_and_permission
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.verified import Verified

Level = Literal["machine", "person", "project"]
WHOSE: Final = {"machine": "this machine's settings", "person": "your settings", "project": "the project's settings"}


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """One file that is there."""

    level: Level
    path: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules about a release look at."""

    what: str
    """`@scope/name@version`."""
    registry: str
    author: str
    keys: tuple[str, ...]
    """k16 of the keys that signed it."""
    identities: tuple[tuple[str, str], ...]
    """Issuer and subject of the keyless identities that signed it."""
    permissions: tuple[str, ...]
    at: str = ""
    """When it was let in; empty where that does not matter any more, as for what is installed."""


@dataclass(frozen=True, slots=True)
class HereRule:
    """One rule, for people and scripts."""

    rule: str
    """Its stable name, as in the file: `trust.approvals`."""
    words: str
    said_by: str
    """`machine`, `person`, `project`, or `registry`."""
    path: str
    """The file that says it, or the registry."""

    def value(self) -> dict[str, str]:
        """As JSON."""
        return {"rule": self.rule, "words": self.words, "said_by": self.said_by, "path": self.path}


@dataclass(frozen=True, slots=True)
class Settled:
    """The files that are there, the machine's first."""

    files: tuple[SettingsFile, ...] = ()

    @property
    def approvals(self) -> int:
        """How many people must have approved a release: the largest number."""
        return max((one.settings.trust.approvals for one in self.files), default=0)

    @property
    def cool_down(self) -> int:
        """Seconds since a release must have been let in: the largest number."""
        return max((one.settings.cool_down_seconds for one in self.files), default=0)

    def refuse_registry(self, registry: str) -> None:
        """`NotTrusted` (`policy-registry`) where a file names registries and not the one with this id."""
        for one in self.files:
            allowed = one.settings.registries
            if allowed is not None and registry not in {row.id for row in allowed}:
                named = ", ".join(row.name or f"{row.id[:12]}…" for row in allowed) or "none"
                raise _refusal(
                    one,
                    "policy-registry",
                    f"the registry {registry[:12]}… is none of those that things may come from ({named})",
                    f"install from one of them, or add its id to `registries` in {one.path}",
                )

    def refuse_grants(self, kind: Kind, permissions: Sequence[str], *, what: str) -> None:
        """`NotTrusted` (`policy-permission`) where a file never grants one of these permissions of `what`.

        Nor one that allows more than what is never granted, or a part of it.
        """
        covers = kind.grammar.covers
        for one in self.files:
            for never in _meant(one.settings.permissions.never, kind):
                for permission in permissions:
                    if covers(never, permission) or covers(permission, never):
                        words = kind.grammar.explain(permission) or "unknown"
                        raise _refusal(
                            one,
                            "policy-permission",
                            f"{what} asks for {quoted(permission)} ({words}), and {quoted(never)} is never granted",
                            "install a version or another artifact that does not ask for it",
                        )

    def refuse_signer(self, facts: Facts) -> None:
        """`NotTrusted` (`policy-signer`) where a file lists signers and none of them signed."""
        for one in self.files:
            signers = one.settings.trust.signers
            if signers is not None and not any(_signed(signer, facts) for signer in signers):
                by = ", ".join([f"the author {facts.author}", *(f"{subject}" for _, subject in facts.identities)])
                wanted = "; ".join(signer.words for signer in signers) or "nobody"
                raise _refusal(
                    one,
                    "policy-signer",
                    f"{facts.what} is signed by {by}, and only this is taken: {wanted}",
                    f"add who signed it to `trust: signers` in {one.path}, if you trust them",
                )

    def refuse_release(self, kind: Kind, facts: Facts, *, now: int) -> None:
        """`NotTrusted` for a release that a file does not want; `now` is in seconds since 1970."""
        self.refuse_installed(kind, facts)
        for one in self.files:
            wait = one.settings.cool_down_seconds
            if facts.at and wait and now - to_seconds(facts.at) < wait:
                when = from_seconds(to_seconds(facts.at) + wait)
                raise _refusal(
                    one,
                    "policy-cool-down",
                    f"{facts.what} was let in at {facts.at}, less than {one.settings.cool_down} ago",
                    f"it can be installed from {when} on; or name an older version",
                )

    def refuse_installed(self, kind: Kind, facts: Facts) -> None:
        """The same without the waiting time, for what is installed already and is looked at again."""
        self.refuse_registry(facts.registry)
        self.refuse_signer(facts)
        self.refuse_grants(kind, facts.permissions, what=facts.what)

    def granted(self, kind: Kind, permission: str) -> str | None:
        """The file by which `permission` is granted without a question; `None` where somebody is asked."""
        for one in self.files:
            if kind.grammar.covered(_meant(one.settings.permissions.granted, kind), permission):
                return one.path
        return None

    def unconfined(self, artifact: str) -> str | None:
        """The file that names `artifact` as what may start unconfined; `None` where none does or one forbids it."""
        if self._never_unconfined() is not None:
            return None
        return next((one.path for one in self.files if artifact in one.settings.run.unconfined), None)

    def refuse_unconfined(self, artifact: str) -> None:
        """`StateForbids` (`never-unconfined`) where a file forbids that anything starts unconfined."""
        one = self._never_unconfined()
        if one is not None:
            raise StateForbids(
                f"{artifact} would start with all your rights, and {WHOSE[one.level]} say that nothing does",
                where=one.path,
                code="never-unconfined",
                hint="start it confined, without --unconfined; `registry doctor` says what that needs",
            )

    def _never_unconfined(self) -> SettingsFile | None:
        return next((one for one in self.files if one.settings.run.unconfined == "never"), None)

    def rules(self) -> tuple[HereRule, ...]:
        """Every rule with the file that says it, those of the machine first."""
        return tuple(
            HereRule(rule, words, one.level, one.path) for one in self.files for rule, words in _rules(one.settings)
        )


NOTHING_SETTLED: Final = Settled()
"""No file says anything."""


def facts_of(verified: Verified) -> Facts:
    """What rules look at of a release that was verified."""
    manifest = verified.manifest
    return Facts(
        what=f"{manifest.artifact}@{manifest.version}",
        registry=verified.registry,
        author=manifest.author,
        keys=verified.signed_by,
        identities=tuple((one.issuer, one.subject) for one in verified.identities),
        permissions=tuple(manifest.permissions),
        at=str(verified.admission["at"]),
    )


def facts_of_record(record: Mapping[str, Any]) -> Facts:  # Any: JSON, of a receipt
    """What rules look at of something installed, as its receipt says."""
    return Facts(
        what=f"{record['id']}@{record['version']}",
        registry=str(record["registry"]),
        author=str(record["author"]),
        keys=tuple(str(one) for one in record.get("keys", ())),
        identities=tuple((str(one.get("issuer")), str(one.get("subject"))) for one in record.get("identities", ())),
        permissions=tuple(str(one) for one in record["permissions"]),
    )


def settle(files: Sequence[SettingsFile], kinds: Kinds) -> Settled:
    """The files together; `InvalidInput` (`bad-settings`) for a permission that no kind has, which would do nothing.

    And for consent in a project's file: whoever wrote that is not the person who installs.
    """
    for one in files:
        permissions = one.settings.permissions
        if one.level == "project" and permissions.granted:
            raise _bad(
                one,
                "a project cannot grant permissions for whoever installs it",
                "write `permissions: granted` in your own settings.yaml, or say --allow when you install",
            )
        for text in (*permissions.never, *permissions.granted):
            name, permission = kind_and_permission(text)
            if name and name not in kinds.by_id:
                raise _bad(one, f"{quoted(name)} in {quoted(text)} is not a kind", "one of: " + ", ".join(kinds.by_id))
            if not any(kind.grammar.explain(permission) for kind in kinds if name in ("", kind.id)):
                who = f"a {name}" if name else "any kind"
                hint = "look at its spelling; `registry show` has the permissions of an artifact"
                raise _bad(one, f"{quoted(permission)} is no permission of {who}", hint)
    return Settled(tuple(files))


def _meant(texts: Sequence[str], kind: Kind) -> tuple[str, ...]:
    """The permissions in `texts` that are said of every kind, or of this one."""
    said = (kind_and_permission(text) for text in texts)
    return tuple(permission for name, permission in said if name in ("", kind.id))


def _signed(signer: Signer, facts: Facts) -> bool:
    if signer.author:
        return signer.author == facts.author
    if signer.key:
        return signer.key in facts.keys
    wanted = signer.expected()
    return wanted is not None and any(_is(wanted, issuer, subject) for issuer, subject in facts.identities)


def _is(wanted: Expected, issuer: str, subject: str) -> bool:
    fits = wanted.text == subject if wanted.pattern is None else wanted.pattern.fullmatch(subject) is not None
    return fits and issuer == wanted.issuer


def _rules(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.registries is not None:
        named = ", ".join(f"{row.name} ({row.id[:12]}…)" if row.name else row.id for row in settings.registries)
        yield "registries", f"Things come from these registries only: {named or 'none'}."
    if settings.trust.approvals:
        people = "person" if settings.trust.approvals == 1 else "people"
        yield "trust.approvals", f"At least {settings.trust.approvals} {people} approved what is installed."
    if settings.trust.signers is not None:
        named = "; ".join(one.words for one in settings.trust.signers)
        yield "trust.signers", f"Only what one of these signed is installed: {named or 'nobody'}."
    if settings.permissions.never:
        yield "permissions.never", f"Never granted: {', '.join(settings.permissions.never)}."
    if settings.permissions.granted:
        yield "permissions.granted", f"Granted without a question: {', '.join(settings.permissions.granted)}."
    if settings.cool_down:
        yield "cool_down", f"Only what was let in at least {settings.cool_down} ago is installed."
    if settings.run.unconfined == "never":
        yield "run.unconfined", "Nothing starts unconfined, whatever anybody says."
    elif settings.run.unconfined:
        yield "run.unconfined", f"These start with all your rights: {', '.join(settings.run.unconfined)}."


def _refusal(one: SettingsFile, code: str, message: str, hint: str) -> RegistryError:
    return NotTrusted(f"{message}: {WHOSE[one.level]} say so", where=one.path, code=code, hint=hint)


def _bad(one: SettingsFile, message: str, hint: str) -> InvalidInput:
    return InvalidInput(message, where=one.path, code="bad-settings", hint=hint)
