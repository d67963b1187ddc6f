"""What admitting takes in a registry: shown in words, and changed by its moderators."""

from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_of
from registry_tool.cli.drafting import ask_to_sign, drop_verb, send_draft, show_draft, sign_verb, writing
from registry_tool.cli.policy_show import policy_of, show_policy
from registry_tool.core.errors import WrongUsage
from registry_tool.core.policy_words import differences
from registry_tool.core.statements import Policy
from registry_tool.services import governing
from registry_tool.services.bench import Bench, tip_of
from registry_tool.services.governing import Draft
from registry_tool.services.policy_edits import change, limits_of, seconds_of

Json = dict[str, Any]


@click.group(invoke_without_command=True)
@show.registry_option
@show.project_option
@show.json_option
@click.pass_context
def policy(ctx: click.Context, where: str | None, project: str | None, as_json: bool) -> None:
    """Show what admitting takes in a registry, and change it; and what the settings here want beyond it.

    The policy is a chain that clients hold every admission against; as many moderators sign a change as sign for
    the registry. It waits for them in the repository, and lands when the last one signs.

    Example: registry policy show --registry reg
    """
    if ctx.invoked_subcommand is None:
        show_policy(show.world(ctx), where, project, as_json=as_json)


@policy.command("show", epilog="Example: registry policy show --registry reg")
@show.registry_option
@show.project_option
@show.json_option
@click.pass_context
def show_(ctx: click.Context, where: str | None, project: str | None, as_json: bool) -> None:
    """Say in words what holds here, and who says it.

    First what the settings files of this machine, of you and of the project want of whatever is installed; then, of
    the registry, who must look at what and how long it waits.
    """
    show_policy(show.world(ctx), where, project, as_json=as_json)


@policy.command("set", epilog="Example: registry policy set --gain 2 --wait-new-name 3d --registry reg")
@click.option("--mode", type=click.Choice(["signed", "forge"]), default=None, help="Whether reviews in a forge count.")
@click.option("--count", type=click.IntRange(1, 99), default=None, help="People for any release.")
@click.option("--new-name", type=click.IntRange(1, 99), default=None, help="People for the first release of a name.")
@click.option("--gain", type=click.IntRange(1, 99), default=None, help="People for one that may do more than before.")
@click.option("--gate", "gate", type=click.Choice(["none", "owner-updates"]), default=None, help="What goes alone.")
@click.option("--gate-signs", metavar="NAMES", default=None, help="What the gate countersigns: keyring,scope or none.")
@click.option("--wait-new-name", metavar="TIME", default=None, help="How long a new name waits, as 3d.")
@click.option("--wait-owner-update", metavar="TIME", default=None, help="How long an owner's update waits, as 10m.")
@click.option("--wait-recover", metavar="TIME", default=None, help="How long the recovery of lost keys waits.")
@click.option("--self-approval/--no-self-approval", default=None, help="Whether moderators approve their own.")
@click.option("--private/--no-private", default=None, help="Whether private releases are taken.")
@click.option("--limit", "limits", metavar="NAME=N", multiple=True, help="A limit, as releases=20.")
@writing
@click.pass_context
def set_(ctx: click.Context, /, where: str | None, yes: bool, dry_run: bool, as_json: bool, **said: Any) -> None:
    """Change what admitting takes, from the next release on; what was let in before stays."""
    edit = change(_members(said))
    world = show.world(ctx)
    bench = bench_of(world, where)
    _, tip = tip_of(bench.history)
    made = governing.draft(bench, tip, edit, subject="policy")
    now = policy_of(bench)
    assert isinstance(made.body, Policy)  # noqa: S101  # of this subject there is no other
    if not differences(now, made.body) and not differences(made.body, now):
        raise WrongUsage("nothing would change", code="nothing-said", hint="registry policy show says what it is now")
    if dry_run:
        show_draft(bench, made, plan=_plan, as_json=as_json)
        return
    ask_to_sign(bench, made, plan=_plan, yes=yes, as_json=as_json, world=world)
    send_draft(bench, made, subject="policy", as_json=as_json)


def _members(said: dict[str, Any]) -> dict[str, Any]:  # Any: click's values, JSON
    signs = said["gate_signs"]
    names = [] if signs == "none" else signs.split(",") if signs is not None else None
    times = {name: said[f"wait_{name}"] for name in ("new_name", "owner_update", "recover")}
    return {
        "approvals": {name: said[name] for name in ("mode", "count", "new_name", "gain")},
        "gate": {"releases": said["gate"], "statements": names},
        "waits": {name: None if text is None else seconds_of(text) for name, text in times.items()},
        "self_approval": said["self_approval"],
        "private": said["private"],
        "limits": limits_of(said["limits"]),
    }


def _plan(bench: Bench, made: Draft) -> str:
    now = policy_of(bench)
    assert isinstance(made.body, Policy)  # noqa: S101  # of this subject there is no other
    lines = ["From then on:", *(f"  {one}" for one in differences(now, made.body))]
    gone = differences(made.body, now)
    lines += ["No more:", *(f"  {one}" for one in gone)] if gone else []
    missing = "; ".join(made.missing)
    lines.append(f"It needs {missing}." if missing else "It is complete, and lands at once.")
    return "\n".join(lines)


policy.add_command(
    sign_verb("policy", _plan, "Read the change of the policy that waits, and add your signature as a moderator.")
)
policy.add_command(drop_verb("policy", "Take a change of the policy off that waits for signatures."))
