"""What an author's folder must not hold or say: `publish` and `check` refuse it, and submit and keep nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_tool.core.digest import sha256
from registry_tool.core.tree import walk
from tests.bad_input.git import registry_here
from tests.bad_input.stage import Refusal, Stage, differences

SKILL = b"---\nname: pdf\ndescription: Reads PDF files.\nlicense: MIT\n---\n# PDF\n\nRead the file.\n"
THEME = b":root { --color-accent: #b7410e; }\n"
CARD = b'id: "@ann/pdf"\nversion: "1.0.0"\n'
ZERO_WIDTH, CYRILLIC_E = "\u200b", "\u0435"


@dataclass(frozen=True)
class Row:
    """A folder, flags, and what is said of it."""

    files: Mapping[str, bytes]
    says: str
    flags: tuple[str, ...] = ()
    code: str = "not-publishable"
    exit: int = 1


def card(text: str, *, native: bytes = SKILL) -> dict[str, bytes]:
    """A skill with an `artifact.yaml` that says `text` besides its id and version."""
    return {"SKILL.md": native, "artifact.yaml": CARD + text.encode()}


def asks(permission: str) -> dict[str, bytes]:
    return card(f'permissions: ["{permission}"]\n')


def versioned(version: str) -> dict[str, bytes]:
    return {"SKILL.md": SKILL, "artifact.yaml": f'id: "@ann/pdf"\nversion: {version}\n'.encode()}


def named(artifact: str) -> dict[str, bytes]:
    return {"SKILL.md": SKILL, "artifact.yaml": f'id: "{artifact}"\nversion: "1.0.0"\n'.encode()}


def theme(text: str) -> dict[str, bytes]:
    return {"theme.css": THEME, "artifact.yaml": b'id: "@ann/sun"\nversion: "1.0.0"\nkind: theme\n' + text.encode()}


ROWS: Mapping[str, Row] = {
    # permissions
    "an unknown permission": Row(asks("everything"), "everything"),
    "a permission twice": Row(card('permissions: ["network", "network"]\n'), "network"),
    "a permission with a Cyrillic letter": Row(asks(f"n{CYRILLIC_E}twork"), r"'n\u0435twork' is not a permission"),
    "a permission in capitals": Row(asks("Network"), "Network"),
    "a permission with a space behind it": Row(asks("network "), "network"),
    "a permission with nothing between its letters": Row(
        asks(f"net{ZERO_WIDTH}work"), "looks like 'network' and is not"
    ),
    "a permission that is empty": Row(asks(""), "permission"),
    "an unknown permission as a flag": Row(card(""), "everything", ("--permission", "everything")),
    "a permission with a Cyrillic letter as a flag": Row(
        card(""), r"'n\u0435twork' is not", ("--permission", f"n{CYRILLIC_E}twork")
    ),
    "a permission twice as flags": Row(card(""), "network", ("--permission", "network", "--permission", "network")),
    "permissions that are a text": Row(card("permissions: network\n"), "permissions"),
    "permissions that are a table": Row(card("permissions: {network: true}\n"), "permissions"),
    "a theme that asks for the network": Row(theme('permissions: ["network"]\n'), "network"),
    "a theme that asks for a file": Row(theme('permissions: ["files:read"]\n'), "files:read"),
    "a theme that asks as a flag": Row(theme(""), "network", ("--permission", "network")),
    # YAML
    "duplicate keys": Row(card('title: "a"\ntitle: "b"\n'), "title"),
    "an anchor": Row(card("title: &a Pdf\ndescription: *a\n"), "anchors are not allowed"),
    "a merge key": Row(card("links: &l {a: https://example.org/}\nrequires: {<<: *l}\n"), "anchors are not allowed"),
    "a tag": Row(card("title: !!python/object:os.system x\n"), "tag"),
    "no as a text": Row(card("title: no\n"), "title"),
    "yes as a text": Row(card("license: yes\n"), "license"),
    "two documents": Row(card("---\ntitle: b\n"), "document"),
    "a list": Row({"SKILL.md": SKILL, "artifact.yaml": b"- a\n"}, "table"),
    "an unknown key": Row(card("colour: red\n"), "colour"),
    "not UTF-8": Row({"SKILL.md": SKILL, "artifact.yaml": CARD + b"title: \xff\n"}, "UTF-8"),
    "a tab for spaces": Row(card("links:\n\thome: https://example.org/\n"), "tab"),
    "1.0 for a version": Row(versioned("1.0"), "1.0"),
    "duplicate keys in the front matter": Row(
        card("", native=b"---\nname: pdf\nname: pdg\ndescription: Reads.\n---\nRead.\n"), "name"
    ),
    "no for a name in the front matter": Row(
        card("", native=b"---\nname: no\ndescription: Reads.\n---\nRead.\n"), "name"
    ),
    "an unclosed front matter": Row(card("", native=b"---\nname: pdf\ndescription: Reads.\n"), "---"),
    # versions
    "leading zeros": Row(versioned('"01.0.0"'), "01.0.0"),
    "two numbers": Row(versioned('"1.0"'), "1.0"),
    "a range": Row(versioned('"^1.0.0"'), "^1.0.0"),
    "latest": Row(versioned('"latest"'), "latest"),
    "a V": Row(versioned('"V1.0.0"'), "V1.0.0"),
    "a space": Row(versioned('" 1.0.0"'), "1.0.0"),
    "Arabic digits": Row(versioned('"١.0.0"'), "١"),
    "a way out": Row(versioned('"../1.0.0"'), "../1.0.0"),
    "a version of a thousand digits": Row(versioned(f'"1.0.{"9" * 1000}"'), "version"),
    # names
    "a reserved scope": Row(named("@anthropic/pdf"), "anthropic", code="checks-failed"),
    "a device for a scope": Row(named("@con/pdf"), "con"),
    "a device for a name": Row(named("@ann/nul"), "nul"),
    "a device with a number": Row(named("@ann/com1"), "com1"),
    "capitals": Row(named("@Ann/pdf"), "upper-case letters"),
    "no scope": Row(named("pdf"), "pdf"),
    "a Cyrillic letter in a name": Row(named(f"@ann/r{CYRILLIC_E}ad"), "r"),
    "a way out in a name": Row(named("@ann/../pdf"), "holds '.'"),
    "a name too long": Row(named(f"@ann/{'a' * 200}"), "a"),
    # files
    "no file that says what it is": Row({"README.md": b"x"}, "nothing in", code="nothing-to-publish"),
    "two names for one file": Row({**card(""), "A.txt": b"a", "a.txt": b"b"}, "one file"),
    "a device for a file": Row({**card(""), "aux.txt": b"a"}, "aux.txt"),
    "a name with a newline": Row({**card(""), "a\nb": b"a"}, "U+000A"),
    "a name that turns around": Row({**card(""), "a\u202etxt.exe": b"a"}, "U+202E"),
    "two kinds": Row({**card(""), "theme.css": THEME, "ggui.gadget.json": b"{}"}, "several things"),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_bad_folder_is_not_published(stage: Stage, what: str) -> None:
    """`publish` says what is wrong and submits nothing; no key is made for it."""
    registry_here(stage)
    row = ROWS[what]
    folder = stage.put("pdf-skill", dict(row.files))
    expected = Refusal(row.exit, row.code, row.says)

    stage.refuses(expected, "publish", folder, "--as", "ann", "--registry", "reg", "--yes", *row.flags)


@pytest.mark.parametrize("what", ["a device for a scope", "an unknown permission", "duplicate keys", "leading zeros"])
def test_check_says_the_same_without_a_registry(stage: Stage, what: str) -> None:
    """`check` of a bad folder is exit 1, says what `publish` would say, and writes nothing."""
    row = ROWS[what]
    folder = stage.put("pdf-skill", dict(row.files))
    before = stage.everything()
    said = stage.call("check", folder)

    assert (1, True) == (said.code, row.says in said.out)
    assert [] == differences(before, stage.everything())


@pytest.mark.parametrize("link", ["SKILL.md", "notes.md", "folder", "gone.md"])
def test_a_link_in_the_folder_is_refused_with_the_command_that_mends_it(stage: Stage, link: str) -> None:
    """A link to a file, to a folder, to nothing or in the native file's place is named, with a `cp` that ends it."""
    registry_here(stage)
    folder = Path(stage.put("pdf-skill", {**card(""), "real.md": SKILL, "there/a.md": b"a"}))
    targets = {"SKILL.md": "real.md", "notes.md": "/etc/hostname", "folder": "there", "gone.md": "nowhere"}
    (folder / link).unlink(missing_ok=True)
    (folder / link).symlink_to(targets[link])
    expected = Refusal(1, "not-publishable", f"{link}: it is a link to '{targets[link]}'")

    stage.refuses(expected, "publish", str(folder), "--as", "ann", "--registry", "reg", "--yes")


@pytest.mark.parametrize(
    "files",
    [
        {"SKILL.md": b"\xef\xbb\xbf" + SKILL, "artifact.yaml": b"\xef\xbb\xbf" + CARD},
        {"SKILL.md": SKILL.replace(b"\n", b"\r\n"), "artifact.yaml": CARD.replace(b"\n", b"\r\n")},
    ],
    ids=["BOM", "CRLF"],
)
def test_what_editors_leave_behind_is_no_fault(stage: Stage, files: dict[str, bytes]) -> None:
    """A byte order mark and Windows line ends are read, and published byte for byte."""
    registry_here(stage)
    folder = stage.put("pdf-skill", files)
    value = stage.done("publish", folder, "--as", "ann", "--registry", "reg", "--yes")
    history = stage.world.history(stage.work / "reg")
    tree = history.tree(history.branches("submit/")[value["branch"]])

    assert {sha256(data) for data in files.values()} <= {path.rpartition("/")[2] for path, _ in walk(tree, "index")}


def test_a_folder_that_is_not_there_is_told(stage: Stage) -> None:
    """A folder that nobody made is exit 3 and names it."""
    registry_here(stage)

    stage.refuses(
        Refusal(3, "no-folder", "nowhere is not a folder"), "publish", "nowhere", "--registry", "reg", "--yes"
    )


@pytest.mark.parametrize("name", ["a\u202etxt.exe", "a\x1b[2Jb", "a\nerror: all is well", "a\u2066b", "a\x9bb"])
def test_a_name_cannot_speak_for_the_tool(stage: Stage, name: str) -> None:
    """What a path says cannot clear a terminal, turn letters around or begin a line: it is shown as an escape."""
    registry_here(stage)
    folder = stage.put("pdf-skill", {**card(""), name: b"a"})
    said = stage.call("publish", folder, "--as", "ann", "--registry", "reg", "--yes")
    checked = stage.call("check", folder)

    assert (1, 1) == (said.code, checked.code)
    for text in (said.err, checked.out):
        assert name not in text
        assert all(letter == "\n" or letter.isprintable() for letter in text)
        assert 0 == sum(line.startswith("error: all") for line in text.splitlines())
