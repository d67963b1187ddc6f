"""What a registry's repository on GitHub holds below `.github`: workflows, issue forms, and an action for authors.

The workflows are templates beside this module that share a few steps: a line such as `# install` stands for the
file of that name in `templates/github/steps`. They run the tool that the registry's own main line pins by hash.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

from registry_tool import __version__
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.payload import Files
from registry_tool.core.quoting import quoted
from registry_tool.forges.setup import Ground, Setup

TOOL: Final = ".github/registry-tool.txt"
"""What workflows install: the tool and all that it needs, each with its hashes."""

_PACKAGE: Final = Path(str(files("registry_tool")))
_TEMPLATES: Final = _PACKAGE / "forges" / "templates" / "github"
_STEPS: Final = "steps/"
_MARK: Final = re.compile(r"^( *)# (action|ask|fetch|install|site|wake)\n", re.MULTILINE)
_HASH: Final = r"--hash=sha256:[0-9a-f]{64}"
_REQUIREMENT: Final = re.compile(rf"registry-tool ?(==[0-9][0-9A-Za-z.+!]{{0,60}}|@ https://[!-~]{{1,500}})( {_HASH})+")
_WHEEL: Final = re.compile(r"registry_tool-([0-9][0-9A-Za-z.+!]{0,60})-py3-none-any\.whl")
_HEAD: Final = """\
# What the workflows of this registry install: its tool, and all that the tool needs, each with its hashes.
# To change it, change these lines on main; a pull request is always looked at by what main says.
"""
_UNKNOWN: Final = f"""\
# The tool itself is not named yet, and the workflows refuse to run without it. Take the mark from the next line, and
# put in the SHA-256 of the wheel, as `pip hash` prints it:
# registry-tool=={__version__} --hash=sha256:
"""


_WORDS: Final = (
    "On GitHub:",
    "  push it to an empty repository; what to set there is on the page for operators, part On GitHub",
)
_FILL_IN: Final = f"  first name the tool and its hash in the last lines of {TOOL}: jobs refuse to run until then"


def setup(ground: Ground) -> Setup:
    """What is written for a registry on GitHub; raises as `files_for` does."""
    words = _WORDS if ground.tool else (*_WORDS, _FILL_IN)
    return Setup(bare=False, committed=files_for(ground.tool), words=words)


def files_for(tool: str = "", *, own: bool = False) -> Files:
    """The files by path, the same for every registry but for the tool.

    `tool` is the pinned requirement of the tool, empty where nobody knows it yet: then the file says what to fill
    in. With `own` the registry is the tool's own repository, and workflows run the tool as its main line has it.
    Raises `InvalidInput` (`bad-requirement`).
    """
    if tool and not _REQUIREMENT.fullmatch(tool):
        raise InvalidInput(
            f"{quoted(tool)} does not pin the tool: expected registry-tool==VERSION --hash=sha256:… or "
            "registry-tool @ https://… --hash=sha256:…",
            code="bad-requirement",
            hint="`pip hash WHEEL` prints the hash; or give the path of the wheel itself",
        )
    variant = "own" if own else "pinned"
    made = {
        f".github/{path}": _filled(text, variant).encode() for path, text in _templates() if not path.startswith(_STEPS)
    }
    if not own:
        made[TOOL] = (_HEAD + _lock() + (f"{tool}\n" if tool else _UNKNOWN)).encode()
    return dict(sorted(made.items()))


def requirement_of(name: str, wheel: bytes) -> str:
    """The pinned requirement of the tool for a wheel: its file name says the version.

    Raises `InvalidInput` (`bad-requirement`) for the name of another wheel.
    """
    found = _WHEEL.fullmatch(name)
    if found is None:
        raise InvalidInput(
            f"{quoted(name)} is no wheel of this tool: expected registry_tool-VERSION-py3-none-any.whl",
            code="bad-requirement",
            hint="name the wheel that workflows shall install",
        )
    return f"registry-tool=={found[1]} --hash=sha256:{sha256(wheel)}"


def _templates() -> Iterator[tuple[str, str]]:
    """Every template: its path below the folder, and its text."""
    for path in sorted(_TEMPLATES.rglob("*")):
        if path.is_file():
            yield path.relative_to(_TEMPLATES).as_posix(), path.read_text("utf-8")


def _filled(text: str, variant: str) -> str:
    """The template with the shared steps in the places of their marks."""
    return _MARK.sub(partial(_step, dict(_templates()), variant), text)


def _step(templates: Mapping[str, str], variant: str, mark: re.Match[str]) -> str:
    """The lines of a shared step, as far to the right as its mark."""
    names = (f"{_STEPS}{mark[2]}.{end}" for end in ("yml", "sh", f"{variant}.yml"))
    text = next(templates[name] for name in names if name in templates)
    return _MARK.sub(
        partial(_step, templates, variant), "".join(f"{mark[1]}{line}".rstrip() + "\n" for line in text.splitlines())
    )


def _lock() -> str:
    """The lock file of what the tool needs: inside the package in a wheel, beside it in a checkout."""
    inside = _PACKAGE / "requirements.txt"
    return (inside if inside.is_file() else _PACKAGE.parent / "requirements.txt").read_text("utf-8")
