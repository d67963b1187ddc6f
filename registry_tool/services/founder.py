"""Founding a registry: its first commit, complete and signed (formats, part 3).

One person's keys are enough to begin; more people come later without anybody signing a release again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.keys import Signer, key_text
from registry_tool.core.kind import Kinds
from registry_tool.core.names import parse_author
from registry_tool.core.roots import registry_id
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.statements import HeadRef

Template = Literal["personal", "community", "company"]

DAY = 86_400
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "personal": {
        "approvals": {"mode": "signed", "count": 1, "new_name": 1, "gain": 1},
        "gate": {"releases": "none", "statements": []},
        "waits": {"new_name": 0, "owner_update": 0, "recover": 7 * DAY},
        "self_approval": True,
        "private": True,
        "limits": {"releases": 50},
    },
    "community": {
        "approvals": {"mode": "forge", "count": 1, "new_name": 1, "gain": 1},
        "gate": {"releases": "owner-updates", "statements": []},
        "waits": {"new_name": 3 * DAY, "owner_update": 600, "recover": 14 * DAY},
        "self_approval": False,
        "private": False,
        "limits": {"releases": 20},
    },
    "company": {
        "approvals": {"mode": "signed", "count": 1, "new_name": 1, "gain": 1},
        "gate": {"releases": "none", "statements": []},
        "waits": {"new_name": 0, "owner_update": 0, "recover": 7 * DAY},
        "self_approval": False,
        "private": True,
        "limits": {"releases": 50},
    },
}
"""What admitting takes, per template; readable in a minute, and a chain that moderators change later."""

ROOT_DAYS: Mapping[str, int] = {"personal": 3650, "community": 3650, "company": 730}
"""How long a root stays fresh: generous where a job may sleep, strict in a company."""

USES = ("root", "targets", "publishing", "moderator", "gate")
"""The keys that a registry begins with, one use each."""


@dataclass(frozen=True, slots=True)
class Founding:
    """What a registry begins with."""

    registry: str
    """Its id."""
    files: Mapping[str, bytes]
    """The first commit."""
    person: str
    """The first moderator."""


def found(
    *,
    name: str,
    url: str,
    git: str,
    template: str,
    author: str | None,
    signers: Mapping[str, Signer],
    root: bytes,
    kinds: Kinds,
) -> Founding:
    """The first commit of a new registry.

    `signers` are by the names in `USES`; `root` is the signed root metadata that lists their keys. The
    template `personal` lets the first moderator be the author `author`; the others write that this
    person publishes nothing.
    """
    registry = registry_id(root)
    person = parse_author(author) if author else "operator"
    files: dict[str, bytes] = {layout.root_path(1): root}
    moderators = {
        **frame("registry.moderators/1", registry, "moderators", None, {"root": HeadRef(number=1, sha256=registry)}),
        "people": [
            {
                "id": person,
                "author": author if template == "personal" else None,
                "accounts": [],
                "keys": [{"key": key_text(signers["moderator"].key), "status": "active"}],
            }
        ],
        "threshold": 1,
        "gate": [{"key": key_text(signers["gate"].key), "status": "active"}],
    }
    path = layout.statement_path("moderators", 1)
    files.update(sealed(path, moderators, [signers["root"], signers["moderator"]]))
    under = {"moderators": HeadRef(number=1, sha256=sha256(files[path]))}
    policy = {**frame("registry.policy/1", registry, "policy", None, under), **TEMPLATES[template]}
    files.update(sealed(layout.statement_path("policy", 1), policy, [signers["moderator"]]))
    files["index/registry.yaml"] = table({"name": name, "url": url, "git": git})
    files["index/categories.yaml"] = table({"categories": categories(kinds)})
    files["index/featured.yaml"] = table({"featured": []})
    files[".gitattributes"] = layout.ATTRIBUTES.encode()
    files["README.md"] = readme(name, registry).encode()
    return Founding(registry, files, person)


def categories(kinds: Kinds) -> list[dict[str, str]]:
    """The rows of `categories.yaml` (M1): what the gallery says about each kind."""
    return [
        {"id": kind.category, "name": kind.title, "description": kind.summary, "icon": kind.icon, "target": kind.target}
        for kind in kinds
    ]


def table(value: Mapping[str, Any]) -> bytes:
    """A YAML table as the tool writes it, the same bytes everywhere."""
    text: str = yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, default_flow_style=False, width=120)
    return text.encode("utf-8")


def readme(name: str, registry: str) -> str:
    """What people read who open the repository."""
    return (
        f"# {name}\n\n"
        "This repository is a registry: signed artifacts in `index/`, and nothing else is needed to run it.\n\n"
        f"Its id is `{registry}`. Whoever installs from it pins that number, and gets it from you by\n"
        "another way than this page:\n\n"
        f"    registry add ADDRESS --root {registry}\n"
        "    registry install @scope/name\n\n"
        "Publish with `registry publish DIR --registry ADDRESS`; maintainers decide with `registry queue`.\n"
    )
