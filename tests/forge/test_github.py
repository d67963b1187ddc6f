"""GitHub as a forge: what is read from it, each call held against its published description too."""

from dataclasses import replace

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.forge import ForgeAccount
from tests.forge.forges import account_of, forge_of, forked, pushed, registry_at
from tests.forge.github_fake import GitHub
from tests.forge.github_things import GHOST_ACCOUNT, commit_of

pytestmark = pytest.mark.slow


def test_a_pull_request_is_what_github_shows(github: GitHub, api: str) -> None:
    """Head, author by number, fork by number, branch, address and time of a pull request from a fork are told."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    ann = account_of(github, "ann")
    made = github.things.open(repository, fork, "submit/1", author=ann, title="Publish @ann/pdf")

    (found,) = forge_of(github, repository, api=api).pull_requests()

    head = commit_of(fork, "submit/1")
    url = f"{github.server}/org/reg/pull/{made.number}"
    assert (made.number, head, ForgeAccount(ann.id, "ann", "user")) == (found.number, found.head, found.author)
    assert ("Publish @ann/pdf", url, True) == (found.title, found.url, found.opened)
    assert (fork.id, "submit/1", made.created) == (found.head_repository, found.branch, found.created)
    assert found == forge_of(github, repository, api=api).pull_request(made.number)


def test_a_hundred_and_one_pull_requests_come_oldest_first(github: GitHub, api: str) -> None:
    """A second page is asked for, and nothing is twice or missing."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    ann = account_of(github, "ann")
    first = github.things.open(repository, fork, "submit/1", author=ann, title="one")
    more = [replace(first, number=github.things.number(), seen=set(first.seen)) for _ in range(100)]
    github.things.pulls += more
    made = [one.number for one in github.things.pulls]

    assert made == [one.number for one in forge_of(github, repository, api=api).pull_requests()]


def test_pull_requests_to_other_branches_are_none_of_ours(github: GitHub, api: str) -> None:
    """One that asks another branch is neither listed nor found by number or head."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    made = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    pushed(repository, "dev", {"README.md": b"dev\n"}, onto="main")
    made.base = "dev"
    forge = forge_of(github, repository, api=api)

    assert ([], ()) == (list(forge.pull_requests()), forge.pull_requests_of(made.head))
    with pytest.raises(NotFound, match="another branch than main") as refused:
        forge.pull_request(made.number)
    assert "other-branch" == refused.value.code


def test_a_pull_request_is_found_by_the_commit_of_its_head(github: GitHub, api: str) -> None:
    """Only those whose head is the commit are found, closed ones too; an older head finds nothing."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    made = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    old = made.head
    forge = forge_of(github, repository, api=api)
    assert [made.number] == [one.number for one in forge.pull_requests_of(old)]
    new = pushed(fork, "submit/1", {"README.md": b"newer\n"})

    assert ([], [made.number]) == (
        [one.number for one in forge.pull_requests_of(old)],
        [one.number for one in forge.pull_requests_of(new)],
    )
    made.opened = False
    assert [(made.number, False)] == [(one.number, one.opened) for one in forge.pull_requests_of(new)]
    assert () == forge.pull_requests_of("0" * 40)


def test_a_pull_request_that_github_does_not_connect_with_its_commit_is_found(github: GitHub) -> None:
    """Where the forge knows no pull request of a fork's commit, the open ones are looked through."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    made = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    forge = forge_of(github, repository)
    github.fails(status=200, body=b"[]", within=f"/commits/{made.head}/pulls")

    assert [made.number] == [one.number for one in forge.pull_requests_of(made.head)]


def test_reviews_are_told_by_account_number_and_commit(github: GitHub, api: str) -> None:
    """Each review has its number, account, the commit that it saw and what it says; unsent ones are left out."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    pull = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    mod = account_of(github, "mod")
    first, states = pull.head, ("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED")
    said = [github.things.review(pull, mod, state, f"I say {state}") for state in states]
    github.things.review(pull, mod, "PENDING", "not yet")
    pushed(fork, "submit/1", {"README.md": b"newer\n"})

    found = forge_of(github, repository, api=api).reviews(pull.number)

    assert [one.id for one in said] == [one.number for one in found]
    assert ["approved", "changes", "comment", "dismissed"] == [one.state for one in found]
    assert {(mod.id, "mod", first)} == {(one.account.number, one.account.name, one.commit) for one in found}
    assert ("I say APPROVED", said[0].at) == (found[0].text, found[0].at)


def test_an_account_that_is_gone_is_not_the_one_that_took_its_name(github: GitHub, api: str) -> None:
    """Reviews of a deleted account are the ghost's; whoever takes the name has another number; a rename keeps it."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    pull = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    mod, eve = account_of(github, "mod"), account_of(github, "eve")
    github.things.review(pull, mod, "APPROVED")
    github.things.review(pull, eve, "APPROVED")
    eve.login = "eva"
    github.things.delete(mod)
    taken = github.things.account("mod")
    forge = forge_of(github, repository, api=api)

    found = [one.account for one in forge.reviews(pull.number)]

    assert [GHOST_ACCOUNT, ForgeAccount(eve.id, "eva", "user")] == found
    assert ForgeAccount(taken.id, "mod", "user") == forge.account("mod")
    assert mod.id != taken.id


def test_a_thousand_reviews_are_too_many(github: GitHub) -> None:
    """Where some would have to be left out, none is told: a later one may take back an earlier one."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    pull = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    mod = account_of(github, "mod")
    for _ in range(1000):
        github.things.review(pull, mod, "APPROVED")

    with pytest.raises(StateForbids, match="1000 reviews or more") as refused:
        forge_of(github, repository).reviews(pull.number)
    assert "too-many" == refused.value.code


def test_who_the_token_is(github: GitHub, api: str) -> None:
    """A person's token is theirs by number, a job's is nobody's, and none is nobody's."""
    repository = registry_at(github)
    ann = account_of(github, "ann")

    assert ForgeAccount(ann.id, "ann", "user") == forge_of(github, repository, "ann", api=api).me()
    assert (None, None) == (
        forge_of(github, repository, api=api, job=True).me(),
        forge_of(github, repository, api=api).me(),
    )


def test_accounts_and_repositories_are_found_by_name(github: GitHub, api: str) -> None:
    """Kinds of accounts are told apart; a repository has its number, owner, branch and address."""
    repository = registry_at(github)
    github.things.account("acme", kind="Organization")
    repository.archived = True
    forge = forge_of(github, repository, api=api)

    assert ("organisation", "bot") == (forge.account("acme").kind, forge.account("github-actions[bot]").kind)
    found = forge.repository("org/reg")
    assert (repository.id, "org/reg", repository.owner.id) == (found.number, found.name, found.owner.number)
    assert (github.git(repository), "main", True) == (found.git, found.branch, found.archived)
    with pytest.raises(NotFound):
        forge.account("nobody")
    with pytest.raises(InvalidInput, match="written as owner/name"):
        forge.repository("reg")


def test_a_renamed_repository_keeps_its_number(github: GitHub) -> None:
    """By its old name it is found and written to under its new one; by number too; and the old name can be taken."""
    repository = registry_at(github)
    fork = forked(github, repository, "ann", "submit/1")
    pull = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    github.things.rename(repository, "registry")
    forge = forge_of(github, "org/reg", "org")

    forge.close(pull.number)
    assert (False, "org/registry") == (pull.opened, forge.repository(repository.id).name)
    assert f"PATCH /repos/org/registry/pulls/{pull.number}" in github.calls()
    other = github.things.repository(repository.owner, "reg")
    assert other.id == forge_of(github, repository).repository("org/reg").number


def test_the_files_of_a_release(github: GitHub, api: str) -> None:
    """A release is found by its tag with its files; drafts are not; files half uploaded are left out."""
    repository = registry_at(github)
    github.things.release(repository, "v1.0.0", {"a.json": b"{}", "b.json": b"[]"})
    made = github.things.release(repository, "v1/odd", {"c.json": b"{}", "half": b""})
    made.assets[1].state = "open"
    github.things.release(repository, "v2.0.0", {}, draft=True)
    forge = forge_of(github, repository, "org", api=api)
    there = forge.repository("org/reg")

    assert [("a.json", 2), ("b.json", 2)] == [(one.name, one.size) for one in forge.release(there, "v1.0.0").files]
    assert [("v1/odd", ["c.json"]), ("v1.0.0", ["a.json", "b.json"])] == [
        (one.tag, [file.name for file in one.files]) for one in forge.releases(there)
    ]
    with pytest.raises(NotFound):
        forge.release(there, "v2.0.0")


def test_a_file_of_a_release_lies_elsewhere_and_no_token_goes_there(github: GitHub) -> None:
    """The redirect to another server is followed without the token, and the size is bounded."""
    repository = registry_at(github)
    data = bytes(range(256)) * 40
    github.things.release(repository, "v1.0.0", {"a.bin": data})
    forge = forge_of(github, repository, "org")
    release = forge.release(forge.repository("org/reg"), "v1.0.0")

    assert data == forge.fetch(release.repository, release.files[0], limit=len(data))
    (stored,) = github.stored
    assert "authorization" not in stored.headers
    assert "Bearer token-of-org" == github.asked[-1].headers["authorization"]
    with pytest.raises(InvalidInput, match="at most 10 bytes") as refused:
        forge.fetch(release.repository, release.files[0], limit=10)
    assert "signature" not in str(refused.value)


def test_a_file_of_a_repository(github: GitHub, api: str) -> None:
    """A file of the default branch comes as it is, none is `None`, and one too large is refused before it is read."""
    repository = registry_at(github)
    pushed(repository, "main", {"note.json": b'{"a": 1}\n', "large": b"x" * 1_000_001})
    forge = forge_of(github, repository, api=api)
    there = forge.repository("org/reg")

    assert (b'{"a": 1}\n', None) == (
        forge.file(there, "note.json", limit=100),
        forge.file(there, "deep/er/none.json", limit=100),
    )
    for path, limit in (("note.json", 8), ("large", 2_000_000)):
        with pytest.raises(InvalidInput) as refused:
            forge.file(there, path, limit=limit)
        assert "too-large" == refused.value.code


def test_where_a_person_without_a_token_goes(github: GitHub) -> None:
    """The links are the forge's own pages, with everything that could end them early escaped."""
    forge = forge_of(github, "org/reg")

    assert (
        f"{github.server}/org/reg/fork",
        f"{github.server}/org/reg/compare/main...ann:submit/1%3F%23?expand=1",
    ) == forge.links("ann:submit/1?#")
    assert (f"{github.server}/org/reg", "127.0.0.1") == (forge.where, forge.name)
