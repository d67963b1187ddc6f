"""`artifact.yaml`: what the author says where the native file does not."""

import fnmatch
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from registry_tool.core.document import Document, Seq


class CardInput(Document):
    """A value that whoever installs it gives, in its author's words."""

    name: str = Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)
    """As the files write it: `DB_PASSWORD` for `${DB_PASSWORD}`."""
    description: str = Field(default="", max_length=500)
    default: str | None = None
    """What it is where nothing is said."""
    secret: bool | None = None
    """Whether nobody should see it; where this is not said, its name tells."""


def _rows(value: Any) -> Any:  # Any: what YAML holds, before it is checked
    """Inputs by name (`NAME: {description: …}` or `NAME: words`) as rows; rows as they are."""
    if not isinstance(value, Mapping):
        return value
    told = {name: {"description": one} if isinstance(one, str) else (one or {}) for name, one in value.items()}
    return [{"name": name, **one} if isinstance(one, Mapping) else one for name, one in told.items()]


class Bundling(Document):
    """How a module is made of sources (`bundle` in artifact.yaml)."""

    sourcemap: bool = False
    """Whether a map from the module to its sources is published beside it."""


class Card(Document):
    """The file beside the native one; every member is optional, unknown ones are refused."""

    id: str | None = None
    """`@scope/name`."""
    kind: str | None = None
    version: str | None = None
    title: str | None = None
    description: str | None = None
    license: str | None = None
    """SPDX expression, or `SEE LICENSE IN <file>`."""
    author: str | None = None
    """The author's id in the registry."""
    visibility: str | None = None
    permissions: Seq[str] | None = None
    tags: Seq[str] = ()
    links: dict[str, str] = Field(default_factory=dict)
    requires: dict[str, str] = Field(default_factory=dict)
    """Host to version range."""
    dependencies: dict[str, str] = Field(default_factory=dict)
    """`@scope/name` to version range, in the same registry."""
    pins: Seq[dict[str, str]] = ()
    """What is fetched later, by digest: `type`, `name`, `version`, `digest`."""
    inputs: Annotated[Seq[CardInput], BeforeValidator(_rows)] = ()
    """App: the values of its `${NAME}`s that whoever installs it gives."""
    entry: str | None = None
    """Theme: the stylesheet; widget and gadget: the ES module; app: the compose file."""
    bundle: Bundling | None = None
    """Gadget, widget and blueprint with source: how the module is made of it."""
    include: Seq[str] | None = None
    """Patterns of files to publish; default: everything but what .gitignore names."""
    executable: Seq[str] = ()
    """Paths to be installed as programs, where neither git nor the file system can say it."""

    def takes(self, path: str) -> bool:
        """Whether `include` names a path; without it every path is taken."""
        return self.include is None or any(_matches(path, pattern) for pattern in self.include)


def _matches(path: str, pattern: str) -> bool:
    if pattern.endswith("/**"):
        return path.startswith(pattern[:-2])
    if "/" not in pattern:
        return "/" not in path and fnmatch.fnmatchcase(path, pattern)
    return fnmatch.fnmatchcase(path, pattern)
