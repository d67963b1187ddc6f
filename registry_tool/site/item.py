"""The page of one artifact: everything about it in one place, complete without a script."""

from dataclasses import dataclass
from typing import Final

from registry_tool.core.index import About, Category, Name, Release
from registry_tool.core.payload import Files
from registry_tool.site.cards import installs_words
from registry_tool.site.item_clients import Command, first_time, install, others
from registry_tool.site.item_permissions import PermissionChange, PermissionLine, change, permission
from registry_tool.site.item_trust import Seals, Trust, seals, trust
from registry_tool.site.item_versions import Versions, admitted_words, older_pages, versions
from registry_tool.site.opinions import Opinions, opinions
from registry_tool.site.preview import Preview, preview, preview_files
from registry_tool.site.templates import render
from registry_tool.site.verify import Step, steps
from registry_tool.site.views import STATUS_WORDS, Frame, frame, why
from registry_tool.site.words import day, line, paragraphs, size, visible

READMES: Final = ("readme.md", "readme", "skill.md")
FILES: Final = 200
"""Listed on the page; the manifest has all."""
MANIFEST: Final = 20_000
"""Characters of the manifest that are shown; the whole is one link away."""
ROOT: Final = "../../../"


@dataclass(frozen=True, slots=True)
class Link:
    """A word that leads somewhere in the site."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Everything about one artifact; what it says of a release is of `name.shown`."""

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
    description: tuple[str, ...]
    """Paragraphs."""
    text: str
    """HTML, cleaned."""
    preview: Preview | None
    """`None` where a browser can show nothing of it."""
    author: str
    author_href: str
    license: str
    published: str
    updated: str
    tags: tuple[Link, ...]
    hooks: tuple[Link, ...]
    links: tuple[tuple[str, str], ...]
    requires: tuple[str, ...]
    dependencies: tuple[str, ...]
    permissions: tuple[PermissionLine, ...]
    change: PermissionChange | None
    """Since the version before; `None` where there is none."""
    versions: Versions
    admitted: str
    files: tuple[tuple[str, str], ...]
    files_left: int
    manifest: str
    manifest_cut: bool
    install: tuple[Command, ...]
    """Empty where nobody may install it."""
    others: tuple[Command, ...]
    target: str
    add: str
    verify: tuple[Step, ...]
    installs: str
    counted: bool
    """Whether somebody counted: then the exact number is in the site's live counts."""
    badge: str
    """Markdown of a picture with a link; empty where the site has no address."""
    seals: Seals
    opinions: Opinions
    trust: Trust


def item_page(name: Name, about: About) -> Files:
    """The pages of one artifact; none where its kind has no tab."""
    category = about.category_of(name.kind)
    if category is None:
        return {}
    folder = f"{category.row.id}/{name.artifact.scope}/{name.artifact.name}/"
    page = render("item.html", page=item(name, category, about, folder))
    shown = preview_files(name.shown, category.kind, folder)
    return {f"{folder}index.html": page, **shown, **older_pages(name, category, about, folder)}


def item(name: Name, category: Category, about: About, folder: str) -> ItemPage:
    """The page of one artifact, which lies in `folder`."""
    shown, row = name.shown, name.row()
    manifest, kind = shown.manifest, category.kind
    text = visible(shown.proof.manifest[: 4 * MANIFEST].decode("utf-8", "replace"))
    return ItemPage(
        frame=frame(
            about,
            ROOT,
            title=manifest.title,
            description=manifest.description,
            current=category.row.id,
            path=folder,
            feed="feed.xml",
        ),
        title=line(manifest.title),
        artifact=manifest.artifact,
        category=line(category.row.name),
        category_href=f"{ROOT}{category.row.id}/",
        icon=visible(category.row.icon),
        version=manifest.version,
        status=shown.status,
        status_words=STATUS_WORDS[shown.status],
        status_why=why(shown),
        description=paragraphs(manifest.description),
        text=readme(shown),
        preview=preview(shown, kind),
        author=manifest.author,
        author_href=f"{ROOT}authors/{manifest.author}/",
        license=line(manifest.license),
        published=day(row.published),
        updated=day(row.updated),
        tags=tuple(Link(tag, f"{ROOT}tags/{tag}/") for tag in manifest.tags),
        hooks=tuple(Link(visible(hook), f"{ROOT}hooks/{hook}/") for hook in row.hooks),
        links=tuple((line(word), link) for word, link in sorted(manifest.links.items())),
        requires=tuple(f"{line(host)} {line(wanted)}" for host, wanted in sorted(manifest.requires.items())),
        dependencies=tuple(f"{one} {line(wanted)}" for one, wanted in sorted(manifest.dependencies.items())),
        permissions=tuple(permission(one, category, ROOT) for one in manifest.permissions),
        change=change(shown, name.releases, category, ROOT),
        versions=versions(name, category, ROOT),
        admitted=admitted_words(shown, kind),
        files=tuple((visible(file.path), size(file.size)) for file in manifest.files[:FILES]),
        files_left=max(0, len(manifest.files) - FILES),
        manifest=text[:MANIFEST],
        manifest_cut=len(text) > MANIFEST,
        install=install(shown),
        others=others(shown, category, about, folder),
        target=line(category.row.target) if category.row.target else "",
        add=first_time(about),
        verify=steps(shown, url=about.table.url),
        installs=installs_words(name.installs),
        counted=name.installs is not None,
        badge=badge(name, about.table.url, folder),
        seals=seals(name),
        opinions=opinions(name, ROOT),
        trust=trust(name, ROOT),
    )


def badge(name: Name, url: str, folder: str) -> str:
    """A badge for other people's pages, as Markdown."""
    one = name.artifact
    return f"[![{one}]({url}badges/{one.scope}/{one.name}.svg)]({url}{folder})" if url else ""


def readme(release: Release) -> str:
    """The text that the author wrote about it, as clean HTML; empty where there is none."""
    from registry_tool.site.markdown import body, to_html

    by_name = {path.lower(): path for path in sorted(release.payload, reverse=True) if "/" not in path}
    for wanted in READMES:
        if wanted in by_name:
            text = release.payload[by_name[wanted]].data.decode("utf-8", "replace")
            return to_html(body(text))
    return ""
