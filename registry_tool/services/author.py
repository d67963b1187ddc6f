"""What an author does: look at a folder, sign it, submit it.

Everything is decided before anything is written: `prepare` returns a submission as a value, with the
report that reviewers will get, and `submit` is the only effect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from registry_tool.core import layout
from registry_tool.core.change import Change
from registry_tool.core.describe import Described, Said, describe
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids
from registry_tool.core.findings import Finding
from registry_tool.core.identity import Claims, SignKeyless
from registry_tool.core.keys import Signer, k16, key_text
from registry_tool.core.kind import Kinds
from registry_tool.core.landing import submission_faults
from registry_tool.core.names import parse_author
from registry_tool.core.payload import Payload
from registry_tool.core.ports import Clock, Edit, History, Keys
from registry_tool.core.published import registry_of
from registry_tool.core.review import Check, Report
from registry_tool.core.sealing import frame, missing_from, sealed
from registry_tool.core.standing import (
    agreeing_at,
    authorities_at,
    government_at,
    head_at,
    heads_at,
    keyring_at,
    trusting_at,
)
from registry_tool.core.statements import Account, Scope
from registry_tool.core.submission import read_change, submission_id
from registry_tool.core.tree import Overlay, Tree, TreeEntry
from registry_tool.core.trust import Means
from registry_tool.core.waivers import reviewed
from registry_tool.services.releasing import Hands, needs_key, rehearsing, release_of, signs_keyless, who_signed


@dataclass(frozen=True, slots=True)
class Desk:
    """What every verb of an author needs."""

    kinds: Kinds
    checks: Sequence[Check]
    means: Means
    keys: Keys
    now: Clock
    identity: SignKeyless | None = None
    """Signs without a key, where that can be done here."""
    keyless: bool = False
    """Whether it signs also where the scope does not need it."""
    rehearses: bool = False
    """Whether nothing is signed in public: all of it is only looked at."""
    account: Account | None = None
    """In the registry's forge; a first keyring lists it, as a second sign of who they are."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder to publish."""

    where: str
    """For messages."""
    payload: Payload
    said: Said


@dataclass(frozen=True, slots=True)
class Prepared:
    """A submission, signed and reviewed, not yet submitted."""

    id: str
    author: str
    registry: str
    additions: Mapping[str, bytes]
    described: tuple[Described, ...]
    report: Report
    first: bool
    """Whether it registers the author."""
    claims: tuple[str, ...]
    """Scopes that it claims."""
    identities: tuple[Claims, ...] = ()
    """Who signed without a key; of a rehearsal, who is going to."""

    @property
    def branch(self) -> str:
        """Where it waits: `submit/<first 12 of its id>`."""
        return f"submit/{self.id[:12]}"

    def value(self) -> dict[str, Any]:
        """The result for `--json`."""
        return {
            "submission": self.id,
            "branch": self.branch,
            "registry": self.registry,
            "author": self.author,
            "releases": [
                {
                    "artifact": one.manifest.artifact,
                    "version": one.manifest.version,
                    "kind": one.manifest.kind,
                    "manifest": sha256(one.manifest.to_bytes()),
                }
                for one in self.described
                if one.manifest is not None
            ],
            "verdict": self.report.verdict,
            "registers": self.author if self.first else None,
            "claims": list(self.claims),
            "identities": [one.value() for one in self.identities],
        }


def look(folder: Folder, *, kinds: Kinds, registry: str) -> Described:
    """What a folder is and what is to be mended, without keys or a registry."""
    said = folder.said
    if not said.author:
        said = _with_author(said, _author_guess(folder.payload, said, kinds, registry) or "author")
    return describe(folder.payload, kinds=kinds, registry=registry, said=said)


def prepare(folders: Sequence[Folder], *, tip: Tree, desk: Desk, demo: bool = False) -> Prepared:
    """The submission that publishes `folders` into the registry at `tip`.

    On first use it makes the author's control and signing key, registers the author and claims the
    scope in the same submission. Raises `InvalidInput` with every finding that refuses it.
    """
    prepared = assemble(folders, tip=tip, desk=desk, demo=demo)
    if prepared.report.verdict == "fail":
        faults = tuple(finding for finding in prepared.report.findings if finding.level == "fail")
        raise InvalidInput("the registry would refuse this", code="checks-failed", findings=faults)
    return prepared


def assemble(folders: Sequence[Folder], *, tip: Tree, desk: Desk, demo: bool = False) -> Prepared:
    """The same, whatever the report on it says: for whoever asks what a reviewer would read."""
    registry = registry_of(tip)
    government = government_at(tip, registry=registry, check=desk.means.check)
    if government.demonstration and not demo:
        raise NotTrusted(
            "this registry is a demonstration: its keys are published, so anybody can sign for anybody",
            code="demonstration",
            hint="add --demo to use it all the same",
        )
    author = _author_of(folders, desk, registry)
    described = tuple(
        describe(one.payload, kinds=desk.kinds, registry=registry, said=_with_author(one.said, author))
        for one in folders
    )
    _refuse_faults(folders, described)
    files: dict[str, bytes] = {}
    scopes = sorted({one.manifest.scope for one in described if one.manifest is not None})
    owned = _scopes(tip, scopes, desk)
    if desk.rehearses:
        means, stand_in = rehearsing(desk.means, owned, now=desk.now())
        desk = replace(desk, means=means, identity=stand_in)
    keyless = signs_keyless(owned, desk.identity, always=desk.keyless)
    first, signing = author_keyring(files, author, tip, registry, desk, needed=needs_key(owned, scopes))
    claims = tuple(scope for scope in scopes if _claim(files, scope, author, tip, registry, desk))
    hands = Hands(signing, desk.identity if keyless else None)
    for one in described:
        files.update(release_of(one, hands))
    additions = missing_from(tip, files)
    _refuse_published(described, tip)
    change = change_of(additions, tip=tip, registry=registry, desk=desk)
    report = reviewed(change, desk.checks, means=desk.means)
    identities: tuple[Claims, ...] = ()
    if keyless and report.verdict != "fail":
        identities = who_signed(described, additions, trusting_at(tip, government, means=desk.means))
    return Prepared(submission_id(additions), author, registry, additions, described, report, first, claims, identities)


def change_of(additions: Mapping[str, bytes], *, tip: Tree, registry: str, desk: Desk) -> Change:
    """What `additions` would change, as the queue will read it from git."""
    head = Overlay(tip, additions)
    edits = tuple(
        Edit(path, tip.entry(path), TreeEntry(path.rpartition("/")[2], "file", sha256(additions[path])))
        for path in sorted(additions)
    )
    demonstration = government_at(tip, registry=registry, check=desk.means.check).demonstration
    change = read_change(
        registry=registry, tip=tip, head=head, edits=edits, kinds=desk.kinds, demonstration=demonstration, at=desk.now()
    )
    return with_faults(change, desk.means)


def with_faults(change: Change, means: Means) -> Change:
    """The change with everything that verification says about it."""
    return replace(change, trusted=submission_faults(change, means=means))


def submit(prepared: Prepared, history: History, *, onto: str, at: int) -> str:
    """Commits the submission on `onto` and puts it on its branch; returns the commit.

    `StateForbids` where the same submission waits already.
    """
    titles = ", ".join(f"{one.manifest.artifact}@{one.manifest.version}" for one in prepared.described if one.manifest)
    commit = history.commit(
        prepared.additions, onto=onto, message=f"Publish {titles}\n", author=signature_of(prepared.author), at=at
    )
    if prepared.branch in history.branches(prepared.branch):
        raise StateForbids(
            f"this submission waits already as {prepared.branch}",
            code="already-submitted",
            hint="`registry status` shows it; `registry withdraw` takes it back",
        )
    history.move(prepared.branch, old=None, new=commit)
    return commit


def signature_of(person: str) -> str:
    """How git names somebody; nothing trusts it."""
    return f"{person} <{person}@registry.invalid>"


def _with_author(said: Said, author: str) -> Said:
    return replace(said, author=author)


def _author_guess(payload: Payload, said: Said, kinds: Kinds, registry: str) -> str:
    artifact = describe(payload, kinds=kinds, registry=registry, said=_with_author(said, "author"))
    return artifact.manifest.scope if artifact.manifest else ""


def _author_of(folders: Sequence[Folder], desk: Desk, registry: str) -> str:
    """Who publishes: `--as`, else what the folders say, else the scope's own name."""
    named = {one.said.author for one in folders if one.said.author}
    for one in folders if not named else ():
        described = describe(one.payload, kinds=desk.kinds, registry=registry, said=one.said)
        if described.manifest is not None:
            named.add(described.manifest.author)
        elif described.missing == ("author",) or "author" in described.missing:
            guess = _author_guess(one.payload, one.said, desk.kinds, registry)
            named.update({guess} if guess else ())
    if len(named) > 1:
        raise InvalidInput(
            f"one submission has one author, these folders name {', '.join(sorted(named))}", code="several-authors"
        )
    return parse_author(named.pop()) if named else "author"


def _refuse_faults(folders: Sequence[Folder], described: Sequence[Described]) -> None:
    faults: list[Finding] = []
    for folder, one in zip(folders, described, strict=True):
        prefix = f"{folder.where}/" if len(folders) > 1 else ""
        faults += [replace(finding, path=prefix + finding.path) for finding in one.findings if finding.level == "fail"]
    if faults:
        raise InvalidInput(
            "this cannot be published yet",
            code="not-publishable",
            findings=tuple(faults),
            hint="mend it, then try again; `registry check` shows the same without a registry",
        )
    ids = [one.manifest.artifact for one in described if one.manifest]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise InvalidInput(f"two folders are both {twice[0]}", code="same-name-twice", hint="give each its own id")


def _refuse_published(described: Sequence[Described], tip: Tree) -> None:
    for one in described:
        if one.manifest is not None:
            folder = layout.version_folder(one.manifest.id, one.manifest.version)
            if tip.entry(f"{folder}/release.json") is not None:
                raise StateForbids(
                    f"{one.manifest.artifact}@{one.manifest.version} is published already and never changes",
                    code="version-exists",
                    hint="raise the version",
                )


def author_keyring(
    files: dict[str, bytes], author: str, tip: Tree, registry: str, desk: Desk, *, needed: bool
) -> tuple[bool, Signer | None]:
    """The author's signing key, and whether it registers them with new keys where the registry does not know them;
    no key where no active one is here and it is not `needed`.
    """
    subject = f"authors/{author}"
    if head_at(tip, subject) is None:
        control = desk.keys.find(author, "control") or desk.keys.make(author, "control")
        signing = desk.keys.find(author, "signing") or desk.keys.make(author, "signing")
        body = {
            **frame("registry.keyring/1", registry, subject, None, heads_at(tip, agreeing_at(tip, "keyring"))),
            "keys": [
                {"key": key_text(control.key), "use": "control", "status": "active"},
                {"key": key_text(signing.key), "use": "signing", "status": "active"},
            ],
            "accounts": [desk.account.value()] if desk.account is not None else [],
        }
        files.update(sealed(layout.statement_path(subject, 1), body, [control, signing]))
        return True, signing
    government = government_at(tip, registry=registry, check=desk.means.check)
    keyring = keyring_at(tip, government, author, check=desk.means.check).head.body
    found = desk.keys.find(author, "signing")
    active = {row.k16 for row in keyring.keys if row.active and row.use == "signing"}
    if found is None or k16(found.key) not in active:
        if not needed:
            return False, None
        raise NotFound(
            f"no active signing key of {author} is on this machine",
            code="key-missing",
            hint=f"`registry keys import --as {author}` or `registry keys rotate`, or another name with --as",
        )
    return False, found


def _claim(files: dict[str, bytes], scope: str, author: str, tip: Tree, registry: str, desk: Desk) -> bool:
    """Claims a scope that nobody owns; refuses one where the author does not publish."""
    subject = f"scopes/{scope}"
    if head_at(tip, subject) is not None:
        government = government_at(tip, registry=registry, check=desk.means.check)
        authorities = authorities_at(tip, government, scope, check=desk.means.check)
        if not any(row.active and row.author == author for row in authorities.scope.head.body.publishers()):
            owners = ", ".join(row.author for row in authorities.scope.head.body.owners if row.active)
            raise NotTrusted(
                f"{author} does not publish in @{scope}; it belongs to {owners}",
                code="not-a-publisher",
                hint=f"choose another scope, or ask for `registry scope invite @{scope} {author}`",
            )
        return False
    control = desk.keys.find(author, "control")
    if control is None:
        raise NotFound(
            f"no control key of {author} is on this machine, and claiming @{scope} needs it", code="key-missing"
        )
    under = heads_at(Overlay(tip, files), [*agreeing_at(tip, "scope"), f"authors/{author}"])
    body = {
        **frame("registry.scope/1", registry, subject, None, under),
        "owners": [{"author": author, "status": "active"}],
        "members": [],
        "needs": "key",
        "identities": [],
    }
    files.update(sealed(layout.statement_path(subject, 1), body, [control]))
    return True


def _scopes(tip: Tree, scopes: Sequence[str], desk: Desk) -> list[Scope]:
    """What those of the scopes say that somebody owns."""
    government = government_at(tip, registry=registry_of(tip), check=desk.means.check)
    return [
        authorities_at(tip, government, scope, check=desk.means.check).scope.head.body
        for scope in scopes
        if head_at(tip, f"scopes/{scope}") is not None
    ]
