"""The table of routes (`core/routes.py`) for hosts that read `_redirects` and `_headers`: Netlify, Cloudflare Pages.

One file serves both, so it says only what is right with either. They differ in this:

                              Netlify                          Cloudflare Pages
    a rule whose path         is not followed, the file is     is followed all the same
    is a file                 given
    status 410                gives the file with 410          passes over the line
    how many                  about 10,000                     2,000 without and 100 with `:name` or `*`, those last

So a rule here never matches the file that it names, nor a file at all: where the table's rule would (an item's
address is like the address of its file), there is a line for each item instead. A registry that has more items than
lines are allowed gets the rule with a placeholder: right on Netlify, where files come first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from registry_tool.core import routes
from registry_tool.core.routes import Rule

STATIC: Final = 2000
"""Lines without a placeholder that Cloudflare Pages takes."""
_POLICY: Final = "Content-Security-Policy"
_HEAD: Final = "# Made by `registry build` from one table of routes; it lies at the top of what is deployed.\n"


def redirects(
    base: str,
    moved: Mapping[str, str],
    items: Iterable[tuple[str, str]],
    gone: Iterable[tuple[str, str]],
    skills: Iterable[str],
) -> bytes:
    """`_redirects` for a site whose paths begin with `base`.

    `moved` are the registry's own old addresses; `items` are category and slug of each item, `skills` the slugs of
    those that the old marketplace could have; `gone` are kind and path (`/pkg/…`) of what was yanked.
    """
    fixed, each = list(_static(moved, gone)), list(_each(moved, items, skills))
    if len(fixed) + len(each) <= STATIC:
        head, told = _HEAD, [*fixed, *each, *_dynamic()]
    else:
        head, told = _HEAD + _MANY, [*fixed[:STATIC], *_dynamic(), *_ANY]
    return (head + "".join(f"{base}{path} {base}{to} {status}\n" for path, to, status in told)).encode()


def _static(moved: Mapping[str, str], gone: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, int]]:
    yield routes.OLD, routes.ITEMS, 301
    yield from ((old, new, 301) for old, new in sorted(moved.items()))
    for rule in routes.RULES:
        if "{" not in rule.path:
            yield rule.path, rule.to[-1], 200  # the list of all: pages need the query
    for kind, path in sorted(gone):
        for base in ("", f"/ggui/{kind}"):
            yield routes.location(base + path), routes.location(f"/gone{path}"), 410


def _each(
    moved: Mapping[str, str], items: Iterable[tuple[str, str]], skills: Iterable[str]
) -> Iterator[tuple[str, str, int]]:
    """A line for each item."""
    for category, slug in sorted(items):
        yield f"{_ITEMS}/{category}/items/{slug}", f"{_ITEMS}/{category}/items/{slug}.json", 200
    for slug in sorted(skills):
        if f"{routes.OLD}/{slug}" not in moved:
            yield f"{routes.OLD}/{slug}", f"{routes.ITEMS}/{slug}", 301


_ITEMS: Final = "/api/v1/marketplace"
_ANY: Final = (
    (f"{_ITEMS}/:category/items/:slug", f"{_ITEMS}/:category/items/:slug.json", 200),
    (f"{routes.OLD}/:slug", f"{routes.ITEMS}/:slug", 301),
)
_MANY: Final = "# Too many items for a line each: on a host that applies rules to files too, theirs are not found.\n"


def _dynamic() -> Iterator[tuple[str, str, int]]:
    """The rules whose files they do not match themselves, in the spelling of these hosts."""
    for rule in routes.RULES:
        for path, to in _spelled(rule):
            if "{" in path and path != to and not _matches(path, to):
                yield _colons(path), _colons(to), 200


def _spelled(rule: Rule) -> Iterator[tuple[str, str]]:
    """A rule with and without the `@`, and with a native name in one part, as an encoded `/` keeps it."""
    to = rule.to[-1]
    yield rule.path.replace("{@", "@{"), to
    if "{@" in rule.path:
        yield rule.path.replace("{@", "{"), to
    if "{namespace}/{server}" in rule.path:
        one = "{namespace}/{server}", "{server}"
        yield rule.path.replace(*one), to.replace(*one)


def _matches(path: str, to: str) -> bool:
    """Whether a rule, as these hosts read it, matches its own target."""
    return re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", path.replace(".", "[.]")), to) is not None


def _colons(path: str) -> str:
    return re.sub(r"\{([a-z]+)\}", r":\1", path)


def headers(base: str, feeds: Sequence[str]) -> bytes:
    """`_headers`, likewise. No header is said twice for one path: these hosts would join the two values.

    So the policy is what pages and frames share; each document says its own besides. Both let everything be asked
    for again by themselves, and know the types of common extensions.
    """
    everywhere = {**routes.EVERYWHERE, _POLICY: routes.JOINED}
    rules: list[tuple[str, dict[str, str]]] = [("/*", everywhere)]
    framed = {name: value for name, value in routes.FRAMED.items() if name not in routes.EVERYWHERE}
    rules += [(path, framed) for path in routes.FRAMES]
    rules += [(f"/tuf/{digit}*", {"Cache-Control": routes.FOREVER}) for digit in range(1, 10)]
    for place in routes.PLACES:
        below = place.at + ("*" if place.at.endswith("/") else "")
        said = {"Cache-Control": routes.FOREVER} if place.at == "/objects/" else {}
        if place.types:
            rules += [
                (f"{below}.{end}", {"Content-Type": routes.said(kind)}) for end, kind in sorted(place.types.items())
            ]
        elif not place.at.startswith("/_"):
            rules.append((below, {"Content-Type": routes.said(place.default), **said}))
    ends = sorted(routes.FEED_TYPES.items())
    rules += [(f"{path}.{end}", {"Content-Type": routes.said(kind)}) for path in feeds for end, kind in ends]
    lines = (
        f"{base}{path}\n" + "".join(f"  {name}: {value}\n" for name, value in said.items()) for path, said in rules
    )
    return (_HEAD + "".join(lines)).encode()
