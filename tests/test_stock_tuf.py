"""A client of TUF that knows nothing of us follows the index of a built site."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tuf.ngclient import Updater

from tests.story import Machine

pytestmark = pytest.mark.slow


class Quiet(SimpleHTTPRequestHandler):
    """The standard library's file server, without its talk."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        return


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def stock(root: bytes, site: str, cache: Path, *paths: str) -> list[bytes]:
    """What `tuf.ngclient` with its own fetcher downloads; all that anybody needs to write."""
    cache.mkdir(exist_ok=True)
    updater = Updater(
        str(cache), metadata_base_url=f"{site}tuf/", target_dir=str(cache), target_base_url=site, bootstrap=root
    )
    updater.refresh()
    found = []
    for path in paths:
        info = updater.get_targetinfo(path)
        assert info is not None, path
        found.append(Path(updater.download_target(info)).read_bytes())
    return found


def test_a_stock_client_follows_the_site(tmp_path: Path) -> None:
    """From the first root alone it downloads a name and the chains; after one more release with the same cache too."""
    here = Machine(tmp_path, tmp_path / "home")
    here.do("registry init reg --name Example --yes")
    here.do("registry theme create @ann/sunset")
    paths = ("index/an/ann/sunset.json", "chains/registry.json", "index/catalogue.json")
    root = (tmp_path / "reg/index/trust/1.root.json").read_bytes()
    seen = []
    for version in ("1.0.0", "1.1.0"):
        card, sheet = tmp_path / "sunset/artifact.yaml", tmp_path / "sunset/theme.css"
        card.write_text(card.read_text("utf-8").replace("1.0.0", version), "utf-8")
        sheet.write_text(sheet.read_text("utf-8") + f"/* {version} */\n", "utf-8")
        here.do("registry publish sunset --as ann --registry reg --yes")
        (waiting,) = here.json("registry queue list --registry reg --json")
        here.do(f"registry queue approve {waiting['id']} --registry reg")
        signed = here.json("registry build --registry reg --out site --json")["signed"]
        with served(tmp_path / "site") as site:
            seen.append(stock(root, site, tmp_path / "cache", *paths))

        assert seen[-1] == [(tmp_path / "site" / path).read_bytes() for path in paths]

    # A release changes its name's file and the catalogue: two bins at most, snapshot, timestamp.
    assert len(signed) in (3, 4)
    assert seen[0][0] != seen[1][0]
