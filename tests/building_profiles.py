"""Profiles of authors and reviews of artifacts, in a registry in memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry_tool.core.artifact_reviews import review_subject
from registry_tool.core.names import parse_artifact
from tests.builders import Change, RegistryInMemory

DOMAIN: Final = {"claim": "domain", "domain": "example.org"}
OTHER: Final = {"claim": "domain", "domain": "other.example"}
ACCOUNT: Final = {"claim": "account", "forge": "forge.example", "number": 7, "name": "ann"}
ASKS: Final = ("authors/ann", "moderators", "policy")
"""What a profile of ann names that claims something new."""
TODAY: Final = "2026-11-21T08:59:00Z"
"""A minute before the submissions of `checks/changes.py` are looked at."""


def profile(
    registry: RegistryInMemory,
    *claims: Mapping[str, Any],
    author: str = "ann",
    by: Sequence[str] | None = None,
    under: Sequence[str] | None = None,
    at: str | None = None,
    change: Change = None,
    **body: Any,  # Any: JSON
) -> str:
    """The next profile of an author, who alone signs it; its digest. With claims it names moderators and policy."""
    asks = ("moderators", "policy") if claims else ()
    told = {"name": author.capitalize(), "about": "", "links": {}, "claims": list(claims), "at": at or registry.now()}
    return registry.statement(
        f"profile/{author}",
        {**told, **body},
        schema="profile",
        by=(f"{author} control",) if by is None else by,
        under=(f"authors/{author}", *asks) if under is None else under,
        change=change,
    )


def review(
    registry: RegistryInMemory,
    artifact: str,
    stars: int = 4,
    *,
    author: str = "bob",
    version: str = "1.0.0",
    text: str = "It works.",
    by: Sequence[str] | None = None,
    under: Sequence[str] | None = None,
    at: str | None = None,
    change: Change = None,
    **body: Any,  # Any: JSON
) -> str:
    """The next review by an author of a release, who signs it; its digest."""
    name = parse_artifact(artifact)
    manifest = body.pop("manifest", None) or registry._pointed(artifact, version)
    told = {"version": version, "manifest": manifest, "stars": stars, "text": text, "at": at or registry.now()}
    return registry.statement(
        review_subject(name, author),
        {**told, **body},
        schema="review",
        by=(f"{author} signing",) if by is None else by,
        under=(f"authors/{author}",) if under is None else under,
        change=change,
    )
