"""A registry in which something happened, and all that the feeds of news and texts make of it.

`python -m tests.feeds.news_registry` says the digest of every file: the same under any hash seed.
"""

from functools import cache
from typing import Any

from registry_tool.cli.feeds import NEWS
from registry_tool.core.digest import sha256
from registry_tool.core.tables import table_bytes
from tests.builders import RegistryInMemory, a_registry
from tests.feeds.feed_sites import published

URL = "https://registry.example/"
SECURITY = {
    "contact": "mailto:security@registry.example",
    "expires": "2027-03-01T00:00:00Z",
    "policy": "https://registry.example/about/lifecycle/",
}
README = b"# Links\n\nFinds *broken* links.\n\n```sh\nlinks .\n```\n"
LINKS, SOLAR, CLOCK = "@ann/links", "@ann/solar", "@bob/clock"


def with_table(registry: RegistryInMemory, **table: Any) -> RegistryInMemory:
    """`registry` with these rows in its table beside a name."""
    registry.files["index/registry.yaml"] = table_bytes({"name": "The Reading Room", "url": URL, **table})
    return registry


def eventful(**table: Any) -> RegistryInMemory:
    """A skill that newly asks for more, a theme with a version in quarantine, a widget that is revoked."""
    registry = with_table(a_registry(demo=False), security=SECURITY, **table)
    files = {"SKILL.md": b"---\nname: links\ndescription: x\n---\nRead README.md.\n", "README.md": README}
    more: dict[str, Any] = {"kind": "skill", "title": "Broken links", "description": "Finds links.\nAll of them."}
    asks = ["fs:tmp", "network:api.example.org"]
    registry.release(LINKS, "1.0.0", files, permissions=asks, tags=["docs", "web"], **more)
    registry.release(SOLAR, "1.0.0")
    registry.publish(LINKS, "1.1.0", {**files, "run.sh": b"exit\n"}, permissions=["fs:tmp", "network"], **more)
    registry.admit(LINKS, "1.1.0", gained=["executable run.sh", "permission network"], compared="1.0.0")
    registry.release(SOLAR, "1.1.0", {"theme.css": b":root{}\n"})
    registry.release(CLOCK, "1.0.0", {"index.js": b"export{}\n"}, kind="widget", permissions=["refresh:60s"])
    registry.event(LINKS, "1.0.0", "yank", reason="security", change=noted("It follows\n`file:` links."))
    registry.event(SOLAR, "1.0.0", "deprecate", reason="superseded")
    registry.event(SOLAR, "1.1.0", "quarantine", reason="reported")
    registry.event(CLOCK, "1.0.0", "revoke", reason="malware", change=noted("It sends the time away."))
    return registry


def noted(note: str) -> Any:  # Any: a function that edits JSON
    """Writes a note into a statement before it is signed."""

    def change(value: dict[str, Any]) -> None:  # Any: JSON
        value["note"] = note

    return change


def news_site(registry: RegistryInMemory) -> dict[str, bytes]:
    """Every file of these feeds, the advisories among them."""
    feeds = NEWS
    return published(registry, names=feeds.names, whole=feeds.whole, facts=feeds.facts)


@cache
def eventful_site() -> dict[str, bytes]:
    """Those of the eventful registry; not to be changed."""
    return news_site(eventful())


def main() -> None:
    for path, data in sorted(eventful_site().items()):
        print(sha256(data), path)


if __name__ == "__main__":
    main()
