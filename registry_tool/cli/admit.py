"""The gate's verb: `registry admit`, for a job that runs by itself."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from registry_tool.cli import show
from registry_tool.cli.deciding import bench_of, landed_words
from registry_tool.cli.trust_keys import owner_of, signer_in
from registry_tool.core.published import registry_of
from registry_tool.services import gate
from registry_tool.services.bench import Bench, tip_of
from registry_tool.services.rehearsing import rehearsal
from registry_tool.stores.memorykeys import WithKey
from registry_tool.wiring import World

GATE = "REGISTRY_GATE_KEY"
"""The secret of the gate's job: a PEM text (PKCS #8), or base64 of the 32 bytes."""


@click.command(epilog="Example: registry admit --registry https://github.com/acme/registry.git")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def admit(ctx: click.Context, where: str | None, dry_run: bool, as_json: bool) -> None:
    """Let in what may go without a moderator's key, and say what the rest waits for.

    An owner's update that asks for nothing new goes through after its wait; in a registry whose policy counts
    reviews, so does what enough people approved in the forge, at exactly the commit that was checked. It signs
    with the gate's key, from the key folder or REGISTRY_GATE_KEY, and can do no more than policy lets it.
    """
    world = show.world(ctx)
    bench = with_gate_key(world, bench_of(world, where))
    outcomes = gate.admit(rehearsal(bench) if dry_run else bench)
    rows = [{**one.value(), **({"commit": ""} if dry_run else {})} for one in outcomes]
    value = {"submissions": rows, "dry_run": dry_run}
    show.result(value, as_json=as_json, text=lambda: _words(bench, rows, dry_run=dry_run))


def with_gate_key(world: World, bench: Bench) -> Bench:
    """The bench with the gate's key of the environment, where there is one."""
    secret = world.env.get(GATE, "")
    if not secret:
        return bench
    _, tip = tip_of(bench.history)
    return replace(bench, keys=WithKey(bench.keys, owner_of(registry_of(tip)), "gate", signer_in(secret, GATE)))


def _words(bench: Bench, rows: Sequence[dict[str, Any]], *, dry_run: bool) -> str:
    lines = [_row(row, dry_run=dry_run) for row in rows]
    if dry_run:
        lines.append("Nothing was written.")
    elif any(row["state"] == "published" for row in rows):
        lines.append(landed_words(bench.history))
    return "\n".join(lines) if rows else "Nothing waits."


def _row(row: dict[str, Any], *, dry_run: bool) -> str:
    what = ", ".join(f"{one['artifact']}@{one['version']}" for one in row["releases"]) or "; ".join(row["statements"])
    state = f"would be {row['state']}" if dry_run and row["state"] not in ("waits", "closed") else row["state"]
    signed = "".join(f"\n    countersigned: {words}" for words in row["countersigned"])
    return f"{row['id'][:12]}  {state:<9} {what}\n    {row['words']}{signed}"
