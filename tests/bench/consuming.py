"""Rows of the consumer: start-up, install beside pip and npm, what is fetched, and verifying."""

import gc
import sys
import time
from pathlib import Path

from registry_tool.core import canonical, layout
from registry_tool.core.names import parse_artifact
from registry_tool.core.trust import Means
from registry_tool.kinds import all_kinds
from registry_tool.services.contact import Contact
from registry_tool.services.seen import Seen
from registry_tool.signing.ed25519 import check
from tests.bench.ground import SMALL, Ground, Person
from tests.bench.measure import Row, fresh, in_turn, run
from tests.bench.serving import NAME, Counted, counting, folder_server, npm_registry, simple_index
from tests.builders import SiteInMemory, a_registry

FIRST, NEXT = "@bench/small", "@bench-two/small"


def start_up(ground: Ground) -> list[Row]:
    """`registry --help` beside an interpreter that imports click and ends."""
    person = ground.person("starter")

    def bare(_: int) -> float:
        return run([sys.executable, "-c", "import click"], env=person.env, cwd=person.folder).seconds

    ours, theirs = in_turn(lambda _: person.registry("--help").seconds, bare, rounds=15, budget_seconds=15)
    return [
        Row("start-up: registry --help", ours, "s", "python + click", theirs, "at most 2 times that", most_times=2.0)
    ]


def installs(ground: Ground, site: Path) -> list[Row]:
    """One small artifact, end to end, beside pip and npm with a package of the same files."""
    person, peers = ground.person("consumer"), fresh(ground.folder / "peers")
    simple_index(peers, SMALL)
    with counting(site) as served, folder_server(peers) as url:
        npm_registry(peers, url, SMALL)
        person.registry("add", served.url, "--root", ground.id)

        def ours(number: int) -> float:
            project = fresh(person.folder / f"work{number}")
            return person.registry("install", FIRST, "--project", str(project), "--yes", "--json").seconds

        def pip(number: int) -> float:
            words = ["install", "--quiet", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
            words += ["--index-url", f"{url}simple/", "--target", str(person.folder / f"pip{number}"), NAME]
            env = {**person.env, "PIP_CONFIG_FILE": "/dev/null"}
            return run([sys.executable, "-m", "pip", *words], env=env, cwd=person.folder).seconds

        def npm(number: int) -> float:
            project = fresh(person.folder / f"npm{number}")
            words = ["install", "--silent", "--no-audit", "--no-fund", "--no-update-notifier", f"{NAME}@1.0.0"]
            words += [f"--registry={url}", f"--cache={project / 'cache'}"]
            return run(["npm", *words], env=person.env, cwd=project).seconds

        mine, pips, npms = in_turn(ours, pip, npm, rounds=9, budget_seconds=35)
    return [
        Row("install a small artifact", mine, "s", "pip", pips, "faster than pip", most_times=1.0),
        Row("install a small artifact", mine, "s", "npm", npms, "faster than npm", most_times=1.0),
    ]


def fetches(ground: Ground, site: Path) -> list[Row]:
    """Requests and bytes of a first contact, the next install, and nothing new, from the large registry."""
    person = ground.person("newcomer")
    bundles = [_bundle(site, artifact) for artifact in (FIRST, NEXT)]
    rows = []
    with counting(site) as served:
        person.registry("add", served.url, "--root", ground.id)
        install(person, FIRST, "one")
        rows += fetched("first contact and install", served, bundles[0], 14, 60_000)
        install(person, NEXT, "two")
        rows += fetched("the next install", served, bundles[1], 7, 30_000)
        person.registry("update", "--project", str(person.folder / "work"), "--yes", "--json")
        rows += fetched("nothing new (update)", served, 0, 2, 2_000)
    return rows


def install(person: Person, artifact: str, name: str) -> None:
    project = person.folder / "work"
    project.mkdir(exist_ok=True)
    person.registry("install", artifact, "--project", str(project), "--name", name, "--yes", "--json")


def _bundle(site: Path, artifact: str) -> int:
    """The size of its newest bundle."""
    path = site / layout.name_path(parse_artifact(artifact))
    record = canonical.parse(path.read_bytes(), limit=10**6, what="the record")
    return max(int(row["size"]) for row in record["versions"].values())


def fetched(what: str, served: Counted, bundle: int, requests: int, size: int) -> list[Row]:
    paths = ", ".join(path[:60] for path in served.paths)
    rows = [
        Row(f"{what}: requests", [len(served.paths)], "", target=f"at most {requests}", limit=requests, note=paths),
        Row(
            f"{what}: bytes besides the bundle",
            [served.bytes - bundle],
            "B",
            target=f"at most {size // 1000} kB",
            limit=size,
        ),
    ]
    served.reset()
    return rows


def verifying(_: Ground) -> list[Row]:
    """All of a release's proof and its bundle, from bytes in memory, in this process; nothing is remembered."""
    registry = a_registry(demo=False).release(FIRST, "1.0.0", SMALL, kind="skill")
    site, name = registry.site(), parse_artifact(FIRST)
    means = Means(check, {kind.id: kind.grammar.covers for kind in all_kinds()})

    def once(_: int) -> float:
        contact = Contact(SiteInMemory(site), registry.id, means=means, seen=Seen({}), demo=False)
        start = time.perf_counter()
        (found,) = contact.names([name])
        contact.verified(found, "1.0.0")
        return time.perf_counter() - start

    gc.collect()
    (took,) = in_turn(once, rounds=200, budget_seconds=5)
    return [Row("verify one release (Ed25519)", took, "s", target="at most 50 ms", limit=0.050)]
