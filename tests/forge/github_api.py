"""The routes of the small GitHub's API: a request in, a status with headers and a body out."""

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from tests.forge.github_call import Call, Said
from tests.forge.github_things import (
    CheckRun,
    Pull,
    Release,
    Repository,
    commit_at,
    commit_of,
    file_at,
)

if TYPE_CHECKING:
    from tests.forge.github_fake import GitHub

Answer = tuple[int, Mapping[str, str], bytes]


def answer(
    github: "GitHub", method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> Answer:
    """What the API says."""
    account, job, known = github.who(headers)
    call = Call(github, account, job, query, json.loads(body) if body else {}, headers)
    github.things.refresh()
    try:
        if not known:
            raise Said(401, "Bad credentials")
        if not path.startswith("/repositories/"):
            _moved(github, method, path)
        for wanted, pattern, route in _ROUTES:
            found = pattern.fullmatch(path)
            if found and method == wanted:
                said = route(call, *map(unquote, found.groups()))
                return said if isinstance(said, tuple) and len(said) == 3 else _json(*said)
        raise Said(404, "Not Found")
    except Said as error:
        return _json(error.status, error.value, **error.headers)


def _json(status: int, value: Any, **headers: str) -> Answer:  # Any: JSON
    return status, {"Content-Type": "application/json; charset=utf-8", **headers}, json.dumps(value).encode()


def _moved(github: "GitHub", method: str, path: str) -> None:
    """A repository that has another name now is there by its number."""
    pieces = path.split("/", 4)
    there = github.things.moved.get("/".join(map(unquote, pieces[2:4]))) if pieces[1] == "repos" else None
    if there is None or github.things.find("/".join(map(unquote, pieces[2:4]))):
        return
    if method != "GET":
        raise Said(307, "Moved Permanently")
    rest = "/".join(pieces[4:])
    url = f"{github.api}/repositories/{there.id}" + (f"/{rest}" if rest else "")
    said = Said(301, "Moved Permanently", url=url)
    said.headers["Location"] = url
    raise said


Reply = tuple[int, Any]  # Any: JSON


def me(call: Call) -> Reply:
    account = call.signed_in()
    if call.job:
        raise Said(403, "Resource not accessible by integration")
    return 200, call.github.rows.person(account, call.things.time)


def account(call: Call, name: str) -> Reply:
    for one in call.github.things.accounts:
        if one.login.lower() == name.lower():
            return 200, call.github.rows.person(one, call.things.time)
    raise Said(404, "Not Found")


def _whole(call: Call, one: Repository) -> Any:  # Any: JSON
    # A job's token is never told that it may.
    return call.github.rows.repository(one, push=not call.job and call.github.may_push(one, call.account, job=False))


def repository(call: Call, owner: str, name: str) -> Reply:
    return 200, _whole(call, call.repository(owner, name))


def by_number(call: Call, number: str) -> Reply:
    for one in call.github.things.repositories:
        if str(one.id) == number:
            return 200, _whole(call, one)
    raise Said(404, "Not Found")


def fork(call: Call, owner: str, name: str) -> Reply:
    there, account = call.repository(owner, name), call.signed_in()
    if call.job:
        raise Said(403, "Resource not accessible by integration")
    return 202, _whole(call, call.github.things.fork(there, account))


def ref(call: Call, owner: str, name: str, branch: str) -> Reply:
    there = call.repository(owner, name)
    if there.looks:
        there.looks -= 1
        raise Said(409, "Git Repository is empty.")
    commit = commit_of(there, branch)
    if commit is None:
        raise Said(404, "Not Found")
    return 200, call.github.rows.ref(there, branch, commit)


def merge_upstream(call: Call, owner: str, name: str) -> Reply:
    there = call.repository(owner, name)
    call.may_write(there)
    if not call.github.things.sync(there):
        return 409, {"message": "There are merge conflicts"}
    return 200, {"message": "Successfully fetched", "merge_type": "fast-forward", "base_branch": "up:main"}


def content(call: Call, owner: str, name: str, path: str) -> Reply:
    there = call.repository(owner, name)
    found = file_at(there, path)
    if found is None:
        raise Said(404, "Not Found")
    return 200, call.github.rows.content(there, path, *found)


def pulls(call: Call, owner: str, name: str) -> Reply:
    there = call.repository(owner, name)
    rows = [one for one in call.github.things.pulls if one.repository is there]
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    rows = [one for one in rows if state in ("all", "open" if one.opened else "closed")]
    rows = [one for one in rows if base in (None, one.base)]
    rows = [one for one in rows if head in (None, _label(one))]
    rows.sort(key=lambda one: one.number, reverse=call.query.get("direction") != "asc")
    return 200, call.page([call.github.rows.pull(one, whole=False) for one in rows])


def _label(pull: Pull) -> str:
    owner = pull.head_repository.owner.login if pull.head_repository else "unknown"
    return f"{owner}:{pull.branch}"


def open_pull(call: Call, owner: str, name: str) -> Reply:
    there, account, said = call.repository(owner, name), call.signed_in(), call.said
    login, _, branch = said["head"].rpartition(":")
    network = [one for one in call.github.things.repositories if there in (one, one.parent)]
    sources = [one for one in network if one.owner.login == (login or there.owner.login)]
    commit = commit_of(sources[0], branch) if sources else None
    fault = {"resource": "PullRequest", "code": "custom"}
    if commit is None:
        raise Said(422, "Validation Failed", errors=[{**fault, "code": "invalid", "field": "head"}])
    for one in call.github.things.pulls:
        if one.opened and one.repository is there and _label(one) == f"{sources[0].owner.login}:{branch}":
            message = f"A pull request already exists for {_label(one)}."
            raise Said(422, "Validation Failed", errors=[{**fault, "message": message}])
    if commit == commit_of(there, said["base"]):
        message = f"No commits between {said['base']} and {said['head']}"
        raise Said(422, "Validation Failed", errors=[{**fault, "message": message}])
    body = str(said.get("body") or "")
    made = call.github.things.open(there, sources[0], branch, author=account, title=said["title"], body=body)
    made.base = said["base"]
    return 201, call.github.rows.pull(made, whole=True)


def pull(call: Call, owner: str, name: str, number: str) -> Reply:
    return 200, call.github.rows.pull(call.pull(call.repository(owner, name), number), whole=True)


def edit_pull(call: Call, owner: str, name: str, number: str) -> Reply:
    one = call.pull(call.repository(owner, name), number)
    if one.author is not call.signed_in():
        call.may_write(one.repository)
    one.opened = call.said["state"] == "open"
    return 200, call.github.rows.pull(one, whole=True)


def pulls_of(call: Call, owner: str, name: str, commit: str) -> Reply:
    there = call.repository(owner, name)
    if commit_at(there, commit) is None:
        raise Said(409, "No commit found for SHA: " + commit)
    rows = [one for one in call.github.things.pulls if one.repository is there and one.head == commit]
    return 200, call.page([call.github.rows.pull(one, whole=False) for one in rows])


def reviews(call: Call, owner: str, name: str, number: str) -> Reply:
    one = call.pull(call.repository(owner, name), number)
    return 200, call.page([call.github.rows.review(row, one) for row in one.reviews])


def comments(call: Call, owner: str, name: str, number: str) -> Reply:
    one = call.pull(call.repository(owner, name), number)
    return 200, call.page([call.github.rows.comment(row, one) for row in one.comments])


def write_comment(call: Call, owner: str, name: str, number: str) -> Reply:
    one = call.pull(call.repository(owner, name), number)
    made = call.github.things.comment(one, call.signed_in(), call.said["body"])
    return 201, call.github.rows.comment(made, one)


def edit_comment(call: Call, owner: str, name: str, number: str) -> Reply:
    there = call.repository(owner, name)
    for one in call.github.things.pulls:
        for row in one.comments:
            if one.repository is there and str(row.id) == number:
                if row.author is not call.signed_in():
                    call.may_write(there)
                row.body = call.said["body"]
                return 200, call.github.rows.comment(row, one)
    raise Said(404, "Not Found")


def _labels(call: Call, one: Pull) -> Reply:
    return 200, call.page([call.github.rows.label(one.repository, name) for name in sorted(one.labels)])


def labels(call: Call, owner: str, name: str, number: str) -> Reply:
    return _labels(call, call.pull(call.repository(owner, name), number))


def add_labels(call: Call, owner: str, name: str, number: str) -> Reply:
    one = call.pull(call.repository(owner, name), number)
    call.may_write(one.repository)
    one.labels |= set(call.said["labels"])
    return _labels(call, one)


def remove_label(call: Call, owner: str, name: str, number: str, label: str) -> Reply:
    one = call.pull(call.repository(owner, name), number)
    call.may_write(one.repository)
    if label not in one.labels:
        raise Said(404, "Label does not exist")
    one.labels.remove(label)
    return _labels(call, one)


def check(call: Call, owner: str, name: str) -> Reply:
    there, said = call.repository(owner, name), call.said
    if not call.job or there is not call.github.jobs:
        raise Said(403, "You must authenticate via a GitHub App.")
    things, output = call.github.things, said["output"]
    told = (said["name"], said["conclusion"], output["title"], output["summary"])
    made = CheckRun(things.number(), there, said["head_sha"], *told, things.time)
    things.checks.append(made)
    return 201, call.github.rows.check(made)


def _releases(call: Call, there: Repository) -> list[Release]:
    rows = [one for one in call.github.things.releases if one.repository is there]
    shown = call.github.may_push(there, call.account, job=call.job)
    return sorted((one for one in rows if shown or not one.draft), key=lambda one: -one.id)


def releases(call: Call, owner: str, name: str) -> Reply:
    rows = _releases(call, call.repository(owner, name))
    return 200, call.page([call.github.rows.release(one) for one in rows])


def release(call: Call, owner: str, name: str, tag: str) -> Reply:
    for one in _releases(call, call.repository(owner, name)):
        if one.tag == tag and not one.draft:
            return 200, call.github.rows.release(one)
    raise Said(404, "Not Found")


def asset(call: Call, owner: str, name: str, number: str) -> Reply | Answer:
    for one in _releases(call, call.repository(owner, name)):
        for file in one.assets:
            if str(file.id) == number:
                if call.headers.get("accept") != "application/octet-stream":
                    return 200, call.github.rows.asset(file, one)
                return 302, {"Location": f"{call.github.store}/files/{number}?signature=once"}, b""
    raise Said(404, "Not Found")


_REPO: Final = "/repos/([^/]+)/([^/]+)"
_ROUTES: Final[list[tuple[str, re.Pattern[str], Callable[..., Any]]]] = [  # Any: an answer, or its status and value
    (method, re.compile(pattern), route)
    for method, pattern, route in (
        ("GET", "/user", me),
        ("GET", "/users/([^/]+)", account),
        ("GET", "/repositories/([0-9]+)", by_number),
        ("GET", _REPO, repository),
        ("POST", f"{_REPO}/forks", fork),
        ("POST", f"{_REPO}/merge-upstream", merge_upstream),
        ("GET", f"{_REPO}/git/ref/heads(?:%2F|/)(.+)", ref),
        ("GET", f"{_REPO}/contents/(.+)", content),
        ("GET", f"{_REPO}/pulls", pulls),
        ("POST", f"{_REPO}/pulls", open_pull),
        ("GET", f"{_REPO}/pulls/([0-9]+)", pull),
        ("PATCH", f"{_REPO}/pulls/([0-9]+)", edit_pull),
        ("GET", f"{_REPO}/commits/([^/]+)/pulls", pulls_of),
        ("GET", f"{_REPO}/pulls/([0-9]+)/reviews", reviews),
        ("GET", f"{_REPO}/issues/([0-9]+)/comments", comments),
        ("POST", f"{_REPO}/issues/([0-9]+)/comments", write_comment),
        ("PATCH", f"{_REPO}/issues/comments/([0-9]+)", edit_comment),
        ("GET", f"{_REPO}/issues/([0-9]+)/labels", labels),
        ("POST", f"{_REPO}/issues/([0-9]+)/labels", add_labels),
        ("DELETE", f"{_REPO}/issues/([0-9]+)/labels/(.+)", remove_label),
        ("POST", f"{_REPO}/check-runs", check),
        ("GET", f"{_REPO}/releases", releases),
        ("GET", f"{_REPO}/releases/tags/(.+)", release),
        ("GET", f"{_REPO}/releases/assets/([0-9]+)", asset),
    )
]
