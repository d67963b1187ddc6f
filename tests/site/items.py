"""Artifacts as their pages get them, and those pages, for the tests of item pages."""

import html
import re
from dataclasses import replace

from registry_tool.core.index import About, Feeds, Name
from registry_tool.core.payload import Files
from registry_tool.core.tables import table_bytes
from registry_tool.site.item import item_page
from tests.builders import RegistryInMemory, a_registry
from tests.sites import built, committed

ADDRESS = "https://registry.example/room/"


def registry(*, url: str = ADDRESS, git: str = "") -> RegistryInMemory:
    """A registry with an address, in which eve's scope is official, and nothing in it."""
    made = a_registry(demo=False)
    made.files["index/registry.yaml"] = table_bytes({"name": "Here", "url": url, "git": git, "official": ["eve"]})
    return made


def named(made: RegistryInMemory) -> dict[str, tuple[Name, About]]:
    """Every artifact of a registry as a build sees it, by its name."""
    found: dict[str, tuple[Name, About]] = {}

    def keep(name: Name, about: About) -> Files:
        found[str(name.artifact)] = name, about
        return {}

    built(committed(made.files), feeds=Feeds(names=(keep,), whole=()))
    return found


def pages(name: Name, about: About) -> dict[str, str]:
    """Its pages, as text."""
    return {path: data.decode() for path, data in item_page(name, about).items()}


def page(made: RegistryInMemory, artifact: str, **changes: object) -> str:
    """The page of an artifact; `changes` are members of `Name` that are put in the place of others."""
    name, about = named(made)[artifact]
    found = pages(replace(name, **changes), about)  # type: ignore[arg-type]  # members of Name
    return found[next(path for path in found if "/versions/" not in path)]


def words(text: str) -> str:
    """A page as it reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def part(text: str, name: str) -> str:
    """The section with the heading `name` of a page, as it reads."""
    found = re.search(f'<section[^>]*aria-labelledby="{name}">(.*?)</section>', text, re.DOTALL)
    assert found is not None
    return words(found[1])
