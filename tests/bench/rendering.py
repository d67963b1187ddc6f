"""Rows of the gallery: item pages of one process, with eight versions, twenty reviews and a README of median size."""

import time
from collections.abc import Iterator
from dataclasses import replace

from registry_tool.core.index import About, Name
from registry_tool.core.payload import PayloadFile
from registry_tool.core.tables import table_bytes
from registry_tool.site.item import item_page
from tests.bench.measure import Row, in_turn
from tests.builders import a_registry
from tests.building_profiles import review
from tests.generate import text
from tests.site.items import named

VERSIONS, REVIEWS = 8, 20
PAGES = 100
"""Rendered in one round, each with a README of its own: nothing that is remembered helps."""
ASKED = ["chat_inject", "fs:tmp", "network:api.example.org", "network:files.example.org:443"]


def readme(number: int) -> bytes:
    """A README of 3 kB, in size and in what it takes as the median of 50 that lay at hand.

    It has prose, a list, a table, code and a few links.
    """
    parts = [f"# Tool {number}\n", *(f"{text(number + place, 60)}.\n" for place in range(3)), "## Use\n"]
    parts += ["```sh\nregistry install @ann/tool\n" + f"tool --level {number} *.md | less\n" * 10 + "```\n"]
    options = (f"- **{text(place, 2)}**: {text(place + number, 12)}, as `--{place}` says" for place in range(6))
    parts += ["\n".join(options) + "\n"]
    rows = "\n".join(f"| `key{place}` | {text(place, 6)} | {text(place + 1, 5)} |" for place in range(6))
    parts += [f"| key | what | when |\n| - | - | - |\n{rows}\n", "## More\n"]
    links = (f"{text(place, 12)}: [{text(place, 3)}](https://example.org/{place})." for place in range(4))
    parts += ["\n\n".join(links) + "\n", "## Licence\n", f"> {text(number, 30)}.\n"]
    return "\n".join(parts).encode()


def an_artifact() -> tuple[Name, About]:
    """A skill with all that its page shows."""
    registry = a_registry(demo=False)
    registry.files["index/registry.yaml"] = table_bytes({"name": "Here", "url": "https://registry.example/"})
    for number in range(VERSIONS):
        files = {"SKILL.md": b"---\nname: tool\ndescription: x\n---\nTool.\n", "v": str(number).encode()}
        asked = ASKED[: 1 + number // 2]
        registry.release("@ann/tool", f"1.{number}.0", files, kind="skill", permissions=asked, tags=["text", "tool"])
    for number in range(REVIEWS):
        registry.keyring(f"reader-{number}")
        review(registry, "@ann/tool", 1 + number % 5, author=f"reader-{number}", text=f"{text(number, 30)}.")
    return named(registry)["@ann/tool"]


def different(name: Name, count: int) -> Iterator[Name]:
    """The same artifact with another README each time."""
    newest = name.releases[0]
    for number in range(count):
        payload = {**newest.payload, "README.md": PayloadFile(readme(number))}
        yield replace(name, releases=(replace(newest, payload=payload), *name.releases[1:]))


def item_pages() -> list[Row]:
    """Pages of artifacts, each rendered from a value in memory."""
    name, about = an_artifact()
    many = tuple(different(name, PAGES))
    size = len(item_page(many[0], about)["skills/ann/tool/index.html"])

    def once(_: int) -> float:
        begun = time.perf_counter()
        for one in many:
            item_page(one, about)
        return (time.perf_counter() - begun) / PAGES

    (took,) = in_turn(once, rounds=5, budget_seconds=10)
    return [
        Row("render one item page", took, "s", target="300 a second", limit=1 / 300),
        Row("the same: its size", [size], "B"),
    ]
