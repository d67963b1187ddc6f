"""Packages that people use, from their own registries through the whole line to where they are used."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import tinycss2

from registry_tool.core.digest import sri
from tests.real.line import Shell, tree
from tests.real.packages import COMPONENT, HOOK, REACT, STYLES, NodePackage

pytestmark = pytest.mark.network


def admitted(shell: Shell, folder: Path, artifact: str, *more: str) -> None:
    """The author publishes the folder, a maintainer looks at it and approves it."""
    shell.registry("publish", str(folder), "--id", artifact, "--as", "ann", "--registry", "reg", "--yes", *more)
    (pending,) = json.loads(shell.registry("queue", "list", "--registry", "reg", "--json"))
    assert "review" == pending["verdict"]
    shell.registry("queue", "approve", pending["id"], "--registry", "reg", "--note", "read it")


def installed(shell: Shell, artifact: str, *more: str) -> Mapping[str, Any]:  # Any: JSON
    told = shell.registry("install", artifact, "--project", "work", "--yes", "--json", *more)
    row: Mapping[str, Any] = json.loads(told)["installed"][0]
    return row


def test_a_theme_of_variables_is_used_as_its_author_wrote_it(
    shell: Shell, served: Callable[[], str], tmp_path: Path
) -> None:
    """A whole package of styles is installed byte for byte, its stylesheet parses, and the properties are counted.

    Its package.json says no description, so the first try is refused with the line to write, and only that.
    """
    folder = STYLES.unpacked(tmp_path / "author")
    said = shell.registry(
        "publish", str(folder), "--kind", "theme", "--id", "@ann/open-props", "--registry", "reg", "--yes", code=1
    )
    assert ["nothing says the description"] == [
        line.rpartition(": ")[2] for line in said.splitlines() if line.startswith("  fail")
    ]
    assert "write `description: " in said
    (folder / "artifact.yaml").write_text("kind: theme\ndescription: Variables for everything.\n")

    admitted(shell, folder, "@ann/open-props")
    served()
    row = installed(shell, "@ann/open-props")

    assert ("theme", STYLES.version) == (row["kind"], row["version"])
    themes = tmp_path / "work/themes"
    assert tree(folder) == tree(themes / "ann__open-props")
    entry = json.loads((themes / "index.json").read_text())["themes"]["ann__open-props"]["entry"]
    assert {"--blue-5", "--size-3", "--font-sans"} <= properties((themes / entry).read_text())


def properties(text: str) -> set[str]:
    """The custom properties that a stylesheet sets at its top, as a parser of another make reads it."""
    found = set()
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        assert rule.type in ("qualified-rule", "at-rule"), rule
        if rule.type == "qualified-rule":
            declared = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            found |= {one.name for one in declared if one.type == "declaration"}
    return found


@pytest.mark.parametrize(
    ("package", "export", "noun"),
    [(HOOK, "useDebounce", "hook"), (COMPONENT, "ErrorBoundary", "component")],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_react_package_is_a_gadget_that_imports(
    shell: Shell, served: Callable[[], str], tmp_path: Path, package: NodePackage, export: str, noun: str
) -> None:
    """Its folder gets through in one try; the app's row names bytes that node imports, and their hash is right."""
    folder = package.unpacked(tmp_path / "author")
    artifact = f"@ann/{package.name}"

    admitted(shell, folder, artifact, "--kind", "gadget")
    url = served()
    assert package.version == installed(shell, artifact)["version"]

    work = tmp_path / "work"
    copy = work / f".ggui/installed-gadgets/ann__{package.name}__{package.version}"
    assert tree(folder) == tree(copy)
    (row,) = json.loads((work / "ggui.json").read_text())["app"]["gadgets"]
    assert {noun: export}.items() <= next(one for one in row["exports"] if one.get(noun) == export).items()
    assert row["bundleUrl"].startswith(url)
    with urlopen(row["bundleUrl"], timeout=20) as answer:  # the registry's own site, on loopback
        bundle = answer.read()
    assert row["bundleSri"] == sri(bundle)
    assert "function" == imported(bundle, export, tmp_path)


def imported(bundle: bytes, export: str, folder: Path) -> str:
    """What `typeof` says of an export of the module, imported by node beside a react that npm made."""
    REACT.unpacked(folder / "react").rename(folder / "unpacked")
    (folder / "node_modules").mkdir()
    (folder / "unpacked").rename(folder / "node_modules/react")
    (folder / "module.mjs").write_bytes(bundle)
    script = f"import * as found from './module.mjs'; console.log(typeof found[{json.dumps(export)}])"
    command = ["node", "--input-type=module", "--eval", script]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=20).stdout.strip()
