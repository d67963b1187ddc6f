"""Skills. Nearly all are taken as they are; what YAML reads in two ways is refused with the line to write."""

import io
import zipfile

from tests.real.folders import Case, card, command, instead, renamed, without

NARROW = "\N{NARROW NO-BREAK SPACE}"
BODY = b"\n# What to do\n\nRead the file, then say what is in it.\n"


def skill(name: str, **lines: str) -> bytes:
    told = {"name": name, "description": "Reads files and says what is in them.", "license": "MIT", **lines}
    return b"---\n" + "".join(f"{key}: {value}\n" for key, value in told.items() if value).encode() + b"---\n" + BODY


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data)
    return held.getvalue()


SCRIPT = b'#!/bin/sh\nset -e\nwc -w "$1"\n'
LONG = "Reads tables of every kind. " * 45

THROUGH = (
    Case("plain", "skill", {"SKILL.md": skill("plain")}),
    Case("with-mark", "skill", {"SKILL.md": b"\xef\xbb\xbf" + skill("with-mark")}),
    Case("windows", "skill", {"SKILL.md": skill("windows").replace(b"\n", b"\r\n"), "notes.txt": b"a\r\nb\rc\n"}),
    Case("mixed-ends", "skill", {"SKILL.md": skill("mixed-ends").replace(b"\n", b"\r\n", 2)}),
    Case("other-name", "skill", {"SKILL.md": skill("pdf-reader")}, folder="PDF tools", installed="pdf-reader"),
    Case("in-words", "skill", {"SKILL.md": skill("In Words")}, installed="In Words"),
    Case(
        "tools-in-a-text",
        "skill",
        {"SKILL.md": skill("tools-in-a-text", **{"allowed-tools": "Read, Grep, Bash(wc:*)"})},
    ),
    Case("tools-in-a-list", "skill", {"SKILL.md": skill("tools-in-a-list", **{"allowed-tools": "[Read, Grep]"})}),
    Case("with-number", "skill", {"SKILL.md": skill("with-number", version="1.0")}),
    Case("with-metadata", "skill", {"SKILL.md": skill("with-metadata", metadata='\n  version: "2.1.0"')}, version=""),
    Case("wordy", "skill", {"SKILL.md": skill("wordy", description=LONG)}),
    Case(
        "more-members",
        "skill",
        {"SKILL.md": skill("more-members", model="opus", version="1.2.3", color="red")},
        version="",
    ),
    Case(
        "with-programs",
        "skill",
        {
            "SKILL.md": skill("with-programs"),
            "scripts/count.sh": SCRIPT,
            "scripts/read.py": b"print('x')\r\n",
            "run": SCRIPT,
        },
        programs=("scripts/count.sh", "run"),
    ),
    Case(
        "file-names",
        "skill",
        {
            "SKILL.md": skill("file-names"),
            f"assets/Screenshot 2025-03-01 at 9.41.07{NARROW}AM.png": b"\x89PNG\r\n\x1a\n",
            "references/使い方.md": "読む\n".encode(),
            "references/a b (1).txt": b"",
            "-web/-x.txt": b"-\n",
            "examples/it's $HOME; #1 & 100%.txt": b"\0\xff",
        },
    ),
    Case("from-dash", "skill", {"SKILL.md": skill("from-dash")}, folder="-web"),
    Case(
        "from-cjk", "skill", {"SKILL.md": skill("from-cjk", description="PDF を読み、内容を説明する。")}, folder="文書"
    ),
    Case("native-cjk", "skill", {"SKILL.md": skill("文書")}, installed="文書"),
    Case(
        "with-itself", "skill", {"SKILL.md": skill("with-itself"), "with-itself.zip": zipped(**{"SKILL.md": b"---\n"})}
    ),
    Case(
        "terms-in-file",
        "skill",
        {
            "SKILL.md": skill("terms-in-file", license="Complete terms in LICENSE.txt"),
            "LICENSE.txt": b"All rights reserved.\n",
        },
    ),
    Case(
        "see-license",
        "skill",
        {"SKILL.md": skill("see-license", license="SEE LICENSE IN LICENSE"), "LICENSE": b"Ours.\n"},
    ),
    Case("ignored", "skill", {"SKILL.md": skill("ignored"), ".gitignore": b"*.log\n", "out.log": b"x"}),
    Case(
        "folded", "skill", {"SKILL.md": skill("folded", description=">-\n  Reads files: all of them,\n  one by one.")}
    ),
    Case("alone-lower", "skill", {"skill.md": skill("alone-lower")}),
)
"""They get through in one try."""

COLON = b"description: Use it for PDFs. Trigger: the word pdf\n"

REFUSED = (
    Case(
        "with-colon",
        "skill",
        {"SKILL.md": skill("with-colon", description="Use it for PDFs. Trigger: the word pdf")},
        refused=": ",
        mend=instead("SKILL.md", COLON, b'description: "Use it for PDFs. Trigger: the word pdf"\n'),
    ),
    Case(
        "no-matter",
        "skill",
        {"SKILL.md": BODY},
        refused="it has no front matter",
        installed="my-skill",
        mend=instead(
            "SKILL.md",
            BODY,
            b"---\nname: my-skill\ndescription: what it does, and when to use it\nlicense: MIT\n---" + BODY,
            hinted="---\nname: my-skill\ndescription: what it does, and when to use it\nlicense: MIT\n---",
        ),
    ),
    Case(
        "says-yes",
        "skill",
        {"SKILL.md": skill("yes")},
        refused="name is a text, this is a bool",
        installed="yes",
        mend=instead("SKILL.md", b"name: yes", b'name: "yes"', hinted='name: "'),
    ),
    Case(
        "no-words",
        "skill",
        {"SKILL.md": skill("no-words", description="")},
        refused="it has no description",
        mend=instead(
            "SKILL.md",
            b"license: MIT\n",
            b"license: MIT\ndescription: what it does, and when to use it\n",
            hinted="description: what it does, and when to use it",
        ),
    ),
    Case(
        "no-license",
        "skill",
        {"SKILL.md": skill("no-license", license="")},
        refused="nothing says the license",
        mend=card("license: MIT"),
    ),
    Case(
        "lost-license",
        "skill",
        {"SKILL.md": skill("lost-license", license="SEE LICENSE IN LICENSE")},
        refused="nothing says the license",
        mend=card("license: MIT"),
    ),
    Case(
        "said-twice",
        "skill",
        {"SKILL.md": skill("said-twice").replace(b"license: MIT\n", b"license: MIT\nname: twice\n")},
        refused="twice",
    ),
    Case(
        "two-of-them",
        "skill",
        {"SKILL.md": skill("two-of-them"), "skill.md": skill("two-of-them")},
        refused="are one file where letters are folded",
        mend=without("skill.md", hinted="remove one of the two"),
    ),
    Case(
        "link-inside",
        "skill",
        {"SKILL.md": skill("link-inside"), "README.md": b"Read me.\n"},
        links={"docs/it's read.md": "../README.md"},
        refused="links are not published",
        mend=command,
    ),
    Case(
        "link-outside",
        "skill",
        {"SKILL.md": skill("link-outside"), "../shared of all/deep/rules.md": b"Be brief.\n"},
        links={"rules": "../shared of all"},
        refused="links are not published",
        mend=command,
    ),
    Case(
        "link-nowhere",
        "skill",
        {"SKILL.md": skill("link-nowhere")},
        links={"-gone.md": "/nowhere/at/all"},
        refused="links are not published",
        mend=command,
    ),
    Case(
        "apart",
        "skill",
        {"SKILL.md": skill("apart"), "re\u0301sume\u0301.md": b"x"},
        refused="Unicode form NFC",
        mend=renamed("re\u0301sume\u0301.md", "r\u00e9sum\u00e9.md"),
    ),
    Case(
        "windows-name",
        "skill",
        {"SKILL.md": skill("windows-name"), "what?.md": b"x"},
        refused="? is not allowed",
        mend=renamed("what?.md", "what.md", hinted="rename it without ?"),
    ),
)
"""They are refused with what to write, and then get through."""
