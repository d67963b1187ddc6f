"""A bare repository that guards itself: the tool's own verbs go through its hook, over real servers."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from registry_tool.cli.deciding import bench_of
from registry_tool.services import moderator
from tests.bad_input.git import git
from tests.served import Served, served

pytestmark = pytest.mark.slow

SKILL = b"---\nname: one\ndescription: Finds things. Use it to find things.\nlicense: MIT\n---\n\nLook %s.\n"
WHY = ("--reason", "reported", "--note", "read this")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, "--name", "Far", "--bins", "8") as found:
        yield found


def publish(registry: Served, name: str = "one", version: str = "1.0.0", *, who: str = "ann") -> str:
    """Submits a skill; its submission."""
    folder = registry.desk(who).put(f"{name}-{version}", {"SKILL.md": SKILL % version.encode()})
    line = ("publish", folder, "--id", f"@{who}/{name}", "--version", version, "--as", who)
    return str(registry.at(who, *line)["submission"])


def test_a_submission_is_rejected_mended_and_let_in(registry: Served) -> None:
    """Each step is a push that the hook looks at; the author's `status` follows, and the branch is gone at the end."""
    first = publish(registry)
    assert {f"submit/{first[:12]}", "main"} == set(registry.branches())
    registry.at("mod", "queue", "reject", first, "--note", "no")
    second = publish(registry, version="1.0.1")
    landed = registry.at("mod", "queue", "approve", second)

    assert (landed["commit"], {"main", "registry/queue"}) == (registry.head, {*registry.branches(), "registry/queue"})
    assert ["rejected", "published"] == [one["state"] for one in registry.desk("ann").json("status")]
    assert [] == registry.leftovers()


def test_what_moderators_say_is_pushed(registry: Served) -> None:
    """A quarantine, its end, and a person who is let in by two who sign one after the other; over git daemon too."""
    registry.at("mod", "queue", "approve", publish(registry))
    held = registry.at("mod", "quarantine", "@ann/one", "--all-versions", *WHY)
    lifted = registry.at("mod", "restore", "@ann/one@1.0.0")
    assert ([held["commit"], lifted["commit"]], lifted["commit"]) == (line(registry, 2), registry.head)

    where = ("--registry", registry.git, "--yes")
    for name in ("eva", "zoe"):
        key = registry.desk(name).json("moderators", "key", "--registry", registry.git)["key"]
        registry.desk("mod").run("moderators", "invite", name, key, "--threshold", "2", *where)
        assert f"invite/moderators/{2 if name == 'eva' else 3}" in registry.branches()
        if name == "zoe":  # two of those before her sign, one after the other
            registry.desk("eva").run("moderators", "sign", *where)
        said = registry.desk(name).run("moderators", "sign", *where)

        assert "Landed: " == said[:8]
    assert 3 == len(registry.at("mod", "moderators")["people"])


def line(registry: Served, count: int) -> list[str]:
    """The newest commits of the main line, oldest first."""
    return list(registry.history.line(registry.head))[:count][::-1]


def test_authors_change_keys_and_scopes(registry: Served) -> None:
    """A key, an invitation that waits for the invited, and a submission that its author takes back."""
    registry.at("mod", "queue", "approve", publish(registry))
    registry.at("mod", "queue", "approve", publish(registry, "two", who="bob"))
    rotated = registry.at("ann", "keys", "rotate", "--as", "ann")["submission"]
    registry.at("mod", "queue", "approve", rotated)
    registry.at("ann", "scope", "invite", "@ann", "bob", "--as", "ann")
    assert "invite/scopes/ann/2" in registry.branches()
    accepted = registry.at("bob", "scope", "accept", "@ann", "--as", "bob")["submission"]
    registry.at("mod", "queue", "approve", accepted)
    taken_back = publish(registry, version="2.0.0")
    registry.desk("ann").run("withdraw", taken_back[:12], "--yes")

    assert [] == [name for name in registry.branches() if name.startswith("submit/")]
    assert "withdrawn" in [one["state"] for one in registry.desk("ann").json("status")]


def test_a_recovery_goes_its_long_way(registry: Served) -> None:
    """Asked for, made public, and landed after the wait by the registry's clock."""
    registry.at("mod", "queue", "approve", publish(registry))
    step = registry.at("newann", "keys", "recover", "--as", "ann")["submission"]
    assert "noticed" == registry.at("mod", "queue", "approve", step)["state"]
    registry.later(days=8)

    assert "published" == registry.at("mod", "queue", "approve", step)["state"]


def test_an_owner_objects(registry: Served) -> None:
    """The objection waits on a branch of its own, lands, and ends the recovery."""
    registry.at("mod", "queue", "approve", publish(registry))
    step = registry.at("newann", "keys", "recover", "--as", "ann")["submission"]
    registry.at("ann", "keys", "object", step[:12], "--as", "ann")
    assert [name for name in registry.branches() if name.startswith("objection/")]

    assert (5, "objection") == registry.desk("mod").refused("queue", "approve", step, "--registry", registry.http)


def test_root_and_targets_change(registry: Served) -> None:
    """Somebody who signs offline comes, and the bins get another key."""
    key = registry.desk("bob").run("trust", "key", "--registry", registry.http).strip()
    said = registry.at("mod", "trust", "rotate", f"--add=bob={key}", "--publishing", "new")

    assert (True, registry.head) == (said["complete"], said["commit"])


def test_a_late_decision_is_refused_by_the_registry_s_clock(registry: Served) -> None:
    """The verb ends as the hook says: not trusted, with its words."""
    submission = publish(registry)
    mod = registry.desk("mod")
    mod.world = replace(mod.world, now=lambda: registry.now - 3600)
    before = registry.head

    assert (4, "bad-clock") == mod.refused("queue", "approve", submission, "--registry", registry.http)
    assert "remote: error: refs/heads/main: " in mod.error.message
    assert (before, []) == (registry.head, registry.leftovers())


def test_what_the_checks_refuse_is_told_to_the_verb(registry: Served) -> None:
    """A table goes through the queue, and lands only where the repository is."""
    clone = registry.clone("clone")
    (clone / "index/featured.yaml").write_bytes(b"featured: []\n# mine\n")
    git("commit", "-qam", "Feature nothing", cwd=clone)
    said = registry.push(clone, "HEAD:refs/heads/submit/0123456789ab")
    wanted = next(word for word in said.talk.split() if word.startswith("submit/") and word[7:19] != "0123456789ab")
    assert (["submit/0123456789ab 1 bad-branch"], 1) == (said.refused, said.code)
    assert 0 == registry.push(clone, f"HEAD:refs/heads/{wanted.rstrip(',')}").code
    (row,) = registry.at("mod", "queue", "list")

    assert (5, "not-by-push") == registry.desk("mod").refused(
        "queue", "approve", row["id"], "--registry", registry.http
    )
    assert (
        "published"
        == registry.desk("mod").json("queue", "approve", row["id"], "--registry", str(registry.path))["state"]
    )


def test_what_operators_change_they_fetch(registry: Served) -> None:
    """On the machine itself git asks no hook, and the same commit that a push could not bring is there."""
    clone = registry.clone("clone")
    (clone / "README.md").write_bytes(b"# Ours\n")
    git("commit", "-qam", "Say more", cwd=clone)
    said = registry.push(clone, "HEAD:refs/heads/main")
    assert ["main 5 not-by-push"] == said.refused
    assert any("git -C REPOSITORY fetch CLONE main:main" in row for row in said.lines)
    git("fetch", "-q", str(clone), "main:main", cwd=registry.path)

    assert git("rev-parse", "HEAD", cwd=clone) == registry.head


def test_two_who_land_at_once_both_land(registry: Served) -> None:
    """Whoever is slower begins again on the newer state."""
    shutil.copytree(registry.desk("mod").folder / "home/keys", registry.folder / "two/home/keys")
    registry.desk("two")
    submissions = [publish(registry, name, who=who) for name, who in (("one", "ann"), ("two", "bob"), ("three", "eva"))]

    def approve(person: str, submission: str) -> str:
        bench = bench_of(registry.desk(person).world, registry.http)  # what the verb does; two cannot share one stdout
        return str(moderator.approve(bench, submission, note="")["state"])

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(approve, ("mod", "two"), submissions))

    assert ["published", "published"] == done
    assert {f"submit/{submissions[2][:12]}", "main"} == set(registry.branches()) - {"registry/queue"}


def test_the_registry_remembers_since_when_something_waits(registry: Served) -> None:
    """Where a key that decides is on its machine; whoever pushed reads that it waits, and when more happens."""
    shutil.copytree(registry.desk("mod").folder / "home/keys", registry.folder / "server/keys")
    clone = registry.clone("clone")
    made = publish(registry)
    branch = f"submit/{made[:12]}"
    git("fetch", "-q", str(registry.path), branch, cwd=clone)
    git("push", "-q", str(registry.path), f":refs/heads/{branch}", cwd=clone)
    said = registry.push(clone, f"FETCH_HEAD:refs/heads/{branch}", to=registry.http)

    assert 0 == said.code
    assert [f"{made[:12]} waits to be looked at; `registry status` says what becomes of it."] == said.lines
    tree = registry.history.tree(registry.history.branches("registry/")["registry/queue"])
    assert made.encode() in (tree.read("waitlist.json") or b"")
