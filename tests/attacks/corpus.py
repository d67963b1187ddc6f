"""The table of attacks on what is installed: each with its verdict, and the test that carries it out.

Archives and texts are refused before anything is written; what runs is blocked while it runs. The page
`site_templates/docs/attacks.md` shows the table to people.
"""

from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["refused", "rewritten", "blocked", "told", "accepted"]
"""`rewritten`: ordinary files have it too, so it is published, and nothing of it is left in what is installed.
`told`: a person is told, or has to decide."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that an artifact, or whoever serves it, tries."""

    number: int
    kind: str
    """What it comes as; `any` where that does not matter."""
    what: str
    verdict: Verdict
    test: str
    """Its file and function below `tests/`."""
    case: str = ""
    """What stands in the id of its case, which may be several; empty where the whole test is it."""


_BUNDLE: Final = "core/test_bundle.py::test_a_hostile_archive_is_refused_for_its_own_reason"
_COMPOSE: Final = "attacks/test_compose.py::test_an_attack_is_refused_for_its_own_reason"
_REWRITTEN: Final = "attacks/test_compose.py::test_an_attack_that_is_ordinary_too_loses_its_teeth"
_STYLE: Final = "attacks/test_styles.py::test_a_hostile_stylesheet_is_refused_or_shown"
_FRAME: Final = "attacks/test_frames.py::test_a_widget_reaches_nothing"
_BROKER: Final = "site/browser/test_frames.py::"
_CALL: Final = "attacks/test_tool_gate.py::test_no_such_call_reaches_the_server"
_MESSAGE: Final = "attacks/test_tool_gate.py::test_no_such_message_reaches_the_client"
_IMPORT: Final = "core/test_bundling.py::test_an_import_that_no_module_may_have_is_refused_at_its_line"
_ESCAPE: Final = "attacks/test_escapes.py::test_without_a_grant_nothing_is_reached"
_WANTS: Final = "attacks/test_wants.py::"
_TEXT: Final = "attacks/test_skill_text.py::"


def _archives() -> tuple[Attack, ...]:
    names = (
        "`../x`|`a/../../x`|`/etc/x`|`./x`|a backslash in a path|`C:x`|`a:stream`|`//h/s`|a symbolic link"
        "|a symbolic link, then a file through it|a hard link|a character device|a block device|a pipe"
        "|a contiguous file|a folder as an entry|an unknown type of entry|the NUL type of version 7|a setuid bit"
        "|mode 666|a path twice|two paths in other case|two folders in other case|a name in two forms of Unicode"
        "|a name in decomposed form|a full-width twin|ß and SS|a file, then a folder of its name"
        "|a folder, then a file of its name|`CON`|`NUL.txt`|`COM1.tar.gz`|`LPT²`|a dot at the end of a name"
        "|a space at the end of a name|a question mark in a name|a line end in a name"
        "|an escape character in a name|characters that turn the direction of text|a character of no width"
        "|a name that is not UTF-8|bytes after a NUL in a name|an entry without a name|a pax header"
        "|a pax header that gives another path|a pax header that gives another size|a global pax header"
        "|a GNU long name|a sparse file|a link's target on a file|a size in base 256|a negative size"
        "|a size past the end|a wrong checksum|data in the padding|two archives in one|no end|17 folders deep"
        "|two gzip members|gzip with something behind it|gzip that stops|gzip with a wrong checksum|no archive at all"
        "|a zip behind the archive|60 MB of nothing, packed|200 MB of nothing, packed|5,001 files|no file at all"
    ).split("|")
    return tuple(
        Attack(number, "any", f"archive: {name}", "refused", _BUNDLE, f"[{number}-")
        for number, name in enumerate(names, 1)
    )


def _texts(kind: str, test: str, *rows: tuple[int, str, str], verdict: Verdict = "refused") -> tuple[Attack, ...]:
    return tuple(Attack(number, kind, what, verdict, test, case) for number, what, case in rows)


CORPUS: Final = (
    *_archives(),
    *_texts(
        "app",
        _COMPOSE,
        (69, "mounts the engine's socket", "[69 "),
        (70, "mounts `/etc`", "[70 "),
        (71, "mounts `~/.ssh`", "[71 "),
        (72, "mounts `./a/../../x`", "[72 "),
        (73, "a volume whose driver mounts `/`", "[73 "),
        (74, "somebody else's volume", "[74 "),
        (75, "`privileged`", "[75 "),
        (76, "`SYS_ADMIN`", "[76 "),
        (77, "`cap_sys_ptrace` in small letters", "[77 "),
        (78, "the host's processes", "[78 "),
        (79, "the host's network", "[79 "),
        (80, "another container's network", "[80 "),
    ),
    Attack(81, "app", "a port on all addresses", "rewritten", _REWRITTEN, "[81 "),
    *_texts(
        "app",
        _COMPOSE,
        (82, "a range of ports that is not granted", "[82 "),
        (83, "a random port that is not granted", "[83 "),
        (84, "a port, a mount or a capability that is not granted", "[84 "),
        (85, "udp where tcp is granted", "[85 "),
    ),
    Attack(
        86,
        "app",
        "an image by its tag",
        "told",
        "attacks/test_compose.py::test_an_image_without_a_digest_waits_for_a_person",
    ),
    Attack(87, "app", "takes a variable of the host", "rewritten", _REWRITTEN, "[87 "),
    Attack(88, "app", "aliases that grow without end", "refused", _COMPOSE, "[88 "),
    Attack(89, "app", "a merge key", "rewritten", _REWRITTEN, "[89 "),
    *_texts(
        "app",
        _COMPOSE,
        (90, "a key twice", "[90 "),
        (91, "two documents in a file", "[91 "),
        (92, "a tag of Python", "[92 "),
        (93, "a grant that nothing uses", "[93 "),
    ),
    *_texts(
        "theme",
        _STYLE,
        (94, "`@import` of another host", "[row 94:"),
        (95, "`url()` written with an escape", "[row 95:"),
        (96, "a `data:` address", "[row 96:"),
        (97, "`image-set()`", "[row 97:"),
        (98, "a selector that reads what is typed", "[row 98:"),
        (99, "a rule in a rule", "[row 99:"),
        (100, "`</style>`", "[row 100:"),
    ),
    Attack(101, "widget", "fetches", "blocked", _FRAME, "-fetch]"),
    Attack(102, "widget", "leads its own frame elsewhere", "blocked", _FRAME, "-navigate]"),
    Attack(103, "widget", "speaks by WebRTC", "blocked", "attacks/test_frames.py::test_no_packet_leaves_by_webrtc", ""),
    Attack(104, "widget", "takes fresh objects of an empty frame", "blocked", _FRAME, "-realm-blank]"),
    Attack(105, "widget", "leads the page around it elsewhere", "blocked", _FRAME, "-top]"),
    Attack(106, "widget", "sends a beacon", "blocked", _FRAME, "-beacon]"),
    Attack(
        107, "widget", "reads a topic that was not granted", "blocked", f"{_BROKER}test_what_was_not_granted_is_refused"
    ),
    Attack(108, "widget", "reads the topic `__proto__`", "blocked", f"{_BROKER}test_what_was_not_granted_is_refused"),
    Attack(109, "widget", "asks every 100 ms", "blocked", f"{_BROKER}test_a_topic_is_fresh_once_per_interval"),
    Attack(110, "widget", "never stops computing", "blocked", f"{_BROKER}test_the_page_lives_while_a_widget_spins"),
    *_texts(
        "plugin",
        _CALL,
        (111, "is called by a tool that was not granted", "[111 "),
        (112, "by a granted name in another case", "[112 "),
        (113, "by a granted name with a character of no width", "[113 "),
        (114, "by a batch of calls", "[114 "),
        (115, "by a call with a key twice", "[115 "),
        verdict="blocked",
    ),
    Attack(116, "plugin", "asks the client's model by itself", "blocked", _MESSAGE, "[116 "),
    Attack(117, "plugin", "answers what nobody asked", "blocked", _MESSAGE, "[117 "),
    Attack(
        118,
        "plugin",
        "changes what a granted tool says of itself",
        "refused",
        "attacks/test_tool_gate.py::test_a_changed_definition_is_not_used",
        "-118 ",
    ),
    *_texts(
        "gadget",
        _IMPORT,
        (119, "imports a package that is not locked", "lodash.debounce"),
        (120, "imports `node:fs`", "node:fs"),
        (121, "imports from an address", "https://evil.example"),
        (122, "imports what it computes", "import(x)"),
        (123, "calls `require`", "require("),
        (124, "imports `../../etc/passwd`", "../etc/passwd"),
    ),
    Attack(125, "gadget", "has one byte changed", "refused", f"{_WANTS}test_a_gadget_with_one_flipped_byte_is_refused"),
    Attack(
        126,
        "gadget",
        "is signed by another key",
        "refused",
        f"{_WANTS}test_a_gadget_that_another_key_signed_is_refused",
    ),
    Attack(
        127,
        "gadget",
        "comes with the integrity of another file",
        "refused",
        "site/browser/test_live_parts.py::test_chromium_refuses_another_gadget_s_bytes",
    ),
    *_texts(
        "skill",
        _ESCAPE,
        (128, "writes into its payload", "-128 "),
        (129, "reads the person's home", "-129 "),
        (130, "starts processes without end", "-130 "),
        verdict="blocked",
    ),
    Attack(
        131,
        "skill",
        "leaves a process behind",
        "blocked",
        "attacks/test_escapes.py::test_a_daemon_ends_with_what_started_it",
    ),
    Attack(132, "skill", "sets what the kernel runs after a crash", "blocked", _ESCAPE, "-132 "),
    Attack(
        133,
        "skill",
        "front matter with an alias, or a key twice",
        "refused",
        f"{_TEXT}test_front_matter_that_two_readers_read_differently_is_refused",
        "[133-",
    ),
    Attack(
        134,
        "skill",
        "another name than its folder",
        "told",
        f"{_TEXT}test_a_name_that_differs_from_the_folder_is_a_remark",
        "[134-",
    ),
    Attack(
        135,
        "skill",
        "text that only an agent sees",
        "refused",
        f"{_TEXT}test_text_that_only_an_agent_sees_is_refused",
        "[135-",
    ),
    Attack(
        136,
        "skill",
        "`allowed-tools` wider than its grant",
        "refused",
        f"{_TEXT}test_tools_that_reach_the_network_need_that_grant",
        "[136-",
    ),
    *_texts(
        "any",
        f"{_WANTS}test_what_a_kind_cannot_have_is_refused_everywhere",
        (137, "an unknown permission", "[137 "),
        (138, "a permission of another kind", "[138 "),
        (139, "a theme with any permission", "[139 "),
    ),
    Attack(140, "any", "a plain good archive", "accepted", "core/test_bundle.py::test_a_plain_good_archive_is_read"),
    Attack(
        141,
        "app",
        "a plain good compose file",
        "accepted",
        "attacks/test_compose.py::test_a_plain_good_file_is_accepted",
    ),
    Attack(
        142,
        "theme",
        "a plain good theme",
        "accepted",
        "attacks/test_styles.py::test_an_ordinary_theme_has_nothing_against_it",
    ),
)
"""Every attack, by its number."""
