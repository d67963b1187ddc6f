"""What a forge may answer that is no good, or not now: told once, clearly, and never with the token."""

import json
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids, Unreachable, WrongUsage
from registry_tool.forges.finding import Place, place_at, place_for, place_of_job, token_of
from tests.forge.forges import account_of, forge_of, forked, pushed, registry_at
from tests.forge.github_fake import GitHub
from tests.forge.github_things import START

pytestmark = pytest.mark.slow

JSON = {"Content-Type": "application/json; charset=utf-8"}
LIMIT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(START + 754)}


@pytest.mark.parametrize(
    ("fault", "branch", "code", "words"),
    [
        ({"status": 403, "headers": LIMIT}, Unreachable, "rate-limit", "for 754 seconds"),
        ({"status": 429, "headers": {"Retry-After": "30"}}, Unreachable, "rate-limit", "for 30 seconds"),
        ({"status": 403, "headers": {"Retry-After": "30"}}, Unreachable, "rate-limit", "for 30 seconds"),
        ({"status": 429}, Unreachable, "rate-limit", "for 60 seconds"),
        ({"status": 429, "headers": {"Retry-After": "soon"}}, Unreachable, "rate-limit", "for 60 seconds"),
        ({"status": 429, "headers": {"Retry-After": "9" * 11}}, Unreachable, "rate-limit", "for 86400 seconds"),
        ({"status": 403, "headers": {**LIMIT, "x-ratelimit-reset": "1"}}, Unreachable, "rate-limit", "for 1 seconds"),
        ({"status": 403, "headers": {"x-ratelimit-remaining": "0"}}, StateForbids, "no-right", "does not allow it"),
        ({"status": 403}, StateForbids, "no-right", "Server Error"),
        ({"status": 401}, StateForbids, "bad-token", "does not take the token"),
        ({"status": 404}, NotFound, "not-found", "has nothing there"),
        ({"status": 410}, NotFound, "not-found", "has nothing there"),
        ({"status": 422}, StateForbids, "refused", "HTTP 422"),
        ({"status": 500}, Unreachable, "server-error", "HTTP 500"),
        ({"status": 408}, Unreachable, "server-error", "HTTP 408"),
        ({"status": 700}, Unreachable, "server-error", "HTTP 700"),
        ({"status": 204, "body": b"", "headers": {"Content-Type": ""}}, Unreachable, "not-a-forge", "no API"),
        ({"status": 200, "headers": {"Content-Type": "text/html"}}, Unreachable, "not-a-forge", "no API of a forge"),
        ({"status": 404, "headers": {"Content-Type": "text/html"}}, Unreachable, "not-a-forge", "no API of a forge"),
        ({"status": 200, "body": b"{"}, InvalidInput, "bad-answer", "cannot be read"),
        ({"status": 200, "body": b'{"a": 1, "a": 2}'}, InvalidInput, "bad-answer", "there twice"),
        ({"status": 200, "body": b"[" * 40 + b"]" * 40}, InvalidInput, "bad-answer", "nested deeper"),
        ({"status": 200, "body": b"[]"}, InvalidInput, "bad-answer", "is not what it says"),
    ],
)
def test_an_answer_that_is_no_good_is_told(
    github: GitHub, fault: dict[str, Any], branch: type[RegistryError], code: str, words: str
) -> None:
    """Each has its branch, its code, the address without its query, and never the token."""
    registry_at(github)
    github.fails(**{**fault, "headers": {**JSON, **fault.get("headers", {})}})

    with pytest.raises(branch, match=words) as refused:
        forge_of(github, "org/reg", "org").repository("org/reg")

    assert (code, f"{github.api}/repos/org/reg") == (refused.value.code, refused.value.where)
    assert "token-of-org" not in str(vars(refused.value))


def test_a_connection_that_is_cut_off_is_tried_once_more_for_reading_only(github: GitHub) -> None:
    """A first cut is mended, a second is told; what writes is never sent twice."""
    repository = registry_at(github)
    forge = forge_of(github, repository, "org")
    github.fails(cut=True)
    assert "org/reg" == forge.repository("org/reg").name

    github.fails(cut=True)
    github.fails(cut=True)
    with pytest.raises(Unreachable) as refused:
        forge.repository("org/reg")
    assert "cut-off" == refused.value.code
    fork = forked(github, repository, "ann", "submit/1")
    pull = github.things.open(repository, fork, "submit/1", author=account_of(github, "ann"), title="one")
    github.fails(cut=True, method="POST")
    with pytest.raises(Unreachable):
        forge.labels(pull.number, add=["registry:pass"], remove=[])
    assert 1 == sum(one.method == "POST" for one in github.asked)


def test_the_words_of_the_forge_are_quoted_and_hold_no_token(github: GitHub) -> None:
    """Escapes in them are shown, the token is taken out, and they are cut short."""
    registry_at(github)
    said = {"message": "no \x1b[31m token-of-org", "errors": ["one", {"message": "two"}, {"code": "x"}, 4]}
    github.fails(status=422, body=json.dumps(said).encode())

    with pytest.raises(StateForbids) as refused:
        forge_of(github, "org/reg", "org").repository("org/reg")

    assert r"the forge refused (HTTP 422): 'no \x1b[31m …; one; two'" == refused.value.message


@pytest.mark.parametrize("body", [b"no json", b"[]", b'{"message": 4, "errors": 5}', b'{"errors": []}'])
def test_a_forge_that_gives_no_reason_is_told_so(github: GitHub, body: bytes) -> None:
    """Whatever stands where its words should be."""
    registry_at(github)
    github.fails(status=422, body=body)

    with pytest.raises(StateForbids, match="it gave no reason"):
        forge_of(github, "org/reg", "org").repository("org/reg")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": "3"}, "id"),
        ({"id": True}, "id"),
        ({"id": 0}, "id"),
        ({"full_name": "../../user"}, "full_name"),
        ({"full_name": "a/b/c"}, "full_name"),
        ({"full_name": "org"}, "full_name"),
        ({"owner": None}, "owner"),
        ({"owner": {"id": 1, "login": "a b", "type": "User"}}, "owner.login"),
        ({"archived": "no"}, "archived"),
        ({"permissions": {"push": 1}}, "permissions.push"),
        ({"default_branch": ["main"]}, "default_branch"),
    ],
)
def test_a_member_of_the_wrong_type_is_refused_by_its_name(github: GitHub, change: dict[str, Any], place: str) -> None:
    """Nothing is guessed from an answer: a number in quotes is none, and a name that leaves its place is none."""
    repository = registry_at(github)
    row = {**github.rows.repository(repository, push=False), **change, "a new member": [1.5, None]}
    github.fails(status=200, body=json.dumps(row).encode())

    with pytest.raises(InvalidInput, match=f" {place}: ") as refused:
        forge_of(github, "org/reg").repository("org/reg")
    assert "bad-answer" == refused.value.code


@pytest.mark.parametrize("name", ["org/..", "./reg", "../user", "a/b/c", "/reg", "org/"])
def test_a_name_that_leads_elsewhere_is_not_asked_for(github: GitHub, name: str) -> None:
    """Dots in a path would make another path of it."""
    registry_at(github)

    with pytest.raises(InvalidInput):
        forge_of(github, "org/reg", "org").repository(name)
    assert [] == github.calls()


def test_a_fork_that_is_the_repository_itself_is_refused(github: GitHub) -> None:
    """What a forge calls a fork has another number."""
    repository = registry_at(github)
    account_of(github, "ann")
    row = github.rows.repository(repository, push=False)
    github.fails(status=202, body=json.dumps(row).encode(), within="/forks")

    with pytest.raises(InvalidInput, match="its own fork"):
        forge_of(github, repository, "ann").fork()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"content": "!"}, "bad-answer"),
        ({"content": "YWJjZGVmZ2hpamtsbW4="}, "too-large"),
        ({"size": 20}, "too-large"),
        ({"encoding": "none", "content": ""}, "too-large"),
        ({"type": "dir"}, "bad-answer"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(github: GitHub, change: dict[str, Any], code: str) -> None:
    """Its size is looked at before and after, and its content is base64."""
    repository = registry_at(github)
    pushed(repository, "main", {"note": b"note"})
    forge = forge_of(github, repository)
    row = {**github.rows.content(repository, "note", b"note", "0" * 40), **change}
    github.fails(status=200, body=json.dumps(row).encode(), within="/contents/")

    with pytest.raises(InvalidInput) as refused:
        forge.file(forge.repository("org/reg"), "note", limit=10)
    assert code == refused.value.code


def test_a_token_that_is_not_taken_is_told(github: GitHub) -> None:
    """Also where it is asked whose it is: a wrong token is not a job's."""
    registry_at(github)

    with pytest.raises(StateForbids) as refused:
        forge_of(github, "org/reg", "nobody").me()
    assert "bad-token" == refused.value.code


# ------------------------------------------------------------------------------------ which forge


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://github.com/org/reg.git", "org/reg"),
        ("https://github.com/org/reg", "org/reg"),
        ("https://github.com/org/reg/", "org/reg"),
        ("git@github.com:org/reg.git", "org/reg"),
        ("ssh://git@github.com/org/reg.git", "org/reg"),
        ("https://github.com/org", None),
        ("https://github.com/org/reg/tree/main", None),
        ("https://github.com/../user.git", None),
        ("https://github.com.evil.example/org/reg.git", None),
        ("https://git@github.com/org/reg.git", None),
        ("http://github.com/org/reg.git", None),
        ("https://example.org/org/reg.git", None),
        ("git@example.org:org/reg.git", None),
        ("ssh://git@example.org/org/reg.git", None),
        ("", None),
        ("/home/ann/reg", None),
    ],
)
def test_an_address_says_which_repository_it_is(address: str, name: str | None) -> None:
    """Only what lies on the server itself is on the forge; nothing that merely begins like it."""
    expected = name and Place("https://github.com", "https://api.github.com", name, "t0ken")

    assert expected == place_at(address, {"GITHUB_TOKEN": "t0ken"})


def test_the_environment_names_another_server() -> None:
    """Its API is below it, or where it is said to be; a token is the first that is set, and is never shown."""
    env = {"GITHUB_SERVER_URL": "https://git.example.org/", "GH_TOKEN": "t0ken"}
    address = "https://git.example.org/org/reg.git"

    found = place_at(address, env)
    assert found == Place("https://git.example.org", "https://git.example.org/api/v3", "org/reg", "t0ken")
    assert "t0ken" not in repr(found)
    other = place_at(address, {**env, "GITHUB_API_URL": "https://api.example.org", "GITHUB_TOKEN": "first"})
    assert other == Place("https://git.example.org", "https://api.example.org", "org/reg", "first")
    assert None is place_at("https://github.com/org/reg.git", env)


def test_a_path_is_where_its_job_or_its_table_says() -> None:
    """A job's repository comes first, then the address that the registry names; an address is asked for itself."""
    job = {"GITHUB_REPOSITORY": "org/job"}
    named = "https://github.com/org/named.git"
    found = [
        place_for("reg", job, named=lambda: named),
        place_for("reg", {}, named=lambda: named),
        place_for("https://github.com/org/said.git", job, named=lambda: named),
        place_for("reg", {}, named=lambda: ""),
        place_for("https://example.org/reg/", job, named=lambda: named),
    ]

    assert ["org/job", "org/named", "org/said", None, None] == [one and one.name for one in found]
    with pytest.raises(WrongUsage, match="owner/name"):
        place_of_job({"GITHUB_REPOSITORY": "job"})


@pytest.mark.parametrize("token", ["to ken", "token\n", "tökén", "x" * 1001])
def test_what_cannot_be_a_token_is_refused_and_not_shown(token: str) -> None:
    """A line break at its end would become a header of its own."""
    with pytest.raises(WrongUsage) as refused:
        token_of({"GITHUB_TOKEN": token})
    assert ("bad-token", False) == (refused.value.code, token in str(vars(refused.value)))
