"""How a consumer's verb comes to speak with a registry: which one, offline or not, through its signed index."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_tool.cli.consumer_ground import Options, choose_registry, root_of
from registry_tool.cli.settled import settings_of
from registry_tool.cli.show import Talk
from registry_tool.core.addresses import is_git_address, is_site
from registry_tool.core.errors import NotTrusted, Unreachable, WrongUsage
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.freshness import Freshness
    from registry_tool.core.identity import Expected
    from registry_tool.core.ports import Again, Source
    from registry_tool.core.settled import Settled
    from registry_tool.services.contact import Contact
    from registry_tool.services.indexed import IndexedSource
    from registry_tool.stores.shelf import DiskShelf


class NoNetwork:
    """A site that may not be asked; a `Source` for what is known of it already."""

    def __init__(self, where: str) -> None:
        self.where = where

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """`Unreachable`, always."""
        raise Unreachable(
            f"{self.where} is on the network, and --offline uses none",
            where=path,
            code="offline",
            hint="name a clone, an export or a built folder with --registry",
        )

    def fetch_all(self, paths: Sequence[tuple[str, int]]) -> tuple[bytes | None, ...]:
        """`Unreachable`, unless nothing is asked for."""
        return tuple(self.fetch(path, limit=limit) for path, limit in paths)


def open_source(world: World, where: str, *, offline: bool) -> "Source":
    """The registry at `where`; a site where no network may be used answers `Unreachable`."""
    if is_git_address(where):
        raise WrongUsage(
            f"{where} is the address of a git repository, and a clone or a site is needed here",
            code="git-address",
            hint=f"git clone --depth 1 {where} registry && registry add registry --root ID",
        )
    return NoNetwork(where) if is_site(where) and offline else world.source(where)


def same_place(world: World, where: str) -> str:
    """`where` as it is kept: a site's address with a slash at its end, else a whole path."""
    return where.rstrip("/") + "/" if is_site(where) else str(world.path(where.removeprefix("file://")))


def entry_of(world: World, where: str) -> Mapping[str, Any] | None:  # Any: JSON
    """The registry that was added under this name or address."""
    entries = world.state.registries()
    named = next((entry for entry in entries if entry["name"] == where), None)
    return named or next((entry for entry in entries if entry["where"] == same_place(world, where)), None)


def entry_by_id(world: World, registry: str) -> Mapping[str, Any] | None:  # Any: JSON
    """The registry that was added with this id."""
    return next((entry for entry in world.state.registries() if entry["id"] == registry), None)


def contact_with(world: World, where: str, options: Options, *, frozen: bool = False) -> "Contact":
    """Contact with the registry at `where`, which was added before, under whatever address.

    An unknown one is `NotTrusted`, unless `--demo` says so and it is a demonstration, whose keys prove
    nothing to anybody anyway.
    """
    from registry_tool.core import layout, limits
    from registry_tool.services.answers import first_root, told
    from registry_tool.services.contact import Contact
    from registry_tool.services.seen import Seen

    entry = entry_of(world, where)
    if entry is not None:
        return _known(world, str(entry["where"]), entry, options, frozen=frozen)
    source = open_source(world, where, offline=options.offline)
    with told(source.where):
        chains = source.fetch(layout.REGISTRY_CHAINS, limit=limits.CHAIN_FILE_BYTES)
    found = first_root(chains, source.where)
    entry = entry_by_id(world, found)
    if entry is not None:
        return _known(world, where, entry, options, source=source, chains=chains or b"", frozen=frozen)
    if options.demo:
        known = {"id": found, "demo": True}
        plain = Contact(source, found, means=world.means, seen=Seen({}), demo=True, chains=chains or b"")
        if plain.government.demonstration:
            return _known(world, where, known, options, source=source, chains=chains or b"", frozen=frozen)
    raise NotTrusted(
        f"{source.where} is a registry that you did not add",
        code="unknown-registry",
        hint=f"registry add {where} --root ID, with the id that its operator tells you",
    )


def contact_by_id(world: World, registry: str, options: Options, *, frozen: bool = False) -> "Contact":
    """Contact with the added registry that has this id; `NotTrusted` where none was added with it.

    `frozen` asks for no signed index: what a lock file pins needs none.
    """
    if options.where:
        contact = contact_with(world, options.where, options, frozen=frozen)
        if contact.registry == registry:
            return contact
    entry = entry_by_id(world, registry)
    if entry is None:
        raise NotTrusted(
            f"the registry {registry[:12]}… was not added here",
            code="unknown-registry",
            hint=f"registry add WHERE --root {registry}",
        )
    return _known(world, str(entry["where"]), entry, options, frozen=frozen)


def _known(
    world: World,
    where: str,
    entry: Mapping[str, Any],  # Any: JSON
    options: Options,
    *,
    source: "Source | None" = None,
    chains: bytes = b"",
    frozen: bool = False,
) -> "Contact":
    source = source or open_source(world, where, offline=options.offline)
    demo = bool(entry["demo"]) or options.demo
    return open_contact(world, source, str(entry["id"]), options, demo=demo, chains=chains, frozen=frozen)


def read_from(
    world: World,
    options: Options,
    read: "Callable[[Contact], Mapping[str, Any]]",  # Any: JSON
) -> dict[str, Any]:
    """What `read` finds in the registry that a search would look in, with where that is and how fresh: for `--json`."""
    from registry_tool.services.consumer import remember

    contact = contact_with(world, choose_registry(world, options, "search").where, options)
    value = {**read(contact), "where": contact.source.where}
    remember(contact, world.state)
    return {**value, "index": index_value(world, [contact])}


def index_value(world: World, contacts: "Sequence[Contact]") -> dict[str, Any]:  # Any: JSON
    """How far the signed index proves that what was read is the newest state, for `--json`: the oldest word of all.

    `proven` is false where one registry was read without an index: a clone, an export, what a lock file pins.
    """
    from registry_tool.services.indexed import IndexedSource

    sites = [(one.source.where, one.source) for one in contacts]
    fresh = [(where, one.freshness) for where, one in sites if isinstance(one, IndexedSource)]
    known = [(where, one) for where, one in fresh if one is not None]
    unproven = [where for where, one in sites if where not in [place for place, _ in known]]
    return {
        "proven": bool(known) and not unproven,
        "as_of": min((one.as_of for _, one in known), default=None),
        "until": min((one.until for _, one in known), default=None),
        "warnings": [f"{where}: {said}" for where, one in known for said in one.warnings(world.now())]
        + [f"{where}: nothing proves that it is the newest state" for where in unproven],
    }


def open_contact(
    world: World,
    source: "Source",
    registry: str,
    options: Options,
    *,
    demo: bool,
    chains: bytes = b"",
    frozen: bool = False,
) -> "Contact":
    """Contact with the registry that has the id `registry`, through its signed index where it is a built site.

    `chains` is `chains/registry.json` where it was fetched already; `demo` takes a demonstration. What is
    pinned (`frozen`) asks for no index; without a network it goes by the last one, however old that is.
    """
    from registry_tool.core.times import from_seconds
    from registry_tool.services.contact import Contact
    from registry_tool.services.indexed import ShelvedSource
    from registry_tool.services.seen import Seen

    if chains:
        # Another registry, or a demonstration, is refused before anything of it is kept.
        _ = Contact(source, registry, means=world.means, seen=Seen({}), demo=demo, chains=chains).government
    asks = not frozen or isinstance(source, NoNetwork)
    indexed = _indexed(world, source, registry, options, chains, frozen) if asks and _is_built(source) else None
    if indexed is None and not frozen:
        _say(f"{source.where} is read as it lies there: nothing proves that it is the newest state.")
    contact = Contact(
        indexed or (ShelvedSource(source, _shelf(world)) if is_site(source.where) else source),
        registry,
        means=world.means,
        seen=Seen(world.state.seen(registry)),
        demo=demo,
        again=again_of(source),
        chains=b"" if indexed else chains,
        signer=_signer(options),
    )
    settled = settled_here(world, options)
    contact.approvals = settled.approvals
    if settled.cool_down:
        contact.until = from_seconds(world.now() - settled.cool_down)
    return contact


def settled_here(world: World, options: Options) -> "Settled":
    """What the machine, the person and, but for their own folder, the project want beyond a registry's policy."""
    return settings_of(world, None if options.personal else root_of(world, options))


def _signer(options: Options) -> "Expected | None":
    """Who must have signed, where the person said it."""
    if options.verify_identity is None and options.identity_issuer is None:
        return None
    from registry_tool.core.identity import parse_expected

    return parse_expected(options.verify_identity or "", options.identity_issuer or "")


def _is_built(source: "Source") -> bool:
    """Whether it is what a build wrote: only that has a signed index."""
    from registry_tool.stores.folder import FolderSource
    from registry_tool.stores.http import HttpSource

    return isinstance(source, HttpSource | FolderSource | NoNetwork)


def _indexed(
    world: World, source: "Source", registry: str, options: Options, chains: bytes, frozen: bool
) -> "IndexedSource | None":
    """The site read through its signed index; `None` where it has none and the person takes that by name."""
    from registry_tool.core import layout, limits
    from registry_tool.services.answers import first_root_text, told
    from registry_tool.services.indexed import IndexedSource
    from registry_tool.signing.tuf.client import TufIndex
    from registry_tool.stores.http import HttpSource

    def first_root() -> bytes:
        with told(source.where):
            data = chains or source.fetch(layout.REGISTRY_CHAINS, limit=limits.CHAIN_FILE_BYTES)
        return first_root_text(data, source.where)

    def tell(fresh: "Freshness") -> None:
        if not fresh.asked:
            why = "was not asked" if options.offline else "could not be asked"
            _say(f"{source.where} {why}: this is its state as of {fresh.as_of}.")
        for warning in fresh.warnings(world.now()):
            _say(f"{source.where}: {warning}.")

    again = again_of(source)
    index = TufIndex(
        source,
        registry,
        _index_folder(world, registry),
        first_root=first_root,
        now=world.now(),
        again=again,
        clock=lambda: source.clock if isinstance(source, HttpSource) else None,
        stale=options.allow_stale or frozen,
    )
    site = IndexedSource(source, index, _shelf(world), again=again, told=tell)
    if chains:
        site.offer(chains)
    if options.allow_stale:
        try:
            site.listed([])
        except NotTrusted as error:
            if error.code != "index-unsigned":
                raise
            return None
    return site


def _index_folder(world: World, registry: str) -> Path:
    """Where what was verified of a registry's signed index is kept."""
    return world.folder("trust") / "index" / registry


@contextmanager
def forgotten_unless_kept(world: World, registry: str) -> Iterator[Callable[[], None]]:
    """Forgets the index of a registry that was never read before, unless what is given is called."""
    folder = _index_folder(world, registry)
    kept = [folder.exists()]
    try:
        yield lambda: kept.append(True)
    finally:
        if not any(kept):
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # they hold other things, as they should
                folder.parent.rmdir()
                folder.parent.parent.rmdir()


def _shelf(world: World) -> "DiskShelf":
    """Where small files of registries are kept between runs."""
    from registry_tool.stores.shelf import DiskShelf

    return DiskShelf(world.folder("cache") / "files")


def _say(text: str) -> None:
    """A sentence on stderr, which scripts do not read."""
    Talk(quiet=False).say(text)


def again_of(source: "Source") -> "Again | None":
    """How to fetch past caches; `None` where nothing is cached."""
    from registry_tool.stores.http import HttpSource

    if not isinstance(source, HttpSource):
        return None
    site = source
    return lambda path, limit: site.fetch(path, limit=limit, fresh=True)
