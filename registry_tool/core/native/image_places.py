"""Where an image lies: its name as people write it, taken apart.

    nginx                        docker.io / library/nginx : latest
    acme/wiki:2                  docker.io / acme/wiki     : 2
    ghcr.io/acme/wiki:2          ghcr.io   / acme/wiki     : 2
    localhost:5000/wiki          localhost:5000 / wiki     : latest

The first part is a host where it has a dot or a port, or is `localhost`; without one it is docker.io
(the reference grammar of the distribution project, `reference/normalize.go`).
"""

from dataclasses import dataclass
from typing import Final

from registry_tool.core.native.compose_values import Image

HUB: Final = "docker.io"
_HUB_HOST: Final = "registry-1.docker.io"  # docker.io itself is pages; its images answer here


@dataclass(frozen=True, slots=True)
class ImagePlace:
    """One image of one registry of images."""

    host: str
    """Its host, with a port where it has one."""
    repository: str
    tag: str

    @property
    def local(self) -> bool:
        """Whether the host is this machine, which is asked without encryption."""
        name = self.host.rpartition(":")[0] or self.host
        return name in ("localhost", "127.0.0.1", "[::1]")

    @property
    def address(self) -> str:
        """Where its manifest is asked for (OCI distribution specification 1.1, part "Pulling manifests")."""
        host = _HUB_HOST if self.host == HUB else self.host
        return f"{'http' if self.local else 'https'}://{host}/v2/{self.repository}/manifests/{self.tag}"


def place_of(image: Image) -> ImagePlace:
    """Where `image` is fetched from when its digest is not looked at."""
    first, slash, rest = image.name.partition("/")
    named = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, repository = (first, rest) if named else (HUB, image.name)
    if host in (HUB, f"index.{HUB}"):
        host, repository = HUB, repository if "/" in repository else f"library/{repository}"
    return ImagePlace(host, repository, image.tag or "latest")
