"""How to publish something here: one page for each category, with the one command and what happens next."""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

from registry_tool.core.index import About, Category, Listing, Planned
from registry_tool.core.kind import Kind
from registry_tool.core.names import parse_artifact
from registry_tool.site.lists import Link
from registry_tool.site.templates import render
from registry_tool.site.views import frame
from registry_tool.site.words import line, visible

_ON_GITHUB: Final = re.compile(
    r"(?:https://github\.com/|git@github\.com:|ssh://git@github\.com/)"
    r"([A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}?)(?:\.git)?/?"
)
_FORM: Final = "submit.yml"
"""The form for authors without a clone (`forges/templates/github/ISSUE_TEMPLATE`)."""
_EXAMPLE: Final = "@you/my-{kind}"


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind is published."""

    kind: str
    """Empty where this tool does not know it; then the rest is empty too."""
    command: str
    create: str
    native: tuple[str, ...]
    """Files of which one is enough."""
    files: tuple[str, ...]
    """What `create` makes."""
    grants: tuple[tuple[str, str], ...]
    """What it can ask for: an example, and its meaning."""


def submit(listing: Listing) -> Iterable[Planned]:
    """The page that leads to the others, and one for each category."""
    about, queue = listing.about, listing.queue is not None
    yield Planned("submit/index.html", "", partial(_index, about))
    for category in about.categories:
        path = f"submit/{category.row.id}/index.html"
        yield Planned(path, str(queue), partial(_page, about, category, queue))


def repository(about: About) -> str:
    """What stands behind `--registry` in the commands of a page, fit for a shell; `REPOSITORY` where it is not told."""
    return shlex.quote(about.table.git) if about.table.git else "REPOSITORY"


def form(about: About) -> str:
    """The address of the form in which a release is handed in; empty where the repository is on no forge with one."""
    found = _ON_GITHUB.fullmatch(about.table.git)
    query = urlencode({"template": _FORM, "tag": "v1.0.0"})
    return f"https://github.com/{found[1]}/issues/new?{query}" if found else ""


def way(kind: Kind | None, about: About) -> Way:
    """How `kind` is published here."""
    if kind is None:
        return Way("", "", "", (), (), ())
    example = _EXAMPLE.format(kind=kind.id)
    demo = " --demo" if about.demonstration else ""
    return Way(
        kind.id,
        f"registry publish my-{kind.id} --as you --registry {repository(about)}{demo}",
        f"registry {kind.id} create {example} my-{kind.id}",
        kind.native,
        tuple(sorted(kind.template(parse_artifact(example)))),
        tuple((rule.accepts[0], kind.grammar.explain(rule.accepts[0]) or "") for rule in kind.grammar.rules),
    )


def _index(about: About) -> bytes:
    links = [
        (Link(f"../submit/{row.id}/", line(row.name)), visible(row.icon), line(row.description or row.name))
        for row in (one.row for one in about.categories)
    ]
    around = frame(about, "../", title="Publish", description="How to publish something here", path="submit/")
    return render("submit.html", frame=around, links=links, way=None)


def _page(about: About, category: Category, queue: bool) -> bytes:
    root, name = "../../", line(category.row.name)
    around = frame(
        about,
        root,
        title=f"Publish: {name}",
        description=f"How to publish here: {name}",
        current=category.row.id,
        path=f"submit/{category.row.id}/",
    )
    return render(
        "submit.html",
        frame=around,
        name=name,
        icon=visible(category.row.icon),
        category_href=f"{root}{category.row.id}/",
        description=line(category.row.description) if category.row.description else "",
        way=way(category.kind, about),
        told=bool(about.table.git),
        form=form(about),
        queue=queue,
        moderators=about.moderators,
    )
