"""The marketplace's read routes as files: M3's manifest, what became of each, and that foreign readers can verify it.

The golden file is written anew by `python -m tests.feeds.test_marketplace`, to be read.
"""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.canonical import encode
from registry_tool.core.counts import Counts
from registry_tool.core.digest import sha256
from registry_tool.core.index import About, Category, Listing
from registry_tool.core.tables import CategoryRow, table_bytes
from registry_tool.feeds.marketplace import VERSIONS, living_slugs, marketplace, marketplace_facts, marketplace_item
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, a_registry
from tests.building_profiles import review
from tests.feeds import marketplace_schemas as schemas
from tests.feeds.ggui_scene import FEEDS, URL, put, scene, site_of, tree
from tests.feeds.ggui_schemas import faults
from tests.sites import built, committed, files_of, named

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "feeds" / "marketplace.txt"
ROUTE = "api/v1/marketplace/"
READ = tuple(
    ROUTE + path for path in ("categories.json", "gadgets/items/ann__use-clock.json", "plugins/", "themes/items.json")
)
SIGNED = ("kind", "name", "version", "author_id", "package_sha256", "permissions")
"""What a flat signature is over."""


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    """All files of the scene with a plugin, a review and nothing counted."""
    return site_of(reviewed())


def reviewed() -> RegistryInMemory:
    """The scene, with a plugin, and a review of the theme."""
    registry = scene()
    put(registry, "@zoe/converter", kind="plugin")
    registry.with_author("bob")
    review(registry, "@ann/paper", 4, text="Quiet.")
    return registry


def routes(site: dict[str, bytes]) -> dict[str, Any]:
    """The routes' answers by what follows the marketplace's address."""
    return {path.removeprefix(ROUTE): json.loads(data) for path, data in site.items() if path.startswith(ROUTE)}


def shown(site: dict[str, bytes]) -> str:
    """The golden file's text."""
    return "\n".join([*(path for path in sorted(site) if path.startswith(ROUTE)), "", tree(site, *READ)])


def test_the_tree_is_the_golden_one(site: dict[str, bytes]) -> None:
    """Every path, and the contents of one of each sort, as people have read them."""
    assert GOLDEN.read_text(encoding="utf-8") == shown(site)


def test_every_answer_has_the_form_of_its_route(site: dict[str, bytes]) -> None:
    """Categories, items and item are closed objects with M3's members and ours."""
    wrong = {}
    for path, value in routes(site).items():
        name = path.rpartition("/")[2]
        form = {"categories.json": schemas.CATEGORIES, "items.json": schemas.ITEMS}.get(name, schemas.ITEM)
        wrong[path] = faults(value, form)

    assert {} == {path: found for path, found in wrong.items() if found}
    assert 15 < len(wrong)


def test_a_foreign_reader_verifies_every_manifest(site: dict[str, bytes]) -> None:
    """M4 with nothing but the answer: the package's SHA-256, then the signature over the canonical six members."""
    seen = 0
    for path, item in routes(site).items():
        for one in item.get("versions", ()):
            flat, key = dict(one["manifest"]), one["author_public_key"]
            signature = flat.pop("manifest_signature")
            if one["package_url"] is not None:
                package = site[one["package_url"].removeprefix(URL)]
                assert (flat["package_sha256"], one["package_size"]) == (sha256(package), len(package)), path
            if signature is None:
                assert key is None, path
                continue
            seen += 1
            assert check(base64.b64decode(key), encode(flat), base64.b64decode(signature)), path

    assert 10 < seen


def test_a_row_is_signed_by_its_first_six_members(site: dict[str, bytes]) -> None:
    """Who has only the list verifies as well: the six members of a row, and the key beside them."""
    rows = [row for path, value in routes(site).items() if path.endswith("/items.json") for row in value["items"]]
    signed = [row for row in rows if row["manifest_signature"] is not None]
    good = [
        check(
            base64.b64decode(row["author_public_key"]),
            encode({member: row[member] for member in SIGNED}),
            base64.b64decode(row["manifest_signature"]),
        )
        for row in signed
    ]

    assert [True] * len(signed) == good
    assert 2 == len(rows) - len(signed)


def test_plugins_ask_for_bare_tools(site: dict[str, bytes]) -> None:
    """As the old marketplace wrote them: without `mcp:`."""
    (row,) = routes(site)["plugins/items.json"]["items"]

    assert row["permissions"]
    assert not [permission for permission in row["permissions"] if permission.startswith("mcp:")]


def test_what_was_taken_back_says_so_and_is_not_listed(site: dict[str, bytes]) -> None:
    """Each version has its status and the reason; no package is offered of what nobody should have."""
    found = routes(site)
    clock, bad = (found[f"gadgets/items/ann__{name}.json"] for name in ("use-clock", "bad-clock"))
    told = {one["version"]: (one["moderation_status"], one["status"], one.get("reason")) for one in clock["versions"]}

    assert {
        "1.0.0": ("published", "deprecated", "superseded"),
        "1.1.0": ("yanked", "yanked", "broken"),
        "1.2.0+b": ("published", "active", None),
        "1.3.0": ("quarantined", "quarantined", "reported"),
        "2.0.0-beta.1": ("published", "active", None),
    } == told
    assert {"1.3.0"} == {one["version"] for one in clock["versions"] if one["package_url"] is None}
    assert ("1.2.0+b", "published") == (clock["version"], clock["moderation_status"])
    assert ("revoked", None) == (bad["moderation_status"], bad["package_url"])
    assert "@ann/bad-clock" not in {one["artifact"] for one in found["gadgets/items.json"]["items"]}
    assert [] == [one["name"] for one in found["blueprints/items.json"]["items"] if one["name"] == "ann__old-steps"]


def test_a_tab_counts_what_its_list_has(site: dict[str, bytes]) -> None:
    """Tabs without anything are there with 0, and an empty list."""
    found = routes(site)
    counts = {one["id"]: one["count"] for one in found["categories.json"]["categories"]}

    assert {tab: len(found[f"{tab}/items.json"]["items"]) for tab in counts} == counts
    assert (0, 5, 1) == (counts["skills"], counts["gadgets"], counts["themes"])
    assert all(one["items_url"].removeprefix(URL) in site for one in found["categories.json"]["categories"])


def test_what_people_think_is_told_and_what_nobody_measured_is_not_zero(site: dict[str, bytes]) -> None:
    """Rating and reviews where there are any; null, not 0, where nobody counted or reviewed."""
    found = routes(site)
    paper, steps = found["themes/items/ann__paper.json"], found["blueprints/items/ann__steps.json"]

    assert ({"count": 1, "mean": "4.00"}, ["Quiet."]) == (paper["rating"], [one["text"] for one in paper["reviews"]])
    assert {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0} == paper["stars"]
    assert (None, [], None) == (steps["rating"], steps["reviews"], steps["installs"])


def test_installs_are_told_where_they_were_counted() -> None:
    """Rounded down, so that a file does not change with every install; 0 where none was counted."""
    registry = named(a_registry(demo=False)).release("@ann/solar", "1.0.0").release("@ann/lunar", "1.0.0")
    counts = Counts.of(
        {
            "schema": "registry.counts/1",
            "registry": registry.id,
            "until": "2026-03-01",
            "names": {"@ann/solar": {"1.0.0": {"before": 47}}},
        }
    )
    found = routes(files_of(built(committed(registry.files), feeds=FEEDS, counts=counts).made))

    assert {"@ann/solar": 20, "@ann/lunar": 0} == {
        one["artifact"]: one["installs"] for one in found["themes/items.json"]["items"]
    }
    assert 20 == found["themes/items/ann__solar.json"]["installs"]


def test_without_an_address_all_is_relative_to_the_site() -> None:
    """No address begins with a slash or a host."""
    (row,) = routes(site_of(scene(url="")))["themes/items.json"]["items"]

    assert "themes/ann/paper/" == row["page_url"]
    assert f"{ROUTE}themes/items/ann__paper.json" == row["item_url"]
    assert row["package_url"].startswith("objects/sha256/")


def test_an_item_has_the_newest_versions_and_says_how_many_there_are() -> None:
    """A name with very many versions has a file of bounded size."""
    registry = named(a_registry(demo=False))
    for number in range(VERSIONS + 2):
        registry.release("@ann/solar", f"1.{number}.0", {"theme.css": str(number).encode()})
    item = routes(site_of(registry))["themes/items/ann__solar.json"]

    assert (VERSIONS, VERSIONS + 2) == (len(item["versions"]), item["versions_count"])
    assert ("1.101.0", "1.2.0") == (item["versions"][0]["version"], item["versions"][-1]["version"])


def test_a_build_makes_anew_only_the_lists_that_changed() -> None:
    """One more theme: its item, the list of themes and the tabs; nothing of other kinds."""
    registry = named(a_registry(demo=False)).release("@ann/solar", "1.0.0").release("@ann/tool", "1.0.0", kind="widget")
    before = dict(registry.files)
    registry.release("@ann/lunar", "1.0.0")
    first = built(committed(before), feeds=FEEDS)
    second = built(committed(before, registry.files), feeds=FEEDS, remembered=first.remember)
    old, new = ({one.path: one.sha256 for one in build.made} for build in (first, second))

    assert {f"{ROUTE}categories.json", f"{ROUTE}themes/items.json", f"{ROUTE}themes/items/ann__lunar.json"} == {
        path for path in new if path.startswith("api/") and old.get(path) != new[path]
    }
    assert files_of(built(committed(registry.files), feeds=FEEDS).made) == files_of(second.made)


def test_old_slugs_lead_to_items_that_are_there() -> None:
    """A slug whose artifact is not there is left out, and so is `items`, which would hide the list."""
    heard: list[Listing] = []
    registry = a_registry(demo=False).release("@ann/solar", "1.0.0")
    slugs = {"solar": "@ann/solar", "gone": "@ann/gone", "items": "@ann/solar", "the_sun": "@ann/solar"}
    registry.files["index/registry.yaml"] = table_bytes({"name": "x", "url": URL, "old_slugs": slugs})

    def listen(listing: Listing) -> tuple[()]:
        heard.append(listing)
        return ()

    built(committed(registry.files), feeds=replace(FEEDS, whole=(listen,)))
    new = f"/{ROUTE}themes/items/ann__solar"

    assert {"solar": new, "the_sun": new} == living_slugs(heard[0])


def test_a_tab_of_an_unknown_kind_is_empty_and_a_name_without_a_tab_has_no_route() -> None:
    """Neither holds up a build."""
    registry = named(a_registry(demo=False)).release("@ann/solar", "1.0.0")
    poems = Category(CategoryRow(id="poems", name="Poems"), None)
    told: list[tuple[object, object]] = []

    def listen(name: Any, about: About) -> dict[str, bytes]:
        bare = replace(about, categories=(poems,))
        told.append((marketplace_facts(name, bare), marketplace_item(name, bare)))
        return {}

    def bare(listing: Listing) -> Any:
        return marketplace(replace(listing, about=replace(listing.about, categories=(poems,))))

    found = routes(
        files_of(built(committed(registry.files), feeds=replace(FEEDS, names=(listen,), whole=(bare,))).made)
    )

    assert [(None, {})] == told
    assert {"category": "poems", "items": []} == found["poems/items.json"]
    assert [("poems", 0)] == [(one["id"], one["count"]) for one in found["categories.json"]["categories"]]


if __name__ == "__main__":
    GOLDEN.write_text(shown(site_of(reviewed())), encoding="utf-8")
