"""README and the pages of documentation: what they tell people to type exists, and every page is reached."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from registry_tool.cli import registry
from registry_tool.core.schemas import schemas
from registry_tool.kinds import all_kinds
from registry_tool.site.documents import documentation
from registry_tool.site.templates import documents, static_file
from tests.site.listings import an_about
from tests.story import Machine
from tests.test_stock_tuf import served

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {
    "README.md": (ROOT / "README.md").read_text("utf-8"),
    **{f"docs/{name}.md": static_file(f"docs/{name}.md").decode("utf-8") for name in documents()},
}


def commands(text: str) -> list[str]:
    """Every call of the tool in `text`: in blocks of code, and in code within a line."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    inline = re.findall(r"`(registry [^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    called = [part for line in lines for part in re.findall(r"(?<![-\w])registry [a-z][^|)&>]*", line.split("  #")[0])]
    return [*called, *(" ".join(one.split()) for one in inline)]


def unknown_in(command: str) -> list[str]:
    """The words of `command` that the tool does not know: a verb, or an option."""
    try:
        words = shlex.split(command)[1:]
    except ValueError:  # half a line of shell, which ends inside a quote
        words = command.split()[1:]
    here: click.Command = registry
    context = click.Context(registry)
    wrong = []
    for word in words:
        if word == "--":
            break  # what comes is for a program
        if isinstance(here, click.Group) and word[:1].isalpha():
            found = here.get_command(context, word)
            if found is None and not word.isupper():
                return [word]
            here = found or here
        elif word.startswith("-") and not word.startswith("-permission:"):  # a word of a search
            known = {option for one in here.params for option in one.opts} | {"--help"}
            wrong += [word] if word.partition("=")[0] not in known else []
    return wrong


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_command_that_is_shown_exists(name: str) -> None:
    """Each verb and option that a text tells people to type is one of the tool's."""
    found = {one: unknown_in(one) for one in commands(TEXTS[name])}

    assert {} == {command: wrong for command, wrong in found.items() if wrong and "registry <kind>" not in command}


def test_a_text_with_a_verb_that_is_not_there_is_caught() -> None:
    """The test above sees wrong verbs and options, in blocks and in lines."""
    text = "```\nregistry fetch x\n```\nSay `registry install x --frozen`, or `registry keys forget`."

    assert [["fetch"], ["--frozen"], ["forget"]] == [unknown_in(one) for one in commands(text)]


def test_every_page_is_two_steps_from_every_page() -> None:
    """The foot of each page of a site leads to the list of documentation, and that to each page, by its title."""
    foot = static_file("base.html").decode("utf-8").partition("<footer>")[2]
    index = next(one.make().decode() for one in documentation(an_about()) if one.path == "about/index.html")
    links = dict(
        re.findall(r'href="\.\./about/([a-z]+)/">([^<]+)<', index.partition("<main")[2].partition("</main>")[0])
    )
    titles = {name: static_file(f"docs/{name}.md").decode("utf-8").partition("\n")[0] for name in documents()}

    assert 'href="{{ frame.root }}about/"' in foot
    assert {name: title.removeprefix("# ") for name, title in titles.items()} == links


@pytest.mark.parametrize("name", documents())
def test_a_page_links_to_pages_that_are_there(name: str) -> None:
    """Links within the site begin with its address and lead to a page that every site has, or to a schema."""
    linked = set(re.findall(r"\]\(\$URL([^)]+)\)", TEXTS[f"docs/{name}.md"]))
    there = {f"about/{one}/" for one in documents()} | {"advisories/", "permissions/", "submit/", "schemas/index.json"}
    there |= {"tags/", "hooks/", "authors/", "find/"}
    there |= {f"schemas/{one}" for one in schemas(all_kinds())} | {"advisories/feed.xml", "advisories/feed.json"}

    assert set() == linked - there


@pytest.mark.slow
def test_the_client_of_the_page_follows_a_site(tmp_path: Path) -> None:
    """The lines of Python that `verify.md` shows, with the stock library alone, read a file of a built site."""
    here = Machine(tmp_path, tmp_path / "home")
    here.do("registry init reg --name Example --yes")
    pinned = here.json("registry build --registry reg --out site --json")["registry"]
    block = TEXTS["docs/verify.md"].partition("import hashlib")[2].partition("```")[0]
    with served(tmp_path / "site") as site:
        script = ("import hashlib" + block).replace("$URL", site).replace("$ID", pinned)
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    assert (0, "") == (done.returncode, done.stderr)
    assert (tmp_path / "site/index/catalogue.json").read_bytes() == (tmp_path / done.stdout.strip()).read_bytes()
