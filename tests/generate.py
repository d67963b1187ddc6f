"""A large registry with real signatures, for benchmarks: `python -m tests.generate DIR --names 1200 --versions 9000`.

Every name has a README, a stylesheet or a script, and as many versions as it takes; names are spread
over scopes as real ones are. The same numbers give the same bytes.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from registry_tool.core import layout
from registry_tool.core.tables import table_bytes
from registry_tool.stores.git import GitHistory
from tests.builders import RegistryInMemory, a_registry
from tests.sites import with_targets

NAMES_PER_SCOPE = 6
KINDS = ("skill", "skill", "skill", "theme", "widget", "plugin", "app", "gadget", "blueprint")
WORDS = "quiet index of the files that people read and a tool which keeps them in order every day".split()
AUTHOR = "Tests <tests@example.org>"


def text(seed: int, words: int) -> str:
    """Some prose, always the same for the same seed."""
    return " ".join(WORDS[(seed * 7 + place * place * 3 + place) % len(WORDS)] for place in range(words)).capitalize()


def content(kind: str, name: str, version: int, seed: int) -> dict[str, bytes]:
    """A release's files; a later version changes one of them."""
    readme = f"# {name}\n\n{text(seed, 60)}.\n\n## Use\n\n```\nregistry install {name}\n```\n\n- {text(seed + 1, 9)}\n"
    entry = {"skill": "SKILL.md", "theme": "theme.css", "app": "compose.yaml"}.get(kind, "index.js")
    front = f"---\nname: {name}\ndescription: {text(seed, 12)}\n---\n" if kind == "skill" else ""
    body = f"{front}{text(seed + 2, 80)} {version}\n"
    return {"README.md": readme.encode(), entry: body.encode(), "LICENSE": b"MIT\n" * 20}


def names_of(scope: int, names: int) -> list[str]:
    """The names in a scope, by its number, where there are `names` in all."""
    first = scope * NAMES_PER_SCOPE
    return [f"{KINDS[index % len(KINDS)]}-{index:05d}" for index in range(first, min(first + NAMES_PER_SCOPE, names))]


def scopes(base: RegistryInMemory, names: int, versions: int) -> Iterator[dict[str, bytes]]:
    """The files of one scope after the other, with all its releases."""
    count = -(-names // NAMES_PER_SCOPE)
    made = 0
    for number in range(count):
        scope = f"scope-{number:04d}"
        part = RegistryInMemory(demo=base.demo)
        part.files, part.id = dict(base.files), base.id
        part._hands = dict(base._hands)
        for index, name in enumerate(names_of(number, names), start=number * NAMES_PER_SCOPE):
            kind = KINDS[index % len(KINDS)]
            share = versions * (index + 1) // names - made
            for version in range(share):
                part.release(
                    f"@{scope}/{name}",
                    f"1.{version}.0",
                    content(kind, name, version, index),
                    kind=kind,
                    title=f"{kind.capitalize()} {index}",
                    description=text(index, 14) + ".",
                    tags=["generated", WORDS[index % len(WORDS)]],
                    spec={"entry": "index.js"} if kind == "gadget" else {},
                )
            made += share
        # Each scope has keys of its own: another scope's author would be the same person otherwise.
        base._hands = {
            **base._hands,
            **{f"unused {number} {key}": part._hands[key] for key in part._hands if key not in base._hands},
        }
        yield {path: data for path, data in part.files.items() if path not in base.files}


def registry_files(names: int, versions: int, *, url: str = "https://registry.example/") -> dict[str, bytes]:
    """The whole repository."""
    base = with_targets(a_registry(demo=False), bits=8)
    base.files["index/registry.yaml"] = table_bytes({"name": "A large registry", "url": url})
    files = dict(base.files)
    for part in scopes(base, names, versions):
        files.update(part)
    files[".gitattributes"] = layout.ATTRIBUTES.encode()
    return files


def write_repository(folder: Path, names: int, versions: int) -> GitHistory:
    """A bare repository at `folder` that holds such a registry in one commit."""
    history = GitHistory.init(folder, bare=True)
    commit = history.commit(
        registry_files(names, versions), onto=None, message="A large registry", author=AUTHOR, at=1_800_000_000
    )
    history.move("main", old=None, new=commit)
    return history


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--names", type=int, default=1200)
    parser.add_argument("--versions", type=int, default=9000)
    given = parser.parse_args()
    write_repository(given.folder, given.names, given.versions)
    print(f"{given.names} names and {given.versions} versions are in {given.folder}")


if __name__ == "__main__":
    main()
