"""What moderators and the gate wrote into a landing: that it holds, is of now, and names the newest state.

admission        what it says is verified with the release that it lets in
approval         by the moderator whose name its path has
moderation/      the next decision, by a moderator, the gate or, objecting, an author
events           by a moderator; files that are needed again are there
waivers/ …       as its family says
"""

from collections.abc import Mapping
from dataclasses import dataclass

from registry_tool.core import limits
from registry_tool.core.approvals import CLOCK_SECONDS, read_approval
from registry_tool.core.authorities import Government
from registry_tool.core.canonical import parse
from registry_tool.core.chains import SignedBytes
from registry_tool.core.document import load
from registry_tool.core.errors import NotTrusted, StateForbids
from registry_tool.core.families import FAMILIES
from registry_tool.core.keys import K16
from registry_tool.core.layout import Located, locate
from registry_tool.core.manifest import read_manifest
from registry_tool.core.moderation import read_decisions
from registry_tool.core.names import ArtifactId
from registry_tool.core.published import chain_at, events_at, hinted_status, payload_at, proof_at, signed_at
from registry_tool.core.release import Approval
from registry_tool.core.standing import authorities_at, head_at, keyring_at
from registry_tool.core.status import read_events
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.versions import parse_version
from registry_tool.services.bench import Bench


def check_written(bench: Bench, tip: Tree, head: Tree, government: Government, written: Mapping[str, bytes]) -> None:
    """Refuses what moderators or the gate wrote and does not hold; `written` are the files, `head` the tip with all.

    Admissions and countersignatures were verified with what they let in. Raises `NotTrusted` and `StateForbids`.
    """
    looking = _Looking(bench, tip, head, government, bench.now())
    for path in sorted(written):
        located = locate(path)
        source = signed_at(head, path) if located.sig is None else None
        if source is not None:
            looking.check(located, source)


@dataclass(frozen=True, slots=True)
class _Looking:
    """What looking at one document takes."""

    bench: Bench
    tip: Tree
    head: Tree
    government: Government
    at: int

    def check(self, one: Located, source: SignedBytes) -> None:
        """Refuses one document."""
        value = parse(source.data, limit=limits.STATEMENT_BYTES, what=one.path)
        under = value.get("under") if isinstance(value, dict) else None
        named = under if isinstance(under, dict) else {}
        authors = sorted(name.partition("/")[2] for name in named if name.startswith("authors/"))
        by_author = one.role == "moderation" and bool(authors)
        if not by_author:  # an author's objection lands when a moderator finds it
            self._of_now(one, value.get("at") if isinstance(value, dict) else None)
            self._newest(one, named)
        self._no_stranger(one, source, authors if by_author else [])
        if one.role == "approval":
            self._approval(one, source)
        elif one.role == "moderation":
            self._decision(one)
        elif one.role == "event":
            self._event(one)
        elif one.role != "admission":
            self._following(one)
            FAMILIES[one.role].verify(self.head, one, self.government, self.bench.means)

    def _of_now(self, one: Located, time: object) -> None:
        """Nobody says afterwards that something was decided before."""
        if not isinstance(time, str) or abs(to_seconds(time) - self.at) > CLOCK_SECONDS:
            raise NotTrusted(
                f"it is of {time}, and here it is {from_seconds(self.at)}",
                where=one.path,
                code="bad-clock",
                hint="set the clock right, decide it again, and push within ten minutes",
            )

    def _newest(self, one: Located, under: Mapping[str, object]) -> None:
        for subject in sorted(under):
            head = head_at(self.head, subject)
            if head is None or head.value() != under[subject]:
                raise StateForbids(
                    f"it was signed under another state of {subject} than the newest",
                    where=one.path,
                    code="sign-again",
                    hint="fetch the registry's newest state and decide it again",
                )

    def _no_stranger(self, one: Located, source: SignedBytes, authors: list[str]) -> None:
        """Refuses a signature by anybody who decides nothing here, also where everybody ignores it."""
        known: set[K16] = {row.k16 for row in self.government.moderators.head.body.rows if row.active}
        for author in authors:
            keyring = keyring_at(self.tip, self.government, author, check=self.bench.means.check).head.body
            known |= {row.k16 for row in keyring.keys if row.active and row.use == "control"}
        strangers = sorted(set(source.signatures) - known)
        if strangers:
            hint = "leave it out; who decides here stands in index/moderators/"
            message = f"the signature by {strangers[0]} is by nobody who may sign it"
            raise NotTrusted(message, where=one.path, code="stranger", hint=hint)

    def _approval(self, one: Located, source: SignedBytes) -> None:
        artifact = _artifact(one)
        what, registry = one.path, self.government.registry
        said = load(Approval, source.data, limit=limits.STATEMENT_BYTES, registry=registry, what=what)
        if (said.artifact, parse_version(said.version).folder) != (str(artifact), one.version):
            raise NotTrusted(f"it is about {said.artifact}@{said.version}", where=what, code="other-release")
        about = said.artifact, said.version, said.manifest
        now = from_seconds(self.at)
        _, people = read_approval(source, about, self.government, at=now, check=self.bench.means.check)
        name, _, again = one.person.rpartition("-")
        if not people & {one.person, name if again.isdecimal() else one.person}:
            raise NotTrusted(
                f"it lies at the place of {one.person}, and {', '.join(sorted(people))} signed it",
                where=what,
                code="other-person",
                hint="approve it with `registry queue approve`, which puts it at its place",
            )

    def _decision(self, one: Located) -> None:
        links = read_decisions(self.head, one.hex, registry=self.government.registry, means=self.bench.means)
        year = one.path.split("/")[2]
        if not any((link.body.at[:4], link.number) == (year, one.number) for link in links):
            raise NotTrusted(
                "it is not the next decision about this submission, or signed by nobody whose word counts now",
                where=one.path,
                code="not-authorised",
                hint="fetch the registry's newest state and decide it again",
            )

    def _event(self, one: Located) -> None:
        artifact, means, registry = _artifact(one), self.bench.means, self.government.registry
        proof = proof_at(self.tip, artifact, one.version, registry=registry)
        sources = events_at(self.head, artifact, one.version)
        if proof is None or one.number > len(sources):
            raise StateForbids(
                f"it is not the next event of an admitted release, {artifact}@{one.version}",
                where=one.path,
                code="not-admitted" if proof is None else "sign-again",
                hint="fetch the registry's newest state and decide it again",
            )
        manifest = read_manifest(proof.manifest, registry=registry)
        authorities = authorities_at(self.head, self.government, artifact.scope, check=means.check)
        read_events(
            sources, artifact=str(artifact), version=manifest.version, authorities=authorities, check=means.check
        )
        if hinted_status(sources) != "withheld":
            payload_at(self.head, artifact, manifest)

    def _following(self, one: Located) -> None:
        """A statement of a numbered chain is its next one; a gap would hide it."""
        if one.number > len(chain_at(self.head, one.subject)):
            raise StateForbids("it is not the next of its chain", where=one.path, code="sign-again", hint="sign again")


def _artifact(one: Located) -> ArtifactId:
    assert one.artifact is not None  # noqa: S101  # the pattern of these paths names one
    return one.artifact
