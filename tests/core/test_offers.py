"""Other people's catalogues as lists of offers, and what in them is refused."""

import json
from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.offers import MOST_OFFERS, OFFERS_BYTES, SKILLS_SCHEMA, Offer, Refused, name_in, read_offers

FILE = "/home/ann/cat/catalogue.json"
SITE = "https://acme.example/lists/catalogue.json"
HEX = "ab" * 32
SKILL = {"name": "pdf", "type": "skill-md", "description": "d", "url": "pdf/SKILL.md", "digest": f"sha256:{HEX}"}
ITEM = {"name": "ann__links", "version": "1.0.0", "author_id": "ann", "package_sha256": HEX, "url": "links.tar"}


def read(value: Any, where: str = FILE) -> tuple[Offer | Refused, ...]:
    return read_offers(json.dumps(value).encode(), where=where)


def skills(*rows: Any) -> dict[str, Any]:
    return {"$schema": SKILLS_SCHEMA, "skills": list(rows)}


@pytest.mark.parametrize(
    ("value", "where", "expected"),
    [
        (skills(SKILL), FILE, Offer("pdf", "file", "/home/ann/cat/pdf/SKILL.md", "pdf/SKILL.md", HEX, "skill")),
        (
            skills({**SKILL, "type": "archive", "url": "/.well-known/agent-skills/pdf.zip"}),
            "https://acme.example/.well-known/agent-skills/index.json",
            Offer(
                "pdf",
                "archive",
                "https://acme.example/.well-known/agent-skills/pdf.zip",
                "https://acme.example/.well-known/agent-skills/pdf.zip",
                HEX,
                "skill",
            ),
        ),
        (
            skills({**SKILL, "url": "/.well-known/agent-skills/pdf/SKILL.md"}),
            "/srv/site/.well-known/agent-skills/index.json",
            Offer(
                "pdf",
                "file",
                "/srv/site/.well-known/agent-skills/pdf/SKILL.md",
                ".well-known/agent-skills/pdf/SKILL.md",
                HEX,
                "skill",
            ),
        ),
        (
            skills({**SKILL, "url": "https://other.example/SKILL.md"}),
            SITE,
            Offer("pdf", "file", "https://other.example/SKILL.md", "https://other.example/SKILL.md", HEX, "skill"),
        ),
        (
            [ITEM],
            FILE,
            Offer("ann__links", "archive", "/home/ann/cat/links.tar", "links.tar", HEX, "skills", "1.0.0", ()),
        ),
        (
            {"items": [{**ITEM, "kind": "plugin", "permissions": ["count"], "package_sha256": f"sha256:{HEX}"}]},
            SITE,
            Offer(
                "ann__links",
                "archive",
                "https://acme.example/lists/links.tar",
                "https://acme.example/lists/links.tar",
                HEX,
                "plugin",
                "1.0.0",
                ("count",),
            ),
        ),
        (
            {"plugins": [{"name": "x", "source": "./plugins/x", "version": "2.0.0"}]},
            FILE,
            Offer("x", "folder", "/home/ann/cat/plugins/x", "plugins/x", version="2.0.0"),
        ),
        ({"plugins": [{"name": "x", "source": "./"}]}, FILE, Offer("x", "folder", "/home/ann/cat", ".")),
        (
            {"plugins": [{"name": "x", "source": {"source": "github", "repo": "acme/x"}}]},
            SITE,
            Offer("x", "repository", "https://github.com/acme/x", "https://github.com/acme/x"),
        ),
        (
            {
                "plugins": [
                    {"name": "x", "source": {"source": "git-subdir", "url": "https://a.b/c.git", "path": "p/q/"}}
                ]
            },
            SITE,
            Offer("x", "repository", "https://a.b/c", "https://a.b/c", path="p/q"),
        ),
    ],
)
def test_each_form_of_catalogue_is_read(value: Any, where: str, expected: Offer) -> None:
    """Index, marketplace and plugin marketplace give their rows, from a file and from an address."""
    assert (expected,) == read(value, where)


def test_a_list_names_repositories_and_folders() -> None:
    """One on each line; comments and empty lines are passed over."""
    text = b"# mine\n\nhttps://a.b/c/d.git\nhttps://a.b/e/  # good\n./skills/pdf\n  tools/\n"
    expected = [
        ("repository", "https://a.b/c/d"),
        ("repository", "https://a.b/e"),
        ("folder", "skills/pdf"),
        ("folder", "tools"),
    ]

    assert expected == [(one.form, one.origin) for one in read_offers(text, where=FILE) if isinstance(one, Offer)]


@pytest.mark.parametrize(
    ("value", "where", "said"),
    [
        (skills({**SKILL, "type": "exe"}), FILE, "its type is 'exe'"),
        (skills({**SKILL, "digest": HEX}), FILE, "its digest is"),
        (skills({**SKILL, "digest": "sha256:xyz"}), FILE, "its digest is"),
        (skills({key: one for key, one in SKILL.items() if key != "url"}), FILE, "its member url"),
        (skills({**SKILL, "name": 5}), FILE, "its member name"),
        (skills({**SKILL, "name": "a\u202eb"}), FILE, "its member name"),
        (skills({**SKILL, "url": "x" * 1001}), FILE, "its member url"),
        (skills({**SKILL, "url": "../../etc/passwd"}), FILE, "leads out of"),
        (skills({**SKILL, "url": "/etc/passwd"}), FILE, "leads out of"),
        (skills({**SKILL, "url": "file:///etc/passwd"}), FILE, "leads out of"),
        (skills({**SKILL, "url": "file:///etc/passwd"}), SITE, "is no address"),
        (skills({**SKILL, "url": "http://127.0.0.1:8080/admin"}), SITE, "leads to https only"),
        (
            {"plugins": [{"name": "x", "source": {"source": "url", "url": "http://[::1]/x"}}]},
            SITE,
            "leads to https only",
        ),
        (skills({**SKILL, "url": "a\\b"}), FILE, "leads out of"),
        (skills("pdf"), FILE, "no JSON object"),
        ([{**ITEM, "package_sha256": "x"}], FILE, "package_sha256"),
        ([{**ITEM, "permissions": "all"}], FILE, "permissions"),
        ([{**ITEM, "permissions": [1]}], FILE, "permissions"),
        ([{key: one for key, one in ITEM.items() if key != "url"}], FILE, "where its package lies"),
        ([{key: one for key, one in ITEM.items() if key != "version"}], FILE, "its member version"),
        ({"plugins": [{"name": "x", "source": "./x"}]}, SITE, "beside the catalogue"),
        ({"plugins": [{"name": "x"}]}, FILE, "its source"),
        ({"plugins": [{"name": "x", "source": {"source": "github", "repo": "../x"}}]}, FILE, "not owner/name"),
        ({"plugins": [{"name": "x", "source": {"source": "npm", "package": "x"}}]}, FILE, "'npm'"),
        ({"plugins": [{"name": "x", "source": {"source": "url", "url": "ext::sh -c id"}}]}, FILE, "no address of"),
        (
            {"plugins": [{"name": "x", "source": {"source": "url", "url": "https://me:pw@a.b/c"}}]},
            FILE,
            "no address of",
        ),
        ({"plugins": [{"name": "x", "source": "../x"}]}, FILE, "leads out of"),
    ],
)
def test_a_row_that_is_none_is_refused_by_itself(value: Any, where: str, said: str) -> None:
    """A hostile or broken row is told with its reason, and keeps no other row from being read."""
    rows = value if isinstance(value, list) else next(one for one in value.values() if isinstance(one, list))
    rows.append({**ITEM, "url": "https://a.b/c"} if isinstance(value, list) else rows[0])
    (found, _) = read(value, where)

    assert isinstance(found, Refused)
    assert said in found.why
    assert {"name": found.name, "why": found.why} == found.value()


@pytest.mark.parametrize("line", ["../up", "/abs", "C:\\x", "git@host:a/b", "ftp://a.b/c"])
def test_a_line_that_leads_out_is_refused(line: str) -> None:
    """A list names folders below its own, and addresses of https."""
    (found,) = read_offers(line.encode(), where=FILE)

    assert isinstance(found, Refused) or found.origin == line


def test_a_list_of_the_network_names_no_folder_here() -> None:
    """Somebody else's list does not make the tool read this machine."""
    found = read_offers(b"skills/pdf\nhttps://a.b/c\n", where=SITE)

    assert [Refused, Offer] == [type(one) for one in found]


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"items": 5}',
        b'{"skills": []}',
        b'{"$schema": "https://schemas.agentskills.io/discovery/0.1.0/schema.json", "skills": []}',
        b"{",
        b"\xff\xfe",
        b"a\n" * (MOST_OFFERS + 1),
        b"[" + b"{}," * MOST_OFFERS + b"{}]",
        b" " * (OFFERS_BYTES + 1),
    ],
)
def test_what_is_no_catalogue_is_refused_as_a_whole(data: bytes) -> None:
    """Another schema, another form, or too much, is one clear error."""
    with pytest.raises(InvalidInput):
        read_offers(data, where=FILE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("links", "links"), ("ann__links", "links"), ("Solar Wind", "solar-wind"), ("a.b_c", "a-b-c"), (" pdf ", "pdf")],
)
def test_a_foreign_name_becomes_one_of_ours(text: str, expected: str) -> None:
    """Letter case, spaces, dots and underscores are made fit."""
    assert expected == name_in(text)


@pytest.mark.parametrize("text", ["", "x", "con", "ünder", "-a-", "a/b"])
def test_a_name_that_cannot_be_one_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidInput):
        name_in(text)
