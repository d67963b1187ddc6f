"""One browser and one site for all tests here: what it takes to start them is most of their time."""

import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import launched
from tests.real.packages import NodePackage
from tests.showroom import built_showroom, served

AXE = NodePackage(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)

Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium."""
    with sync_playwright() as driver, closing(launched(driver)) as browser:
        yield browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the showroom, built and served."""
    with served(built_showroom(tmp_path_factory.mktemp("showroom") / "site")) as url:
        yield url


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    with tarfile.open(AXE.fetched()) as packed:
        file = packed.extractfile("package/axe.min.js")
        assert file is not None
        return file.read().decode()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opened]:
    """A page in a context of its own, with the settings that are given; all are closed in the end."""
    contexts = []

    def open_page(*, width: int = 1280, **settings: object) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **settings)  # type: ignore[arg-type]  # playwright's own names
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
