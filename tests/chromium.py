"""Debian's chromium, driven by playwright; no browser of playwright's own."""

import shutil

from playwright.sync_api import Browser, Playwright

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-sync", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
)
"""Nothing that a browser does by itself reaches for a network."""


def launched(driver: Playwright) -> Browser:
    """The browser; whoever launched it closes it."""
    return driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
