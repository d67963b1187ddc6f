"""`python -m tests.bench`: makes a large registry, measures, and prints the table."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.building import full, incremental, unchanged
from tests.bench.consuming import FIRST, NEXT, fetches, installs, start_up, verifying
from tests.bench.gating import gating
from tests.bench.ground import Ground
from tests.bench.measure import Row, table
from tests.bench.moderating import moderating, moderating_large
from tests.bench.rendering import item_pages
from tests.bench.sandboxing import sandboxing
from tests.bench.scaling import scaling
from tests.bench.submitting import submissions


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--names", type=int, default=1200)
    parser.add_argument("--versions", type=int, default=9000)
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder, removed, where it is not said")
    parser.add_argument("--large", action="store_true", help="also what is measured at size M, six minutes more")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="registry-bench-", dir=given.folder) as folder:
        failed = measure(Path(folder), given.names, given.versions, large=given.large)
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def measure(folder: Path, names: int, versions: int, *, large: bool) -> list[str]:
    """Prints all rows, in an order in which each finds what it needs; the parts that could not be measured."""
    begun, ground, site = time.perf_counter(), Ground(folder, names, versions), folder / "site"
    rows: list[Row] = []
    failed: list[str] = []
    parts: list[tuple[str, Callable[[], list[Row]]]] = [
        ("start-up", lambda: start_up(ground)),
        ("verifying", lambda: verifying(ground)),
        ("item pages", item_pages),
        ("full builds", lambda: full(ground, site)),
        ("builds after a merge", lambda: incremental(ground, site)),
        ("installs", lambda: installs(ground, site)),
        ("what is fetched", lambda: fetches(ground, site)),
        ("what is fetched at any size", lambda: scaling(ground)),
        ("submissions", lambda: submissions(ground)),
        ("the queue", lambda: moderating(ground)),
        ("the sandbox", sandboxing),
        ("the gate", lambda: gating(ground)),
    ]
    if large:
        parts.append(("the queue at size M", lambda: moderating_large(ground)))
        parts.append(("ten thousand names", lambda: unchanged(ground)))
    say(f"making a registry of {names} names and {versions} versions")
    ground.make()
    for artifact in (FIRST, NEXT):
        ground.release(artifact, "1.0.0")
    for name, part in parts:
        say(f"measuring {name}")
        try:
            rows += part()
        except RuntimeError as error:  # a process failed: the rest is worth knowing all the same
            say(str(error))
            failed.append(name)
    load = os.getloadavg()[0]
    print(table(rows))
    print(
        f"\n{time.perf_counter() - begun:.0f} s on {os.cpu_count()} cores, load {load:.1f}; processes are timed whole"
    )
    return failed


def say(text: str) -> None:
    """One sentence, for who waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
