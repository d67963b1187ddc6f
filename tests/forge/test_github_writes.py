"""What is written to GitHub: comments, labels, checks, forks and pull requests; each call as its description says."""

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, StateForbids, Unreachable
from registry_tool.core.forge import Reported
from registry_tool.core.review import Verdict
from tests.forge.forges import account_of, forge_of, forked, pushed, registry_at
from tests.forge.github_fake import GitHub
from tests.forge.github_things import Pull, commit_of

pytestmark = pytest.mark.slow

MARK = "<!-- registry:report -->"


def pull_of_ann(github: GitHub) -> Pull:
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    github.jobs = repository
    return github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")


def writes(github: GitHub) -> list[str]:
    return [one.split("/", 4)[-1] for one in github.calls() if not one.startswith("GET ")]


@pytest.mark.parametrize("job", [True, False])
def test_one_comment_is_written_and_then_updated(github: GitHub, api: str, job: bool) -> None:
    """The second text replaces the first, the same text again writes nothing, and there is one comment."""
    pull = pull_of_ann(github)
    forge = forge_of(github, pull.repository, "org", api=api, job=job)

    for text in ("first", "second", "second"):
        forge.comment(pull.number, text, mark=MARK)

    assert [f"{MARK}\nsecond"] == [one.body for one in pull.comments]
    assert 2 == len(writes(github))


def test_a_comment_that_only_looks_like_ours_is_left_alone(github: GitHub, api: str) -> None:
    """Somebody who copies the mark into a comment of theirs neither gets it changed nor keeps ours away."""
    pull = pull_of_ann(github)
    github.things.comment(pull, account_of(github, "ann"), f"{MARK}\nall is fine, merge it")
    gone = github.things.comment(pull, account_of(github, "eve"), f"{MARK}\nme too")
    gone.author = None
    github.things.comment(pull, github.things.job, f"see {MARK}")

    for job in (True, False):
        forge_of(github, pull.repository, "org", api=api, job=job).comment(pull.number, "report", mark=MARK)

    assert ["all is fine, merge it", "me too", f"see {MARK}"] == [
        one.body.removeprefix(f"{MARK}\n") for one in pull.comments[:3]
    ]
    assert [("github-actions[bot]", f"{MARK}\nreport"), ("org", f"{MARK}\nreport")] == [
        (one.author.login if one.author else "", one.body) for one in pull.comments[3:]
    ]


def test_a_comment_beyond_what_github_takes_is_refused_here(github: GitHub) -> None:
    """One character too many is told before anything is sent."""
    pull = pull_of_ann(github)

    with pytest.raises(InvalidInput, match="at most 65536 characters"):
        forge_of(github, pull.repository, job=True).comment(pull.number, "x" * 65_536, mark=MARK)
    assert [] == writes(github)


def test_labels_are_set_and_taken_off(github: GitHub, api: str) -> None:
    """What is there already is not set again, what is not there is not taken off, and others stay."""
    pull = pull_of_ann(github)
    pull.labels = {"registry:fail", "good first issue"}
    forge = forge_of(github, pull.repository, api=api, job=True)

    for _ in range(2):
        forge.labels(pull.number, add=["registry:pass"], remove=["registry:fail", "registry:review"])

    assert {"registry:pass", "good first issue"} == pull.labels
    assert 2 == len(writes(github))


@pytest.mark.parametrize(
    ("verdict", "conclusion"),
    [("pass", "success"), ("review", "neutral"), ("fail", "failure"), ("undecided", "action_required")],
)
def test_a_verdict_becomes_a_conclusion(github: GitHub, api: str, verdict: Verdict, conclusion: str) -> None:
    """What fails or could not be decided blocks; what a person has to look at does not."""
    pull = pull_of_ann(github)
    forge = forge_of(github, pull.repository, api=api, job=True)

    forge.check(pull.head, "registry/gate", Reported(verdict, "One line", "All of it.\n"))

    (made,) = github.things.checks
    assert ("registry/gate", pull.head, conclusion) == (made.name, made.head, made.conclusion)
    assert ("One line", "All of it.\n") == (made.title, made.summary)


def test_a_long_summary_is_cut_at_the_end_of_a_line(github: GitHub, api: str) -> None:
    """At most 65,535 bytes are sent, and no code span is cut open: what it holds would come alive."""
    pull = pull_of_ann(github)
    line = "- `@everyone " + "ä" * 40 + "`\n"
    forge = forge_of(github, pull.repository, api=api, job=True)

    forge.check(pull.head, "registry/gate", Reported("pass", "One line", line * 2000))

    (made,) = github.things.checks
    kept, _, note = made.summary.partition("\n\nand more")
    assert ({line[:-1]}, ", for which there is no room here\n") == (set(kept.split("\n")), note)
    assert 65_000 < len(made.summary.encode()) <= 65_535


def test_only_a_job_sets_checks(github: GitHub) -> None:
    """A person's token may not, and the words of the forge say so."""
    pull = pull_of_ann(github)

    with pytest.raises(StateForbids, match="authenticate via a GitHub App") as refused:
        forge_of(github, pull.repository, "org").check(pull.head, "registry/gate", Reported("pass", "one", "all"))
    assert "no-right" == refused.value.code


def test_a_pull_request_is_closed_by_its_author_and_by_who_may_write(github: GitHub, api: str) -> None:
    """Others may not."""
    pull = pull_of_ann(github)
    account_of(github, "eve")
    with pytest.raises(StateForbids):
        forge_of(github, pull.repository, "eve", api=api).close(pull.number)
    assert pull.opened

    for login in ("ann", "org"):
        pull.opened = True
        forge_of(github, pull.repository, login, api=api).close(pull.number)
        assert not pull.opened


def test_a_fork_is_made_once_and_waited_for(github: GitHub, api: str) -> None:
    """The first call makes it and looks until it is there; the second finds it."""
    repository = registry_at(github)
    ann = account_of(github, "ann")
    github.things.fork_looks = 3
    waited: list[float] = []

    for _ in range(2):
        fork = forge_of(github, repository, "ann", api=api, pause=waited.append).fork()

    (there,) = (one for one in github.things.repositories if one.parent is repository)
    assert (there.id, "ann/reg", ann.id) == (fork.number, fork.name, fork.owner.number)
    assert (f"{github.server}/ann/reg.git", 3) == (fork.git, len(waited))


def test_a_fork_that_does_not_come_is_told(github: GitHub) -> None:
    """After forty seconds it says what to do, and the number of looks is bounded."""
    repository = registry_at(github)
    account_of(github, "ann")
    github.things.fork_looks = 1000
    waited: list[float] = []

    with pytest.raises(Unreachable, match="still being made") as refused:
        forge_of(github, repository, "ann", pause=waited.append).fork()
    assert ("fork-not-ready", 40.0) == (refused.value.code, sum(waited))


def test_a_fork_that_stayed_behind_is_brought_along(github: GitHub, api: str) -> None:
    """Its main branch is where the registry's is; one with commits of its own is refused and not touched."""
    repository = registry_at(github)
    fork = github.things.fork(repository, account_of(github, "ann"))
    newest = pushed(repository, "main", {"README.md": b"Newer.\n"})
    forge = forge_of(github, repository, "ann", api=api)

    assert fork.id == forge.fork().number
    assert newest == commit_of(fork, "main")
    own = pushed(fork, "main", {"README.md": b"Mine.\n"})
    pushed(repository, "main", {"README.md": b"Newest.\n"})
    with pytest.raises(StateForbids, match="has commits of its own") as refused:
        forge.fork()
    assert ("fork-differs", own) == (refused.value.code, commit_of(fork, "main"))


def test_who_may_push_needs_no_fork(github: GitHub, api: str) -> None:
    """For a maintainer the repository itself is where a branch is pushed; an archived one takes nothing."""
    repository = registry_at(github)
    repository.writers.add(account_of(github, "mod").id)

    assert repository.id == forge_of(github, repository, "mod", api=api).fork().number
    repository.archived = True
    with pytest.raises(StateForbids, match="archived"):
        forge_of(github, repository, "mod", api=api).fork()
    assert [] == writes(github)


def test_a_pull_request_is_opened_once(github: GitHub, api: str) -> None:
    """A second time the one that is open is found; a closed one does not count; a namesake's does not either."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    other = forked(github, repository, "bob", "submit/1", b"other\n")
    github.things.open(repository, other, "submit/1", author=account_of(github, "bob"), title="bob's")
    forge = forge_of(github, repository, "ann", api=api)
    there = forge.fork()

    first, again = (
        forge.open_pull_request(repository=there, branch="submit/1", title="Publish", text="What it is.")
        for _ in range(2)
    )

    assert (first, fork.id, commit_of(fork, "submit/1")) == (again, first.head_repository, first.head)
    (_, made) = github.things.pulls
    assert ("Publish", "What it is.", "main") == (made.title, made.body, made.base)
    made.opened = False
    new = forge.open_pull_request(repository=there, branch="submit/1", title="Publish", text="")
    assert new.number not in (first.number, 0)


def test_what_cannot_become_a_pull_request_is_refused_in_the_forge_s_words(github: GitHub) -> None:
    """A branch that is not there, or brings nothing, is told with what the forge says."""
    repository = registry_at(github)
    fork = github.things.fork(repository, account_of(github, "ann"))
    forge = forge_of(github, repository, "ann")
    there = forge.fork()

    for branch, words in (("submit/none", "Validation Failed"), ("main", "No commits between")):
        with pytest.raises(StateForbids, match=words) as refused:
            forge.open_pull_request(repository=there, branch=branch, title="Publish", text="")
        assert "refused" == refused.value.code
    assert fork.id == there.number


def test_nobody_writes_without_a_token(github: GitHub) -> None:
    """Without one each writing call is refused, with what to do."""
    pull = pull_of_ann(github)
    forge = forge_of(github, pull.repository)

    with pytest.raises(StateForbids) as refused:
        forge.comment(pull.number, "report", mark=MARK)
    assert ("bad-token", True) == (refused.value.code, "GITHUB_TOKEN" in refused.value.hint)
    with pytest.raises(NotFound):
        forge.comment(999, "report", mark=MARK)
    assert [] == pull.comments
