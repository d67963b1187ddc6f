"""What a row of the catalogue tells beyond its manifest's plain members: hooks, and what people think of it."""

from collections.abc import Sequence
from typing import Any, Final

from registry_tool.core.artifact_reviews import ArtifactReview, rating
from registry_tool.core.manifest import Manifest

MOST_HOOKS: Final = 200
"""In one row; a module with more exports is found by its other names."""


def hooks_of(manifest: Manifest) -> tuple[str, ...]:
    """The hooks and components that a gadget exports, in its author's order, each once; nothing of other kinds."""
    exports = manifest.spec.get("exports") if manifest.kind == "gadget" else None
    found = [
        name
        for export in (exports if isinstance(exports, list) else ())
        if isinstance(export, dict)
        for noun in ("hook", "component")
        if isinstance(name := export.get(noun), str)
    ]
    return tuple(dict.fromkeys(found))[:MOST_HOOKS]


def rating_given(reviews: Sequence[ArtifactReview]) -> dict[str, Any]:  # Any: JSON
    """The member `rating` of a row, with the number of reviews and their mean; nothing where there are none."""
    told = rating(reviews)
    return {"rating": {"count": told["count"], "mean": told["mean"]}} if told["count"] else {}
