"""`publish`, and `create` of every kind."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.folders import desk_of, folders_of, said_of, said_options
from registry_tool.cli.forging import Sent, own_account
from registry_tool.cli.keyless import identity_of, keyless_options
from registry_tool.cli.sending import send
from registry_tool.core.errors import NotFound, NotTrusted, StateForbids
from registry_tool.core.identity import spoken
from registry_tool.core.names import parse_artifact
from registry_tool.core.packed import pack_submission
from registry_tool.core.published import registry_of
from registry_tool.services.author import Prepared, prepare
from registry_tool.wiring import Access, World, open_repository


@click.command(epilog="Example: registry publish my-skill --id @ann/pdf --version 1.0.0 --registry reg")
@click.argument("folders", nargs=-1, metavar="[DIR]...")
@said_options
@keyless_options
@click.option("--kind", default="", help="What it is, where the folder does not say it.")
@click.option("--pack", default="", metavar="FILE", help="Write the submission into a file instead of sending it.")
@show.registry_option
@show.yes_option
@show.dry_run_option
@click.option("--demo", is_flag=True, help="The registry may be a demonstration.")
@show.json_option
@click.pass_context
def publish(ctx: click.Context, /, folders: tuple[str, ...], kind: str, **options: Any) -> int:  # Any: the flags below
    """Sign a folder and submit it to a registry.

    Takes one folder, several, or a repository in which it finds what can be published. On first use it
    makes your keys, registers you and claims the scope, all in the same submission.
    """
    return publish_folders(show.world(ctx), folders, kind=kind, **options)


def publish_folders(
    world: World,
    folders: tuple[str, ...],
    *,
    kind: str,
    artifact: str,
    version: str,
    author: str,
    permissions: tuple[str, ...],
    where: str | None,
    yes: bool,
    dry_run: bool,
    demo: bool,
    as_json: bool,
    keyless: bool = False,
    identity_token: str = "",
    trust_config: str = "",
    pack: str = "",
) -> int:
    """What `publish` does, for every kind's own verb too; the exit code, 5 where the person has to send it."""
    packed = free_path(world, pack) if pack else None
    said = said_of(artifact=artifact, version=version, author=author, permissions=permissions, kind=kind)
    read = folders_of(world, folders, said)
    choice = choose_registry(world, Options(where=where), "publish", kind=kind or None)
    access = open_repository(world, choice.where)
    access.read_ahead()
    tip = access.history.tree(access.tip)
    _same_as_known(world, choice.where, registry_of(tip))
    identity = identity_of(world, identity_token=identity_token, trust_config=trust_config)
    account = None if packed else own_account(world, access)
    desk = partial(desk_of, world, tip=tip, identity=identity, keyless=keyless, account=account)
    # Nothing is kept, no key either, before all of it is known to be fine.
    trial = prepare(read, tip=tip, desk=desk(throwaway=True), demo=demo)
    new_keys = world.keys.find(trial.author, "signing") is None
    talk, sent = show.Talk(quiet=as_json), None
    if not dry_run:
        releases = ", ".join(
            f"{one.manifest.artifact}@{one.manifest.version}" for one in trial.described if one.manifest
        )
        does = f"Pack {releases} as {trial.author} for" if packed else f"Publish {releases} as {trial.author} to"
        show.ask(world, f"{does} {access.where}?", flag="--yes", yes=yes)
        trial = prepare(read, tip=tip, desk=desk(), demo=demo)
        if packed is None:
            sent = _send(world, access, trial, talk)
        else:
            packed.write_bytes(pack_submission(trial.additions))
    value = {**trial.value(), "dry_run": dry_run, "where": access.where, "chosen_by": choice.chosen_by}
    if packed is not None:
        show.result({**value, "file": str(packed)}, as_json=as_json, text=lambda: _packed_words(trial, packed, dry_run))
        return 0
    show.result(
        {**value, **(sent.value() if sent else {})},
        as_json=as_json,
        text=lambda: _published_words(world, trial, access, choice.chosen_by, sent=sent, new_keys=new_keys),
    )
    return StateForbids.exit_code if sent and sent.todo else 0


def free_path(world: World, named: str) -> Path:
    """A file that is to be written; `StateForbids` where something is there, `NotFound` where its folder is not."""
    path = world.path(named)
    if path.exists() or path.is_symlink():
        raise StateForbids(f"{path} exists", code="exists", hint="name another file")
    if not path.parent.is_dir():
        raise NotFound(f"there is no folder {path.parent}", code="no-folder", hint="make it, or name another file")
    return path


def _packed_words(prepared: Prepared, path: Path, dry_run: bool) -> str:
    releases = ", ".join(
        f"{one.manifest.artifact} {one.manifest.version}" for one in prepared.described if one.manifest
    )
    lines = [f"{'Would pack' if dry_run else 'Packed'} {releases} into {path}; nothing was sent."]
    lines += [f"  signed without a key, as {spoken(one)}" for one in prepared.identities]
    return "\n".join([*lines, "The registry takes it in with: registry intake --from-file FILE"])


def _send(world: World, access: Access, prepared: Prepared, talk: show.Talk) -> Sent:
    titles = ", ".join(f"{one.manifest.artifact}@{one.manifest.version}" for one in prepared.described if one.manifest)
    talk.say(f"submitting {titles} as {prepared.branch}")
    return send(
        world,
        access,
        prepared.additions,
        id=prepared.id,
        branch=prepared.branch,
        by=prepared.author,
        message=f"Publish {titles}\n",
        releases=prepared.value()["releases"],
    )


def _same_as_known(world: World, where: str, registry: str) -> None:
    for one in world.state.registries():
        if where in (one["name"], one["where"]) and one["id"] != registry:
            raise NotTrusted(
                f"{where} was added as the registry {one['id']}, and now says that it is {registry}",
                code="other-registry",
                hint="do not publish there before you know why; `registry remote list` shows what you added",
            )


def _published_words(
    world: World, prepared: Prepared, access: Access, chosen_by: str, *, sent: Sent | None, new_keys: bool
) -> str:
    lines = []
    for one in prepared.described:
        if one.manifest is not None and one.kind is not None:
            verb = "Would submit" if sent is None else "Prepared" if sent.todo else "Submitted"
            lines.append(
                f"{verb} the {one.kind.id} {one.manifest.artifact} {one.manifest.version} ({len(one.payload)} files)."
            )
            words = [f"  {name}: {one.kind.grammar.explain(name)}" for name in one.permissions]
            lines += words or ["  It asks for nothing."]
    lines.append(f"Registry {prepared.registry[:16]}… at {access.where}, chosen by {chosen_by}.")
    if prepared.first:
        keys = "with new keys" if new_keys else "with the keys that you have"
        lines.append(f"{'Would register' if sent is None else 'Registered'} the author {prepared.author}, {keys}.")
    lines += [f"{'Would claim' if sent is None else 'Claimed'} the scope @{scope}." for scope in prepared.claims]
    verb = "Would sign" if sent is None else "Signed"
    lines += [
        f"{verb} without a key, as {spoken(one)}. The name stands in a public log." for one in prepared.identities
    ]
    if sent is not None and world.keys.find(prepared.author, "signing") is not None:
        folder = world.keys.path_of(prepared.author, "signing").parent
        lines.append(f"Your keys are in {folder}. Keep a copy of them: nobody can give you another.")
    if sent is not None and sent.todo:
        lines.append(sent.todo)
    elif sent is not None:
        waits = f"as {prepared.branch}, the pull request {sent.url}" if sent.url else f"as {prepared.branch}"
        lines.append(f"It waits {waits}; a moderator decides. What became of it: registry status")
    return "\n".join(lines)


def create_folder(world: World, kind_id: str, artifact: str, directory: str | None, *, as_json: bool) -> None:
    """Writes a kind's template into a new folder; nothing that exists is touched."""
    identity = parse_artifact(artifact)
    target = world.path(directory or identity.name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StateForbids(f"{target} exists already", code="exists", hint="name another folder")
    template = world.kinds[kind_id].template(identity)
    for path in sorted(template):
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(template[path].data)
        place.chmod(0o755 if template[path].executable else 0o644)
    value = {"created": str(target), "kind": kind_id, "id": artifact, "files": sorted(template)}
    text = f"Created the {kind_id} {artifact} in {target}.\nLook at it, then: registry publish {target}"
    show.result(value, as_json=as_json, text=lambda: text)
