"""What each page shows, as frozen values: templates hold no logic beyond lists and ifs.

All text in here is visible already (`words.visible`); only `html` of a text and nothing else is markup.
"""

from dataclasses import dataclass

from registry_tool.core.index import About, Category, EventNote, Name, Release
from registry_tool.core.reasons import reason_words
from registry_tool.core.release import CatalogueRow
from registry_tool.site.verify import Step, steps
from registry_tool.site.words import counted, day, line, size, visible

STATUS_WORDS = {
    "active": "active",
    "deprecated": "deprecated: it works, and its author advises something else",
    "yanked": "yanked: new installs do not take it",
    "quarantined": "in quarantine: a moderator is looking into it, nobody installs it",
    "revoked": "revoked: nobody should have it installed",
    "withheld": "withheld: its files are not published",
}
READMES = ("readme.md", "readme", "skill.md")


@dataclass(frozen=True, slots=True)
class Tab:
    """A link of the navigation."""

    href: str
    name: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it."""

    root: str
    """From the page back to the site's root: `../../`."""
    title: str
    description: str
    registry: str
    registry_id: str
    demonstration: bool
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """An artifact in a list."""

    href: str
    title: str
    artifact: str
    description: str
    version: str
    category: str
    asks: str
    updated: str
    status: str
    """Empty where it is active."""


@dataclass(frozen=True, slots=True)
class PermissionLine:
    """A permission in words, and as it stands in the manifest."""

    words: str
    raw: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One release in the list of versions."""

    version: str
    status: str
    words: str
    date: str
    admitted: str
    size: str
    digest: str
    object: str
    """Address of its manifest from the site's root."""
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Everything about one artifact."""

    frame: Frame
    title: str
    artifact: str
    category: str
    category_href: str
    icon: str
    version: str
    status: str
    status_words: str
    status_why: str
    """Reason and note of what gave it its status; empty where it is active."""
    description: str
    text: str
    """HTML, cleaned."""
    author: str
    author_href: str
    license: str
    tags: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    requires: tuple[str, ...]
    permissions: tuple[PermissionLine, ...]
    asks: str
    versions: tuple[VersionLine, ...]
    admitted: str
    note: str
    address: str
    files: tuple[tuple[str, str], ...]
    manifest: str
    install: str
    target: str
    add: str
    verify: tuple[Step, ...]


def frame(about: About, root: str, *, title: str, description: str, current: str = "") -> Frame:
    """What stands around a page that lies `root` below."""
    return Frame(
        root=root,
        title=line(title),
        description=line(description)[:300],
        registry=line(about.table.name),
        registry_id=about.id,
        demonstration=about.demonstration,
        tabs=tuple(
            Tab(f"{root}{one.row.id}/", line(one.row.name), visible(one.row.icon), one.row.id == current)
            for one in about.categories
        ),
    )


def card(row: CatalogueRow, category: str, root: str) -> Card:
    """An artifact in a list of a page that lies `root` below."""
    scope, _, name = row.artifact[1:].partition("/")
    return Card(
        href=f"{root}{category}/{scope}/{name}/",
        title=line(row.title),
        artifact=row.artifact,
        description=line(row.description),
        version=row.version,
        category=category,
        asks=counted(len(row.permissions), "permission", "permissions") if row.permissions else "asks for nothing",
        updated=day(row.updated),
        status="" if row.status == "active" else row.status,
    )


def item(name: Name, category: Category, about: About) -> ItemPage:
    """The page of one artifact; what it says of a release is of `name.shown`."""
    shown, root = name.shown, "../../../"
    manifest = shown.manifest
    current = manifest.artifact
    url = about.table.url
    demo = " --demo" if about.demonstration else ""
    return ItemPage(
        frame=frame(about, root, title=manifest.title, description=manifest.description, current=category.row.id),
        title=line(manifest.title),
        artifact=current,
        category=line(category.row.name),
        category_href=f"{root}{category.row.id}/",
        icon=visible(category.row.icon),
        version=manifest.version,
        status=shown.status,
        status_words=STATUS_WORDS[shown.status],
        status_why=why(shown),
        description=visible(manifest.description),
        text=readme(shown),
        author=manifest.author,
        author_href=f"{root}authors/{manifest.author}/",
        license=line(manifest.license),
        tags=manifest.tags,
        links=tuple((line(word), link) for word, link in sorted(manifest.links.items())),
        requires=tuple(f"{line(host)} {line(wanted)}" for host, wanted in sorted(manifest.requires.items())),
        permissions=tuple(permission(one, category) for one in manifest.permissions),
        asks=counted(len(manifest.permissions), "permission", "permissions"),
        versions=tuple(version_line(one, root) for one in name.releases),
        admitted=admitted_words(shown),
        note=visible(str(shown.admitted["note"])),
        address=shown.digest,
        files=tuple((visible(file.path), size(file.size)) for file in manifest.files[:200]),
        manifest=visible(shown.proof.manifest.decode("utf-8")),
        install=f"registry install {current}",
        target=line(category.row.target) if category.row.target else "",
        add=f"registry add {url} --root {about.id}{demo}" if url else "",
        verify=steps(shown, url=url),
    )


def permission(raw: str, category: Category) -> PermissionLine:
    """A permission in the words of its kind."""
    words = category.kind.grammar.explain(raw) if category.kind else None
    text = words or "something that this registry's tool does not know"
    return PermissionLine(visible(text[:1].upper() + text[1:]), visible(raw))


def version_line(release: Release, root: str) -> VersionLine:
    """One row of the list of versions."""
    return VersionLine(
        version=release.manifest.version,
        status=release.status,
        words=STATUS_WORDS[release.status],
        date=day(str(release.admitted["at"])),
        admitted=admitted_words(release),
        size=size(release.manifest.bundle.size),
        digest=release.digest,
        object=f"{root}objects/sha256/{release.digest[:2]}/{release.digest}",
        events=tuple(event_words(event) for event in release.events),
    )


def admitted_words(release: Release) -> str:
    """Who let a release in, and how, in one sentence."""
    facts = release.admitted
    when = day(str(facts["at"]))
    if facts["path"] == "owner":
        return f"Let in on {when} as its owner's update: it asks for nothing that was not granted before."
    people = [str(person) for person in facts["approved_by"]] or [str(facts["by"])]
    who = ", ".join(people[:-1]) + (" and " if len(people) > 1 else "") + people[-1]
    gained = f" It newly asked for: {visible(', '.join(release.gained))}." if release.gained else ""
    return f"Looked at and let in by {who} on {when}.{gained}"


def why(release: Release) -> str:
    """Why a release is not active, in a sentence of ours and the words of who said it; empty where it is."""
    if release.status == "active":
        return ""
    if release.standing is None:
        return "Whoever signed it was taken back, and everything since with it."
    return event_words(release.standing)


def event_words(event: EventNote) -> str:
    """What became of a release, in one sentence."""
    return f"{day(event.at)} {event.action} ({event.reason}): {reason_and_note(event.action, event.reason, event.note)}"


def reason_and_note(action: str, reason: str, note: str) -> str:
    """The reason as a sentence of ours, and the note in quotes."""
    return visible(reason_words(action, reason)) + (f" “{line(note)}”" if note else "")


def readme(release: Release) -> str:
    """The text that the author wrote about it, as clean HTML; empty where there is none."""
    from registry_tool.site.markdown import body, to_html

    by_name = {path.lower(): path for path in sorted(release.payload, reverse=True) if "/" not in path}
    for wanted in READMES:
        if wanted in by_name:
            text = release.payload[by_name[wanted]].data.decode("utf-8", "replace")
            return to_html(body(text))
    return ""
