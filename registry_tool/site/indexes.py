"""The pages that lead to things by something else than their category: tags, hooks, permissions, authors.

/tags/         /tags/<tag>/              what carries a tag
/hooks/        /hooks/<hook>/            gadgets that export a hook or a component
/permissions/  /permissions/<group>/     what asks for something
/authors/      /authors/<id>/            what somebody published
/tags/-/all/<label>/                     where there are too many for one page, by their names
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from registry_tool.core.artifact_reviews import author_of
from registry_tool.core.index import About, Listing, Name, Planned, fact_key
from registry_tool.core.permissions import Grammar, group_of
from registry_tool.site.lists import Collection, Link, listed
from registry_tool.site.opinions import SHOWN
from registry_tool.site.people import author_page
from registry_tool.site.shelves import shelves
from registry_tool.site.shown import Entry, groups
from registry_tool.site.templates import render
from registry_tool.site.views import frame
from registry_tool.site.words import counted, line

WORDS: Final = 400
"""On one page of an index; where there are more, the page shows the most used, and shelves hold all."""
MOST_USED: Final = 100
REVIEWERS: Final = "reviewers"
"""The id under which `Listing.facts` has what `reviewers` tells."""

_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
"""What can be a part of an address; tags and authors always are."""


@dataclass(frozen=True, slots=True)
class WordLine:
    """One tag, hook or author in an index."""

    href: str
    text: str
    count: int
    more: str = ""
    """What else is known of it."""
    verified: bool | None = None
    """Whether an author is; `None` where the question does not arise."""


@dataclass(frozen=True, slots=True)
class Index:
    """One of these indexes."""

    base: str
    title: str
    intro: str
    noun: tuple[str, str]
    lines: Sequence[WordLine]
    """Sorted by their texts; each `href` is a part of an address."""


def safe(word: str) -> bool:
    """Whether a word has a page: whether it can be a part of an address as it is."""
    return _SAFE.fullmatch(word) is not None


def tags(listing: Listing, shown: Sequence[Entry]) -> Iterable[Planned]:
    """Every tag."""
    found = groups(shown, lambda entry: [tag for tag in entry.row.tags if safe(tag)])
    intro = "Authors give them to what they publish."
    yield from _index(listing.about, Index("tags/", "Tags", intro, ("tag", "tags"), _lines(found)))
    for tag, members in found.items():
        yield from listed(listing.about, _collection(listing, members, tag, of="tags/", noun="Tag", filtered="tag"))


def hooks(listing: Listing, shown: Sequence[Entry]) -> Iterable[Planned]:
    """Every hook and component that gadgets export."""
    found = groups(shown, lambda entry: [hook for hook in dict.fromkeys(entry.row.hooks) if safe(hook)])
    intro = "What gadgets give to the interfaces that use them."
    title = "Hooks and components"
    yield from _index(listing.about, Index("hooks/", title, intro, ("name", "names"), _lines(found)))
    for hook, members in found.items():
        one = _collection(listing, members, hook, of="hooks/", noun="Hook or component", filtered="hook")
        yield from listed(listing.about, one)


def _collection(
    listing: Listing, members: Sequence[Entry], word: str, *, of: str, noun: str, filtered: str, intro: str = ""
) -> Collection:
    return Collection(
        f"{of}{word}/",
        members,
        word,
        noun,
        up=of,
        intro=intro,
        counted=listing.counts is not None,
        within=(filtered, word),
    )


def _lines(found: Mapping[str, Sequence[Entry]]) -> list[WordLine]:
    return [WordLine(f"{word}/", word, len(members)) for word, members in found.items()]


def _index(about: About, index: Index) -> Iterable[Planned]:
    """The page of an index; where there are many lines, also its shelves."""
    if len(index.lines) <= WORDS:
        yield _index_page(about, index, index.base, index.lines, (), "")
        return
    cut = shelves(index.lines, WORDS, name=lambda one: one.href.removesuffix("/"))
    marks = [(shelf.label, shelf.words) for shelf in cut]
    most = sorted(index.lines, key=lambda one: (-one.count, one.href))[:MOST_USED]
    yield _index_page(about, index, index.base, sorted(most, key=lambda one: one.href), marks, "")
    for shelf in cut:
        yield _index_page(about, index, f"{index.base}-/all/{shelf.label}/", shelf.rows, (), shelf.words)


def _index_page(
    about: About, index: Index, path: str, lines: Sequence[WordLine], marks: Sequence[tuple[str, str]], part: str
) -> Planned:
    root = "../" * path.count("/")
    whole = not part

    def make() -> bytes:
        around = frame(
            about,
            root,
            title=f"{index.title}, {part}" if part else index.title,
            description=index.intro,
            path=path if whole else None,
        )
        return render(
            "words.html",
            frame=around,
            title=index.title,
            up="" if whole else f"{root}{index.base}",
            part=part,
            intro=index.intro,
            count=counted(len(index.lines), *index.noun) if whole else "",
            lines=[(f"{root}{index.base}{one.href}", one) for one in lines],
            marks=[Link(f"{root}{index.base}-/all/{label}/", words) for label, words in marks],
        )

    shown = [len(index.lines) if whole else 0, marks, [[one.href, one.text, one.count, one.more] for one in lines]]
    return Planned(f"{path}index.html", fact_key([shown, [one.verified for one in lines]]), make)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One form of permission."""

    example: str
    words: str
    kinds: tuple[str, ...]
    """The tabs of the kinds that can ask for it."""


@dataclass(frozen=True, slots=True)
class Group:
    """All permissions that begin alike."""

    id: str
    href: str
    meanings: tuple[Meaning, ...]
    count: int


def meanings(about: About) -> dict[str, tuple[Meaning, ...]]:
    """What the kinds of this registry can be granted, by group, sorted; in their order within it."""
    found: dict[str, dict[tuple[str, str], list[str]]] = {}
    for category in about.categories:
        grammar = category.kind.grammar if category.kind else Grammar()
        for rule in grammar.rules:
            example = rule.accepts[0]
            group = found.setdefault(group_of(example), {})
            group.setdefault((example, grammar.explain(example) or ""), []).append(line(category.row.name))
    return {
        group: tuple(Meaning(example, words, tuple(kinds)) for (example, words), kinds in found[group].items())
        for group in sorted(found)
    }


def permissions(listing: Listing, shown: Sequence[Entry]) -> Iterable[Planned]:
    """Every group of permissions: those that can be asked for, and those that something asks for."""
    about, known = listing.about, meanings(listing.about)
    found = groups(shown, _groups_of)
    every = sorted(known.keys() | found.keys())
    told = [Group(one, f"{one}/", known.get(one, ()), len(found.get(one, ()))) for one in every]
    key = fact_key([[one.id, one.count] for one in told])
    yield Planned("permissions/index.html", key, partial(_groups, about, told))
    for one in told:
        first = one.meanings[0] if one.meanings else None
        example = f"For example {first.example}: {first.words}." if first else "This tool does not know what it means."
        intro = f"What asks for something that begins with “{one.id}”. {example}"
        members = found.get(one.id, [])
        of = "permissions/"
        made = _collection(listing, members, one.id, of=of, noun="Permission", filtered="permission", intro=intro)
        yield from listed(about, made)


def _groups_of(entry: Entry) -> list[str]:
    """What it asks for, by group, each once."""
    return [one for one in dict.fromkeys(group_of(raw) for raw in entry.row.permissions) if safe(one)]


def _groups(about: About, told: Sequence[Group]) -> bytes:
    around = frame(
        about,
        "../",
        title="Permissions",
        description="What can be asked for here, in words, and what asks for it",
        path="permissions/",
    )
    return render("permissions.html", frame=around, groups=told)


def reviewers(name: Name, about: About) -> list[str] | None:
    """Who wrote the reviews on an artifact's page, which leads to their pages; for `Listing.facts`."""
    del about
    return sorted({author_of(one) for one in name.reviews[:SHOWN]}) or None


def authors(listing: Listing, shown: Sequence[Entry]) -> Iterable[Planned]:
    """Everybody who published something, has a profile, or wrote a review that a page shows."""
    found = groups(shown, lambda entry: (entry.row.author,))
    wrote = {author for told in listing.facts.get(REVIEWERS, {}).values() for author in told}
    everybody = sorted(found.keys() | listing.authors.keys() | wrote)
    verified = {author for author, members in found.items() if members[0].row.author_verified}
    verified |= {author for author, told in listing.authors.items() if told.get("verified")}
    lines = [
        WordLine(
            f"{author}/",
            author,
            len(found.get(author, ())),
            line(str(listing.authors[author]["name"])) if author in listing.authors else "",
            author in verified,
        )
        for author in everybody
    ]
    intro = "Who published or reviewed something here. “Verified” says that a moderator looked who somebody is."
    yield from _index(listing.about, Index("authors/", "Authors", intro, ("author", "authors"), lines))
    for author in everybody:
        told = dict(listing.authors.get(author, {}))
        one = Collection(
            base=f"authors/{author}/",
            entries=found.get(author, ()),
            title=author,
            kicker="Author",
            up="authors/",
            intro=f"What {author} published.",
            counted=listing.counts is not None,
            template="author.html",
            first=partial(_first, author, told),
            key=fact_key(told) if told else "",
            within=("author", author),
        )
        yield from listed(listing.about, one)


def _first(author: str, told: Mapping[str, Any], root: str) -> dict[str, Any]:  # Any: JSON, and parts of a template
    del root
    return {"page": author_page(author, told)}
