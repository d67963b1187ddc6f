"""A registry in memory: real documents, real signatures, nothing else.

    registry = a_registry()                                     root, moderators, policy
    registry.release("@ann/solar", "1.0.0", {"theme.css": b"…"})     ann, her scope, the release, its admission
    registry.event("@ann/solar", "1.0.0", "yank")
    registry.source()                                           what a client reads

Every document can be changed before it is signed (`change=`, a function that edits the JSON value) and
after (`registry.files` is a dict of the repository's paths). Whoever signs is named by a word
(`"root"`, `"mod"`, `"ann control"`, `"ann signing"`); each word gets its own key, always the same in
the same order of first use. With `demo=False` the keys are none of the published test keys, so that
clients do not take the registry for a demonstration.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from registry_tool.core.confinement import Confinement, Endpoint
from registry_tool.core.document import Document
from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Kind, Kinds, Reading
from registry_tool.core.permissions import Grammar, Rule
from registry_tool.core.plan import Plan, PutTree
from tests.building_chains import A_THEME, START, Chains, Change, Content, active, as_payload
from tests.building_releases import RegistryInMemory

__all__ = [
    "A_THEME",
    "KINDS",
    "START",
    "Chains",
    "Change",
    "Content",
    "RegistryInMemory",
    "SiteInMemory",
    "a_kind",
    "a_registry",
    "active",
    "as_payload",
]


def a_registry(*, demo: bool = True, **policy: Any) -> RegistryInMemory:
    """A registry with one root key, one moderator `mod` who publishes nothing, and a policy (`policy` for it)."""
    registry = RegistryInMemory(demo=demo)
    registry.root()
    registry.moderators({"mod": None})
    registry.policy(**policy)
    return registry


class SiteInMemory:
    """The files of a site as a `Source` that counts what was asked of it; every file can be changed."""

    def __init__(self, files: Mapping[str, bytes], *, where: str = "https://registry.example/") -> None:
        self.files = dict(files)
        self.where = where
        self.asked: list[str] = []
        """Every path that was fetched, in order."""
        self.rounds: list[tuple[str, ...]] = []
        """What was asked for together."""

    def fetch(self, path: str, *, limit: int, fresh: bool = False) -> bytes | None:
        """The file at `path`."""
        return self.fetch_all([(path, limit)])[0]

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """Several files in order."""
        self.asked += [path for path, _ in paths]
        self.rounds.append(tuple(path for path, _ in paths))
        for path, limit in paths:
            if len(self.files.get(path, b"")) > limit:
                raise InvalidInput(f"{path} may have at most {limit} bytes", code="too-large")
        return tuple(self.files.get(path) for path, _ in paths)


def a_kind(name: str = "theme", *, grammar: Grammar | None = None) -> Kind:
    """A kind that installs into `<name>s/<slug>/`, for tests that need none of the real ones."""
    return Kind(
        id=name,
        category=f"{name}s",
        title=name.capitalize(),
        summary=f"A {name}.",
        icon="x",
        target=f"{name}s/<slug>/",
        reader=f"{name}/1",
        spec=Document,
        grammar=grammar
        or Grammar(
            (
                Rule(
                    "network(:(?P<host>[a-z.]+))?",
                    "reach {host}",
                    lambda match: Confinement(egress=(Endpoint(match["host"] or "*"),)),
                    ("network",),
                    ("net",),
                ),
            )
        ),
        native=(),
        way="process",
        read=lambda payload, card: Reading(),
        template=lambda artifact: {},
        plan=lambda verified, place: Plan(
            (PutTree(f"{name}s/{place.name or verified.manifest.id.slug}", verified.payload),), seen_by=("everybody",)
        ),
    )


KINDS = Kinds.of([a_kind("theme"), a_kind("plugin")])
