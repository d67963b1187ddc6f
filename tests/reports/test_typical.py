"""What a maintainer reads on typical submissions, as files to be read.

They lie in `tests/golden/reports`; `python -m tests.reports.test_typical` writes them anew.
"""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from registry_tool.core.reports.markdown import summary_markdown, to_markdown
from registry_tool.core.reports.plain import summary, to_json, to_text
from registry_tool.core.reports.reading import read_report
from registry_tool.core.reports.sarif import to_sarif
from registry_tool.core.review import Report
from tests.reports.desk import CHECKS, report_of
from tests.reports.inert import alive
from tests.reports.typical import CASES

GOLDEN: Final = Path(__file__).resolve().parent.parent / "golden" / "reports"
_REPORTS: Final[dict[str, Report]] = {}


def report(name: str) -> Report:
    """The report on one of the submissions."""
    if name not in _REPORTS:
        _REPORTS[name] = report_of(CASES[name])
    return _REPORTS[name]


def written(name: str) -> str:
    """Its Markdown; digests, which the tests' keys decide, left out."""
    text = re.sub(r"/blobs/[0-9a-f]{2}/", "/blobs/xx/", to_markdown(report(name)))
    text = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)
    return re.sub(r"\b(?:[0-9a-f]{16}|[0-9a-f]{12})\b", "ID", text)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_report_reads_as_it_did(name: str) -> None:
    """Each report equals the file that somebody has read."""
    assert (GOLDEN / f"{name}.md").read_text(encoding="utf-8") == written(name)


def test_every_file_is_of_a_submission() -> None:
    """Nothing that is no report any more lies among them."""
    assert sorted(CASES) == sorted(path.stem for path in GOLDEN.iterdir())


@pytest.mark.parametrize("name", sorted(CASES))
def test_nothing_in_it_is_alive(name: str) -> None:
    """No mention, link, picture, HTML or heading of somebody else's, and nothing invisible."""
    assert [] == alive(to_markdown(report(name)))


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_decides_stands_on_top(name: str) -> None:
    """The first line is the verdict, the next sentence what is needed, and the same stands in text, JSON and SARIF."""
    one = report(name)
    first, empty, second, *_ = to_markdown(one).splitlines()
    step = summary(one).next

    assert (True, "") == (first.startswith("### "), empty)
    assert step == second.replace("`", "")
    assert step in to_text(one)
    assert (step, step) == (to_json(one)["next"], to_sarif(one, CHECKS, version="1")["runs"][0]["properties"]["next"])


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_report_of_another_run_says_the_same(name: str) -> None:
    """What is read back from its JSON gives the same comment, but for what is ours to say."""
    one = report(name)
    found = read_report(json.dumps(to_json(one)).encode())

    assert summary(one).said == found.said
    assert (summary(one).releases, summary(one).statements) == (found.releases, found.statements)
    assert [] == alive(summary_markdown(found, foreign=True))


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for case in CASES:
        (GOLDEN / f"{case}.md").write_text(written(case), encoding="utf-8")
