"""What people and programs read about a registry in which something happened, as files to be read.

They lie in `tests/golden/feeds/news`; `python -m tests.feeds.test_news_golden` writes them anew.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from registry_tool.core.digest import sha256
from tests.feeds.news_registry import eventful_site

GOLDEN: Final = Path(__file__).resolve().parent.parent / "golden" / "feeds" / "news"
WHOLE: Final = ("feeds/new", "feeds/updated", "feeds/security", "feeds/skills/updated", "feeds/apps/new")
FILES: Final = (
    *(f"{path}.{form}" for path in WHOLE for form in ("json", "xml")),
    *(f"skills/ann/links/{name}" for name in ("feed.xml", "index.md")),
    *(f"themes/ann/solar/{name}" for name in ("feed.xml", "index.md")),
    *(f"widgets/bob/clock/{name}" for name in ("feed.xml", "index.md")),
    *(f"badges/{name}.svg" for name in ("ann/links", "ann/solar", "bob/clock")),
    *(f"sitemap{name}.xml" for name in ("", "-about", "-authors", "-skills", "-themes")),
    ".well-known/security.txt",
    "llms.txt",
    "manifest.webmanifest",
    "robots.txt",
    "schemas/index.json",
)


def written(path: str) -> str:
    """A file for reading: JSON in lines, and without digests, which the tests' keys decide."""
    text = eventful_site()[path].decode("utf-8")
    if path.endswith(("json", "webmanifest")):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"
    text = re.sub(r"/sha256/[0-9a-f]{2}/", "/sha256/xx/", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)
    text = re.sub(r"urn:uuid:[0-9a-f-]{36}", "urn:uuid:UUID", text)
    return re.sub(r"REG-[0-9a-f]{32}|\b[0-9a-f]{16}\b", "ID", text)


@pytest.mark.parametrize("path", FILES)
def test_a_file_reads_as_it_did(path: str) -> None:
    """Each file equals the one that somebody has read."""
    assert (GOLDEN / path.lstrip(".")).read_text(encoding="utf-8") == written(path)


def test_every_golden_file_is_made() -> None:
    """Nothing that is not made any more lies among them."""
    there = (path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file())

    assert sorted(path.lstrip(".") for path in FILES) == sorted(there)


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1", "4242"])
def test_news_are_the_same_under_every_hash_seed(seed: str) -> None:
    """Another process with another hash seed makes the same bytes of every file."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.feeds.news_registry"],
        env={"PYTHONHASHSEED": seed, "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        cwd=GOLDEN.parents[3],
        capture_output=True,
        text=True,
        check=True,
    )

    assert [f"{sha256(data)} {path}" for path, data in sorted(eventful_site().items())] == done.stdout.splitlines()


def test_a_names_files_are_its_own() -> None:
    """Each name has a feed, a twin and a badge, on paths that hold its scope and name."""
    own = sorted(path for path in eventful_site() if "/ann/solar" in path)

    assert ["badges/ann/solar.svg", "themes/ann/solar/feed.xml", "themes/ann/solar/index.md"] == own


def main() -> None:
    for path in FILES:
        file = GOLDEN / path.lstrip(".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(path), encoding="utf-8")
    print(f"Wrote {len(FILES)} files below {GOLDEN}.")


if __name__ == "__main__":
    main()
