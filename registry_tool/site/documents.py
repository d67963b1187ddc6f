"""The pages of documentation: Markdown of `site_templates/docs`, with what only this registry can fill in.

$URL $ID $DEMO     the registry's address and id, and `--demo` for a demonstration
$KINDS             the names of its categories
$KINDTABLE         what can be published, $GRANTTABLE what it can ask for, $INSTALLTABLE where it goes
$UNTIL             until when the operator's signatures are good
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Final

from registry_tool.core.index import About, Planned
from registry_tool.core.kind import Kind
from registry_tool.site.markdown import to_html
from registry_tool.site.templates import documents, render, static_file
from registry_tool.site.views import frame
from registry_tool.site.words import line

READERS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("If you use it", ("consumer", "isolation", "rules", "lifecycle", "verify", "thefts", "attacks")),
    ("If you publish", ("author", "kinds", "making", "checks", "keyless")),
    ("If you decide what gets in", ("moderator",)),
    ("If you run a registry, or a copy of one", ("operator", "hosting", "mirror")),
    ("If you write a program", ("formats", "feeds")),
)
"""Who reads which page; a page that stands nowhere comes last."""

_HERE: Final = "https://site.invalid/"
"""Stands for the site's root until the text is clean, which leaves no other addresses than the web's."""
_OWN_LINK: Final = re.compile(rf'href="{re.escape(_HERE)}([^"]*)"(?: rel="[^"]*")?')


def documentation(about: About) -> Iterable[Planned]:
    """All pages, and the one that leads to them."""
    yield Planned("about/index.html", "", partial(_index, about))
    for name in documents():
        yield Planned(f"about/{name}/index.html", "", partial(_page, about, name))


def title_of(name: str) -> str:
    """The heading of a page."""
    return static_file(f"docs/{name}.md").decode("utf-8").partition("\n")[0].removeprefix("# ").strip()


def by_reader() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The pages that there are, by who reads them."""
    there = documents()
    grouped = [(heading, tuple(name for name in names if name in there)) for heading, names in READERS]
    placed = {name for _, names in grouped for name in names}
    rest = tuple(name for name in there if name not in placed)
    return tuple((heading, names) for heading, names in (*grouped, ("And", rest)) if names)


def _index(about: About) -> bytes:
    around = frame(about, "../", title="Documentation", description="How everything works", path="about/")
    groups = [(heading, [(f"../about/{name}/", title_of(name)) for name in names]) for heading, names in by_reader()]
    return render("documents.html", frame=around, groups=groups)


def _page(about: About, name: str) -> bytes:
    title = title_of(name)
    _, _, rest = static_file(f"docs/{name}.md").decode("utf-8").partition("\n")
    around = frame(about, "../../", title=title, description=title, path=f"about/{name}/")
    return render("document.html", frame=around, title=title, text=html_of(rest, about, root="../../"))


def html_of(text: str, about: About, *, root: str) -> str:
    """A text of ours as HTML on a page that lies `root` below; its links within the site go from page to page."""
    text = text.replace("]($URL", f"]({_HERE}")
    for word, value in _filled(about).items():
        text = text.replace(word, value)
    return _OWN_LINK.sub(lambda match: f'href="{root}{match[1]}"', _rendered(text))


@lru_cache(maxsize=64)
def _rendered(text: str) -> str:
    """A page of ours as HTML: who builds again in one process asks for the same ones."""
    return to_html(text, levels_down=0)


def _filled(about: About) -> Mapping[str, str]:
    kinds = [one.kind for one in about.categories if one.kind is not None]
    return {
        "$KINDTABLE": _kind_table(about),
        "$GRANTTABLE": _grant_table(kinds),
        "$INSTALLTABLE": _install_table(about),
        "$URL": about.table.url or "ADDRESS",
        "$ID": about.id,
        "$UNTIL": "\n".join(f"- {role}: {time}" for role, time in about.until),
        "$DEMO": " --demo" if about.demonstration else "",
        "$KINDS": ", ".join(line(one.row.name).lower() for one in about.categories),
    }


def _kind_table(about: About) -> str:
    rows = [
        f"| {one.kind.id} | [{_cell(one.row.name)}]({_HERE}{one.row.id}/) | {_cell(one.kind.summary)} "
        f"| {', '.join(f'`{name}`' for name in one.kind.native) or '`artifact.yaml`'} |"
        for one in about.categories
        if one.kind is not None
    ]
    return "\n".join(["| kind | tab | what it is | it is told by |", "| --- | --- | --- | --- |", *rows])


def _grant_table(kinds: Iterable[Kind]) -> str:
    rows = []
    for kind in kinds:
        rows += [f"| {kind.id} | `{rule.accepts[0]}` | {_cell(kind.grammar.explain(rule.accepts[0]) or '')} |"
                 for rule in kind.grammar.rules] or [f"| {kind.id} |  | nothing, ever |"]  # fmt: skip
    return "\n".join(["| kind | for example | it may then |", "| --- | --- | --- |", *rows])


def _install_table(about: About) -> str:
    rows = [
        f"| {one.kind.id} | `{_cell(one.row.target or one.kind.target)}` "
        f"| `registry {one.kind.id} install @scope/name` | `registry {one.kind.id} uninstall @scope/name` |"
        for one in about.categories
        if one.kind is not None
    ]
    return "\n".join(["| kind | it goes to | put it there | take it away |", "| --- | --- | --- | --- |", *rows])


def _cell(text: str) -> str:
    return line(text).replace("|", "\\|")
