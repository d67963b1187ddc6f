"""Files for hosts: `_redirects` and `_headers` are right under either host's reading, within its limits."""

import re
from collections.abc import Iterator, Mapping

from registry_tool.core import routes
from registry_tool.feeds.host_rules import STATIC, headers, redirects
from registry_tool.feeds.hosts import FEEDS
from tests.hosting.rule_hosts import (
    DYNAMIC,
    HEADER_LINE,
    HEADER_RULES,
    LINE,
    Line,
    RuleHost,
    form,
    header_rules,
    lines,
)
from tests.hosting.scene import NETLIFY, site

MANY = tuple(("skills", f"ann__s{number}") for number in range(3000))


def rules_of(files: Mapping[str, bytes]) -> tuple[Line, ...]:
    """The rules of a site."""
    return lines(files["_redirects"].decode())


def test_no_rule_matches_its_own_target() -> None:
    """A host that applies rules to files too, and again to what they lead to, goes round in no circle (M11)."""
    rules = rules_of(site())
    circles = []
    for rule in rules:
        target = rule.target(re.sub(r":[a-z]+", "x1", rule.path)) or rule.path
        circles += [(rule.path, target)] if rule.target(target) is not None else []
        circles += [(rule.path, one.path) for one in rules if one.status == 301 and one.target(target) is not None]

    assert [] == circles


def test_no_rule_hides_a_file() -> None:
    """No file of the site is matched by any rule: on a host that applies rules to files, each is still there."""
    hidden = [
        (path, rule.path)
        for path in site()
        for rule in rules_of(site())
        if rule.target(f"/{path}") is not None and rule.status in (200, 301)
    ]

    assert [] == hidden


def test_every_rule_of_a_file_leads_to_a_file() -> None:
    """What a rule without a placeholder names is there; or the queue and old addresses, which lead elsewhere."""
    fixed = {rule.to for rule in rules_of(site()) if not rule.is_dynamic and rule.status != 301}

    assert {"/cp/api/v1/admin/marketplace/queue.json"} == {to for to in fixed if to[1:] not in site()}


def test_many_items_have_one_rule_that_is_right_where_files_come_first() -> None:
    """With 3,000 skills the limits hold, and Netlify leads to each item, to its file, and from its old address."""
    text = redirects("", {"/old": "/new"}, MANY, [("gadget", "/pkg/a/b/1.0.0")], [slug for _, slug in MANY]).decode()
    rules = lines(text)
    fixed = [rule for rule in rules if not rule.is_dynamic]
    item, old = "/api/v1/marketplace/skills/items/ann__s7", "/api/v1/marketplace/skills/ann__s7"
    host = RuleHost(NETLIFY, {"_redirects": text.encode(), "_headers": b"", f"{item[1:]}.json": b"7", "404.html": b""})
    said = {path: host.ask("GET", path, {}) for path in (item, f"{item}.json", old)}

    assert fixed == list(rules[: len(fixed)])
    assert (len(fixed) <= STATIC, len(rules) - len(fixed) <= DYNAMIC) == (True, True)
    assert all(len(line) <= LINE for line in text.splitlines())
    assert [(200, b"7"), (200, b"7"), (301, b"")] == [(one.status, one.body) for one in said.values()]
    assert item == said[old].headers["location"]
    assert "/old" in {rule.path for rule in fixed}


def test_an_old_slug_that_is_an_item_too_has_one_rule() -> None:
    """Each path is there once: the first would count alone."""
    moved = {f"{routes.OLD}/ann__s1": "/elsewhere"}
    paths = [rule.path for rule in lines(redirects("", moved, MANY[:3], [], ["ann__s1", "ann__s2"]).decode())]

    assert sorted(set(paths)) == sorted(paths)


def test_headers_say_nothing_twice() -> None:
    """For no file of the site do two rules set the same header, since hosts would join the values."""
    rules = header_rules(site()["_headers"].decode())

    def twice(path: str) -> Iterator[str]:
        names = [name for pattern, said in rules if form(pattern).fullmatch(path) for name in said]
        yield from {name for name in names if names.count(name) > 1}

    assert [] == [(path, name) for path in site() for name in twice(f"/{path}")]


def test_headers_keep_to_the_limits() -> None:
    """So many rules and characters in a line are taken; no pattern has two stars or a star and a name."""
    text = headers("/y", FEEDS).decode()
    patterns = [pattern for pattern, _ in header_rules(text)]

    assert len(patterns) <= HEADER_RULES
    assert all(len(line) <= HEADER_LINE for line in text.splitlines())
    assert all(pattern.count("*") <= 1 for pattern in patterns)
    assert all(pattern.startswith("/y/") for pattern in patterns)


def test_all_rules_begin_with_the_sites_path() -> None:
    """For `https://x/y/` every path and every target does."""
    wrong = [
        rule
        for rule in rules_of(site(url="https://registry.example/y/"))
        if not (rule.path.startswith("/y/") and rule.to.startswith("/y/"))
    ]

    assert ([], True) == (wrong, bool(rules_of(site(url="https://registry.example/y/"))))


def test_what_was_yanked_is_410_where_that_can_be_said() -> None:
    """There is a line for each yanked version of the wire, for its own kind's base too, and none for others."""
    gone = {rule.path for rule in rules_of(site()) if rule.status == 410}

    assert {
        "/pkg/ann/use-clock/1.1.0",
        "/ggui/gadget/pkg/ann/use-clock/1.1.0",
        "/pkg/ann/old-steps/1.0.0",
        "/ggui/blueprint/pkg/ann/old-steps/1.0.0",
    } == gone
