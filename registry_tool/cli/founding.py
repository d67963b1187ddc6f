"""Making a registry: `init`, and the scratch registry that `check` looks at."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.core.errors import NotFound, StateForbids, WrongUsage
from registry_tool.core.freshness import DAY
from registry_tool.core.targets import Days
from registry_tool.core.tree import MemoryTree
from registry_tool.forges import SETUPS, setup_of
from registry_tool.forges.setup import Ground, Setup
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
    tiers: bool = False,
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
        tiers=tiers,
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
@click.option("--tiers", is_flag=True, help="Begin with tiers: caps on installs, and publishing for some.")
@click.option("--bare", is_flag=True, help="Make a bare repository, without a work tree.")
@click.option("--forge", type=click.Choice(list(SETUPS)), help="Write what this place needs to guard the registry.")
@click.option("--tool", default="", metavar="PIN", help="What its jobs run: a wheel, or a requirement with its hash.")
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
    tiers: bool,
    bare: bool,
    forge: str | None,
    tool: str,
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
    path = _free(world.path(directory))
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
        tiers=tiers,
        trusted_root=public_trusted_root(),
    )
    show.ask(world, f"Make the registry {name or path.name} in {path}?", flag="--yes", yes=yes or dry_run)
    ground = Ground(made.registry, name or path.name, url, git, template, sys.executable, _pinned(world, forge, tool))
    setup = setup_of(forge, ground) if forge else Setup(bare=bare)
    value: dict[str, Any] = {
        "registry": made.registry,
        "where": str(path),
        "template": template,
        "moderator": made.person,
        "branch": BRANCH,
        "forge": forge,
        "words": list(setup.words),
        "dry_run": dry_run,
    }
    if not dry_run:
        owner = f"registry:{made.registry[:16]}"
        for use in USES:
            world.keys.import_seed(owner, use, seeds[use])
        value["commit"] = write_founding(world, made, path, replace(setup, bare=setup.bare or bare))
        value["keys"] = str(world.keys.path_of(owner, "root").parent)
    show.result(value, as_json=as_json, text=lambda: _made_words(value))


def _free(path: Path) -> Path:
    """A folder in which nothing is yet."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StateForbids(f"{path} exists and is not empty", code="exists", hint="name a new folder")
    return path


def _pinned(world: World, forge: str | None, tool: str) -> str:
    """The requirement of the tool that `--tool` means."""
    from registry_tool.forges.github_files import requirement_of

    if tool and forge != "github":
        raise WrongUsage("--tool says what the jobs of --forge github run", hint="add --forge github, or leave it out")
    if not tool.endswith(".whl") or "://" in tool:
        return tool
    path = world.path(tool)
    if not path.is_file():
        raise NotFound(f"there is no wheel {path}", code="no-file", hint="make one with `pip wheel --no-deps`")
    return requirement_of(path.name, path.read_bytes())


def write_founding(world: World, made: Founding, path: Path, setup: Setup) -> str:
    """Makes the repository with its first commit, set up for where it will live."""
    from registry_tool.stores.git import GitHistory

    history = GitHistory.init(path, bare=setup.bare, main=BRANCH)
    files = {**made.files, **setup.committed}
    message, author = "Found the registry\n", signature_of(made.person)
    commit = history.commit(files, onto=None, message=message, author=author, at=world.now())
    history.move(BRANCH, old=None, new=commit)
    write_setup(path, setup)
    return commit


def write_setup(path: Path, setup: Setup) -> None:
    """Writes what a place needs into git's own folder of the repository at `path`."""
    from registry_tool.forges.bare import MARK
    from registry_tool.stores.git.served import configure, write_kept

    write_kept(path, setup.kept, mark=MARK.encode())
    configure(path, [(one.section, one.name, one.value, one.kept) for one in setup.settings])


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
            *value["words"],
        ]
    )
