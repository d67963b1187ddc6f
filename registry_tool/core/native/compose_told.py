"""What is told of a compose file besides its faults: what people are asked for, and what its author should know."""

from collections.abc import Sequence

from registry_tool.core.card import Card
from registry_tool.core.findings import Finding
from registry_tool.core.native.compose import Compose
from registry_tool.core.plan import Ask
from registry_tool.core.quoting import quoted


def asked(compose: Compose, card: Card) -> tuple[Ask, ...]:
    """What whoever installs it is asked for: the file's variables, as `artifact.yaml` describes them."""
    told = {one.name: one for one in card.inputs}
    found = []
    for one in compose.inputs:
        said = told.get(one.name)
        default = one.default if said is None or said.default is None else said.default
        secret = one.secret if said is None or said.secret is None else said.secret
        words = said.description if said else ""
        found.append(Ask(one.name, words, default, secret, one.demanded, one.file, one.variable))
    return tuple(found)


def remarks(compose: Compose, card: Card, unpinned: Sequence[str], entry: str) -> list[Finding]:
    """What the author should know and nobody refuses; `unpinned` are images that no digest fixes."""
    found = []
    if compose.may:
        starting = ", ".join(service.name for service in compose.services if service.start)
        need = ", ".join(compose.may)
        message = f"{starting}: images that begin as root and change to a user of their own need {need}"
        hint = "grant them, or write user: or cap_drop: [ALL] into the service where its image needs none"
        found.append(Finding("app-root", "note", message, entry, hint))
    used = {one.name for one in compose.inputs}
    for one in card.inputs:
        if one.name not in used:
            message = f"the input {quoted(one.name)} is described, and the compose file has no ${{{one.name}}}"
            found.append(Finding("app-input", "warn", message, "artifact.yaml", "remove it, or write its real name"))
    if compose.services and not any(service.ports for service in compose.services):
        message = "it publishes no port: nothing but its own services reaches it"
        found.append(Finding("app-port", "note", message, entry, 'where people should, write: ports: ["8080:80"]'))
    return [*found, *(_floating(tagged, entry) for tagged in unpinned if _floats(tagged))]


def _floats(tagged: str) -> bool:
    return ":" not in tagged.rpartition("/")[2] or tagged.endswith(":latest")


def _floating(tagged: str, entry: str) -> Finding:
    name = tagged.removesuffix(":latest")
    message = f"the image {quoted(tagged)} names no version: tomorrow it is another one"
    hint = f"write the version that you tested, as: image: {name}:1.2.3; or pin what it is now: registry app pin"
    return Finding("app-image", "warn", message, entry, hint)
