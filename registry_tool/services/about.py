"""What a build knows about the registry itself, and by which keys it sees that something changed."""

import json

from registry_tool.core.authorities import Government, read_government
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.index import About, Category
from registry_tool.core.kind import Kinds
from registry_tool.core.published import chain_at, registry_of, roots_at
from registry_tool.core.tables import CATEGORIES_TABLE, REGISTRY_TABLE, read_categories, read_registry_table
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means
from registry_tool.services.indexing import whole_chain


def about_of(tree: Tree, registry: Hex, government: Government, kinds: Kinds) -> About:
    """What the tables and the chains say about the registry itself."""
    by_category = {kind.category: kind for kind in kinds}
    rows = read_categories(tree.read(CATEGORIES_TABLE), kinds)
    return About(
        id=registry,
        table=read_registry_table(tree.read(REGISTRY_TABLE)),
        demonstration=government.demonstration,
        categories=tuple(Category(row, by_category.get(row.id)) for row in rows),
        moderators=tuple(
            person.id for person in government.moderators.head.body.people if any(row.active for row in person.keys)
        ),
    )


def whole_government(tree: Tree, means: Means) -> Government:
    """The registry's own chains, verified, with nothing beside them; raises `NotTrusted`."""
    for subject in ("moderators", "policy"):
        whole_chain(tree, subject)
    roots, chains = roots_at(tree), (chain_at(tree, "moderators"), chain_at(tree, "policy"))
    return read_government(roots, *chains, registry=registry_of(tree), check=means.check)


def about_key(tree: Tree, key: str) -> str:
    """Changes with everything that every page depends on."""
    paths = ("index/trust", "index/moderators", "index/policy", REGISTRY_TABLE, CATEGORIES_TABLE)
    return key_of(key, *(id_at(tree, path) for path in paths))


def id_at(tree: Tree, path: str) -> str:
    """Changes with what lies at `path`; empty where nothing does."""
    entry = tree.entry(path)
    return entry.id if entry else ""


def key_of(*parts: object) -> str:
    """A digest of JSON values."""
    return sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass"))
