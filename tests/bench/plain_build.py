"""A build without gallery pages: `python -m tests.bench.plain_build REPOSITORY OUT`."""

import gc
import sys
from pathlib import Path

from registry_tool.core.index import Feeds
from registry_tool.core.trust import Means
from registry_tool.feeds.catalogue import catalogue
from registry_tool.feeds.ggui import gadget_bundles
from registry_tool.feeds.objects import objects, tables
from registry_tool.kinds import all_kinds
from registry_tool.services.publisher import build
from registry_tool.signing.ed25519 import check
from registry_tool.stores.git import GitHistory
from registry_tool.stores.output import write_site


def main(repository: Path, out: Path) -> None:
    """Builds feeds and index, as `registry build` does."""
    gc.disable()
    history, kinds = GitHistory.open(repository), all_kinds()
    head = history.resolve("main")
    assert head is not None
    built = build(
        history,
        head,
        kinds=kinds,
        means=Means(check, {kind.id: kind.grammar.covers for kind in kinds}),
        feeds=Feeds((objects, gadget_bundles), (tables, catalogue)),
        key="bench",
        remembered={},
    )
    write_site(out, built.made)
    history.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
