"""Live previews: what an artifact's page needs to show it at work, in a frame of its own, when somebody asks.

    assets/host.js  frame.html         what dashboards use too (`registry widget host`)
    assets/preview.js  preview.css     the button, made-up data, and what stands around
    assets/sample.html                 a piece of a dashboard, for themes
    <item>/preview/<path>.txt          a module or stylesheet of the author, as text: no page can run it as it is

What a kind's items look like follows from its record: what runs in a frame without another tool's wire is mounted;
what is inert and is a stylesheet is worn by the sample.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from registry_tool.core.frames import ENCRYPTED, NOWHERE, frame_document
from registry_tool.core.index import Planned, Release
from registry_tool.core.kind import Kind
from registry_tool.core.payload import Files
from registry_tool.core.status import TREATMENT
from registry_tool.site.templates import static_file
from registry_tool.site.words import line

SHARED: Final = "assets/"
"""Where the files of all previews lie; `routes.FRAMES` names the documents among them."""
MODULES: Final = 8
"""More of them are one bundle first: each is a file of the site."""
BYTES: Final = 1_000_000
"""Of all together."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The section of a page that shows the artifact."""

    words: str
    data: str
    """JSON for the script."""
    folder: str = SHARED


def shared_files() -> Iterable[Planned]:
    """What all previews of a site share."""
    yield from (Planned(f"{SHARED}{name}", "static", partial(_plain, f"preview/{name}")) for name in _OURS)
    yield Planned(f"{SHARED}host.js", "static", partial(_plain, "host/host.js"))
    yield Planned(f"{SHARED}frame.html", "static", partial(_document, "host/frame", NOWHERE))
    yield Planned(f"{SHARED}sample.html", "static", partial(_document, "preview/sample", NOWHERE))


_OURS: Final = ("preview.css", "preview.js")


def host_files() -> Files:
    """What a dashboard of somebody's own needs to show widgets and gadgets, and a page that does."""
    plain = {name: static_file(f"host/{name}") for name in ("host.js", "index.html", "page.css", "page.js")}
    frames = {"frame.html": NOWHERE, "gadget.html": ENCRYPTED}
    made = {name: _document("host/frame", connects) for name, connects in frames.items()}
    return dict(sorted((plain | made).items()))


def _plain(name: str) -> bytes:
    return static_file(name)


def _document(name: str, connects: tuple[str, ...]) -> bytes:
    return frame_document(static_file(f"{name}.html").decode(), static_file(f"{name}.js").decode(), connects)


def preview(release: Release, kind: Kind | None) -> Preview | None:
    """The section for a release; `None` where there is nothing that a browser could show."""
    paths = _paths(release, kind)
    if not paths or kind is None:
        return None
    manifest = release.manifest
    if kind.way == "inert":
        where = quote(f"preview/{paths[0]}.txt")
        data: dict[str, Any] = {"theme": where, "schemes": _schemes(manifest.spec)}  # Any: JSON
        return Preview("A piece of a dashboard in its colours, and everything that it sets.", _json(data))
    row = {
        "id": manifest.artifact,
        "title": line(manifest.title),
        "entry": manifest.spec["entry"],
        "sri": dict(manifest.spec["sri"]),
        "permissions": list(manifest.permissions),
    }
    words = "It runs in a frame that reaches nothing, and is given made-up numbers for the data that it may read."
    return Preview(words, _json({"widget": row}))


def preview_files(release: Release, kind: Kind | None, folder: str) -> Files:
    """The files that the preview of a release needs, below its page's `folder`."""
    return {f"{folder}preview/{path}.txt": release.payload[path].data for path in _paths(release, kind)}


def _paths(release: Release, kind: Kind | None) -> tuple[str, ...]:
    """The files of the payload that a browser loads; none where there is no preview."""
    spec = release.manifest.spec
    entry, hashes = spec.get("entry"), spec.get("sri")
    if kind is None or not TREATMENT[release.status].chosen or not isinstance(entry, str):
        return ()
    if kind.way == "inert":
        found: tuple[str, ...] = (entry,) if entry.endswith(".css") else ()
    elif kind.way == "frame" and kind.wire is None and isinstance(hashes, Mapping) and entry in hashes:
        found = tuple(sorted(hashes))
    else:
        return ()
    files = [release.payload.get(path) for path in found]
    size = sum(len(file.data) if file is not None else BYTES + 1 for file in files)
    return found if len(found) <= MODULES and size <= BYTES else ()


def _schemes(spec: Mapping[str, Any]) -> list[str]:  # Any: JSON
    """`light` and `dark` where the theme knows both, else nothing to choose from."""
    return ["light", "dark"] if {"light", "dark"} <= set(spec.get("schemes", ())) else []


def _json(value: Mapping[str, Any]) -> str:  # Any: JSON
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
