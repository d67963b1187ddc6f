"""Installs in access logs: what counts, what does not, and nothing twice."""

from collections.abc import Iterator

import pytest

from registry_tool.core.counts import Counts
from registry_tool.core.digest import sha256
from registry_tool.core.layout import object_path
from registry_tool.services.stats import LINE_BYTES, LogTold, Tally, bundles_at, registry_at
from tests.builders import RegistryInMemory, SiteInMemory, a_registry
from tests.sites import built, committed, files_of, named

ID = "1" * 64
PDF, LINKS = ("@ann/pdf", "1.0.0"), ("@bob/links", "0.1.0")
BUNDLE, OTHER = object_path(sha256(b"pdf")), object_path(sha256(b"links"))
SIGNATURE = "bundles/public/@bob/links/0.1.0/bundle.js.sig"
BUNDLES = {BUNDLE: PDF, OTHER: LINKS, SIGNATURE: LINKS}
TODAY = "2026-03-10"


def line(
    path: str = f"/{BUNDLE}",
    *,
    day: str = "01",
    month: str = "Mar",
    address: str = "203.0.113.9",
    agent: str = "tool/1",
    method: str = "GET",
    status: int = 200,
) -> bytes:
    """One line of a log in the combined format."""
    time = f"{day}/{month}/2026:10:00:00 +0000"
    return f'{address} - - [{time}] "{method} {path} HTTP/1.1" {status} 12 "-" "{agent}"\n'.encode()


def tally(counts: Counts | None = None, *, today: str = TODAY, salt: bytes = b"salt") -> Tally:
    """An import that begins."""
    return Tally(BUNDLES, ID, counts, today, salt)


def pieces(data: bytes) -> Iterator[bytes]:
    """A log as a file gives it, line by line."""
    for one in data.splitlines(keepends=True) if b"\n" in data else [data]:
        yield from (one[at : at + LINE_BYTES] for at in range(0, len(one), LINE_BYTES))


def counted(*logs: bytes, counts: Counts | None = None, today: str = TODAY) -> tuple[Counts, list[LogTold]]:
    """What an import of some logs comes to."""
    one = tally(counts, today=today)
    told = [one.read(pieces(log)) for log in logs]
    return one.result(), told


def installs(counts: Counts) -> dict[str, int]:
    """Of every name, ever."""
    return {artifact: counts.total(artifact) for artifact in counts.names}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([line()], 1, id="a download"),
        pytest.param([line(status=206)], 1, id="a part of one"),
        pytest.param([line(), line()], 1, id="the same client twice on a day"),
        pytest.param([line(status=206)] * 5 + [line()], 1, id="a download in parts"),
        pytest.param([line(), line(day="02")], 2, id="the same client on two days"),
        pytest.param([line(), line(address="203.0.113.10")], 2, id="two addresses"),
        pytest.param([line(), line(agent="tool/2")], 2, id="two programs behind one address"),
        pytest.param([line(address="-"), line(address="-")], 2, id="clients that the log does not name"),
        pytest.param([line(f"/mirror/{BUNDLE}?x=1")], 1, id="a site below a path"),
        pytest.param([line(f"https://registry.example/{BUNDLE}")], 1, id="a whole address"),
        pytest.param([line(f"/{BUNDLE}".replace("objects", "%6fbjects").replace("%6f", "o"))], 1, id="percent signs"),
        pytest.param([line(method="HEAD")], 0, id="HEAD"),
        pytest.param([line(status=304)], 0, id="what the client had"),
        pytest.param([line(status=404)], 0, id="what was not there"),
        pytest.param([line(f"/{object_path(sha256(b'other'))}")], 0, id="an object that is no bundle"),
        pytest.param([line(f"/x?y=/{BUNDLE}")], 0, id="a bundle's path in a query"),
        pytest.param([line("/"), line("/search?q=objects")], 0, id="pages"),
        pytest.param([line(agent="Mozilla/5.0 (compatible; Examplebot/2.1)")], 0, id="a robot that says so"),
        pytest.param([line(day="11")], 0, id="a day to come"),
    ],
)
def test_what_counts_as_an_install(lines: list[bytes], expected: int) -> None:
    """A bundle that was given to a client counts once for its release and day."""
    counts, (told,) = counted(b"".join(lines))

    assert (expected, expected) == (told.installs, sum(installs(counts).values()))


def test_installs_are_told_by_release_and_day() -> None:
    """Each has the day of its line; the wire's signature is an install as the bundle is."""
    log = line() + line(f"/{SIGNATURE.replace('@', '%40')}", day="02") + line(f"/{OTHER}", day="02", address="::1")
    counts, _ = counted(log)

    assert {"@ann/pdf": {"1.0.0": {"2026-03-01": 1}}, "@bob/links": {"0.1.0": {"2026-03-02": 2}}} == counts.names
    assert "2026-03-02" == counts.until


def test_nothing_tells_who_it_was() -> None:
    """No address, no agent and no hash that another import would make again is in what is written."""
    one, other = counted(line())[0], Tally(BUNDLES, ID, None, TODAY, b"other salt")
    other.read(pieces(line()))

    assert one.to_bytes() == other.result().to_bytes()
    assert not any(word in one.to_bytes() for word in (b"203.0.113.9", b"tool/1"))


def test_the_last_day_moves_without_installs() -> None:
    """A log in which nobody installed anything says until when was counted."""
    counts, (told,) = counted(line("/", day="05"))

    assert (0, "2026-03-05", {}) == (told.installs, counts.until, counts.names)


A, B, C = line(), line(address="b"), line(address="c")


@pytest.mark.parametrize(
    ("first", "second", "expected", "known"),
    [
        pytest.param([A + B], [A + B], 2, [2], id="the same log again"),
        pytest.param([A + B], [A + B + C], 3, [2], id="the log grew"),
        pytest.param([A], [A + B, A + B + C], 3, [1, 2], id="and grew again"),
        pytest.param([A, B], [B, A], 2, [1, 1], id="two logs, in another order"),
        pytest.param([A + B, A + B], [C], 3, [0], id="the same log twice at once"),
        pytest.param([A + B[:-1]], [A + B + C], 3, [2], id="a last line without its end"),
        pytest.param([A + B[:20]], [A + B + C], 3, [1], id="half a line at the end"),
        pytest.param([A + B], [C + A + B], 3, [0], id="what only ends in the same lines is another log"),
        pytest.param([b"#x\n"], [b"#x\n" + A], 1, [0], id="a log in which nothing was"),
    ],
)
def test_a_log_counts_once(first: list[bytes], second: list[bytes], expected: int, known: list[int]) -> None:
    """What an import counted no later one counts again, and it says how many lines it knew."""
    before, _ = counted(*first)
    after, told = counted(*second, counts=before)
    again, _ = counted(*second, counts=after)

    assert (known, after) == ([one.known for one in told], again)
    # The client of A and B is known to one import only; a log that repeats them is another log.
    assert expected + (2 if second == [C + A + B] else 0) == after.total("@ann/pdf")


def test_closed_days_stay_closed() -> None:
    """A day of which only the sum is kept takes nothing more, and the import says so."""
    old = line(day="01", month="Jan")
    before, _ = counted(old + line())
    after, (told,) = counted(line("/", day="02") + line(day="02", month="Jan"), counts=before)

    assert {"before": 1, "2026-03-01": 1} == before.names["@ann/pdf"]["1.0.0"]
    assert (1, 0, 2) == (told.closed, told.installs, after.total("@ann/pdf"))


def test_a_log_of_closed_days_counts_once() -> None:
    """Its digest is forgotten with its days, and it counts no second time all the same."""
    old = line(day="01", month="Jan")
    before, _ = counted(old, line())
    after, (told,) = counted(old, counts=before)

    assert ([1, before], 1) == ([told.closed, after], len(before.logs))


@pytest.mark.parametrize(
    ("garbage", "skipped"),
    [
        (b"hello\n", 1),
        (b"\n \r\n", 0),
        (b"\x00\xff\xfe" * 100 + b"\n", 1),
        (b"x" * 1_000_000 + b"\n", 1),
        (f'"/{BUNDLE}" '.encode() * 20_000 + b"\n", 1),
        (b"{" + b"[" * 60_000 + b"objects\n", 1),
        (b'{"objects": "\xff"}\n', 1),
        (line()[:60] + b"\n", 1),
        (b"#comment\n#Fields: x\n", 0),
    ],
)
def test_garbage_is_skipped_and_told(garbage: bytes, skipped: int) -> None:
    """Whatever lies between two lines, both count, and what is no request is counted as skipped."""
    counts, (told,) = counted(line() + garbage + line(address="b"))

    assert (2, 2, skipped) == (told.installs, counts.total("@ann/pdf"), told.skipped)
    assert counts == counted(line() + garbage + line(address="b"), counts=counts)[0]


def test_a_log_is_never_held() -> None:
    """A stream of two hundred megabytes is counted piece by piece, and what is known of it is a few numbers."""
    page = line("/") * 100

    def stream() -> Iterator[bytes]:
        yield from pieces(line())
        for _ in range(20_000):
            yield page[:LINE_BYTES]

    one = tally()
    told = one.read(stream())

    assert (1, 1) == (told.installs, len(one.result().logs))


def test_who_comes_late_is_forgotten() -> None:
    """Of more clients than are remembered those of the oldest day go first."""
    one = Tally(BUNDLES, ID, None, TODAY, b"salt", most=3)
    log = b"".join(line(day=day, address=address) for day in ("01", "02") for address in ("a", "b"))
    told = one.read(pieces(log + line(day="02", address="a") + line(day="01", address="a")))

    assert (5, 1) == (told.installs, told.again)


def a_site() -> tuple[RegistryInMemory, dict[str, bytes]]:
    """A skill, a gadget and two themes with the same files, built."""
    registry = named(a_registry(demo=False))
    skill = {"SKILL.md": b"---\nname: pdf\ndescription: Reads PDF.\n---\n# PDF\n", "more.md": b"more\n"}
    registry.release("@ann/pdf", "1.0.0", skill, kind="skill", spec={"native_name": "pdf"})
    registry.release("@ann/solar", "1.0.0").release("@ann/solar", "1.0.1")
    return registry, files_of(built(committed(registry.files)).made)


def test_every_bundle_of_a_site_is_known() -> None:
    """Site and clone name the same files, all of which are there; of two equal bundles the first release has it."""
    registry, site = a_site()
    found = bundles_at(SiteInMemory(site), registry_at(SiteInMemory(site)))
    bundle = object_path(sha256(registry.bundle("@ann/solar", "1.0.1")))

    assert found == bundles_at(registry.source(), registry.id)
    assert ("@ann/solar", "1.0.0") == found[bundle]
    assert {path for path in site if path.startswith(".well-known/agent-skills/") and path.endswith(".tar.gz")} == {
        path for path in found if path.endswith(".tar.gz")
    }
