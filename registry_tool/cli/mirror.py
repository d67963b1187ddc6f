"""`registry verify SITE --registry CLONE`: whether a site is what the clone builds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_tool.cli.consumer_ground import Options
from registry_tool.cli.contacting import entry_by_id, entry_of
from registry_tool.cli.show import Talk, result
from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import InvalidInput, NotFound, NotTrusted, StateForbids, Unreachable, WrongUsage
from registry_tool.core.findings import Finding
from registry_tool.core.layout import SITE_QUEUE
from registry_tool.core.limits import QUEUE_BYTES
from registry_tool.wiring import World, looks_like_git

if TYPE_CHECKING:
    from registry_tool.core.index import Made
    from registry_tool.core.ports import Source
    from registry_tool.services.built import Build
    from registry_tool.services.mirror import Compared, SignedContent
    from registry_tool.stores.folder import FolderSource
    from registry_tool.stores.http import HttpSource

SHOWN = 20
"""Differences that people read; scripts get all."""


def verify_site(here: World, options: Options, where: str) -> None:
    """Builds the clone that `--registry` names in memory, and compares the site at `where` with it, file by file.

    Raises `NotTrusted` (`mirror-differs`) with a finding for each file that differs.
    """
    from registry_tool.cli.building import build_of
    from registry_tool.feeds.counts import counts_at
    from registry_tool.services.mirror import compare
    from registry_tool.stores.folder import FolderSource

    clone = _clone(here, options)
    site = _site(here, where, offline=options.offline)
    Talk(quiet=options.as_json or not here.terminal).say(f"Building {clone} in memory, to compare {where} with it.")
    counts = counts_at(site)
    build = build_of(here, clone, queue=_queue_of(site), counts=counts.to_bytes() if counts is not None else None)
    there = site.paths() if isinstance(site, FolderSource) else None
    compared = compare(build, site, there=there, signed=_signed_content(here, clone, build))
    value = {
        "site": site.where,
        "clone": str(clone),
        "registry": build.registry,
        "known": entry_by_id(here, build.registry) is not None,
        "commit": build.commit,
        "files": compared.files,
        "same": compared.same,
        "older": compared.older,
        "differences": len(compared.differences),
    }
    if compared.differences:
        raise _differs(compared, value, as_json=options.as_json)
    result({"verified": value}, as_json=options.as_json, text=lambda: _words(value))


def _queue_of(site: "HttpSource | FolderSource") -> bytes | None:
    """What waited when the site was built: no clone has it, so the site itself says it."""
    data = site.fetch(SITE_QUEUE, limit=QUEUE_BYTES)
    # Some hosts answer any address with a page.
    return data if data is not None and data.startswith(b'{"as_of":') else None


def _clone(here: World, options: Options) -> Path:
    where = options.where or ""
    entry = entry_of(here, where)
    named = str(entry["where"]) if entry is not None else where
    path = here.path(named.removeprefix("file://"))
    if is_site(named) or is_git_address(named) or not looks_like_git(path):
        raise WrongUsage(
            f"a site is compared with a clone of its registry on this machine, {named} is none",
            code="not-a-clone",
            hint="git clone ADDRESS clone, then: registry verify SITE --registry clone",
        )
    return path


def _site(here: World, where: str, *, offline: bool) -> "HttpSource | FolderSource":
    from registry_tool.stores.folder import FolderSource
    from registry_tool.stores.http import HttpSource

    entry = entry_of(here, where)
    where = str(entry["where"]) if entry is not None else where
    if is_site(where) and not is_git_address(where):
        if offline:
            raise Unreachable(f"{where} is on the network, and --offline uses none", code="offline")
        return HttpSource(where, env=here.env, pages=True)
    path = here.path(where.removeprefix("file://"))
    if is_git_address(where) or looks_like_git(path) or not path.is_dir():
        raise NotFound(
            f"{where} is no site and no folder that `registry build` wrote",
            code="not-a-site",
            hint="name the site first and the clone with --registry",
        )
    return FolderSource(path)


def _differs(compared: "Compared", value: dict[str, Any], *, as_json: bool) -> NotTrusted:  # Any: JSON
    messages = {
        "missing": "it is not there",
        "other": "it is another file than the clone builds",
        "extra": "the clone builds no such file",
    }
    rows = [
        Finding(one.what, "fail", messages[one.what] + (f": {one.detail}" if one.detail else ""), one.path)
        for one in compared.differences
    ]
    shown = rows if as_json or len(rows) <= SHOWN else rows[:SHOWN]
    if len(shown) < len(rows):
        shown.append(Finding("more", "fail", f"and {len(rows) - SHOWN} more; --json names all"))
    counts = ", ".join(
        f"{count} {what}" for what in messages if (count := sum(one.what == what for one in compared.differences))
    )
    age = {
        "behind": "it shows an older state: update the site from the registry, or ask whoever runs this mirror",
        "ahead": "it shows a newer state than your clone: update the clone with git pull, then do it again",
        "": "do not install from it without the registry's id; ask whoever runs it",
    }[compared.age]
    times = ""
    if compared.newest is not None and compared.age:
        times = f"; its newest admission is of {compared.newest[1] or 'never'}, the clone's of {compared.newest[0]}"
    return NotTrusted(
        f"it is not what {value['clone']} builds at {value['commit'][:12]}: {counts} of {compared.files} files{times}",
        where=value["site"],
        code="mirror-differs",
        hint=age,
        findings=tuple(shown),
    )


def _words(value: dict[str, Any]) -> str:  # Any: JSON
    older = f", and {value['older']} earlier ones under their digests" if value["older"] else ""
    known = "" if value["known"] else ", a registry that you did not add"
    return (
        f"{value['site']} is what {value['clone']} builds at {value['commit'][:12]}: "
        f"all {value['same']} files are the same{older}.\nregistry id: {value['registry']}{known}"
    )


def _signed_content(here: World, clone: Path, build: "Build") -> "SignedContent | None":
    """Compares what jobs signed for a site with what `build` lists; `None` for a registry without a signed index."""
    from registry_tool.cli.site_index import authority_of
    from registry_tool.core import layout
    from registry_tool.services.mirror import Difference
    from registry_tool.services.trusting import needed_targets, trust_at
    from registry_tool.signing.tuf.published import fetch_published, read_published

    trust = trust_at(here.history(clone).tree(build.commit), check=here.check)
    if trust.targets is None:
        return None

    def compare(site: "Source", made: "Sequence[Made]") -> list[Difference]:
        try:
            shown = read_published(fetch_published(site, needed_targets(trust)), authority_of(trust))
        except (InvalidInput, StateForbids) as error:
            return [Difference(layout.TIMESTAMP, "other", error.message)]
        found = [Difference(layout.TIMESTAMP, "other", fault) for fault in shown.faults]
        if found:
            return found
        wrong = sorted(
            path
            for path in shown.listed.keys() | build.listed.keys()
            if path not in shown.listed or build.listed.get(path) != shown.listed[path].sha256
        )
        if not wrong:
            return []
        detail = f"its signed index lists another state of {wrong[0]} and of {len(wrong) - 1} more files"
        return [Difference(layout.TIMESTAMP, "other", detail)]

    return compare
