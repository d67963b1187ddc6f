"""What a person has seen of a registry, so that nobody can lead them back in time (part 10).

    {"chains": {"moderators": {"number": 2, "sha256": "…"}, "@s/n@v": …},
     "names":  {"@s/n": {"version": "1.2.0", "admission": "<sha256>", "at": "…"}}}

A chain that is shorter than it was, another digest at a number, and a newest admission that is gone
are all refused. What is remembered only ever grows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry_tool.core.digest import Hex
from registry_tool.core.errors import NotTrusted
from registry_tool.core.release import NameRecord
from registry_tool.core.statements import HeadRef

_HINT = "the address shows an older or another state than you saw; ask the operator, and do not go on"


@dataclass(slots=True)
class Seen:
    """What was seen before, and what was read and verified now."""

    before: Mapping[str, Any]  # Any: JSON as the state holds it
    chains: dict[str, HeadRef] = field(default_factory=dict)
    """The heads read now, by subject."""
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    """The newest admissions verified now, by artifact."""

    def __post_init__(self) -> None:
        """Refuses a memory of another form: it decides trust, so it is never guessed at."""
        chains, names = self.before.get("chains", {}), self.before.get("names", {})
        whole = isinstance(chains, dict) and isinstance(names, dict)
        if not (
            whole
            and all(_is_row(row, {"number": int, "sha256": str}) for row in chains.values())
            and all(_is_row(row, {"version": str, "admission": str, "at": str}) for row in names.values())
        ):
            raise NotTrusted(
                "what was remembered of this registry is damaged",
                code="state-damaged",
                hint="put the file back from a copy; `registry remote remove` and `add` start over and forget it",
            )

    def chain(self, subject: str, digests: Sequence[Hex]) -> None:
        """Notes a chain, given the digests of its statements from 1; `NotTrusted` where it went back."""
        old = self.before.get("chains", {}).get(subject)
        if old is not None:
            number, digest = int(old["number"]), str(old["sha256"])
            if len(digests) < number:
                raise NotTrusted(
                    f"{subject} ends at {len(digests)} here, and you have seen number {number}",
                    code="rolled-back",
                    hint=_HINT,
                )
            if digests[number - 1] != digest:
                raise NotTrusted(
                    f"number {number} of {subject} is another one than you have seen", code="rolled-back", hint=_HINT
                )
        if digests:
            self.chains[subject] = HeadRef(number=len(digests), sha256=digests[-1])

    def events_of(self, artifact: str, record: NameRecord) -> None:
        """Refuses a record that left out a version whose events were seen."""
        for subject in self.before.get("chains", {}):
            name, _, version = subject.rpartition("@")
            if name == artifact and version not in record.versions:
                raise NotTrusted(
                    f"{subject} is gone, and you have seen what became of it", code="rolled-back", hint=_HINT
                )

    def newest(self, artifact: str, record: NameRecord) -> None:
        """Refuses a record in which the newest admission that was seen is gone."""
        old = self.before.get("names", {}).get(artifact)
        if old is None:
            return
        row = record.versions.get(str(old["version"]))
        if row is None or row.published != old["at"]:
            raise NotTrusted(
                f"{artifact}@{old['version']} is gone, and you have seen it admitted at {old['at']}",
                code="rolled-back",
                hint=_HINT,
            )

    def admission(self, artifact: str, version: str, *, digest: Hex, at: str) -> None:
        """Notes a verified admission; `NotTrusted` where it is another one than was seen."""
        old = self.before.get("names", {}).get(artifact)
        if old is not None and old["version"] == version and old["admission"] != digest:
            raise NotTrusted(
                f"{artifact}@{version} was admitted by another record than the one you have seen",
                code="rolled-back",
                hint=_HINT,
            )
        now = self.names.get(artifact)
        if now is None or now["at"] < at:
            self.names[artifact] = {"version": version, "admission": digest, "at": at}

    def merged(self, newest: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
        """`newest` (what the state holds by now) with what was read; nothing in it goes back."""
        chains = dict(newest.get("chains", {}))
        for subject, ref in self.chains.items():
            if subject not in chains or int(chains[subject]["number"]) < ref.number:
                chains[subject] = {"number": ref.number, "sha256": ref.sha256}
        names = dict(newest.get("names", {}))
        for artifact, row in self.names.items():
            if artifact not in names or str(names[artifact]["at"]) < row["at"]:
                names[artifact] = row
        return {"chains": chains, "names": names}


def _is_row(row: object, form: Mapping[str, type]) -> bool:
    return isinstance(row, dict) and all(type(row.get(name)) is wanted for name, wanted in form.items())
