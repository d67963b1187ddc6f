"""Making a registry: `init`, what `trust` shows, and the scratch registry that `check` looks at."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.core.errors import StateForbids
from registry_tool.core.published import registry_of
from registry_tool.core.standing import government_at
from registry_tool.core.times import from_seconds
from registry_tool.core.tree import MemoryTree
from registry_tool.services.author import signature_of
from registry_tool.services.founder import ROOT_DAYS, TEMPLATES, USES, Founding, found
from registry_tool.wiring import BRANCH, World, fresh_seed, open_repository

DAY = 86_400


def founding(
    world: World,
    *,
    seeds: dict[str, bytes],
    name: str,
    url: str,
    git: str = "",
    template: str = "personal",
    author: str | None = None,
) -> Founding:
    """The first commit of a registry with these seeds, one for each use."""
    from registry_tool.signing.ed25519 import Ed25519Signer
    from registry_tool.signing.tuf import RoleSeeds, make_root

    root = make_root(
        {
            "root": RoleSeeds((seeds["root"],)),
            "targets": RoleSeeds((seeds["targets"],)),
            "snapshot": RoleSeeds((seeds["publishing"],)),
            "timestamp": RoleSeeds((seeds["publishing"],)),
        },
        expires=world.now() + ROOT_DAYS[template] * DAY,
    )
    return found(
        name=name,
        url=url,
        git=git,
        template=template,
        author=author,
        signers={use: Ed25519Signer(seed) for use, seed in seeds.items()},
        root=root,
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
    bare: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a new registry: a git repository, signed from its first commit.

    Its keys work at once, and you are its first moderator. Prints the registry's id, which is what
    people pin.
    """
    world = show.world(ctx)
    path = world.path(directory)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StateForbids(f"{path} exists and is not empty", code="exists", hint="name a new folder")
    url = url if not url or url.endswith("/") else url + "/"
    seeds = {use: fresh_seed() for use in USES}
    made = founding(world, seeds=seeds, name=name or path.name, url=url, git=git, template=template, author=author)
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
            f"Its keys are in {value['keys']}: keep a copy, and the root key offline.",
            "Next:",
            f"  registry publish DIR --registry {where}",
            f"  registry queue list --registry {where}",
            f"  registry build --registry {where} --out site && registry serve site",
            f"People add it with: registry add ADDRESS --root {value['registry']}",
        ]
    )


@click.group()
def trust() -> None:
    """Show the registry's id and what its trust stands on.

    Example: registry trust status
    """


@trust.command()
@show.registry_option
@show.json_option
@click.pass_context
def status(ctx: click.Context, where: str | None, as_json: bool) -> None:
    """The registry's id, its moderators and its policy, verified from the root down.

    Example: registry trust status --registry reg
    """
    world = show.world(ctx)
    access = open_repository(world, choose_registry(world, Options(where=where), "publish").where)
    tree = access.history.tree(access.tip)
    government = government_at(tree, registry=registry_of(tree), check=world.check)
    policy = government.policy.head.body
    value = {
        "registry": government.registry,
        "roots": len(government.roots),
        "moderators": [person.id for person in government.moderators.head.body.people],
        "threshold": government.moderators.head.body.threshold,
        "policy": policy.approvals.value(),
        "self_approval": policy.self_approval,
        "demonstration": government.demonstration,
        "checked": from_seconds(world.now()),
    }
    head = government.moderators.head
    people = ", ".join(person.id for person in head.body.people)
    text = [
        f"Registry {government.registry}",
        f"  moderators: {people}; {head.body.threshold} of them sign",
        f"  a release needs {policy.approvals.count} approval(s), a new name {policy.approvals.new_name}",
        f"  verified: root {len(government.roots)}, moderators {head.number}, policy {government.policy.head.number}",
    ]
    if government.demonstration:
        text.append("  a demonstration: its keys are published, so it proves nothing")
    show.result(value, as_json=as_json, text=lambda: "\n".join(text))
