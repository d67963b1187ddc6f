"""`artifact.yaml`: what the author says where the native file does not."""

import fnmatch

from pydantic import Field

from registry_tool.core.document import Document, Seq


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
    entry: str | None = None
    """Theme: the stylesheet; widget and gadget: the ES module; app: the compose file."""
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
