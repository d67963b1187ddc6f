"""Apps: containers that run together, described by a compose file.

The author's compose file is read and never run; what is installed is written by us from it, without
anything that was not granted.
"""

import posixpath
import re
from collections.abc import Mapping
from typing import Any, Final

from registry_tool.core.answers import own_files
from registry_tool.core.card import Card
from registry_tool.core.confinement import Confinement
from registry_tool.core.document import Document, Seq
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.kind import Kind, Pin, Reading
from registry_tool.core.names import ArtifactId
from registry_tool.core.native.compose import Compose, read_compose
from registry_tool.core.native.compose_emit import emit
from registry_tool.core.native.compose_told import asked, remarks
from registry_tool.core.native.compose_values import CAPABILITIES, RESERVED_FILES
from registry_tool.core.native.hosts import port_fault
from registry_tool.core.native.license import mit_text
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.permissions import Grammar, Rule
from registry_tool.core.plan import Ask, Place, Plan, PutTree
from registry_tool.core.quoting import quoted
from registry_tool.core.verified import Verified

_NATIVE: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OURS: Final = "compose.yaml"


class AppService(Document):
    """One container."""

    name: str
    image: str
    command: Seq[str] | None = None
    """What it runs instead of the image's own command."""


class AppInput(Document):
    """One value that whoever installs the app gives it."""

    name: str
    description: str | None = None
    """What it is for, in its author's words."""
    default: str | None = None
    required: bool
    """Whether nothing says what it is where it is not given."""
    demanded: bool | None = None
    """Set where the app does not start without it."""
    secret: bool


class AppSpec(Document):
    """An app's `spec`."""

    entry: str
    """The author's compose file."""
    services: Seq[AppService]
    inputs: Seq[AppInput]
    images: Seq[str]
    """All images, sorted, each once."""


def _not_grantable(match: re.Match[str]) -> str | None:
    if match["capability"] in CAPABILITIES:
        return None
    return "only these can be granted: " + ", ".join(sorted(CAPABILITIES))


_TARGET: Final = r"(?P<target>/[A-Za-z0-9_.@+,()=~-][A-Za-z0-9 _.@+,()=~/-]*)(?P<mode>:ro)?"


def _outside(match: re.Match[str]) -> str | None:
    parts = [*match["source"].split("/")[1:], *match["target"].split("/")[1:]]
    return "a path holds no empty part and no . or .." if {"", ".", ".."}.intersection(parts) else None


GRAMMAR: Final = Grammar(
    rules=(
        Rule(
            pattern="cap:(?P<capability>[A-Z_]{1,32})",
            meaning="use the privilege {capability} inside its container",
            allows=lambda match: Confinement(capabilities=(match["capability"],)),
            accepts=("cap:NET_BIND_SERVICE", "cap:CHOWN"),
            rejects=("cap:SYS_ADMIN", "cap:NET_ADMIN", "cap:ALL", "cap:chown", "cap:CAP_CHOWN", "cap:"),
            refuse=_not_grantable,
        ),
        Rule(
            pattern="port:(?P<port>[0-9]+)/(?P<protocol>tcp|udp)",
            meaning="be reached on this machine at port {port}/{protocol}",
            allows=lambda match: Confinement(ports=(f"{match['port']}/{match['protocol']}",)),
            accepts=("port:8080/tcp", "port:53/udp"),
            rejects=("port:8080", "port:0/tcp", "port:65536/tcp", "port:080/tcp", "port:80-90/tcp", "port:80/sctp"),
            refuse=lambda match: port_fault(match["port"]),
        ),
        Rule(
            pattern="mount:(?P<source>[A-Za-z0-9][A-Za-z0-9_.-]{0,199})" + f":{_TARGET}",
            meaning="keep a volume of its own, {source}, at {target}{mode}",
            allows=lambda match: Confinement(mounts=(match[0].removeprefix("mount:"),)),
            accepts=("mount:data:/var/lib/data", "mount:conf:/etc/app:ro"),
            rejects=("mount:data", "mount:data:relative", "mount:/etc:/etc", "mount:data:/a:rw", "mount:data:/a/../b"),
            refuse=_outside,
        ),
        Rule(
            pattern=r"mount:(?P<source>\./[A-Za-z0-9 _.@+,()=~/-]{1,199})" + f":{_TARGET}",
            meaning="see {source} of its own folder at {target}{mode}",
            allows=lambda match: Confinement(mounts=(match[0].removeprefix("mount:"),)),
            accepts=("mount:./data:/data", "mount:./conf/app.conf:/etc/app.conf:ro"),
            rejects=("mount:../x:/x", "mount:./a/../../x:/x", "mount:~/x:/x", "mount:./:/x", "mount:./a:b"),
            refuse=_outside,
        ),
    )
)
"""What an app can be granted; nothing covers anything but itself."""


def read(payload: Payload, card: Card) -> Reading:
    """What a compose file says; the author's mistakes are findings."""
    entry = card.entry if card.entry is not None else next((name for name in _NATIVE if name in payload), "")
    if entry not in payload:
        return Reading(findings=(_missing(entry, payload),))
    compose = read_compose({path: file.data for path, file in payload.items()}, entry)
    pinned = _card_pins(card)
    pins, unpinned = {}, set()
    for service in compose.services:
        tagged, at, digest = service.image.partition("@")
        name, tag = _split(tagged)
        if at or tagged in pinned:
            pins[tagged] = Pin("image", name, digest or pinned[tagged], tag)
        elif service.image:
            unpinned.add(tagged)
    return Reading(
        native=entry,
        spec=_spec(compose, card, entry),
        needs=compose.needs,
        may=compose.may,
        exact=("cap", "port", "mount"),
        pins=tuple(pins[tagged] for tagged in sorted(pins)),
        unpinned=tuple(f"image {tagged}" for tagged in sorted(unpinned)),
        findings=(*compose.findings, *remarks(compose, card, sorted(unpinned), entry)),
    )


def _missing(entry: str, payload: Payload) -> Finding:
    if entry:
        message = f"entry names {quoted(entry)}, which is not among the files"
        return Finding("app-entry", "fail", message, "artifact.yaml", f"entry: {_OURS}")
    charts = [path for path in sorted(payload) if posixpath.basename(path) == "Chart.yaml"]
    if charts:
        hint = "render it (helm template) and write what it starts as a compose.yaml"
        return Finding("app-entry", "fail", "a Helm chart cannot be published yet", charts[0], hint)
    hint = "add a compose.yaml, or name it: entry: deploy/stack.yaml"
    return Finding("app-entry", "fail", "there is no compose file", "artifact.yaml", hint)


def _split(tagged: str) -> tuple[str, str]:
    head, _, tail = tagged.rpartition(":")
    return (head, tail) if head and "/" not in tail else (tagged, "")


def _card_pins(card: Card) -> dict[str, str]:
    """Digests that artifact.yaml gives for images, by `name:tag`."""
    rows = [row for row in card.pins if row.get("type") == "image" and "digest" in row]
    return {_tagged(row.get("name", ""), row.get("version", "")): row["digest"] for row in rows}


def _tagged(name: str, tag: str) -> str:
    return f"{name}:{tag}" if tag else name


def _spec(compose: Compose, card: Card, entry: str) -> dict[str, Any]:  # Any: JSON
    services = []
    for service in compose.services:
        command = service.rest.get("command")
        row: dict[str, Any] = {"name": service.name, "image": service.image}
        if command is not None:
            row["command"] = [command] if isinstance(command, str) else list(command)
        services.append(row)
    inputs = []
    for ask in asked(compose, card):
        row = {"name": ask.name, "required": ask.default is None, "secret": ask.secret}
        said = {"description": ask.description or None, "default": ask.default, "demanded": ask.demanded or None}
        inputs.append({**row, **{name: value for name, value in said.items() if value is not None}})
    images = sorted({service.image for service in compose.services})
    return {"entry": entry, "services": services, "inputs": inputs, "images": images}


def plan(verified: Verified, place: Place) -> Plan:
    """Our own compose file, with the author's files that it mounts.

    `InvalidInput` where the compose file asks for anything else than what was granted: then it was
    never let in by these rules.
    """
    del place  # an app lies in one place
    manifest = verified.manifest
    entry = str(manifest.spec["entry"])
    compose = read_compose({path: file.data for path, file in verified.payload.items()}, entry)
    bad = tuple(finding for finding in compose.findings if finding.level == "fail")
    granted = frozenset(manifest.permissions)
    if bad or not granted.issuperset(compose.needs) or not granted.issubset((*compose.needs, *compose.may)):
        raise InvalidInput(
            f"the compose file of {manifest.artifact} asks for something else than was granted",
            code="app-mismatch",
            hint="ask its author for a new version",
            findings=bad,
        )
    digests = {_tagged(pin.name, pin.version or ""): pin.digest for pin in manifest.pins if pin.type == "image"}
    files = dict(_beside(verified.payload, entry, compose))
    files[_OURS] = PayloadFile(emit(compose, granted=granted, digests=digests))
    folder = f"apps/{manifest.id.slug}"
    places = {one.name: (one.file, one.variable) for one in compose.inputs}
    asks = tuple(_ask(row, *places.get(row["name"], ("", True))) for row in manifest.spec["inputs"])
    notes = [f"Start it with: docker compose --project-directory {folder} -f {folder}/{_OURS} up -d"]
    if asks:
        notes.insert(0, f"Its values are in {' and '.join(sorted(_value_places(folder, asks)))}, yours to change.")
    return Plan(
        (PutTree(folder, files, own_files(asks, {})),), seen_by=("docker compose",), notes=tuple(notes), asks=asks
    )


def _ask(row: Mapping[str, Any], file: str, variable: bool) -> Ask:  # Any: JSON, a row of the spec's inputs
    said = {name: row[name] for name in ("description", "default", "demanded") if name in row}
    return Ask(str(row["name"]), secret=bool(row["secret"]), file=file, variable=variable, **said)


def _value_places(folder: str, asks: tuple[Ask, ...]) -> set[str]:
    """Where the person finds what they said."""
    return {f"{folder}/{posixpath.dirname(path) or path}" for path in own_files(asks, {})}


def _beside(payload: Payload, entry: str, compose: Compose) -> Mapping[str, PayloadFile]:
    """The author's files that the app uses, by their paths beside the compose file."""
    folder = posixpath.dirname(entry)
    below = f"{folder}/" if folder else ""
    found = {}
    for path, file in payload.items():
        own = path.removeprefix(below)
        wanted = any(own == used or own.startswith(f"{used}/") for used in compose.used)
        if path.startswith(below) and wanted and not RESERVED_FILES.fullmatch(own.partition("/")[0]):
            found[own] = file
    return {**found, **{path: PayloadFile(data) for path, data in compose.written.items()}}


_IMAGE: Final = (
    "nginxinc/nginx-unprivileged:1.27-alpine@sha256:65e3e85dbaed8ba248841d9d58a899b6197106c23cb0ff1a132b7bfe0547e4c0"
)

_COMPOSE: Final = """# Serves the folder ./site to this machine: for documentation, a mock-up, a built page.
services:
  web:
    image: {image}
    restart: unless-stopped
    read_only: true
    tmpfs: /tmp
    ports:
      - "8080:8080"
    volumes:
      - ./site:/usr/share/nginx/html:ro
    mem_limit: 64m
    pids_limit: 64
"""

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>It works</title>
<p>Put your pages into the folder <code>site</code>, beside <code>compose.yaml</code>.</p>
</html>
"""

_CARD: Final = """id: "{id}"
kind: app
version: 1.0.0
title: Static pages
description: Serves a folder of pages to this machine, without any right but to read them.
license: MIT
permissions: ["mount:./site:/usr/share/nginx/html:ro", "port:8080/tcp"]
tags: [web]
"""


def template(artifact: ArtifactId) -> Payload:
    """An app that serves a folder of pages."""
    return {
        "LICENSE": PayloadFile(mit_text(artifact.scope)),
        "artifact.yaml": PayloadFile(_CARD.format(id=artifact).encode()),
        "compose.yaml": PayloadFile(_COMPOSE.format(image=_IMAGE).encode()),
        "site/index.html": PayloadFile(_PAGE.encode()),
    }


KIND: Final = Kind(
    id="app",
    category="apps",
    title="Apps",
    summary="Containers that run together on your machine, with only the ports and folders that you see.",
    icon="📦",
    target="apps/<slug>/",
    reader="app/1",
    spec=AppSpec,
    grammar=GRAMMAR,
    native=_NATIVE,
    way="engine",
    read=read,
    template=template,
    plan=plan,
)
"""All that the tool knows about apps."""
