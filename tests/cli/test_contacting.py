"""How a verb reads a site: through its signed index, or it says that it does not."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool.core import layout
from registry_tool.core.errors import RegistryError
from registry_tool.core.names import parse_artifact
from tests.builders import RegistryInMemory
from tests.building_index import DAY, SignedSite, bin_of
from tests.cli.desk import PDF, Desk, skill_release
from tests.cli.test_operator import add_commit, repository
from tests.sites import named, with_targets
from tests.stores.servers import answer, serving

pytestmark = pytest.mark.slow

NAME = layout.name_path(parse_artifact(PDF))


@pytest.fixture
def site(built: RegistryInMemory, desk: Desk) -> SignedSite:
    """A site that was signed a minute ago."""
    signed = SignedSite(built, now=desk.world.now() - 120)
    signed.publish()
    return signed


def later(desk: Desk, days: float) -> None:
    """So many days go by."""
    now = desk.world.now() + int(days * DAY)
    desk.world = replace(desk.world, now=lambda: now)


def put(desk: Desk, site: SignedSite, name: str = "site") -> str:
    return desk.put(name, site.files)


def added(desk: Desk, site: SignedSite) -> str:
    where = put(desk, site)
    desk.run("add", where, "--root", site.registry.id)
    return where


def test_a_signed_site_is_read_without_a_word(desk: Desk, site: SignedSite) -> None:
    """Adding it, looking and installing say nothing about how fresh it is."""
    where = put(desk, site)
    for verb in (["add", where, "--root", site.registry.id], ["show", PDF], ["install", PDF, "--yes"]):
        desk.run(*verb)

        assert "nothing proves" not in desk.talk
        assert "as of" not in desk.talk


def test_what_the_index_does_not_list_is_not_there(desk: Desk, site: SignedSite) -> None:
    """A name that a host put onto the site is not found, by show and by install."""
    where = added(desk, site)
    extra = Path(where) / "index" / "an" / "ann" / "evil.json"
    extra.write_bytes(site.files[NAME].replace(b"@ann/pdf", b"@ann/evil"))

    assert (3, "no-artifact") == desk.refused("show", "@ann/evil")
    assert (3, "no-artifact") == desk.refused("install", "@ann/evil", "--yes")


def unsigned(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not path.startswith("tuf/")}


@pytest.mark.parametrize("verb", [["show", PDF], ["install", PDF, "--yes"], ["search", "pdf"]])
def test_a_site_whose_index_was_taken_away_is_refused(desk: Desk, site: SignedSite, verb: list[str]) -> None:
    """By name it is taken for once, and then it is said that nothing proves it to be the newest."""
    added(desk, site)
    desk.put("site", unsigned(site.files))

    assert (4, "index-unsigned") == desk.refused(*verb)
    assert "nobody can say whether what it shows is the newest state" in desk.error.message
    assert "--allow-stale" in desk.error.hint
    desk.run(*verb, "--allow-stale")
    assert "is read as it lies there: nothing proves that it is the newest state." in desk.talk
    assert (4, "index-unsigned") == desk.refused(*verb)


def test_an_unsigned_site_is_not_added_unseen(desk: Desk, site: SignedSite) -> None:
    """Nothing is kept of it, unless the person takes it by name."""
    where = desk.put("site", unsigned(site.files))

    assert (4, "index-unsigned") == desk.refused("add", where, "--root", site.registry.id)
    assert [] == desk.json("remote", "list")["registries"]


def test_a_clone_says_that_it_is_one(desk: Desk, built: RegistryInMemory) -> None:
    """A repository's files have no index; all else is verified, and the verb says what is not."""
    desk.run("add", desk.put("reg", built.files), "--root", built.id)
    desk.run("show", PDF)

    assert f"{desk.folder}/reg is read as it lies there: nothing proves that it is the newest state." in desk.talk


def test_an_index_that_expired_is_refused_and_taken_by_name(desk: Desk, site: SignedSite) -> None:
    """With both times in the message; `--allow-stale` says what expired."""
    added(desk, site)
    later(desk, 8)

    assert (4, "index-expired") == desk.refused("install", PDF, "--yes")
    assert "its timestamp was good until 2026-03-04T06:12:20Z" in desk.error.message
    assert "this machine's clock says 2026-03-05T06:13:20Z" in desk.error.message
    desk.run("install", PDF, "--yes", "--allow-stale")
    assert "its timestamp expired at 2026-03-04T06:12:20Z." in desk.talk


def test_people_are_told_before_it_expires(desk: Desk, site: SignedSite) -> None:
    """When a third of its days is left; a day after it was signed nothing is said."""
    added(desk, site)
    later(desk, 1)
    desk.run("show", PDF)
    assert "expire" not in desk.talk
    later(desk, 4)
    desk.run("show", PDF)

    assert "its timestamp expires at 2026-03-04T06:12:20Z: its operator should sign it again." in desk.talk


def forged_timestamp(files: dict[str, bytes]) -> dict[str, bytes]:
    changed = files[layout.TIMESTAMP].replace(b'"expires":"2026-', b'"expires":"2027-')
    assert changed != files[layout.TIMESTAMP]
    return {**files, layout.TIMESTAMP: changed}


def without_a_bin(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path != bin_of(files, NAME)}


@pytest.mark.parametrize(
    ("deed", "expected"), [(forged_timestamp, (4, "index-not-trusted")), (without_a_bin, (6, "index-missing"))]
)
def test_what_is_stale_may_be_taken_what_is_forged_never(
    desk: Desk,
    site: SignedSite,
    deed: Callable[[dict[str, bytes]], dict[str, bytes]],
    expected: tuple[int, str],
) -> None:
    """`--allow-stale` changes nothing about signatures and about files that are missing."""
    added(desk, site)
    shutil.rmtree(desk.folder / "home" / "trust" / "index", ignore_errors=True)
    desk.put("site", deed(site.files))
    for more in ([], ["--allow-stale"]):
        assert expected == desk.refused("install", PDF, "--yes", *more)
    assert [] == [path for path in desk.work.iterdir() if path.name != ".claude"]


def folders(desk: Desk, word: str) -> list[Path]:
    """The person's folders with this name below their home for this tool."""
    return [Path(root) for root, _, _ in os.walk(desk.folder / "home") if Path(root).name == word]


def test_an_emptied_cache_forgets_no_trust(desk: Desk, site: SignedSite) -> None:
    """Without the cache an older site is refused as before, and the newest is read again."""
    old = dict(site.files)
    skill_release(site.registry, PDF, "1.1.0", permissions=["network"])
    site.publish()
    added(desk, site)
    desk.run("show", PDF)
    (cache,) = folders(desk, "cache")
    shutil.rmtree(cache)
    desk.put("site", old)

    assert (4, "rolled-back") == desk.refused("show", PDF)
    put(desk, site)
    assert "1.1.0" in desk.run("show", PDF)


def test_a_site_that_is_away_is_read_from_what_is_known(desk: Desk, site: SignedSite) -> None:
    """With `--offline`, and where nobody answers: what was read before, as of then; nothing after it expired."""
    with serving({f"/{path}": answer(data) for path, data in site.files.items()}) as server:
        desk.run("add", server.url, "--root", site.registry.id)
        desk.run("search", "pdf")
        asked = len(server.requests)
        shown = desk.run("search", "pdf", "--offline")
        assert asked == len(server.requests)
        assert f"{server.url} was not asked: this is its state as of 2026-02-25T06:13:20Z." in desk.talk

    assert shown == desk.run("search", "pdf")
    assert f"{server.url} could not be asked: this is its state as of 2026-02-25T06:13:20Z." in desk.talk
    later(desk, 8)
    assert (4, "index-expired") == desk.refused("search", "pdf")
    assert "nobody could be asked for a newer one" in desk.error.message
    assert "does not accept connections" in desk.error.message


def test_offline_a_registry_that_was_never_read_is_unreachable(desk: Desk, site: SignedSite) -> None:
    """`--offline` says what to do instead."""
    with serving({f"/{path}": answer(data) for path, data in site.files.items()}) as server:
        desk.run("add", server.url, "--root", site.registry.id)
        for folder in folders(desk, "index"):
            shutil.rmtree(folder)

        assert (6, "offline") == desk.refused("show", PDF, "--offline")
        assert "name a clone, an export or a built folder" in desk.error.hint


@pytest.mark.parametrize("verb", [["install", "--yes"], ["sync", "--frozen", "--yes"]])
def test_what_a_lock_file_pins_needs_no_fresh_index(desk: Desk, site: SignedSite, verb: list[str]) -> None:
    """A project with nothing but its lock file is filled after everything expired, from a site without any index."""
    added(desk, site)
    desk.run("install", PDF, "--yes")
    for folder in (".agents", ".registry"):
        shutil.rmtree(desk.work / folder)
    later(desk, 400)
    desk.put("site", unsigned(site.files))
    desk.run(*verb)

    assert (desk.work / ".agents" / "skills" / "pdf" / "SKILL.md").is_file()


def test_a_second_install_asks_for_the_timestamp_and_what_it_installs(desk: Desk, site: SignedSite) -> None:
    """Nothing new on the site: names, chains and bins come from what is kept."""
    with serving({f"/{path}": answer(data) for path, data in site.files.items()}) as server:
        desk.run("add", server.url, "--root", site.registry.id)
        desk.run("show", PDF)
        server.requests.clear()
        desk.run("show", PDF)
        again = [path for path, _ in server.requests]
        server.requests.clear()
        desk.run("install", PDF, "--yes")
        installing = [path for path, _ in server.requests if not path.startswith("/objects/")]

    assert [f"/{layout.TIMESTAMP}"] == [path for path in again if not path.startswith("/objects/")]
    assert [f"/{layout.TIMESTAMP}"] == installing


def two_builds(desk: Desk, built: RegistryInMemory) -> tuple[Path, Path]:
    """The site as `registry build` makes it, before and after one more version."""
    desk.keeps(with_targets(named(built)), "publishing")
    history = repository(desk.work / "reg", built)
    desk.run("build", "--registry", "reg", "--out", str(desk.folder / "old"))
    shutil.copytree(desk.folder / "old", desk.folder / "new")
    skill_release(built, PDF, "1.1.0", permissions=["network"])
    add_commit(history, built)
    later(desk, 0.1)
    desk.run("build", "--registry", "reg", "--out", str(desk.folder / "new"))
    return desk.folder / "old", desk.folder / "new"


def test_a_site_that_was_built_is_read_and_its_older_state_refused(desk: Desk, built: RegistryInMemory) -> None:
    """What `registry build` signs, the other verbs follow; who saw the newer build is shown no other."""
    old, new = two_builds(desk, built)
    shutil.copytree(old, desk.folder / "site")
    desk.run("add", str(desk.folder / "site"), "--root", built.id)
    assert "1.0.0" in desk.run("show", PDF)
    shutil.rmtree(desk.folder / "site")
    shutil.copytree(new, desk.folder / "site")
    assert "1.1.0" in desk.run("show", PDF)
    assert "nothing proves" not in desk.talk
    shutil.rmtree(desk.folder / "site")
    shutil.copytree(old, desk.folder / "site")

    assert (4, "rolled-back") == desk.refused("install", PDF, "--yes")


def test_no_older_file_of_a_build_is_taken_into_a_newer_one(desk: Desk, built: RegistryInMemory) -> None:
    """Each file that two builds differ in, alone from the older one or gone: refused, or nothing of it is seen."""
    old, new = two_builds(desk, built)
    site = desk.folder / "site"
    shutil.copytree(new, site)
    desk.run("add", str(site), "--root", built.id)
    honest = desk.run("show", PDF)
    paths = [path.relative_to(new) for path in sorted(new.rglob("*")) if path.is_file()]
    read = [path for path in paths if path.parts[0] in ("tuf", "index", "chains", "trust", "objects")]
    differing = [
        path for path in read if not (old / path).is_file() or (old / path).read_bytes() != (new / path).read_bytes()
    ]
    refused: list[int] = []
    for path in differing:
        for folder in (*folders(desk, "index"), *folders(desk, "cache")):
            shutil.rmtree(folder, ignore_errors=True)
        (site / path).unlink()
        if (old / path).is_file():
            shutil.copy(old / path, site / path)
        try:
            seen = desk.run("show", PDF)
        except RegistryError as error:
            refused.append(error.exit_code)
        else:
            whole_old = path == Path(layout.TIMESTAMP)  # everything that it names is still there
            assert seen == honest or whole_old, path
        shutil.copy(new / path, site / path)

        assert honest == desk.run("show", PDF)
    assert {4, 6} == set(refused)
    assert len(refused) > 5
