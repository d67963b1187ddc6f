"""Founding a registry: its first commit, complete and signed (formats, part 3).

One person's keys are enough to begin; more people come later without anybody signing a release again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import Signer, key_text
from registry_tool.core.kind import Kinds
from registry_tool.core.names import parse_author
from registry_tool.core.roots import registry_id
from registry_tool.core.sealing import frame, sealed
from registry_tool.core.statements import HeadRef, Policy
from registry_tool.core.targets import MOST_BITS, Days
from registry_tool.core.tiers import DEFAULT as DEFAULT_TIERS
from registry_tool.core.tiers import TIERS_TABLE

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
        "gate": {"releases": "owner-updates", "statements": ["keyring", "scope"]},
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

TERMS: Mapping[str, Mapping[str, int]] = {
    "personal": {"root": 3650, "targets": 3650, "bins": 730, "snapshot": 365, "timestamp": 180},
    "community": {"root": 3650, "targets": 3650, "bins": 365, "snapshot": 180, "timestamp": 60},
    "company": {"root": 365, "targets": 365, "bins": 180, "snapshot": 30, "timestamp": 7},
}
"""Days for which what is signed stays fresh, per template: a registry whose job sleeps for weeks must not lock
everybody out, and a company wants to notice within a week. People sign root and targets, jobs the rest."""

BINS = 256
"""Good to about 30,000 names; 1024 from 50,000 on."""

USES = ("root", "targets", "publishing", "timestamp", "moderator", "gate")
"""The keys that a registry begins with, one use each. `publishing` signs the bins, `timestamp` the snapshot too."""


def terms_of(policy: Policy) -> Days:
    """The terms of the template that a policy looks like, for a registry that was founded without."""
    if policy.approvals.mode == "forge":
        return Days.of(TERMS["community"])
    return Days.of(TERMS["personal" if policy.self_approval else "company"])


def bits_of(bins: int) -> int:
    """The power of two that `bins` is; `InvalidInput` for another number, or more than there can be."""
    bits = bins.bit_length() - 1
    if bins < 2 or bins != 1 << bits or bits > MOST_BITS:
        message = f"bins are a power of two from 2 to {1 << MOST_BITS}, not {bins}"
        raise InvalidInput(message, code="bad-bins", hint=f"{BINS} is good to 30,000 names, 1024 to more")
    return bits


@dataclass(frozen=True, slots=True)
class Founding:
    """What a registry begins with."""

    registry: str
    """Its id."""
    files: Mapping[str, bytes]
    """The first commit."""
    person: str
    """The first moderator."""


def found(  # noqa: PLR0913 - all that a founder decides, named
    *,
    name: str,
    url: str,
    git: str,
    template: str,
    author: str | None,
    signers: Mapping[str, Signer],
    root: bytes,
    targets: bytes,
    trusted_root: bytes | None = None,
    kinds: Kinds,
    tiers: bool = False,
) -> Founding:
    """The first commit of a new registry.

    `signers` are by the names in `USES`; `root` and `targets` are the signed metadata that list their keys, and
    `trusted_root` the sigstore trust root that these targets list. The
    template `personal` lets the first moderator be the author `author`; the others write that this
    person publishes nothing. `tiers` adds the table that caps installs and says who may publish.
    """
    registry = registry_id(root)
    person = parse_author(author) if author else "operator"
    files: dict[str, bytes] = {layout.root_path(1): root, layout.targets_path(1): targets}
    if trusted_root is not None:
        files[layout.trusted_root_path(sha256(trusted_root))] = trusted_root
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
    if tiers:
        files[TIERS_TABLE] = table({"tiers": {name: dict(row) for name, row in DEFAULT_TIERS.items()}})
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
