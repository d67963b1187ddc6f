"""What the tool does with each status: the table of the documentation, cell by cell, played."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import NotTrusted, StateForbids
from registry_tool.core.reasons import REASONS
from registry_tool.core.release import Status
from registry_tool.core.status import GRAVEST_FIRST, TREATMENT
from registry_tool.core.trust import allow
from registry_tool.site.templates import static_file
from tests.bad_input.stage import Stage
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, SKILL, SKILL_SPEC, plugin_release
from tests.sites import built, committed, files_of, named

pytestmark = pytest.mark.slow

DOCUMENT = static_file("docs/lifecycle.md").decode()
STATUSES: tuple[Status, ...] = ("active", "deprecated", "yanked", "quarantined", "revoked", "withheld")
ACTIONS = {status: action for action, status in GRAVEST_FIRST}
NEW = f"{PDF}@1.1.0"
GADGET = "@ann/clock"


def table(header: str) -> dict[str, tuple[str, ...]]:
    """The rows of the table of the documentation that begins with `header`, by their first cell."""
    lines = DOCUMENT[DOCUMENT.index(header) :].partition("\n\n")[0].splitlines()[2:]
    rows = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]
    return {row[0]: row[1:] for row in rows}


TABLE = table("| | active |")


class Somebody(Stage):
    """A person who trusts a registry with `@ann/pdf` 1.0.0 and 1.1.0; the newer one gets a status."""

    def __init__(self, folder: Path, status: Status) -> None:
        super().__init__(folder)
        self.status = status
        self.registry = a_registry(demo=False)
        for version in ("1.0.0", "1.1.0"):
            content = {**SKILL, "version.md": version.encode()}  # else both had the same bundle
            self.registry.release(PDF, version, content, kind="skill", spec=SKILL_SPEC)
        plugin_release(self.registry)
        self.registry.release(
            GADGET, "1.0.0", {"gadget.mjs": b"export default 1;\n"}, kind="gadget", spec={"entry": "gadget.mjs"}
        )
        named(self.registry)
        self.run("add", self.put("reg", self.registry.files), "--root", self.registry.id)

    def said(self) -> None:
        """What becomes of the releases is said now."""
        if self.status != "active":
            for artifact, version in ((PDF, "1.1.0"), ("@ann/words", "1.0.0"), (GADGET, "1.0.0")):
                self.registry.event(artifact, version, ACTIONS[self.status])
        self.put("reg", self.registry.files)

    def has(self, wanted: str) -> None:
        """Installs while all is well, then the status is said."""
        assert 0 == self.call("install", wanted, "--yes").code
        self.said()

    def installed(self) -> str:
        """The version that is there."""
        return str(self.done("list")["installed"][0]["version"])

    def exits(self, *args: str) -> str:
        """The exit code of a verb, and whether it says why."""
        ended = self.call(*args)
        why = REASONS.get(ACTIONS.get(self.status, ""), {}).get("broken", "The reason given is 'broken'.")
        return f"exit {ended.code}" + (", says why" if f"broken. {why}" in ended.out + ended.err else "")


def takes(person: Somebody) -> str:
    return "takes it" if person.installed() == "1.1.0" else "passes it over"


def by_name(person: Somebody) -> str:
    person.said()
    assert 0 == person.call("install", PDF, "--yes").code
    return takes(person)


def updated(person: Somebody) -> str:
    person.has(f"{PDF}@1.0.0")
    assert 0 == person.call("update", "--yes").code
    return takes(person)


def searched(person: Somebody) -> str:
    person.said()
    return (
        "finds it"
        if "1.1.0" in {row["version"] for row in person.done("search", "pdf")["results"]}
        else ("passes it over")
    )


def locked(person: Somebody) -> str:
    person.has(NEW)
    lock = (person.work / "registry.lock.json").read_bytes()
    assert 0 == person.call("uninstall", PDF).code
    (person.work / "registry.lock.json").write_bytes(lock)
    ended = person.exits("install", "--yes")
    assert (person.work / ".agents").exists() == (ended == "exit 0")
    return ended


def exactly(*verb: str) -> Callable[[Somebody], str]:
    """A verb about the version, with nothing installed."""

    def play(person: Somebody) -> str:
        person.said()
        return person.exits(*verb, NEW, *(("--yes",) if verb == ("install",) else ()))

    return play


def with_it(*verb: str) -> Callable[[Somebody], str]:
    """A verb in a project that has the version."""

    def play(person: Somebody) -> str:
        person.has(NEW)
        return person.exits(*verb)

    return play


def started(person: Somebody) -> str:
    person.has("@ann/words")
    return "starts it" if person.call("run", "@ann/words", "--unconfined", "--input", "TOKEN=x").code == 7 else "no"


def on_site(path_of: Callable[[RegistryInMemory], str]) -> Callable[[Somebody], str]:
    """Whether the built site has a file."""

    def play(person: Somebody) -> str:
        person.said()
        site = files_of(built(committed(person.registry.files)).made)
        return "yes" if path_of(person.registry) in site else "no"

    return play


PLAYED: dict[str, Callable[[Somebody], str]] = {
    "`install @scope/name`": by_name,
    "`update`": updated,
    "`search`": searched,
    "`install @scope/name@version`": exactly("install"),
    "`install` from a lock file that names it": locked,
    "`verify @scope/name@version`": exactly("verify"),
    "`show @scope/name@version`": exactly("show"),
    "`list`": with_it("list"),
    "`audit`": with_it("audit"),
    "`verify --all`": with_it("verify", "--all"),
    "`run`": started,
    "the site has its manifest": on_site(lambda r: layout.object_path(sha256(r.proof(PDF, "1.1.0").manifest))),
    "the site has its files": on_site(lambda r: layout.object_path(r.manifest(PDF, "1.1.0").bundle.sha256)),
    "apps import a gadget's module from the site": on_site(lambda r: f"bundles/public/{GADGET}/1.0.0/bundle.js"),
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("deed", list(PLAYED))
def test_the_tool_does_what_the_table_says(tmp_path: Path, deed: str, status: Status) -> None:
    """Each cell of the documentation's table is what happens."""
    expected = TABLE[deed][STATUSES.index(status)]

    assert expected == PLAYED[deed](Somebody(tmp_path, status))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", "Install it: registry install @ann/pdf"),
        ("deprecated", "Install it all the same: registry install @ann/pdf"),
        ("yanked", "Only a lock file that names this version still installs it."),
        ("revoked", "Nobody can install this version."),
    ],
)
def test_show_ends_with_what_can_be_done(tmp_path: Path, status: Status, expected: str) -> None:
    """A version that nothing installs is not offered to be installed."""
    person = Somebody(tmp_path, status)
    person.said()

    assert expected == person.call("show", NEW).out.splitlines()[-1]


def test_the_table_is_whole() -> None:
    """The documentation has a row for everything that is played here, and a column for each status."""
    header = re.search(r"^\| \| (active .*?) \|$", DOCUMENT, re.MULTILINE)

    assert header is not None
    assert (list(PLAYED), list(STATUSES)) == (list(TABLE), header[1].split(" | "))
    assert {len(STATUSES)} == {len(row) for row in TABLE.values()}


def row(deed: str, words: Callable[[Status], str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A row of the documentation, and the same from the code's table."""
    return TABLE[deed], tuple(words(status) for status in STATUSES)


@pytest.mark.parametrize(
    ("documented", "code"),
    [
        row("`install @scope/name`", lambda one: "takes it" if TREATMENT[one].chosen else "passes it over"),
        row("`search`", lambda one: "finds it" if TREATMENT[one].chosen else "passes it over"),
        row("`install @scope/name@version`", lambda one: f"exit {TREATMENT[one].exact}"),
        row("`verify @scope/name@version`", lambda one: f"exit {TREATMENT[one].exact}"),
        row("`install` from a lock file that names it", lambda one: f"exit {TREATMENT[one].locked}"),
        row("`verify --all`", lambda one: f"exit {0 if TREATMENT[one].stays else 4}"),
        row("the site has its files", lambda one: "yes" if TREATMENT[one].bundle else "no"),
        row("apps import a gadget's module from the site", lambda one: "yes" if TREATMENT[one].module else "no"),
    ],
)
def test_the_documentation_says_what_the_code_decides_by(documented: tuple[str, ...], code: tuple[str, ...]) -> None:
    """The table in the code and the table for people are one."""
    assert documented == code


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("by_lock", [False, True])
def test_what_is_refused_before_an_install_is_the_tables(status: Status, by_lock: bool) -> None:
    """`allow`, the last door before an install, knows the same exit codes."""
    try:
        allow("it", status, locked=by_lock)
        code = 0
    except (NotTrusted, StateForbids) as error:
        code = error.exit_code

    assert (TREATMENT[status].locked if by_lock else TREATMENT[status].exact) == code


def test_the_documentation_lists_the_reasons() -> None:
    """Every reason of every action stands in the table of reasons, and no other."""
    assert {action: ", ".join(f"`{code}`" for code in codes) for action, codes in REASONS.items()} == {
        action: cells[0] for action, cells in table("| | one of |").items()
    }
