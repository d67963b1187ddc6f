"""How to publish: one command for each kind that works, and the form where the repository has one."""

import html
import re
import shlex
from pathlib import Path

import pytest
import yaml

from registry_tool.core.tables import RegistryTable
from registry_tool.core.waiting import Queue
from registry_tool.forges.github_files import files_for
from registry_tool.kinds import all_kinds
from registry_tool.site.submit import form, repository
from tests.queues import typical
from tests.site.listings import ID, a_listing, an_about, made
from tests.story import Machine


def page(kind: str, *, queue: Queue | None = None, **table: str) -> str:
    """The page of a kind's category."""
    category = all_kinds()[kind].category
    return made(a_listing([], an_about(**table), queue=queue), "submit/")[f"submit/{category}/index.html"]


def commands(text: str) -> list[str]:
    """The commands of a page."""
    return [html.unescape(one) for one in re.findall(r'aria-label="Command to [a-z]+"><code>(.*?)</code>', text)]


@pytest.mark.slow
def test_the_commands_of_the_pages_work_as_they_stand(tmp_path: Path) -> None:
    """What each page says to type makes a folder, and publishes it."""
    here = Machine(tmp_path, tmp_path / "home")
    here.do("registry init reg --name Example --yes")
    for kind in all_kinds():
        publish, create = commands(page(kind.id, git="reg"))
        here.do(create)
        here.do(f"{publish} --yes")
    waiting = here.json("registry queue list --registry reg --json")

    assert sorted(f"@you/my-{kind.id}@1.0.0" for kind in all_kinds()) == sorted(
        f"{one['artifact']}@{one['version']}" for submission in waiting for one in submission["releases"]
    )


@pytest.mark.parametrize("kind", [kind.id for kind in all_kinds()])
def test_the_page_says_what_the_kind_needs_and_may_ask_for(kind: str) -> None:
    """Its native files, the files of its template, and each permission with its meaning."""
    record, text = all_kinds()[kind], page(kind)

    assert [] == [name for name in record.native if f"<code>{name}</code>" not in text]
    assert [] == [rule.accepts[0] for rule in record.grammar.rules if html.escape(rule.accepts[0]) not in text]
    assert ("granted no permission, ever" in text) == (not record.grammar.rules)


def test_the_page_of_gadgets_and_blueprints_uses_their_names() -> None:
    """The words plugin, library and package do not occur where gadgets and blueprints are published."""
    for kind in ("gadget", "blueprint"):
        text = re.sub(r"<nav.*?</nav>", "", page(kind), flags=re.DOTALL).lower()

        assert [] == [word for word in ("plugin", "library", "package") if word in text]


@pytest.mark.parametrize(
    ("git", "expected"),
    [
        ("https://github.com/acme/reg.git", "acme/reg"),
        ("https://github.com/acme/reg", "acme/reg"),
        ("git@github.com:acme/my.reg.git", "acme/my.reg"),
        ("https://github.com/acme/reg/extra", ""),
        ("https://github.com.evil.example/acme/reg", ""),
        ("https://forge.example/acme/reg.git", ""),
        ('https://github.com/acme/reg"><script>', ""),
        ("", ""),
    ],
)
def test_the_form_is_offered_where_the_repository_has_one(git: str, expected: str) -> None:
    """Only for repositories on the forge that the form is for; what is none of its addresses makes no link."""
    address = form(an_about(git=git))

    assert (f"https://github.com/{expected}/issues/new?template=submit.yml&tag=v1.0.0" if expected else "") == address
    assert (html.escape(address) in page("skill", git=git)) is True
    assert ("fill in the form" in page("skill", git=git)) is bool(expected)


def test_the_form_has_the_fields_that_are_filled_in() -> None:
    """The template that `init --forge github` writes has the name and the field that the address speaks of."""
    text = files_for()[".github/ISSUE_TEMPLATE/submit.yml"]
    fields = {one.get("id") for one in yaml.safe_load(text)["body"]}

    assert {"repository", "tag"} <= fields


def test_an_address_is_one_word_of_the_command() -> None:
    """Whatever the operator wrote as the address, a shell reads one word, and runs nothing else."""
    git = "file:///x;touch$IFS/y&'\"`id`"
    about = an_about(git=git)

    assert [git] == shlex.split(repository(about))
    assert git == shlex.split(commands(page("skill", git=git))[0])[6]
    assert ("REPOSITORY", RegistryTable().git) == (repository(an_about()), "")


def test_the_queue_is_linked_where_there_is_one() -> None:
    """A build without a queue has no page of it."""
    assert ('href="../../queue/"' in without_foot(page("skill", queue=typical(ID)))) is True
    assert ('href="../../queue/"' in without_foot(page("skill"))) is False


def without_foot(text: str) -> str:
    """A page without what stands below all pages."""
    return text.partition("<footer")[0]
