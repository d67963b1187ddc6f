"""A registry in which everything that pages can show is there once: for the browser's tests and for screenshots.

the artifacts of tests/demo_artifacts, by harbor (verified, official) and lighthouse (nobody checked)
@harbor/cpu-load      more permissions in its second version     @bob/found     imported
@harbor/paint-0 …     enough themes for a second page            @eve/…         every status, every odd title
@eve/everything       each permission of its kind                @eve/many      60 versions
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from registry_tool.core.counts import Counts
from registry_tool.core.manifest import Manifest, read_manifest
from registry_tool.core.payload import Payload
from registry_tool.core.published import names_in, payload_at, proof_at, registry_of, version_folders
from registry_tool.core.tables import table_bytes
from registry_tool.core.tree import MemoryTree
from registry_tool.core.versions import parse_version
from registry_tool.kinds import all_kinds
from registry_tool.stores.output import write_site
from registry_tool.stores.webserver import SiteServer
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import review
from tests.demo_registry import on_disk
from tests.queues import typical
from tests.sites import built, committed, with_targets

URL = "https://registry.example/"
MANY = 60
"""Versions of one name: more than its page shows."""
THEMES = 30

README = """# Solar

Warm *colours* for long evenings, with **strong** contrast and `--accent` as the one knob.

| Variable | Day | Night |
| - | - | - |
| `--paper` | #fbfaf7 | #16181b |
| `--ink` | #1d2023 | #e9e7e1 |

```css
:root { --accent: #b7410e; --a-very-long-line: "it scrolls in its own box and never pushes the page to the side"; }
```

1. Install it.
2. Reload.

> It reads well aloud. ![a lamp](https://elsewhere.example/lamp.png)

[Its page](https://solar.example/) and <script>alert(1)</script> [nothing](javascript:alert(1)).
"""
TITLES = {
    "spaces": "\u2003 \u2003",
    "emoji": "🌞🌙✨ 👩‍🚀",
    "arabic": "قالب النور: ألوان دافئة للمساء",
    "long": " ".join(["Extraordinarily", "longwindedtitlewithoutanyplacetobreakthewordinsideofit"] * 5)[:280],
    "markup": "</h1><script>alert(1)</script> {{ 7 * 7 }}",
}


def showroom(*, url: str = URL) -> RegistryInMemory:
    """The registry."""
    registry = with_targets(a_registry(demo=False))
    told = {"name": "The Reading Room", "description": "Small things for agents and dashboards, each one looked at."}
    registry.files["index/registry.yaml"] = table_bytes(
        {**told, "url": url, "official": ["harbor"], "git": "https://forge.example/room.git"}
    )
    _demo(registry)
    _people(registry)
    _statuses(registry)
    _crowd(registry)
    return registry


def _demo(registry: RegistryInMemory) -> None:
    """The artifacts of the demonstration, by the same authors with other keys."""
    tree = MemoryTree(on_disk())
    for name in names_in(tree):
        for folder in sorted(version_folders(tree, name), key=parse_version):
            proof = proof_at(tree, name, folder, registry=registry_of(tree))
            assert proof is not None
            manifest = read_manifest(proof.manifest, registry=registry_of(tree))
            _again(registry, manifest, payload_at(tree, name, manifest))


def _again(registry: RegistryInMemory, manifest: Manifest, payload: Payload) -> None:
    def as_before(value: dict[str, Any]) -> None:
        value.update(links=dict(manifest.links), license=manifest.license, requires=dict(manifest.requires))

    registry.release(
        manifest.artifact,
        manifest.version,
        payload,
        kind=manifest.kind,
        spec=manifest.spec,
        permissions=manifest.permissions,
        title=manifest.title,
        description=manifest.description,
        tags=manifest.tags,
        change=as_before,
    )


def _people(registry: RegistryInMemory) -> None:
    """Who is verified, and what people think."""
    claims = [{"claim": "domain", "domain": "harbor.example"}]
    told = {
        "name": "Harbor Works",
        "about": "Small tools for boats and servers.",
        "links": {"home": "https://a.example/"},
    }
    registry.statement(
        "profile/harbor",
        {**told, "claims": claims, "at": registry.now()},
        schema="profile",
        by=("harbor control", "mod"),
        under=("authors/harbor", "moderators", "policy"),
    )
    texts = ("It works.", "Does what it says.\n\nI use it every day.", "", "Too bright. <b>No</b>", "مفيد جدا")
    for number in range(23):
        author = f"reader-{number}"
        registry.keyring(author)
        stars = (5, 4, 5, 3, 4, 1)[number % 6]
        review(registry, "@harbor/cpu-load", stars, author=author, text=texts[number % 5])
        if number < 4:
            review(registry, "@lighthouse/paper", 5 - number % 2, author=author, text=texts[number])


def _statuses(registry: RegistryInMemory) -> None:
    """One artifact of each status, and one that was imported."""
    for status in ("deprecate", "yank", "quarantine", "revoke", "withhold"):
        artifact = f"@eve/{status}-it"
        registry.release(artifact, "1.0.0", {"theme.css": status.encode()}, tags=["odd"])
        reason = {"deprecate": "superseded", "yank": "broken", "quarantine": "reported", "revoke": "malware"}
        registry.event(artifact, "1.0.0", status, reason=reason.get(status, "copyright"))
    origin = {"imported": {"from": "https://elsewhere.example/catalogue.json"}}
    found = {"README.md": README.encode(), "theme.css": b"a"}
    registry.release(
        "@bob/found", "1.0.0", found, title="Found theme", tags=["warm"], change=lambda value: value.update(origin)
    )


def _crowd(registry: RegistryInMemory) -> None:
    """A second page, odd titles, every permission, many versions."""
    for number in range(THEMES):
        content = {"theme.css": str(number).encode(), "README.md": README.encode()}
        registry.release(f"@harbor/paint-{number}", "1.0.0", content, title=f"Paint {number}", tags=["dark", "warm"])
    for name, title in TITLES.items():
        sheet = {"theme.css": name.encode()}
        registry.release(f"@eve/title-{name}", "1.0.0", sheet, title=title, description=title * 2)
    asking = "It asks for all that there is. " * 20
    for kind in ("skill", "app", "widget"):
        every = sorted({example for rule in all_kinds()[kind].grammar.rules for example in rule.accepts})
        for version, asked in (("1.0.0", every[:1]), ("1.1.0", every[1:])):
            files = {"README.md": README.encode(), "version": version.encode()}
            more: dict[str, Any] = {"kind": kind, "permissions": asked, "title": "Everything", "description": asking}
            registry.release(f"@eve/everything-{kind}", version, files, **more)
    for number in range(MANY):
        registry.release("@eve/many", f"1.{number}.0", {"theme.css": f"/* {number} */".encode()}, title="Many versions")
        if number % 40 == 7:
            registry.event("@eve/many", f"1.{number}.0", "yank", reason="security")


def counts(registry: str) -> Counts:
    """Installs of some of them."""
    names = {
        "@harbor/cpu-load": {"1.0.0": {"before": 700}, "1.1.0": {"2026-11-20": 8}},
        "@lighthouse/paper": {"1.0.0": {"2026-11-20": 1}},
        "@harbor/paint-1": {"1.0.0": {"before": 12_345}},
    }
    return Counts.of({"schema": "registry.counts/1", "registry": registry, "until": "2026-11-20", "names": names})


def built_showroom(folder: Path, *, url: str = URL) -> Path:
    """The site of the showroom below `folder`."""
    registry = showroom(url=url)
    write_site(folder, built(committed(registry.files), queue=typical(registry.id), counts=counts(registry.id)).made)
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a site on loopback, as long as the block runs."""
    with SiteServer(folder, 0) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()
