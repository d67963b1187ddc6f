"""The table of checks in the documentation; `python -m tests.checks.test_table` writes it anew."""

from pathlib import Path

import pytest

from registry_tool.checks import NOT_RUN, all_checks
from registry_tool.core.reports.checks_table import checks_table, with_table

PAGE = Path(__file__).resolve().parents[2] / "site_templates/docs/checks.md"


def expected() -> str:
    """The page as the records want it."""
    return with_table(PAGE.read_text("utf-8"), checks_table(all_checks(), NOT_RUN))


def test_the_documentation_lists_every_check() -> None:
    """The table of the page is what the records say, word by word."""
    assert expected() == PAGE.read_text("utf-8")


def test_every_row_of_the_survey_is_answered() -> None:
    """Each of the fifty rows is a record here, or is listed as not run with a reason; none is both."""
    run = {number for check in all_checks() for number in (check.number, *check.also)}

    assert (set(range(1, 51)), set()) == (run | NOT_RUN.keys(), run & NOT_RUN.keys())


def test_no_code_is_told_by_two_checks() -> None:
    """What verification finds belongs to one record, and is no record's own id."""
    codes = [code for check in all_checks() for code in check.tells]

    assert sorted(set(codes)) == sorted(codes)
    assert set() == set(codes) & {check.id for check in all_checks()}


def test_a_table_has_its_place() -> None:
    """A page without the two lines that mark the place is an error, not a page without a table."""
    with pytest.raises(ValueError, match="the table's place"):
        with_table("# What is checked\n", "| a |")


if __name__ == "__main__":
    PAGE.write_text(expected(), "utf-8")
