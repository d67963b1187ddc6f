"""What people see: every page complete, honest and inert."""

import base64
import html
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.describe import read_card
from registry_tool.core.kind import Kind, Kinds
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.routes import FRAMES
from registry_tool.core.tables import CategoryRow, derived_categories, read_categories, table_bytes
from registry_tool.kinds import all_kinds
from registry_tool.stores.output import write_site
from tests.builders import RegistryInMemory, a_registry
from tests.sites import built, committed, files_of, named

README = b"# Solar\n\nWarm *colours*.\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"
ITEM = "themes/ann/solar/index.html"


def gallery(registry: RegistryInMemory, kinds: Kinds | None = None) -> dict[str, str]:
    """The pages of a registry's site, as text; what is only ever shown in a frame is none."""
    site = files_of(built(committed(registry.files), kinds=kinds).made)
    return {path: data.decode() for path, data in site.items() if path.endswith(".html") and f"/{path}" not in FRAMES}


def one_of_each(*, demo: bool = False) -> RegistryInMemory:
    """A registry with an artifact of every kind, made from the kind's own template."""
    registry = named(a_registry(demo=demo))
    for kind in all_kinds():
        artifact = f"@ann/{kind.id}-one"
        payload = kind.template(parse_artifact(artifact))
        registry.release(artifact, "1.0.0", payload, kind=kind.id, spec=spec_of(kind, payload))
    return registry


def spec_of(kind: Kind, payload: Payload) -> Mapping[str, Any]:
    """What the files of a kind say."""
    return kind.read(payload, read_card(payload)[0]).spec


def without_navigation(page: str) -> str:
    """What a page says apart from its navigation."""
    return re.sub(r"<nav.*?</nav>", "", page, flags=re.DOTALL)


def words_of(page: str) -> str:
    """A page as it reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_home_has_a_tab_for_every_category_with_its_count() -> None:
    """Every kind has a shelf on the home page, which leads to it and says how much is on it."""
    home = gallery(one_of_each())["index.html"]
    shelves = re.findall(r'<li class="shelf">\n<h3><a href="([a-z]+)/">.*?<span class="count">(\d+)</span>', home)

    assert [(kind.category, "1") for kind in all_kinds()] == shelves


def test_an_eighth_kind_needs_a_record_and_gets_its_tab() -> None:
    """A kind that has no row gets one from its record; one with a row is shown as the row says."""
    poem = replace(all_kinds()["theme"], id="poem", category="poems", title="Poems")
    kinds = Kinds.of([*all_kinds(), poem])
    registry = named(a_registry(demo=False)).release("@ann/ode", "1.0.0", {"README.md": b"O.\n"}, kind="poem")
    registry.files["index/categories.yaml"] = table_bytes({"categories": [{"id": "themes", "name": "Looks"}]})
    pages = gallery(registry, kinds)
    rows = read_categories(registry.files["index/categories.yaml"], kinds)

    assert "poems/ann/ode/index.html" in pages
    assert ("Poems" in words_of(pages["index.html"]), "Looks" in words_of(pages["index.html"])) == (True, True)
    assert ["themes", *(row.id for row in derived_categories(kinds) if row.id != "themes")] == [row.id for row in rows]


def test_an_item_page_says_everything_about_it() -> None:
    """Title, text, permissions in words and raw, versions, who let it in and when, manifest, install."""
    registry = named(a_registry(demo=False))
    files = {"SKILL.md": b"---\nname: links\ndescription: x\n---\n# Links\n\nFinds *them*.\n"}
    more = {"kind": "skill", "title": "Broken links", "permissions": ["network:api.example.org"], "tags": ["docs"]}
    registry.release("@ann/links", "1.0.0", files, **more)
    registry.release("@ann/links", "1.1.0", {**files, "b": b"2"}, **more)
    registry.event("@ann/links", "1.0.0", "yank")
    page = gallery(registry)["skills/ann/links/index.html"]
    said = words_of(page)
    explained = all_kinds()["skill"].grammar.explain("network:api.example.org") or "?"

    for expected in (
        ">Broken links</h1>",
        "Finds <em>them</em>.",
        "<code>network:api.example.org</code>",
        '<li id="v1.1.0">',
        '<li id="v1.0.0" class="gone">',
        "<code>registry install @ann/links</code>",
        f"registry add https://registry.example/ --root {registry.id}",
        registry.proof("@ann/links", "1.1.0").manifest.decode().replace('"', "&#34;"),
    ):
        assert expected in page
    for expected in (
        explained[1:],
        "Looked at and let in by mod on 2026-03-01.",
        "yank (broken)",
        "Yanked: new installs",
    ):
        assert expected in said
    assert "name: links" not in page.partition("<main")[2].partition("Inside")[0]


def test_asking_for_nothing_is_said_nicely() -> None:
    """A theme's page says that it asks for nothing, and lists no permission."""
    page = gallery(named(a_registry(demo=False)).release("@ann/solar", "1.0.0"))[ITEM]

    assert "It asks for nothing." in page
    assert '<ul class="permissions">' not in page


def test_the_shown_version_is_the_one_that_an_install_takes() -> None:
    """A pre-release and a yanked version do not stand for the artifact."""
    registry = named(a_registry(demo=False)).release("@ann/solar", "1.0.0")
    registry.release("@ann/solar", "1.1.0", {"theme.css": b"a"})
    registry.release("@ann/solar", "2.0.0-rc.1", {"theme.css": b"b"})
    registry.event("@ann/solar", "1.1.0", "yank")

    assert '@ann/solar <span class="version">1.0.0</span>' in gallery(registry)[ITEM]


def test_a_demonstration_says_so_on_every_page() -> None:
    """Every page of a demonstration carries the mark, no page of an earnest registry does."""
    marked = {path for path, page in gallery(one_of_each(demo=True)).items() if "A demonstration." in page}

    assert set(gallery(one_of_each(demo=True))) == marked
    assert [] == [path for path, page in gallery(one_of_each()).items() if "A demonstration." in page]


@pytest.mark.parametrize(
    "path", ["gadgets/", "gadgets/ann/gadget-one/", "blueprints/", "blueprints/ann/blueprint-one/"]
)
def test_gadgets_and_blueprints_are_called_by_their_names(path: str) -> None:
    """On their pages the words plugin, library and package do not occur, navigation apart (G15)."""
    page = gallery(one_of_each())[f"{path}index.html"]
    text = re.sub(r'<section class="prose readme".*?</section>', "", without_navigation(page), flags=re.DOTALL)

    assert [] == re.findall("plugin|library|package", text, re.IGNORECASE)


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'"
)
OWN_SCRIPT = (
    r'<script src="(?:/|(?:\.\./)*)(?:gallery\.js" defer|(?:search|assets/preview)\.js" type="module")></script>'
)


def test_no_page_can_load_or_run_anything_of_others() -> None:
    """Each page has the strict policy, the site's own scripts, and no inline one, style, handler or foreign address."""
    for path, page in gallery(one_of_each()).items():
        policy = POLICY + "; frame-src 'self'" * ("data-preview=" in page)
        assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page, path
        rest = re.sub(OWN_SCRIPT, "", page)
        assert [] == re.findall(r"<script|<iframe|<img|\sstyle=|\son[a-z]+=|<style", rest, re.IGNORECASE), path
        assert [] == re.findall(r'<link rel="(?!canonical)[^>]*href="(?:https?:)?//', page), path
        assert [] == re.findall(r'<form[^>]*action="(?!(?:/|(?:\.\./)*)find/")', page), path


HOSTILE = "</title><script>alert(1)</script>"


def test_hostile_text_is_only_text() -> None:
    """Markup in titles, descriptions, notes and tables is shown, never obeyed."""
    registry = a_registry(demo=False)
    registry.files["index/registry.yaml"] = table_bytes({"name": HOSTILE, "description": HOSTILE})
    registry.release("@ann/solar", "1.0.0", title=HOSTILE, description=HOSTILE)
    pages = gallery(registry)

    assert [] == [path for path, page in pages.items() if "<script>" in page]
    assert "&lt;script&gt;" in pages[ITEM]


def test_a_release_by_two_people_and_one_by_its_owner_are_told_apart() -> None:
    """The page says who approved, and when nobody had to look."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    registry.moderators({"mod": None, "eva": None}, gate=("gate",))
    registry.policy(count=2, new_name=2, gain=2, gate_releases="owner-updates")
    registry.publish("@ann/solar", "1.0.0")
    approvals = [registry.approve("@ann/solar", "1.0.0", by) for by in ("mod", "eva")]
    registry.admit("@ann/solar", "1.0.0", approvals=approvals)
    registry.publish("@ann/solar", "1.0.1", {"theme.css": b"b"})
    registry.admit("@ann/solar", "1.0.1", by=("gate",), path="owner", compared="1.0.0")
    said = words_of(gallery(named(registry))[ITEM])

    assert "Looked at and let in by eva and mod on 2026-03-01." in said
    assert "Let in on 2026-03-01 as its owner's update" in said


def test_the_commands_of_the_page_verify_the_release(tmp_path: Path) -> None:
    """Pasted into bash, the page's commands fetch the files and say OK three times, with no tool of ours."""
    registry = named(a_registry(demo=False), url="")
    registry.release("@ann/solar", "1.0.0", {"theme.css": b"a", "README.md": README})
    write_site(tmp_path, built(committed(registry.files)).made)
    page = (tmp_path / ITEM).read_text("utf-8")
    blocks = re.findall(r'<pre class="paste"[^>]*><code>(.*?)</code></pre>', page, re.DOTALL)
    script = "set -e\n" + "\n".join(html.unescape(block) for block in blocks)
    done = subprocess.run(["bash"], input=script, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (0, ["manifest.json: OK", "Signature Verified Successfully", "ann-solar-1.0.0.tar: OK"]) == (
        done.returncode,
        done.stdout.splitlines(),
    ), done.stderr
    assert 4 == len(blocks)


def test_the_commands_of_the_page_catch_another_manifest(tmp_path: Path) -> None:
    """A manifest with one byte changed fails its digest, and the signature where the digest is passed by."""
    registry = named(a_registry(demo=False), url="")
    registry.release("@ann/solar", "1.0.0")
    write_site(tmp_path, built(committed(registry.files)).made)
    page = (tmp_path / ITEM).read_text("utf-8")
    fetch, digest, signature = (
        html.unescape(block)
        for block in re.findall(r'<pre class="paste"[^>]*><code>(.*?)</code></pre>', page, re.DOTALL)[:3]
    )
    for check in (digest, signature):
        script = f"set -e\n{fetch}\necho >> manifest.json\n{check}"
        done = subprocess.run(["bash"], input=script, cwd=tmp_path, capture_output=True, text=True, check=False)

        assert done.returncode != 0


def test_a_page_with_everything_at_its_limit_is_made() -> None:
    """A title of emoji, 20 tags, many links and an unknown kind of permission still give a page."""

    def crowd(manifest: dict[str, object]) -> None:
        manifest["tags"] = sorted(f"tag-{number}" for number in range(20))
        manifest["links"] = {f"link {number}": f"https://example.org/{number}" for number in range(30)}
        manifest["requires"] = {"ggui": ">=1.0.0"}

    registry = named(a_registry(demo=False))
    permissions = ["something:unheard-of"]
    registry.release("@ann/solar", "1.0.0", title="🌞" * 100, permissions=permissions, change=crowd)
    page = gallery(registry)[ITEM]

    assert "Something that this registry&#39;s tool does not know" in page
    assert "https://example.org/29" in page
    assert "ggui &gt;=1.0.0" in page


def test_a_kind_that_the_tool_does_not_know_has_no_page() -> None:
    """An artifact of an unknown kind is in the catalogue and on no shelf; the rest of the gallery is made."""
    registry = named(a_registry(demo=False)).release("@ann/ode", "1.0.0", {"a": b"b"}, kind="poem")
    registry.files["index/categories.yaml"] = table_bytes([{"id": "poems", "name": "Poems"}])
    site = files_of(built(committed(registry.files)).made)

    assert b"@ann/ode" in site["index/catalogue.json"]
    assert [] == [path for path in site if "/ode" in path and path.endswith(".html")]
    assert b"Nothing has been published here yet." in site["poems/index.html"]
    assert CategoryRow(id="poems", name="Poems") == read_categories(b"- {id: poems, name: Poems}", all_kinds())[0]


def test_readmes_are_found_in_any_spelling() -> None:
    """README.md is shown whatever its letters, and before SKILL.md."""
    registry = named(a_registry(demo=False))
    files = {"ReadMe.MD": PayloadFile(b"The readme."), "SKILL.md": PayloadFile(b"---\nname: x\n---\nThe skill.")}
    registry.release("@ann/links", "1.0.0", files, kind="skill")
    page = gallery(registry)["skills/ann/links/index.html"]

    assert ("The readme." in page, "The skill." in page) == (True, False)


def test_a_gadgets_module_lies_where_its_host_looks() -> None:
    """The ES module that spec names is published for every version that may be installed."""
    registry = named(a_registry(demo=False))
    gadget = all_kinds()["gadget"]
    told = spec_of(gadget, gadget.template(parse_artifact("@ann/clock")))
    more = {"kind": "gadget", "spec": {**told, "entry": "index.js"}}
    registry.release("@ann/clock", "1.0.0", {"index.js": b"export default 1;\n"}, **more)
    registry.release("@ann/clock", "1.1.0", {"index.js": b"export default 2;\n"}, **more)
    registry.event("@ann/clock", "1.1.0", "revoke", by=("mod",))
    site = files_of(built(committed(registry.files)).made)

    assert {"bundles/public/@ann/clock/1.0.0/bundle.js": b"export default 1;\n"} == {
        path: data for path, data in site.items() if path.startswith("bundles/")
    }


def test_the_key_on_the_page_is_the_authors() -> None:
    """The key that the commands use is the one that signed, in DER as openssl reads it."""
    registry = named(a_registry(demo=False)).release("@ann/solar", "1.0.0")
    page = html.unescape(gallery(registry)[ITEM])
    key = base64.b64decode(re.findall("echo '([A-Za-z0-9+/=]+)' \\| base64 -d > author.der", page)[0])

    assert bytes(registry.hand("ann signing").key) == key[-32:]
