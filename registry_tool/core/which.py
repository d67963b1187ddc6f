"""Which registry a verb talks to: both orders in one place, and which of them won.

    publish, search     --registry   the one you stand in   the environment   ggui.json         the only one added
    install and others  --registry   the one you stand in   ggui.json         the environment   the only one added

A variable that is empty counts as not set. `GGUI_REGISTRY` is looked at for gadgets and blueprints
alone, after `REGISTRY_URL`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from registry_tool.core.errors import WrongUsage

Purpose = Literal["publish", "search", "install"]
Step = Literal["flag", "standing", "environment", "project", "added"]

PUBLISH_ORDER: Final[tuple[Step, ...]] = ("flag", "standing", "environment", "project", "added")
INSTALL_ORDER: Final[tuple[Step, ...]] = ("flag", "standing", "project", "environment", "added")
VARIABLE: Final = "REGISTRY_URL"
GGUI_VARIABLE: Final = "GGUI_REGISTRY"
GGUI_KINDS: Final = frozenset({"gadget", "blueprint"})


@dataclass(frozen=True, slots=True)
class Places:
    """All that can name a registry."""

    flag: str | None = None
    """`--registry`."""
    standing: str | None = None
    """The registry repository that the person stands in."""
    env: Mapping[str, str] = field(default_factory=dict)
    project: str | None = None
    """The member `registry` of the project's `ggui.json`."""
    added: Sequence[str] = ()
    """The addresses of all registries that were added."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A registry, and who chose it."""

    where: str
    """A name, a path or an address."""
    chosen_by: str
    """For people and scripts: `--registry`, `this folder`, `REGISTRY_URL`, `ggui.json`, …"""


def which_registry(purpose: Purpose, places: Places, *, kind: str | None = None) -> Choice:
    """The registry that wins; `WrongUsage` where nothing names one, or several were added and none is named."""
    order = INSTALL_ORDER if purpose == "install" else PUBLISH_ORDER
    for step in order:
        found = _named(step, places, kind)
        if found is not None:
            return found
    if places.added:
        raise WrongUsage(
            f"{len(places.added)} registries were added, and nothing says which one is meant",
            code="which-registry",
            hint="name it: --registry NAME; `registry remote list` shows them",
        )
    raise WrongUsage(
        "nothing says which registry is meant, and none was added",
        code="which-registry",
        hint="add one first: registry add WHERE --root ID",
    )


def _named(step: Step, places: Places, kind: str | None) -> Choice | None:
    match step:
        case "flag":
            return Choice(places.flag, "--registry") if places.flag else None
        case "standing":
            return Choice(places.standing, "the folder you are in") if places.standing else None
        case "environment":
            names = (VARIABLE, GGUI_VARIABLE) if kind in GGUI_KINDS else (VARIABLE,)
            return next((Choice(places.env[name], name) for name in names if places.env.get(name)), None)
        case "project":
            return Choice(places.project, "ggui.json") if places.project else None
        case _:  # "added"
            return Choice(places.added[0], "the only one added") if len(places.added) == 1 else None
