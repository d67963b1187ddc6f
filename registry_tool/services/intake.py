"""Taking in what an author's own job signed and attached to a release in a forge (B15).

    OWNER/REPO@TAG ──forge──▶ release.tar ──unpack──▶ files ──checks, certificate──▶ a submission

Nothing that the asker, the forge or the file says is believed: the certificate must be by an identity that the scope
names, and of the very repository, by number, in which the file lies. So it does not matter who asks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry_tool.core.change import Change
from registry_tool.core.digest import prefixed, sha256
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, WrongUsage
from registry_tool.core.forge import Forge, ForgeRelease, ForgeRepository
from registry_tool.core.identity import BUNDLE
from registry_tool.core.layout import locate
from registry_tool.core.moderation import decided_about
from registry_tool.core.packed import FILE, PACKED_BYTES, unpack_submission
from registry_tool.core.published import registry_of
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Verdict, review
from registry_tool.core.sealing import missing_from
from registry_tool.core.standing import government_at, trusting_at
from registry_tool.core.submission import submission_id
from registry_tool.core.tables import REPOSITORY_PATTERN, SourceRow
from registry_tool.core.tree import Tree
from registry_tool.services.author import Desk, change_of

_REPOSITORY: Final = re.compile(REPOSITORY_PATTERN)
_TAG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A release in a forge, as somebody names it."""

    name: str
    """`owner/name` of the repository."""
    tag: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A release that may be submitted, or is there already."""

    id: str
    author: str
    additions: Mapping[str, bytes]
    """Empty where all of it is published."""
    releases: tuple[Mapping[str, str], ...]
    verdict: Verdict
    rejected: str = ""
    """What moderators said when they rejected it; empty where they did not."""

    @property
    def branch(self) -> str:
        """Where it waits: `submit/<first 12 of its id>`."""
        return f"submit/{self.id[:12]}"

    @property
    def title(self) -> str:
        """What it publishes, in one line."""
        return "Publish " + ", ".join(f"{one['artifact']}@{one['version']}" for one in self.releases)

    def value(self) -> dict[str, Any]:  # Any: JSON
        """The same for scripts."""
        return {
            "submission": self.id,
            "branch": self.branch,
            "author": self.author,
            "releases": [dict(one) for one in self.releases],
            "verdict": self.verdict,
        }


def parse_asked(text: str) -> Asked:
    """What `OWNER/REPO@TAG` names; `WrongUsage` for anything else, since it may come from a form that anybody fills."""
    name, at, tag = text.partition("@")
    good = _REPOSITORY.fullmatch(name) and _TAG.fullmatch(tag) and at
    if not good or {".", ".."} & {*name.split("/"), *tag.split("/")} or ".." in tag or "//" in tag:
        message = f"expected OWNER/REPO@TAG, as acme/solar@v1.0.0, this is {quoted(text)}"
        raise WrongUsage(message, code="bad-release-name", hint="name the repository and the tag of its release")
    return Asked(name, tag)


def repository_of(forge: Forge, name: str, sources: Sequence[SourceRow]) -> ForgeRepository:
    """The repository that `name` means: where `index/sources.yaml` lists it, the one with that number.

    One that was renamed has its number still; one that took another's name has not, and is `NotTrusted`.
    """
    row = next((one for one in sources if one.forge == forge.name and one.name.lower() == name.lower()), None)
    found = forge.repository(name if row is None else row.repository)
    if row is None or found.name.lower() == name.lower():
        return found
    try:
        now = forge.repository(name)
    except NotFound:
        return found
    if now.number != found.number:
        raise NotTrusted(
            f"{name} is repository {now.number} now, and the registry takes in number {found.number}, "
            f"which is called {quoted(found.name)}",
            code="other-repository",
            hint=f"ask for {found.name}, or let a moderator change index/sources.yaml",
        )
    return found


def packed_in(forge: Forge, release: ForgeRelease) -> bytes:
    """The file that the author's job attached to a release; `NotFound`, or `InvalidInput` where it is too large."""
    file = next((one for one in release.files if one.name == FILE), None)
    where = f"{release.repository.name}@{release.tag}"
    if file is None:
        hint = f"the author's job makes it: registry publish DIR --keyless --pack {FILE}"
        raise NotFound(f"the release {where} has no file {FILE}", code="no-release-file", hint=hint)
    if file.size > PACKED_BYTES:
        message = f"{FILE} of {where} has {file.size} bytes, at most {PACKED_BYTES} are taken"
        raise InvalidInput(message, code="bad-release-file")
    return forge.fetch(release.repository, file, limit=PACKED_BYTES)


def newest_release(forge: Forge, repository: ForgeRepository, row: SourceRow) -> ForgeRelease | None:
    """The newest release of a source whose tag is meant and that has the file; `None` where there is none."""
    pattern = re.compile(".*".join(map(re.escape, row.tags.split("*"))))
    for release in forge.releases(repository):
        if pattern.fullmatch(release.tag) and any(one.name == FILE for one in release.files):
            return release
    return None


def take(data: bytes, *, tip: Tree, desk: Desk, repository: int | None) -> Taken:
    """What a packed file brings to the registry at `tip`, checked as any submission.

    `repository` is the number of the one in which it lies: a job of it must have signed each release; `None` asks for
    no more than the scope does. Raises `InvalidInput` for what is no packed release and for what a check refuses, and
    `NotTrusted` for a certificate of another repository.
    """
    registry = registry_of(tip)
    files = unpack_submission(data)
    additions = missing_from(tip, files)
    named = [locate(path) for path in sorted(files)]
    releases = tuple({"artifact": str(one.artifact), "version": one.version} for one in named if one.role == "pointer")
    if not additions:
        return Taken(submission_id(files), "", {}, releases, "pass")
    whole = change_of(additions, tip=tip, registry=registry, desk=desk)
    author = next((one.manifest.author for one in whole.releases if one.manifest), "")
    report = review(whole, desk.checks)
    if report.verdict in ("fail", "undecided"):
        faults = tuple(one for one in report.findings if one.level == "fail")
        raise InvalidInput("the checks refuse this release", code="checks-failed", findings=faults)
    if repository is not None:
        _by_job_of(whole, repository, tip, desk)
    return Taken(whole.submission, author, additions, releases, report.verdict, _rejected(whole, tip, desk))


def _by_job_of(change: Change, repository: int, tip: Tree, desk: Desk) -> None:
    """Refuses a release that no job of the repository signed."""
    government = government_at(tip, registry=change.registry, check=desk.means.check)
    means = trusting_at(tip, government, means=desk.means)
    for candidate in change.releases:
        bundle = candidate.signatures.get(BUNDLE)
        if bundle is None:
            raise NotTrusted(
                f"{candidate.artifact} is not signed by a job: it has no certificate",
                code="no-identity",
                hint="the author's job signs it with `registry publish --keyless --pack`",
            )
        claims = means.identify(bundle, candidate.manifest_bytes)
        if claims.repository_id != repository:
            theirs = claims.repository_id or "none"
            raise NotTrusted(
                f"{candidate.artifact} lies in repository {repository}, and its certificate is of repository {theirs}",
                code="other-repository",
                hint="take it from the repository whose job signed it",
            )


def _rejected(change: Change, tip: Tree, desk: Desk) -> str:
    manifests = [prefixed(sha256(one.manifest_bytes)) for one in change.releases if one.manifest_bytes]
    said = decided_about(tip, change.submission, manifests, registry=change.registry, means=desk.means)
    return f"{said.reason}: {said.note}" if said is not None and said.action == "reject" else ""
