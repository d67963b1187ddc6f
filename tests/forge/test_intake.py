"""Taking in what an author's own job signed: by a release in a forge, by a file, by a table of sources (B15)."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.tables import table_bytes
from registry_tool.stores.git import GitHistory
from tests.cli.desk import SKILL, Desk
from tests.forge.github_fake import GitHub, Home
from tests.forge.github_things import Repository
from tests.keyless.instance import GITHUB, WORKFLOW, Instance

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sigstore() -> Iterator[Instance]:
    with Instance() as instance:
        yield instance


@dataclass
class Town:
    """A registry in a forge that believes an instance, ann's repository whose job signs, and the registry's own job."""

    folder: Path
    github: GitHub
    sigstore: Instance
    operator: Desk
    author: Desk
    job: Desk
    registry: Repository
    links: Repository
    config: Path = field(init=False)
    count: int = 1

    def __post_init__(self) -> None:
        self.config = self.folder / "config.json"
        self.config.write_bytes(self.sigstore.trust_config(rekor=1))

    @property
    def path(self) -> str:
        """Where the registry lies on this machine."""
        return str(self.registry.folder)

    @property
    def where(self) -> str:
        """The registry's address."""
        return self.github.git(self.registry)

    def approve(self) -> None:
        """Lets in all that waits."""
        for one in self.operator.json("queue", "list", "--registry", self.path):
            self.operator.run("queue", "approve", one["id"][:12], "--registry", self.path, "--yes")

    def packed(self, *more: str, repository: int = 0, name: str = "pdf") -> tuple[str, Path]:
        """The next version, signed by a job of ann's repository and packed: the version and the file."""
        self.count += 1
        version, file = f"1.{self.count}.0", self.folder / f"release-{self.count}.tar"
        card = f"license: MIT\nid: '@ann/{name}'\nversion: {version}\n".encode()
        folder = self.author.put(f"ci-{self.count}", {**SKILL, "artifact.yaml": card})
        token = self.sigstore.job(repository_id=str(repository or self.links.id))
        line = ("--registry", self.path, "--as", "ann", "--yes", "--keyless", "--pack", str(file), *more)
        given = ("--identity-token", token, "--trust-config", str(self.config))
        self.author.run("publish", folder, *line, *given)
        return version, file

    def attached(self, *more: str, repository: Repository | None = None, signed: int = 0) -> str:
        """The same, attached to a release of a repository; its tag."""
        version, file = self.packed(*more, repository=signed)
        self.github.things.release(repository or self.links, f"v{version}", {"release.tar": file.read_bytes()})
        return f"v{version}"

    def intake(self, *line: str) -> Any:
        """What the registry's job says."""
        return self.job.json("intake", *line, "--registry", self.where)["taken"]

    def refused(self, *line: str) -> tuple[int, str]:
        return self.job.refused("intake", *line, "--registry", self.where)

    def sources(self, *rows: dict[str, Any]) -> None:
        """What `index/sources.yaml` says."""
        history = GitHistory.open(self.registry.folder)
        old = history.resolve("main")
        files = {"index/sources.yaml": table_bytes({"sources": list(rows)})}
        new = history.commit(files, onto=old, message="Sources\n", author="mod <mod@x>", at=int(time.time()))
        history.move("main", old=old, new=new)


def desk(folder: Path, **env: str) -> Desk:
    made = Desk(folder)
    made.world = replace(made.world, now=lambda: int(time.time()), env={**made.world.env, **env})
    return made


@pytest.fixture(scope="module")
def town(github_home: Home, sigstore: Instance, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Ann published 1.0.0 with her key; since then her scope names her job and needs its identity."""
    folder = tmp_path_factory.mktemp("town")
    (folder / "github").mkdir()
    github = github_home.moves_in(folder / "github")
    acme, ann = github.things.account("acme"), github.things.account("ann")
    operator, author = desk(folder / "operator"), desk(folder / "ann")
    path = folder / "reg.git"
    operator.run("init", str(path), "--bare", "--bins", "8", "--yes")
    (folder / "root.json").write_bytes(sigstore.trusted_root())
    operator.run("trust", "rotate", "--registry", str(path), "--trusted-root", str(folder / "root.json"), "--yes")
    registry = github.things.repository(acme, "registry", bare=path)
    links = github.things.repository(ann, "links")
    github.jobs = registry
    job = desk(folder / "job", **github.env(job=True))
    town = Town(folder, github, sigstore, operator, author, job, registry, links)
    card = b"license: MIT\nid: '@ann/pdf'\nversion: 1.0.0\n"
    first = author.put("pdf", {**SKILL, "artifact.yaml": card})
    author.run("publish", first, "--registry", town.path, "--as", "ann", "--yes")
    town.approve()
    who = ("--issuer", GITHUB, "--subject", f"https://github.com/{WORKFLOW}", "--owner-id", "7")
    numbers = ("--repository-id", str(links.id), "--registry", town.path, "--as", "ann")
    author.run("scope", "identity", "add", "@ann", *who, *numbers)
    town.approve()
    author.run("scope", "needs", "@ann", "identity", "--registry", town.path, "--as", "ann")
    town.approve()
    return town


def test_a_release_of_an_author_s_own_job_becomes_a_pull_request(town: Town) -> None:
    """Nobody has a clone, a fork or a key: asked for twice it waits once, and admitted it is published."""
    tag = town.attached()
    (row,) = town.intake(f"ann/links@{tag}")

    assert ("submitted", "@ann/pdf", town.links.id) == (row["state"], row["releases"][0]["artifact"], row["number"])
    pull = next(one for one in town.github.things.pulls if one.branch == row["branch"])
    assert (f"Publish @ann/pdf@{tag[1:]}", row["commit"], True) == (pull.title, pull.head, pull.opened)
    assert f"`ann/links` (repository {town.links.id}), tag `{tag}`" in (pull.body or "")
    (again,) = town.intake(f"ann/links@{tag}")
    assert ("waits", row["commit"], row["pull_request"]) == (again["state"], again["commit"], again["pull_request"])
    assert 1 == sum(one.branch == row["branch"] for one in town.github.things.pulls)
    town.approve()
    (last,) = town.intake(f"ann/links@{tag}")
    assert ("published", row["releases"]) == (last["state"], last["releases"])


def test_a_file_of_somebody_else_s_repository_is_refused(town: Town) -> None:
    """Whoever copies a signed file to a repository of their own takes nobody's place: the certificate names another."""
    mallory = town.github.things.repository(town.github.things.account("mallory"), "links")
    tag = town.attached(repository=mallory)

    assert (4, "other-repository") == town.refused(f"mallory/links@{tag}")
    assert f"its certificate is of repository {town.links.id}" in town.job.error.message
    assert not any(branch.startswith("submit/") for branch in GitHistory.open(town.registry.folder).branches("submit/"))


def test_a_job_that_the_scope_does_not_name_is_refused(town: Town) -> None:
    """The same workflow in another repository is not the one that ann named, by its number."""
    with pytest.raises(InvalidInput, match="the registry would refuse this"):
        town.attached(signed=4711)


def test_a_renamed_repository_is_the_same_and_its_old_name_is_not(town: Town) -> None:
    """Who has the number is found under both names; who takes the old name is refused, with what to do."""
    town.sources({"forge": "127.0.0.1", "repository": town.links.id, "name": "ann/links"})
    tag = town.attached()
    town.github.things.rename(town.links, "crosslinks")
    try:
        rows = [*town.intake(f"ann/links@{tag}", "--dry-run"), *town.intake(f"ann/crosslinks@{tag}")]
        assert [("ann/crosslinks", town.links.id)] * 2 == [(one["repository"], one["number"]) for one in rows]
        taker = town.github.things.repository(town.links.owner, "links")
        town.github.things.moved.pop("ann/links")
        town.github.things.release(taker, tag, {"release.tar": b""})

        assert (4, "other-repository") == town.refused(f"ann/links@{tag}")
        assert "ask for ann/crosslinks" in town.job.error.hint
        town.github.things.remove(taker)
    finally:
        town.links.name = "links"
        town.sources()
        town.approve()


def test_the_table_of_sources_takes_the_newest_of_each(town: Town) -> None:
    """Each source gives its newest release with the file; one that cannot be taken keeps no other from it."""
    empty = town.github.things.repository(town.links.owner, "empty")
    broken = town.github.things.repository(town.links.owner, "broken")
    town.github.things.release(broken, "v9.0.0", {"release.tar": b"not a tar"})
    host = {"forge": "127.0.0.1"}
    numbers = {"ann/broken": broken.id, "ann/empty": empty.id, "ann/links": town.links.id, "ann/gone": 99_999}
    town.sources(
        {"forge": "forge.example", "repository": 1, "name": "other/forge"},
        *({**host, "repository": number, "name": name} for name, number in numbers.items()),
    )
    tag = town.attached()
    town.github.things.release(town.links, "nightly", {"release.tar": b"of another form"})
    rows = {one["from"].partition("@")[0]: one for one in town.intake("--all")}

    assert {"ann/broken": "refused", "ann/empty": "nothing", "ann/links": "submitted", "ann/gone": "refused"} == {
        name: one["state"] for name, one in rows.items()
    }
    assert (tag, "bad-release-file", "not-found") == (
        rows["ann/links"]["tag"],
        rows["ann/broken"]["code"],
        rows["ann/gone"]["code"],
    )
    assert "waits" == next(one for one in town.intake("--sources") if one["from"].startswith("ann/links"))["state"]
    said = town.job.run("intake", "--all", "--registry", town.where)
    assert "ann/empty: no release with a tag that is meant has the file release.tar." in said
    reject = ("queue", "reject", rows["ann/links"]["submission"][:12], "--reason", "quality", "--note", "mend the text")
    town.operator.run(*reject, "--registry", town.path)
    (row,) = (one for one in town.intake("--all") if one["from"].startswith("ann/links"))
    assert ("rejected", "quality: mend the text") == (row["state"], row["why"])
    assert "was rejected: 'quality: mend the text'" in town.job.run("intake", "--all", "--registry", town.where)
    (row,) = town.intake(f"ann/links@{tag}")
    assert "submitted" == row["state"]
    town.sources()
    town.approve()


def test_a_release_without_the_file_is_told_with_what_makes_it(town: Town) -> None:
    """A tag that is no release, a release without the file, and one that is far too large are each refused."""
    town.github.things.release(town.links, "v0.0.1", {"other.tar": b""})

    assert (3, "not-found") == town.refused("ann/links@v0.0.2")
    assert (3, "no-release-file") == town.refused("ann/links@v0.0.1")
    assert "--pack release.tar" in town.job.error.hint
    assert (3, "not-found") == town.refused("ann/nowhere@v0.0.1")


def test_a_tag_is_no_mention_in_the_pull_request(town: Town) -> None:
    """Git lets a tag hold what a forge would make something of; it stands there as text."""
    town.sources({"forge": "127.0.0.1", "repository": town.links.id, "name": "ann/links"})
    version, file = town.packed()
    town.github.things.release(town.links, f"v{version}`@org/everybody`", {"release.tar": file.read_bytes()})
    (row,) = town.intake("--all")
    pull = next(one for one in town.github.things.pulls if one.branch == row["branch"])
    town.approve()
    town.sources()

    assert f"tag `` v{version}`@org/everybody` ``." in (pull.body or "")
