"""Making a registry: `init`, and the scratch registry that `check` looks at."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.core.errors import StateForbids
from registry_tool.core.freshness import DAY
from registry_tool.core.targets import Days
from registry_tool.core.tree import MemoryTree
from registry_tool.services.author import signature_of
from registry_tool.services.founder import BINS, TEMPLATES, TERMS, USES, Founding, bits_of, found
from registry_tool.wiring import BRANCH, World, fresh_seed


def founding(
    world: World,
    *,
    seeds: dict[str, bytes],
    name: str,
    url: str,
    git: str = "",
    template: str = "personal",
    author: str | None = None,
    bins: int = BINS,
    trusted_root: bytes | None = None,
) -> Founding:
    """The first commit of a registry with these seeds, one for each use; it believes the sigstore `trusted_root`."""
    from registry_tool.signing.ed25519 import Ed25519Signer
    from registry_tool.signing.tuf.offline import RoleKeys, make_root, make_targets, signed_by

    signers = {use: Ed25519Signer(seed) for use, seed in seeds.items()}
    days, now, keys = Days.of(TERMS[template]), world.now(), {use: RoleKeys((one.key,)) for use, one in signers.items()}
    online = keys["timestamp"]
    root = make_root(
        {"root": keys["root"], "targets": keys["targets"], "snapshot": online, "timestamp": online},
        expires=now + days.root * DAY,
    )
    targets = make_targets(
        keys["publishing"],
        version=1,
        expires=now + days.targets * DAY,
        days=days,
        bits=bits_of(bins),
        trusted_root=trusted_root,
    )
    return found(
        name=name,
        url=url,
        git=git,
        template=template,
        author=author,
        signers=signers,
        root=signed_by(root, [signers["root"]]),
        targets=signed_by(targets, [signers["targets"]]),
        trusted_root=trusted_root,
        kinds=world.kinds,
    )


def scratch_registry(world: World) -> MemoryTree:
    """A registry in memory with keys that nobody keeps: what a folder is checked against by itself."""
    made = founding(world, seeds={use: fresh_seed() for use in USES}, name="Scratch", url="")
    return MemoryTree(made.files)


@click.command(epilog="Example: registry init reg --name Example --url http://127.0.0.1:8080/")
@click.argument("directory", metavar="DIR")
@click.option("--name", default="", help="What people call it; default: the folder's name.")
@click.option("--url", default="", metavar="URL", help="Where the site will be served.")
@click.option("--git", default="", metavar="ADDRESS", help="The git address that submissions go to.")
@click.option("--template", type=click.Choice(list(TEMPLATES)), default="personal", help="How much admitting takes.")
@click.option("--as", "author", default=None, metavar="AUTHOR", help="The author that you, its first moderator, are.")
@click.option("--bins", default=BINS, show_default=True, help="Parts of the signed index; 1024 for 50,000 names.")
@click.option("--bare", is_flag=True, help="Make a bare repository, without a work tree.")
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def init(
    ctx: click.Context,
    directory: str,
    name: str,
    url: str,
    git: str,
    template: str,
    author: str | None,
    bins: int,
    bare: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a new registry: a git repository, signed from its first commit.

    Its keys work at once, and you are its first moderator. Prints the registry's id, which is what
    people pin.
    """
    from registry_tool.signing.sigstore.public import public_trusted_root

    world = show.world(ctx)
    path = world.path(directory)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StateForbids(f"{path} exists and is not empty", code="exists", hint="name a new folder")
    url = url if not url or url.endswith("/") else url + "/"
    seeds = {use: fresh_seed() for use in USES}
    made = founding(
        world,
        seeds=seeds,
        name=name or path.name,
        url=url,
        git=git,
        template=template,
        author=author,
        bins=bins,
        trusted_root=public_trusted_root(),
    )
    show.ask(world, f"Make the registry {name or path.name} in {path}?", flag="--yes", yes=yes or dry_run)
    value: dict[str, Any] = {
        "registry": made.registry,
        "where": str(path),
        "template": template,
        "moderator": made.person,
        "branch": BRANCH,
        "dry_run": dry_run,
    }
    if not dry_run:
        owner = f"registry:{made.registry[:16]}"
        for use in USES:
            world.keys.import_seed(owner, use, seeds[use])
        value["commit"] = write_founding(world, made, path, bare=bare)
        value["keys"] = str(world.keys.path_of(owner, "root").parent)
    show.result(value, as_json=as_json, text=lambda: _made_words(value))


def write_founding(world: World, made: Founding, path: Any, *, bare: bool) -> str:  # Any: a Path
    """Makes the repository with its first commit, tagged so that anybody can build on it cheaply."""
    from registry_tool.stores.git import GitHistory

    history = GitHistory.init(path, bare=bare, main=BRANCH)
    commit = history.commit(
        made.files, onto=None, message="Found the registry\n", author=signature_of(made.person), at=world.now()
    )
    history.move(BRANCH, old=None, new=commit)
    return commit


def _made_words(value: dict[str, Any]) -> str:
    if value["dry_run"]:
        return f"Would make a registry in {value['where']} with the template {value['template']}."
    where = value["where"]
    return "\n".join(
        [
            f"Made the registry {value['registry']} in {where}.",
            f"You are its first moderator, {value['moderator']}.",
            f"Its keys are in {value['keys']}: keep a copy, and root.pem and targets.pem offline.",
            "Next:",
            f"  registry publish DIR --registry {where}",
            f"  registry queue list --registry {where}",
            f"  registry build --registry {where} --out site && registry serve site",
            f"People add it with: registry add ADDRESS --root {value['registry']}",
        ]
    )
