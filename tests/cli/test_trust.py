"""The operator's verbs for keys that sign a registry's index: what is there, what expires, who else signs."""

import base64

import pytest

from registry_tool.cli import main
from registry_tool.core import layout
from registry_tool.stores.git import GitHistory
from registry_tool.stores.keys import pem
from tests.builders import a_registry
from tests.cli.desk import Desk
from tests.cli.operating import DAY, key_folder, later, seed_of, with_env
from tests.cli.test_operator import add_commit, repository, tree_of
from tests.sites import named, with_targets

pytestmark = pytest.mark.slow

# What is there.


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("personal", [3650, 3650, 730, 365, 180]),
        ("community", [3650, 3650, 365, 180, 60]),
        ("company", [365, 365, 180, 30, 7]),
    ],
)
def test_a_template_says_how_long_everything_is_good(desk: Desk, template: str, expected: list[int]) -> None:
    """`init` and the first build sign for the days of the template."""
    from registry_tool.core.times import to_seconds

    desk.run("init", "reg", "--template", template, "--bins", "2", "--yes")
    ends = desk.json("build", "--registry", "reg")["expires"]
    roles = ("root", "targets", "bins", "snapshot", "timestamp")

    assert expected == [(to_seconds(ends[role]) - desk.world.now()) // DAY for role in roles]


@pytest.mark.parametrize("bins", ["0", "1", "100", "131072"])
def test_bins_are_a_power_of_two(desk: Desk, bins: str) -> None:
    """Another number is refused, and nothing is made."""
    assert (1, "bad-bins") == desk.refused("init", "reg", "--bins", bins, "--yes")
    assert not (desk.work / "reg").exists()


def test_status_says_who_signs_and_until_when(founded: Desk) -> None:
    """Roles, keys, which of them are here, and dates; of a built folder also what jobs signed; exit 0."""
    before = founded.json("trust", "status", "--registry", "reg")
    founded.run("build", "--registry", "reg")
    said = founded.json("trust", "status", "--registry", "reg", "--out", "site")

    assert (8, 1, [], [], []) == tuple(said[name] for name in ("bins", "targets", "expired", "warnings", "faults"))
    assert {"root", "targets"} == before["expires"].keys()
    assert {"root", "targets", "bins", "snapshot", "timestamp"} == said["expires"].keys() == said["signers"].keys()
    assert all(row["here"] for one in said["signers"].values() for row in one["keys"])
    assert "good until" in founded.run("trust", "status", "--registry", "reg")
    assert 0 == founded.code


def test_the_keys_of_the_index_are_known_to_the_list_of_keys(founded: Desk) -> None:
    """`keys list` says of each key of a new registry that it counts; of one that was replaced, that it does not."""
    rows = founded.json("keys", "list", "--registry", "reg")["keys"]
    assert {(row["use"], row["status"]) for row in rows} == {
        (use, "active") for use in ("root", "targets", "publishing", "timestamp", "moderator", "gate")
    }
    founded.run("trust", "rotate", "--registry", "reg", "--timestamp", "new", "--yes")
    rows = founded.json("keys", "list", "--registry", "reg")["keys"]

    assert ["not in this registry", "active"] == [row["status"] for row in rows if row["use"] == "timestamp"]


def test_status_warns_ahead_and_ends_with_4_when_something_expired(founded: Desk) -> None:
    """Six days before the end it is a warning with what to do; after it, exit 4."""
    founded.run("build", "--registry", "reg")
    later(founded, 174)
    ahead = founded.json("trust", "status", "--registry", "reg", "--out", "site")
    later(founded, 7)
    after = founded.json("trust", "status", "--registry", "reg", "--out", "site")
    with pytest.raises(SystemExit) as ended:
        main(["trust", "status", "--registry", "reg", "--out", "site"], founded.world)

    assert ["timestamp"] == [one.split()[1] for one in ahead["warnings"]]
    assert "registry build" in ahead["next"][0]
    assert (4, ["timestamp"]) == (ended.value.code, after["expired"])


# The build signs.


def test_a_build_without_keys_says_how_to_give_them_and_writes_nothing(founded: Desk) -> None:
    """Exit 3 with the key's id and three ways; `--unsigned` builds all the same, without an index."""
    (key_folder(founded) / "publishing.pem").rename(founded.folder / "away.pem")
    wanted = founded.json("trust", "status", "--registry", "reg")["signers"]["bins"]["keys"][0]["k16"]

    assert (3, "key-missing") == founded.refused("build", "--registry", "reg")
    assert wanted in founded.error.message
    for way in ("registry keys import", "REGISTRY_PUBLISHING_KEY", "--publishing-key", "--unsigned"):
        assert way in founded.error.hint
    assert not (founded.work / "site").exists()

    founded.run("build", "--registry", "reg", "--unsigned")

    assert not (founded.work / "site" / layout.TIMESTAMP).exists()


@pytest.mark.parametrize("form", ["pem", "base64", "file2", "envvar"])
def test_keys_are_files_secrets_or_addresses(founded: Desk, form: str) -> None:
    """A job without a key folder signs with an environment's PEM or base64, or a key at an address."""
    words = []
    for use, variable in (("publishing", "REGISTRY_PUBLISHING_KEY"), ("timestamp", "REGISTRY_TIMESTAMP_KEY")):
        seed = seed_of(founded, use)
        file = founded.folder / f"{use}-key"
        file.write_bytes(pem(seed))
        if form == "pem":
            with_env(founded, **{variable: pem(seed).decode()})
        elif form == "base64":
            with_env(founded, **{variable: base64.b64encode(seed).decode()})
        elif form == "file2":
            words += [f"--{use}-key", f"file2:{file}"]
        else:
            with_env(founded, **{f"MY_{use.upper()}": pem(seed).decode()})
            words += [f"--{use}-key", f"envvar:MY_{use.upper()}"]
        (key_folder(founded) / f"{use}.pem").unlink()

    assert 10 == len(founded.json("build", "--registry", "reg", *words)["signed"])


@pytest.mark.parametrize(
    ("env", "words", "expected"),
    [
        ({"REGISTRY_PUBLISHING_KEY": base64.b64encode(b"x" * 32).decode()}, (), (1, "other-key")),
        ({"REGISTRY_PUBLISHING_KEY": "hello"}, (), (1, "bad-key-file")),
        ({"REGISTRY_TIMESTAMP_KEY": "-----BEGIN PRIVATE KEY-----\nAAAA"}, (), (1, "bad-key-file")),
        ({}, ("--publishing-key", "file2:OTHER"), (1, "other-key")),
        ({}, ("--publishing-key", "file2:/nowhere/at/all"), (3, "key-missing")),
        ({}, ("--publishing-key", "envvar:NOT_SET"), (3, "key-missing")),
        ({}, ("--publishing-key", "telepathy:me"), (1, "bad-address")),
    ],
)
def test_another_key_than_the_registry_names_is_refused(
    founded: Desk, env: dict[str, str], words: tuple[str, ...], expected: tuple[int, str]
) -> None:
    """A wrong, broken or absent key is told, never shown, and nothing is written."""
    other = founded.folder / "other.pem"
    other.write_bytes(pem(b"o" * 32))
    with_env(founded, **env)

    words = tuple(one.replace("OTHER", str(other)) for one in words)

    assert expected == founded.refused("build", "--registry", "reg", *words)
    assert not [secret for secret in env.values() if len(secret) > 6 and secret in str(founded.error)]
    assert not (founded.work / "site").exists()


def test_expired_root_and_targets_stop_the_build(founded: Desk) -> None:
    """Ten years later nobody would take what a job signs: exit 4 with the command that helps, which does."""
    later(founded, 3651)

    assert (4, "expired") == founded.refused("build", "--registry", "reg")
    assert "registry trust rotate --renew" in founded.error.hint

    founded.run("trust", "rotate", "--renew", "--registry", "reg", "--yes")

    assert [] == founded.json("build", "--registry", "reg")["warnings"]


def test_a_site_is_signed_again_before_it_expires(founded: Desk) -> None:
    """With nothing new a build writes nothing until half of the timestamp's days are over."""
    founded.run("build", "--registry", "reg")
    later(founded, 89)
    quiet = founded.json("build", "--registry", "reg")
    later(founded, 2)
    due = founded.json("build", "--registry", "reg")

    assert (0, [], 1, [layout.TIMESTAMP]) == (
        quiet["files"]["written"],
        quiet["signed"],
        due["files"]["written"],
        due["signed"],
    )


def test_the_job_goes_on_from_what_is_served(founded: Desk) -> None:
    """With an empty folder and `--since` the index is the one that was published; without, every bin is above it."""
    founded.run("build", "--registry", "reg")
    before = tree_of(founded.work / "site" / "tuf")
    since = founded.json("build", "--registry", "reg", "--out", "next", "--since", str(founded.work / "site"))
    later(founded, 1 / DAY)
    scratch = founded.json("build", "--registry", "reg", "--out", "scratch")
    numbers = [
        {path.split(".")[1]: int(path.split(".")[0]) for path in tree if path[0].isdigit() and "index-" in path}
        for tree in (before, tree_of(founded.work / "scratch" / "tuf"))
    ]

    assert [] == since["signed"]
    assert before == tree_of(founded.work / "next" / "tuf")
    assert 10 == len(scratch["signed"])
    assert max(numbers[0].values()) < min(numbers[1].values())


def test_what_the_index_named_lately_stays(desk: Desk) -> None:
    """After each of twelve releases the last ten states are there still, whole; older ones are gone."""
    registry = desk.keeps(with_targets(named(a_registry(demo=False)).release("@ann/solar", "1.0.0")), "publishing")
    history = repository(desk.work / "reg.git", registry, bare=True)
    desk.run("build", "--registry", "reg.git")
    record = "index/an/ann/solar.json"
    copies = []
    for number in range(1, 13):
        from registry_tool.core.digest import sha256

        copies.append(layout.by_digest(record, sha256((desk.work / "site" / record).read_bytes())))
        registry.release("@ann/solar", f"1.{number}.0", {"theme.css": b"%d" % number})
        add_commit(history, registry)
        later(desk, 1 / 1440)
        desk.run("build", "--registry", "reg.git")
    there = [(desk.work / "site" / path).is_file() for path in copies]
    snapshots = list((desk.work / "site" / "tuf").glob("*.snapshot.json"))

    assert [False] * 2 + [True] * 10 == there
    assert 11 == len(snapshots)
    assert 0 == desk.json("build", "--registry", "reg.git")["files"]["written"]


def test_a_registry_from_before_gets_its_targets(desk: Desk) -> None:
    """Without targets a build says what to run; that makes them with the key that is there, on main; then it builds."""
    registry = desk.keeps(named(a_registry(demo=False)).release("@ann/solar", "1.0.0"), "publishing", "targets")
    history = repository(desk.work / "reg", registry)
    before = history.resolve("main")

    assert (3, "no-targets") == desk.refused("build", "--registry", "reg")
    assert "registry trust refresh" in desk.error.hint
    assert "registry trust refresh" in desk.json("trust", "status", "--registry", "reg")["next"][0]
    assert desk.json("trust", "refresh", "--registry", "reg", "--dry-run")["commit"] == ""
    assert before == history.resolve("main")

    made = desk.json("trust", "refresh", "--registry", "reg")
    opened = GitHistory.open(desk.work / "reg")

    assert made["commit"] == opened.resolve("main")
    assert [layout.targets_path(1)] == [edit.path for edit in opened.changed(before, made["commit"])]
    assert 256 + 2 == len(desk.json("build", "--registry", "reg")["signed"])
    assert "nothing was signed" in desk.run("trust", "refresh", "--registry", "reg")


def test_a_heartbeat_signs_the_timestamp_alone(founded: Desk) -> None:
    """`trust refresh --out` needs no build, and what lost a file is not called fresh."""
    founded.run("build", "--registry", "reg")
    later(founded, 1)
    dry = founded.json("trust", "refresh", "--registry", "reg", "--out", "site", "--dry-run")["signed"]
    said = founded.json("trust", "refresh", "--registry", "reg", "--out", "site")

    assert [layout.TIMESTAMP] == said["signed"] == dry
    assert [] == founded.json("trust", "status", "--registry", "reg", "--out", "site")["faults"]

    (founded.work / "site" / layout.CATALOGUE).unlink()

    assert (5, "not-whole") == founded.refused("trust", "refresh", "--registry", "reg", "--out", "site")

    (founded.work / "site" / layout.TIMESTAMP).unlink()

    assert (3, "index-missing") == founded.refused("trust", "refresh", "--registry", "reg", "--out", "site")
