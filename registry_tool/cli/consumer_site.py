"""`registry verify SITE`: what its host does with addresses that are more than files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from registry_tool.cli.consumer_ground import Options
from registry_tool.core.addresses import is_site
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.services.contact import Contact

Row = dict[str, Any]  # Any: JSON


def routes_of(here: World, contact: "Contact", options: Options) -> list[Row]:
    """What the host of a site answered; nothing for what has no host, or where no network may be used."""
    from registry_tool.services.serving import look_at_routes
    from registry_tool.stores.http import HttpExchange

    if options.offline or not is_site(contact.source.where) or contact.source.where.startswith("file:"):
        return []
    return look_at_routes(contact, HttpExchange(env=here.env))


def host_words(rows: Sequence[Row]) -> str:
    """The same for people: only what is otherwise than the table of routes says, and for whom it matters."""
    if not rows:
        return ""
    others = [row for row in rows if not row["holds"]]
    lines = [f"\nIts host answers {len(rows) - len(others)} of {len(rows)} questions as it can at best."]
    for row in others:
        means = row["means"][:1].upper() + row["means"][1:]
        lines.append(f"  {row['ask']}: {row['came']}; expected {row['expected']}.\n    {means}.")
    return "\n".join(lines)
