"""What holds for every test: the same examples in each run, and no test left out unseen."""

import os
from collections.abc import Iterator

import hypothesis
import pytest

hypothesis.settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, print_blob=True)
hypothesis.settings.load_profile("repeatable")

_NO_SKIPS = ("CI", "REGISTRY_NO_SKIPS")
"""Where one of these is set, a skipped test is a failure."""


def skipped(session: pytest.Session) -> tuple[str, ...]:
    """The tests and modules that this run skipped, each with the reason it gave."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    # With workers each has its own session; only the one that reports knows them all.
    reports = terminal.stats.get("skipped", []) if terminal else []
    # A skip's long form is its file, its line and its reason.
    return tuple(sorted({f"{report.nodeid}: {report.longrepr[2]}" for report in reports}))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Turns a green run that skipped something into a red one, where that is asked for."""
    names = skipped(session) if any(os.environ.get(name) for name in _NO_SKIPS) else ()
    if names and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    result = yield
    if names:
        print("\nskipped, which counts as failed here:", *names, sep="\n  ")
    return result
