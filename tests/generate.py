"""A large registry with real signatures, for benchmarks: `python -m tests.generate DIR --names 1200 --versions 9000`.

Every name is what `registry <kind> create` begins with, and has as many versions as it takes; names are
spread over scopes as real ones are. The same numbers give the same bytes.
"""

import argparse
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from registry_tool.core import layout
from registry_tool.core.describe import full_spec, read_card, recompute
from registry_tool.core.names import parse_artifact
from registry_tool.core.tables import table_bytes
from registry_tool.kinds import all_kinds
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


@lru_cache(maxsize=64)
def begun(kind: str, artifact: str) -> tuple[dict[str, bytes], tuple[str, ...], dict[str, Any]]:
    """What `registry <kind> create` writes for a name, what it asks for, and its manifest's `spec`."""
    payload = all_kinds().by_id[kind].template(parse_artifact(artifact))
    card, reading = read_card(payload)[0], recompute(payload, all_kinds().by_id[kind])
    files = {path: file.data for path, file in payload.items()}
    return files, tuple(sorted(card.permissions or ())), full_spec(reading)


def content(kind: str, artifact: str, version: int, seed: int) -> dict[str, bytes]:
    """A release's files; a later version changes one of them, and another every third time."""
    use = f"## Use\n\n```\nregistry install {artifact}\n```\n\n- {text(seed + 1, 9)}\n"
    readme = f"# {artifact}\n\n{text(seed, 60)}.\n\n{use}"
    notes = f"{text(seed + 2, 80)} {version}\n"
    files = begun(kind, artifact)[0]
    return {**files, "README.md": f"{readme}{version // 3}\n".encode(), "NOTES.md": notes.encode()}


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
                artifact = f"@{scope}/{name}"
                _, permissions, spec = begun(kind, artifact)
                part.release(
                    artifact,
                    f"1.{version}.0",
                    content(kind, artifact, version, index),
                    kind=kind,
                    permissions=list(permissions),
                    title=f"{kind.capitalize()} {index}",
                    description=text(index, 14) + ".",
                    tags=["generated", WORDS[index % len(WORDS)]],
                    spec=spec,
                )
            made += share
        # Each scope has keys of its own: another scope's author would be the same person otherwise.
        base._hands = {
            **base._hands,
            **{f"unused {number} {key}": part._hands[key] for key in part._hands if key not in base._hands},
        }
        yield {path: data for path, data in part.files.items() if path not in base.files}


def large_registry(names: int, versions: int, *, url: str = "https://registry.example/") -> RegistryInMemory:
    """Such a registry, to which more can be added."""
    base = with_targets(a_registry(demo=False), bits=8)
    base.files["index/registry.yaml"] = table_bytes({"name": "A large registry", "url": url})
    files = dict(base.files)
    for part in scopes(base, names, versions):
        files.update(part)
    base.files = {**files, ".gitattributes": layout.ATTRIBUTES.encode()}
    return base


def registry_files(names: int, versions: int, *, url: str = "https://registry.example/") -> dict[str, bytes]:
    """The whole repository."""
    return large_registry(names, versions, url=url).files


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
