"""`registry import`: other catalogues as one reviewed batch, marked as imported, and handed over (B15)."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.offers import SKILLS_SCHEMA
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import Desk
from tests.domains import domains

pytestmark = pytest.mark.slow

LINE = ("--as", "importer", "--scope", "others", "--registry", "reg", "--yes")


def a_skill(name: str, *, license_: str = "license: MIT\n", more: str = "") -> bytes:
    return f"---\nname: {name}\ndescription: Does {name}.\n{license_}---\nDo it.{more}\n".encode()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write(desk: Desk, path: str, data: bytes | Any) -> None:
    place = desk.work / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())


def indexed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": SKILLS_SCHEMA, "skills": list(rows)}


def row(name: str, url: str, data: bytes, form: str = "skill-md") -> dict[str, Any]:
    return {"name": name, "type": form, "description": "d", "url": url, "digest": f"sha256:{sha(data)}"}


def tarred(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for path, data in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return made.getvalue()


def imported(desk: Desk, source: str, *more: str) -> Any:
    return desk.json("import", source, *LINE, *more)


def approve(desk: Desk) -> None:
    for one in desk.json("queue", "list", "--registry", "reg"):
        desk.run("queue", "approve", one["id"][:12], "--registry", "reg")


def reasons(value: Any) -> dict[str, str]:
    return {one["name"]: one["why"] for one in value["refused"]}


def test_an_index_becomes_one_batch_with_a_report(founded: Desk) -> None:
    """Good rows wait together; each other one is told with why, and bytes that do not match are not taken."""
    good, packed = a_skill("pdf"), tarred({"web/SKILL.md": a_skill("web"), "web/notes.md": b"notes\n"})
    write(founded, "cat/pdf/SKILL.md", good)
    write(founded, "cat/web.tar.gz", packed)
    write(founded, "cat/free/SKILL.md", a_skill("free", license_=""))
    rows = [
        row("pdf", "pdf/SKILL.md", good),
        row("web", "web.tar.gz", packed, "archive"),
        row("other", "pdf/SKILL.md", b"other bytes"),
        row("gone", "gone/SKILL.md", b""),
        row("free", "free/SKILL.md", a_skill("free", license_="")),
        row("out", "../../secret", b""),
        {"name": "odd"},
    ]
    write(founded, "cat/index.json", indexed(*rows))
    value = imported(founded, "cat/index.json")

    expected = [("@others/pdf", "0.1.0", "pdf/SKILL.md"), ("@others/web", "0.1.0", "web.tar.gz")]
    assert expected == [(one["artifact"], one["version"], one["from"]) for one in value["taken"]]
    why = reasons(value)
    assert {"other", "gone", "free", "out", "odd"} == set(why)
    assert "its bytes are not those that the catalogue lists" in why["other"]
    assert "there is no file" in why["gone"]
    assert "nothing says the license" in why["free"]
    assert "leads out of" in why["out"]
    (waiting,) = founded.json("queue", "list", "--registry", "reg")
    assert (value["submission"], 2) == (waiting["id"], len(waiting["releases"]))
    assert 0 == value["left"]


def test_what_was_imported_is_marked_and_comes_once(founded: Desk) -> None:
    """`show` says from where; a second import passes over what is published, and takes what is new."""
    write(founded, "cat/skills/pdf/SKILL.md", a_skill("pdf"))
    write(founded, "cat/list.txt", b"# two\nskills/pdf\nskills/web\n")
    said = founded.run("import", "cat/list.txt", *LINE)
    assert "Took in @others/pdf 0.1.0, from skills/pdf." in said
    assert "Not taken: skills/web: " in said
    approve(founded)
    root = founded.json("trust", "status", "--registry", "reg")["registry"]
    founded.run("add", "reg", "--root", root, "--name", "reg")

    shown = founded.json("show", "@others/pdf", "--registry", "reg")
    assert (True, "skills/pdf", "importer") == (shown["imported"], shown["imported_from"], shown["author"])
    write(founded, "cat/skills/web/SKILL.md", a_skill("web"))
    value = imported(founded, "cat/list.txt")
    assert (["@others/pdf@0.1.0"], ["@others/web"]) == (
        value["already"],
        [one["artifact"] for one in value["taken"]],
    )
    approve(founded)
    value = imported(founded, "cat/list.txt")
    assert (None, 2) == (value["submission"], len(value["already"]))
    assert "is published already" in founded.run("import", "cat/list.txt", *LINE)


def test_a_marketplace_in_the_flat_form_is_taken(founded: Desk) -> None:
    """A package must have the digest that the item says; a kind may be missing, singular or plural (M3)."""
    packed = tarred({"SKILL.md": a_skill("links")})
    item = {"name": "ann__links", "version": "1.2.0", "author_id": "ann", "permissions": [], "url": "links.tar.gz"}
    items = [
        {**item, "package_sha256": sha(packed)},
        {**item, "name": "bad", "kind": "skill", "package_sha256": "0" * 64},
        {**item, "name": "odd", "kind": "poems", "package_sha256": sha(packed)},
    ]
    write(founded, "links.tar.gz", packed)
    write(founded, "market.json", {"items": items})
    value = imported(founded, "market.json")

    assert [("@others/links", "1.2.0")] == [(one["artifact"], one["version"]) for one in value["taken"]]
    assert {"bad", "odd"} == set(reasons(value))


def test_a_plugin_marketplace_is_taken_folder_by_folder(founded: Desk) -> None:
    """What can be published in a plugin's folder is; names that two of them have are told."""
    write(founded, "plug/one/skills/pdf/SKILL.md", a_skill("pdf"))
    write(founded, "plug/one/skills/web/SKILL.md", a_skill("web"))
    write(founded, "plug/two/SKILL.md", a_skill("pdf", more=" Differently."))
    plugins = [{"name": "one", "source": "./one", "version": "3.0.0"}, {"name": "two", "source": "./two"}]
    write(founded, "plug/marketplace.json", {"name": "m", "owner": {"name": "x"}, "plugins": plugins})
    value = imported(founded, "plug/marketplace.json")

    assert [("@others/pdf", "3.0.0", "one/skills/pdf"), ("@others/web", "3.0.0", "one/skills/web")] == [
        (one["artifact"], one["version"], one["from"]) for one in value["taken"]
    ]
    assert {"two": "another one in this batch is called @others/pdf too"} == reasons(value)


def test_a_folder_is_a_catalogue_of_itself(founded: Desk) -> None:
    """A folder that is named is taken as a whole; a dry run writes nothing and makes no keys."""
    write(founded, "mine/a/SKILL.md", a_skill("aa"))
    write(founded, "mine/b/SKILL.md", a_skill("bb"))
    said = founded.run("import", "mine", *LINE, "--dry-run")

    assert "Would take in @others/aa 0.1.0, from mine/a." in said
    assert [] == founded.json("queue", "list", "--registry", "reg")
    assert not (founded.folder / "home/keys/importer").exists()
    assert ["mine/a", "mine/b"] == [one["from"] for one in imported(founded, "mine")["taken"]]


def with_limit(desk: Desk, most: int) -> None:
    """A registry `reg` whose policy takes so many releases at once."""

    def change(value: dict[str, Any]) -> None:
        value["limits"] = {"releases": most}

    registry = RegistryInMemory(demo=False)
    registry.root()
    registry.moderators({"mod": None})
    registry.policy(change=change)
    desk.world.keys.import_seed(f"registry:{registry.id[:16]}", "moderator", registry.seed("mod"))
    history = GitHistory.init(desk.work / "reg", bare=False, main="main")
    author = "mod <mod@registry.invalid>"
    commit = history.commit(registry.files, onto=None, message="Found\n", author=author, at=desk.world.now())
    history.move("main", old=None, new=commit)


def test_a_batch_has_as_many_releases_as_policy_lets_a_submission_have(desk: Desk) -> None:
    """What is left is told, and is taken by the next run."""
    with_limit(desk, 2)
    for name in ("aa", "bb", "cc", "dd", "ee"):
        write(desk, f"all/{name}/SKILL.md", a_skill(name))
    write(desk, "all/list.txt", b"aa\nbb\ncc\ndd\nee\n")
    sizes = []
    for _ in range(3):
        value = imported(desk, "all/list.txt")
        sizes.append((len(value["taken"]), value["left"]))
        approve(desk)

    assert [(2, 3), (2, 1), (1, 0)] == sizes
    write(desk, "one/list.txt", b"folder\n")
    for name in ("ff", "gg", "hh"):
        write(desk, f"one/folder/{name}/SKILL.md", a_skill(name))
    value = imported(desk, "one/list.txt")
    assert (2, 1) == (len(value["taken"]), value["left"])
    assert "left for the next batch" in desk.run("import", "one/list.txt", *LINE, "--dry-run")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (1, "nothing-to-import")),
        (b"nowhere\n", (1, "nothing-to-import")),
        (b"{}", (1, "bad-catalogue")),
        (b"{", (1, "not-canonical")),
    ],
)
def test_a_catalogue_of_nothing_is_refused(founded: Desk, content: bytes, expected: tuple[int, str]) -> None:
    """Where nothing can be taken in the reasons are findings, and nothing waits."""
    write(founded, "list", content)

    assert expected == founded.refused("import", "list", *LINE)
    assert [] == founded.json("queue", "list", "--registry", "reg")


def test_a_catalogue_that_is_not_there_is_told(founded: Desk) -> None:
    """A missing file is exit 3; plain http to another machine is wrong usage."""
    assert (3, "no-file") == founded.refused("import", "nowhere.json", *LINE)
    assert 2 == founded.refused("import", "http://acme.example/list.json", *LINE)[0]


# From a site, and back to its owner.

INDEX = "/.well-known/agent-skills/index.json"
CLAIM = "/.well-known/registry-author.json"
PDF = a_skill("pdf")


def from_site(desk: Desk, pages: dict[str, bytes], folder: Path, act: Callable[[], None]) -> None:
    """Does something while acme.example answers so."""
    folder.mkdir()
    world = desk.world
    with domains(folder, {"acme.example": pages}) as env:
        desk.world = replace(world, env={**world.env, **env})
        act()
    desk.world = world


@pytest.mark.slow
def test_an_index_on_the_network_is_taken_and_handed_over(founded: Desk, people: Any, tmp_path: Path) -> None:
    """Its owner names the registry and themselves on the site, is invited, accepts, and publishes without the mark."""
    pages = {INDEX: json.dumps(indexed(row("pdf", "pdf/SKILL.md", PDF))).encode()}
    pages["/.well-known/agent-skills/pdf/SKILL.md"] = PDF
    source = f"https://acme.example{INDEX}"
    from_site(founded, pages, tmp_path / "one", lambda: check_taken(imported(founded, source)))
    approve(founded)
    root = founded.json("trust", "status", "--registry", "reg")["registry"]
    claim = ("import", "claim", "@others", "acme", "--site", "https://acme.example/", "--as", "importer")
    line = (*claim, "--registry", "reg")
    owner = people("owner")
    reg = str(founded.work / "reg")
    first = owner.put("own", {"SKILL.md": a_skill("own"), "artifact.yaml": b"id: '@acme/own'\nversion: 1.0.0\n"})
    owner.run("publish", first, "--as", "acme", "--registry", reg, "--yes")
    approve(founded)

    for number, (said, expected) in enumerate(
        [
            (None, (3, "no-claim")),
            (b"[]", (1, "bad-claim")),
            (json.dumps({"registry": "0" * 64, "author": "acme"}).encode(), (4, "other-claim")),
            (json.dumps({"registry": root, "author": "eve"}).encode(), (4, "other-claim")),
        ]
    ):
        there = pages if said is None else {**pages, CLAIM: said}
        from_site(founded, there, tmp_path / f"bad{number}", lambda: check_refused(founded, line, expected))  # noqa: B023
    pages[CLAIM] = json.dumps({"registry": root, "author": "acme"}).encode()
    from_site(founded, pages, tmp_path / "two", lambda: check_claimed(founded, line))

    owner.run("scope", "accept", "@others", "--as", "acme", "--registry", reg)
    approve(founded)
    card = b"id: '@others/pdf'\nversion: 1.0.0\n"
    mine = owner.put("pdf", {"SKILL.md": PDF, "artifact.yaml": card})
    owner.run("publish", mine, "--as", "acme", "--registry", reg, "--yes")
    approve(founded)
    founded.run("add", "reg", "--root", root, "--name", "reg")
    shown = founded.json("show", "@others/pdf", "--registry", "reg")
    assert ("1.0.0", False, "acme") == (shown["version"], shown["imported"], shown["author"])


def check_taken(value: Any) -> None:
    assert ["https://acme.example/.well-known/agent-skills/pdf/SKILL.md"] == [one["from"] for one in value["taken"]]


def check_refused(desk: Desk, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    assert expected == desk.refused(*line)


def check_claimed(desk: Desk, line: tuple[str, ...]) -> None:
    assert "Nothing was written." in desk.run(*line, "--dry-run")
    assert ["@others/pdf"] == desk.json(*line)["artifacts"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ((), (2, "missing-source")),
        (("--site", "https://a.b/", "--repository", "https://c.d/e"), (2, "missing-source")),
        (("--site", "a.b"), (2, "bad-address")),
    ],
)
def test_a_claim_names_one_place(founded: Desk, line: tuple[str, ...], expected: tuple[int, str]) -> None:
    """No place, two places, or what is none, is wrong usage."""
    base = ("import", "claim", "@others", "acme", "--as", "importer", "--registry", "reg")

    assert expected == founded.refused(*base, *line)


def test_a_scope_of_several_owners_is_handed_to_nobody(founded: Desk, tmp_path: Path) -> None:
    """What was imported from elsewhere, or nothing at all, stands against a claim."""
    write(founded, "cat/pdf/SKILL.md", a_skill("pdf"))
    claim = ("import", "claim", "@others", "acme", "--site", "https://acme.example/", "--as", "importer")
    line = (*claim, "--registry", "reg")
    from_site(founded, {}, tmp_path / "one", lambda: check_refused(founded, line, (3, "not-imported")))
    imported(founded, "cat")
    approve(founded)

    from_site(founded, {}, tmp_path / "two", lambda: check_refused(founded, line, (5, "shared-scope")))


def test_a_demonstration_takes_nothing_in_by_mistake(desk: Desk) -> None:
    """Whoever imports into a registry with published keys has to say so."""
    registry = a_registry()
    history = GitHistory.init(desk.work / "reg", bare=False, main="main")
    files = registry.files
    commit = history.commit(files, onto=None, message="Found\n", author="mod <mod@x>", at=desk.world.now())
    history.move("main", old=None, new=commit)
    write(desk, "cat/SKILL.md", a_skill("pdf"))

    assert (1, "nothing-to-import") == desk.refused("import", "cat", *LINE)
    assert 1 == len(imported(desk, "cat", "--demo")["taken"])
