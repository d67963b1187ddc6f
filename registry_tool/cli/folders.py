"""The folders that an author means, read, and the flags that say what a folder does not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from registry_tool.cli.bundling import bundled
from registry_tool.core.describe import Said, read_card
from registry_tool.core.errors import InvalidInput, NotFound, WrongUsage
from registry_tool.core.identity import SignKeyless
from registry_tool.core.ports import Keys
from registry_tool.core.statements import Account
from registry_tool.core.tree import Tree
from registry_tool.services.author import Desk, Folder
from registry_tool.services.keyrings import KeysHere
from registry_tool.stores.workfolder import git_says, publishable_folders, read_folder
from registry_tool.wiring import World, memory_keys


def desk_of(
    world: World,
    *,
    throwaway: bool = False,
    tip: Tree | None = None,
    identity: SignKeyless | None = None,
    keyless: bool = False,
    account: Account | None = None,
) -> Desk:
    """What the author's services need; with keys that vanish, and nothing signed in public, where `throwaway`.

    Of several keys for one use the one is taken that is active in the registry at `tip`. `identity` signs
    without a key where a scope needs it, and everywhere with `keyless`. A first keyring lists the forge's `account`.
    """
    from registry_tool.checks import all_checks

    keys: Keys = memory_keys(world) if throwaway else world.keys
    keys = keys if tip is None else KeysHere(keys, tip)
    return Desk(
        kinds=world.kinds,
        checks=all_checks(),
        means=world.means,
        keys=keys,
        now=world.now,
        identity=identity,
        keyless=keyless,
        rehearses=throwaway,
        account=account,
    )


def folders_of(world: World, named: tuple[str, ...], said: Said) -> tuple[Folder, ...]:
    """The folders that the person means, read; several where a repository holds several."""
    native = tuple(name for kind in world.kinds for name in kind.native)
    paths: list[Path] = []
    for text in named or (".",):
        path = world.path(text)
        if not path.is_dir():
            hint = "name the folder that holds what you publish; without a name it is the one that you are in"
            raise NotFound(f"{path} is not a folder", code="no-folder", hint=hint)
        found = publishable_folders(path, native)
        if not found and said.kind:
            found = (path,)
        if not found:
            raise InvalidInput(
                f"nothing in {path} says what it is",
                code="nothing-to-publish",
                hint=f"add one of {', '.join(native)}, or artifact.yaml; `registry KIND create` shows how",
            )
        paths += found
    if len(paths) > 1 and (said.artifact or said.version):
        raise WrongUsage(
            f"--id and --version name one artifact, and there are {len(paths)} folders here",
            hint="publish one folder, or write them into each artifact.yaml",
        )
    return tuple(_folder(world, path, said, native) for path in paths)


def _folder(world: World, path: Path, said: Said, native: tuple[str, ...]) -> Folder:
    first = read_folder(path)
    card = read_card(first.payload)[0]
    read = first if card == read_card({})[0] else read_folder(path, card=card, native=native)
    links = tuple(finding for finding in read.findings if finding.level == "fail")
    if links:
        raise InvalidInput(
            f"{path} cannot be published yet",
            code="not-publishable",
            findings=links,
            hint="put the files themselves there",
        )
    payload = bundled(world, path, first.payload, read.payload, card, kind=said.kind)
    git = git_says(path)
    source = {"repository": git.repository, "commit": git.commit} if git.commit else {}
    return Folder(str(path), payload, replace(said, scope=git.owner, tag=git.tag, source=source, folder=path.name))


def said_options(function: Any) -> Any:  # Any: click's decorators
    """The flags that say what a folder does not."""
    for option in (
        click.option(
            "--permission", "permissions", multiple=True, metavar="P", help="Ask for this permission; repeatable."
        ),
        click.option("--as", "author", metavar="AUTHOR", default="", help="Publish as this author."),
        click.option(
            "--version", "version", metavar="V", default="", help="The version, where the folder does not say it."
        ),
        click.option(
            "--id", "artifact", metavar="@SCOPE/NAME", default="", help="The id, where the folder does not say it."
        ),
    ):
        function = option(function)
    return function


def said_of(*, artifact: str, version: str, author: str, permissions: tuple[str, ...], kind: str = "") -> Said:
    """What the flags say."""
    return Said(artifact=artifact, version=version, author=author, kind=kind, permissions=permissions or None)
