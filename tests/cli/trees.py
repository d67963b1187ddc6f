"""What tests of the command line read of a repository by themselves."""

from registry_tool.core.published import registry_of, roots_at
from registry_tool.core.roots import Root, read_roots
from registry_tool.core.tree import Tree
from registry_tool.signing.ed25519 import check


def head_root(tree: Tree) -> Root:
    """Its newest root, verified."""
    return read_roots(roots_at(tree), registry=registry_of(tree), check=check)[-1]
