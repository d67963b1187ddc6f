"""`registry stats`: how often things were installed, from the operator's access logs."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from functools import partial
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

import click

from registry_tool.cli.show import Talk, dry_run_option, json_option, result, world
from registry_tool.core.errors import InvalidInput, NotFound, StateForbids, WrongUsage
from registry_tool.wiring import World, fresh_seed

if TYPE_CHECKING:
    from registry_tool.core.counts import Counts
    from registry_tool.core.ports import Source
    from registry_tool.services.stats import Tally

DEFAULT_OUT: Final = "counts.json"
_GZIP: Final = b"\x1f\x8b"


@click.group(epilog="Example: registry stats import access.log --registry site")
def stats() -> None:
    """Count how often things were installed."""


@stats.command("import", epilog="Example: registry stats import access.log* --registry site")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@click.option("-o", "--output", "out", default=DEFAULT_OUT, show_default=True, metavar="FILE", help="The counts.")
@click.option("--registry", "where", metavar="WHERE", help="The built site, its address, or a clone.")
@json_option
@dry_run_option
@click.pass_context
def import_(
    ctx: click.Context, logs: tuple[str, ...], out: str, where: str | None, as_json: bool, dry_run: bool
) -> None:
    """Count the installs that access logs tell, and add them to a file of counts.

    Reads what web servers and CDNs write: the combined format, JSON lines (CloudFront, Cloudflare, Caddy,
    nginx), W3C columns; plain or .gz, and - for what comes through a pipe. No address is kept: a client
    counts once a day for a release. The same log twice counts once, also when it grew. Show the counts
    with: registry build --counts FILE
    """
    from registry_tool.services.stats import Tally, bundles_at, registry_at

    here = world(ctx)
    path, source = here.path(out), _source(here, where)
    registry = registry_at(source)
    before = _before(path, registry)
    tally = Tally(bundles_at(source, registry), registry, before, _today(here), fresh_seed())
    told = [{"log": log, **_read(here, tally, log)} for log in logs]
    after = tally.result()
    changed = before != after
    if changed and not dry_run:
        _write(path, after)
    value = {
        "file": str(path),
        "registry": registry,
        "until": after.until,
        "installs": sum(one["installs"] for one in told),
        "logs": told,
        "changed": changed,
        "dry_run": dry_run,
    }
    talk = Talk(quiet=as_json)
    for one in told:
        for text in _minded(one):
            talk.say(f"mind: {one['log']}: {text}")
    result({"counted": value}, as_json=as_json, text=lambda: _words(value, out))


def _source(here: World, where: str | None) -> "Source":
    found = where or here.standing_in()
    if found is None:
        raise WrongUsage(
            "nothing says which files are installs",
            code="no-registry",
            hint="name the site or a clone: --registry SITE",
        )
    return here.source(str(found))


def _today(here: World) -> str:
    from registry_tool.core.times import from_seconds

    return from_seconds(here.now())[:10]


def _before(path: Path, registry: str) -> "Counts | None":
    """What was counted so far."""
    from registry_tool.core.counts import read_counts
    from registry_tool.core.limits import COUNTS_BYTES
    from registry_tool.stores.rooted import told

    try:
        if path.is_dir():
            raise StateForbids("a folder is there", where=str(path), code="exists", hint="name a file with -o")
        if not path.exists():
            return None
        with path.open("rb") as file:
            data = file.read(COUNTS_BYTES + 1)
    except OSError as error:
        raise told(error, str(path)) from error
    return read_counts(data, registry=registry)


def _read(here: World, tally: "Tally", log: str) -> dict[str, Any]:  # Any: JSON
    """What came of one log; one that is broken is counted as far as it goes."""
    from registry_tool.stores.rooted import told

    path = here.path(log)
    if log != "-" and not path.exists():
        raise NotFound(f"there is no file {path}", where=str(path), code="no-file", hint="name an access log")
    broken: list[str] = []
    try:
        with closing(_opened(path, log)) as file:
            return {**asdict(tally.read(_pieces(file, broken))), "broken": "".join(broken)}
    except OSError as error:
        raise told(error, str(path)) from error


def _opened(path: Path, log: str) -> IO[bytes]:
    return click.open_file("-", "rb") if log == "-" else path.open("rb")


def _pieces(file: IO[bytes], broken: list[str]) -> Iterator[bytes]:
    """A log in lines, a long line in parts; unpacked, where it is packed, however large it becomes."""
    from registry_tool.services.stats import LINE_BYTES

    ahead = file if isinstance(file, BufferedReader) else BufferedReader(cast(RawIOBase, file))  # a pipe in tests
    packed = ahead.peek(len(_GZIP)).startswith(_GZIP)
    read: Callable[[int], bytes] = ahead.readline
    if packed:
        read = gzip.GzipFile(fileobj=ahead).readline
    try:
        yield from iter(partial(read, LINE_BYTES), b"")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        broken.append(str(error))


def _write(path: Path, counts: "Counts") -> None:
    from registry_tool.core.limits import COUNTS_BYTES
    from registry_tool.stores.output import write_file
    from registry_tool.stores.rooted import told

    data = counts.to_bytes()
    if len(data) > COUNTS_BYTES:
        raise InvalidInput(f"the counts would have more than {COUNTS_BYTES} bytes", code="too-large")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(str(path), data)
    except OSError as error:
        raise told(error, str(path)) from error


def _minded(one: dict[str, Any]) -> Iterator[str]:  # Any: JSON
    """What an operator should know about a log."""
    if one["skipped"]:
        yield f"{one['skipped']} of {one['lines']} lines are no requests that this tool can read, and were skipped"
    if one["closed"]:
        yield f"{one['closed']} installs are older than five weeks and come too late: import logs oldest first"
    if one["broken"]:
        yield f"it is broken ({one['broken']}), and was counted as far as it goes"


def _words(value: dict[str, Any], out: str) -> str:  # Any: JSON
    lines = []
    for one in value["logs"]:
        known = f"; {one['known']} lines were counted before" if one["known"] else ""
        lines.append(f"{one['log']}: {one['installs']} installs in {one['lines']} lines{known}")
    verb = "Would add" if value["dry_run"] else "Added"
    done = f"{verb} {value['installs']} installs to {value['file']}, which goes until {value['until']}."
    return "\n".join([*lines, done, f"Show them with: registry build --counts {out}"])
