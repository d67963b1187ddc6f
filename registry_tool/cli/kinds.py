"""The verbs of each kind: the same as for all, locked to it."""

from importlib import import_module
from typing import Any, Final

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_find import search_verb
from registry_tool.cli.consumer_install import install_verb, uninstall_verb
from registry_tool.cli.folders import folders_of, said_of, said_options
from registry_tool.cli.keyless import keyless_options
from registry_tool.core.describe import kind_of, read_card
from registry_tool.core.errors import WrongUsage
from registry_tool.wiring import World

_MORE: Final = {"app": (("app_pin", "pin"),), "plugin": (("closing", "lock"),), "widget": (("hosting", "host"),)}
"""Kind to the verbs that only it has: the module of `cli/`, and the name there."""


def verbs_of(kind_id: str) -> click.Group:
    """`registry <kind>` with create, publish, search, install and uninstall."""

    @click.group(name=kind_id, help=f"Artifacts of the kind {kind_id}.\n\nExample: registry {kind_id} search dark")
    def group() -> None:
        """Its verbs are added below; the words of its help are above."""

    for command in (_create(kind_id), _publish(kind_id), search_verb(kind_id), install_verb(kind_id)):
        group.add_command(command)
    group.add_command(uninstall_verb(kind_id))
    for module, name in _MORE.get(kind_id, ()):
        group.add_command(getattr(import_module(f"registry_tool.cli.{module}"), name))
    return group


def _create(kind_id: str) -> click.Command:
    @click.command(
        name="create",
        help=f"Make a new folder with a {kind_id} that can be published as it is.\n\n"
        f"Example: registry {kind_id} create @acme/my-{kind_id}",
    )
    @click.argument("artifact", metavar="@SCOPE/NAME")
    @click.argument("directory", metavar="[DIR]", required=False)
    @show.json_option
    @click.pass_context
    def create(ctx: click.Context, /, artifact: str, directory: str | None, as_json: bool) -> None:
        from registry_tool.cli.author import create_folder

        create_folder(show.world(ctx), kind_id, artifact, directory, as_json=as_json)

    return create


def _publish(kind_id: str) -> click.Command:
    @click.command(
        name="publish",
        help=f"Sign a folder that is a {kind_id} and submit it to a registry.\n\n"
        f"Example: registry {kind_id} publish my-{kind_id} --registry reg",
    )
    @click.argument("folders", nargs=-1, metavar="[DIR]...")
    @said_options
    @keyless_options
    @show.registry_option
    @show.yes_option
    @show.dry_run_option
    @click.option("--demo", is_flag=True, help="The registry may be a demonstration.")
    @show.json_option
    @click.pass_context
    def publish(ctx: click.Context, /, folders: tuple[str, ...], **options: Any) -> int:  # Any: click's values
        from registry_tool.cli.author import publish_folders

        here = show.world(ctx)
        names = ("artifact", "version", "author", "permissions")
        _right_kind(here, folders, kind_id, {name: options[name] for name in names})
        return publish_folders(here, folders, kind=kind_id, **options)

    return publish


def _right_kind(here: World, folders: tuple[str, ...], kind_id: str, said: dict[str, Any]) -> None:  # Any: click's
    """Refuses a folder that says that it is of another kind."""
    for folder in folders_of(here, folders, said_of(**said, kind=kind_id)):
        found, _ = kind_of(folder.payload, read_card(folder.payload)[0], here.kinds, said="")
        if found is not None and found.id != kind_id:
            raise WrongUsage(
                f"{folder.where} is a {found.id}, not a {kind_id}",
                code="other-kind",
                hint=f"use: registry {found.id} publish {folder.where}",
            )
