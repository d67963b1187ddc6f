"""What GitHub answers about its things, in the shape that its published description asks for."""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from tests.forge.github_things import Account, Asset, CheckRun, Comment, Pull, Release, Repository, Review

Row = dict[str, Any]  # Any: JSON

GHOST: Final = 10137
_USER_URLS: Final = "events followers following gists organizations received_events repos starred subscriptions".split()
_REPOSITORY_URLS: Final = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags "
    "teams trees"
).split()
_COUNTS: Final = "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count".split()
_FEATURES: Final = "has_downloads has_issues has_projects has_wiki has_pages has_discussions disabled private".split()


class Rows:
    """Rows with the addresses of a server."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.api = f"{server}/api/v3"

    def user(self, account: "Account | None") -> Row:
        """An account; whoever is gone is the ghost."""
        login, number, kind = (account.login, account.id, account.type) if account else ("ghost", GHOST, "User")
        at = f"{self.api}/users/{quote(login)}"
        return {
            "login": login,
            "id": number,
            "node_id": f"U_{number}",
            "type": kind,
            "site_admin": False,
            "gravatar_id": "",
            "avatar_url": f"{self.server}/avatars/{number}",
            "html_url": f"{self.server}/u/{number}",
            "url": at,
            **{f"{name}_url": f"{at}/{name}" for name in _USER_URLS},
        }

    def person(self, account: "Account", time: str) -> Row:
        """What `/user` and `/users/NAME` say."""
        empty = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username"))
        counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
        return {**self.user(account), **empty, **counts, "created_at": time, "updated_at": time}

    def repository(self, one: "Repository", *, push: bool) -> Row:
        """A repository, whole."""
        at = f"{self.api}/repos/{one.full_name}"
        page = f"{self.server}/{one.full_name}"
        return {
            "id": one.id,
            "node_id": f"R_{one.id}",
            "name": one.name,
            "full_name": one.full_name,
            "owner": self.user(one.owner),
            "description": None,
            "fork": one.parent is not None,
            "archived": one.archived,
            "default_branch": one.branch,
            "permissions": {"admin": False, "push": push, "pull": True},
            "homepage": None,
            "language": None,
            "mirror_url": None,
            "license": None,
            "url": at,
            "html_url": page,
            "clone_url": f"{page}.git",
            "svn_url": page,
            "git_url": f"git:{page.partition(':')[2]}.git",
            "ssh_url": f"git@127.0.0.1:{one.full_name}.git",
            **{f"{name}_url": f"{at}/{name}" for name in _REPOSITORY_URLS},
            **dict.fromkeys((*_COUNTS, "network_count", "subscribers_count"), 0),
            **dict.fromkeys(_FEATURES, False),
            **dict.fromkeys(("created_at", "updated_at", "pushed_at"), one.created),
        }

    def pull(self, one: "Pull", *, whole: bool) -> Row:
        """A pull request; `whole` as it is answered alone."""
        base, number = one.repository, one.number
        at, page = f"{self.api}/repos/{base.full_name}", f"{self.server}/{base.full_name}/pull/{number}"
        addresses = {
            "url": f"{at}/pulls/{number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": f"{at}/issues/{number}",
            "commits_url": f"{at}/pulls/{number}/commits",
            "comments_url": f"{at}/issues/{number}/comments",
            "review_comments_url": f"{at}/pulls/{number}/comments",
            "review_comment_url": f"{at}/pulls/comments{{/number}}",
            "statuses_url": f"{at}/statuses/{one.head}",
        }
        links = {name: {"href": addresses[f"{name}_url"]} for name in _LINKS}
        row = {
            **addresses,
            "_links": {**links, "self": {"href": addresses["url"]}},
            "id": 10_000 + number,
            "node_id": f"PR_{number}",
            "number": number,
            "state": "open" if one.opened else "closed",
            "locked": False,
            "title": one.title,
            "body": one.body,
            "user": self.user(one.author),
            "labels": [self.label(base, name) for name in sorted(one.labels)],
            "head": self._side(one.head_repository, one.branch, one.head),
            "base": self._side(base, one.base, one.base_commit),
            "created_at": one.created,
            "updated_at": one.created,
            "closed_at": None if one.opened else one.created,
            "author_association": "NONE",
            **dict.fromkeys(("assignee", "milestone", "auto_merge", "merge_commit_sha", "merged_at")),
        }
        counts = dict.fromkeys(("additions", "changed_files", "comments", "commits", "deletions", "review_comments"), 0)
        more = {"mergeable": None, "mergeable_state": "unknown", "merged": False, "merged_by": None}
        return {**row, **counts, **more, "maintainer_can_modify": False} if whole else row

    def _side(self, repository: "Repository | None", branch: str, commit: str) -> Row:
        owner = repository.owner if repository else None
        label = f"{owner.login if owner else 'unknown'}:{branch}"
        shown = self.repository(repository, push=False) if repository else None
        return {"label": label, "ref": branch, "sha": commit, "user": self.user(owner), "repo": shown}

    def review(self, one: "Review", pull: "Pull") -> Row:
        """A review."""
        page = f"{self.server}/{pull.repository.full_name}/pull/{pull.number}"
        asked = f"{self.api}/repos/{pull.repository.full_name}/pulls/{pull.number}"
        sent = {} if one.state == "PENDING" else {"submitted_at": one.at}
        return {
            "id": one.id,
            "node_id": f"PRR_{one.id}",
            "user": self.user(one.author),
            "body": one.body,
            "state": one.state,
            "commit_id": one.commit,
            "html_url": f"{page}#review-{one.id}",
            "pull_request_url": asked,
            "_links": {"html": {"href": f"{page}#review-{one.id}"}, "pull_request": {"href": asked}},
            "author_association": "MEMBER",
            **sent,
        }

    def comment(self, one: "Comment", pull: "Pull") -> Row:
        """A comment under a pull request."""
        at = f"{self.api}/repos/{pull.repository.full_name}/issues"
        return {
            "id": one.id,
            "node_id": f"IC_{one.id}",
            "url": f"{at}/comments/{one.id}",
            "html_url": f"{self.server}/{pull.repository.full_name}/pull/{pull.number}#issuecomment-{one.id}",
            "issue_url": f"{at}/{pull.number}",
            "user": self.user(one.author),
            "body": one.body,
            "created_at": one.at,
            "updated_at": one.at,
        }

    def label(self, repository: "Repository", name: str) -> Row:
        """A label."""
        at = f"{self.api}/repos/{repository.full_name}/labels/{quote(name)}"
        told = {"url": at, "name": name, "description": "", "color": "ededed", "default": False}
        return {"id": 1 + sum(name.encode()), "node_id": f"LA_{name}", **told}

    def check(self, one: "CheckRun") -> Row:
        """A check run."""
        at = f"{self.api}/repos/{one.repository.full_name}/check-runs/{one.id}"
        return {
            "id": one.id,
            "node_id": f"CR_{one.id}",
            "head_sha": one.head,
            "name": one.name,
            "url": at,
            "status": "completed",
            "conclusion": one.conclusion,
            "started_at": one.at,
            "completed_at": one.at,
            "output": {
                "title": one.title,
                "summary": one.summary,
                "text": None,
                "annotations_count": 0,
                "annotations_url": f"{at}/annotations",
            },
            "pull_requests": [],
            **dict.fromkeys(("html_url", "details_url", "external_id", "check_suite", "app")),
        }

    def release(self, one: "Release") -> Row:
        """A release and its files."""
        at = f"{self.api}/repos/{one.repository.full_name}/releases/{one.id}"
        page = f"{self.server}/{one.repository.full_name}/releases/tag/{one.tag}"
        return {
            "id": one.id,
            "node_id": f"RE_{one.id}",
            "tag_name": one.tag,
            "target_commitish": one.repository.branch,
            "name": one.tag,
            "draft": one.draft,
            "prerelease": False,
            "author": self.user(one.repository.owner),
            "url": at,
            "html_url": page,
            "assets_url": f"{at}/assets",
            "upload_url": f"{at}/assets{{?name,label}}",
            "tarball_url": None,
            "zipball_url": None,
            "created_at": one.at,
            "published_at": None if one.draft else one.at,
            "assets": [self.asset(file, one) for file in one.assets],
        }

    def asset(self, one: "Asset", release: "Release") -> Row:
        """A file of a release."""
        repository = release.repository.full_name
        return {
            "id": one.id,
            "node_id": f"RA_{one.id}",
            "name": one.name,
            "label": None,
            "content_type": "application/octet-stream",
            "size": len(one.data),
            "digest": None,
            "state": one.state,
            "download_count": 0,
            "uploader": self.user(release.repository.owner),
            "url": f"{self.api}/repos/{repository}/releases/assets/{one.id}",
            "browser_download_url": f"{self.server}/{repository}/releases/download/{release.tag}/{one.name}",
            "created_at": release.at,
            "updated_at": release.at,
        }

    def content(self, repository: "Repository", path: str, data: bytes, blob: str) -> Row:
        """A file of a repository; its content comes up to a megabyte."""
        at = f"{self.api}/repos/{repository.full_name}/contents/{path}"
        small = len(data) <= 1_000_000
        links: Mapping[str, str | None] = {"self": at, "git": None, "html": None}
        return {
            "type": "file",
            "encoding": "base64" if small else "none",
            "size": len(data),
            "name": path.rpartition("/")[2],
            "path": path,
            "content": base64.encodebytes(data).decode() if small else "",
            "sha": blob,
            "url": at,
            "_links": links,
            **dict.fromkeys(("git_url", "html_url", "download_url")),
        }

    def ref(self, repository: "Repository", branch: str, commit: str) -> Row:
        """A branch."""
        at = f"{self.api}/repos/{repository.full_name}/git"
        there = {"type": "commit", "sha": commit, "url": f"{at}/commits/{commit}"}
        return {
            "ref": f"refs/heads/{branch}",
            "node_id": f"REF_{branch}",
            "url": f"{at}/refs/heads/{branch}",
            "object": there,
        }


_LINKS: Final = "comments commits statuses html issue review_comments review_comment".split()
