"""Compose files. What reaches the host is refused; what means something only at its author's is left out."""

from collections.abc import Mapping

from tests.real.folders import Case, instead

DIGEST = "sha256:65e3e85dbaed8ba248841d9d58a899b6197106c23cb0ff1a132b7bfe0547e4c0"
CARD = b"title: An app\ndescription: Does what it says, in a container.\nlicense: MIT\n"


def files(compose: str, more: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    return {"compose.yaml": compose.encode(), "artifact.yaml": CARD, **(more or {})}


MERGED = """x-common: &common
  restart: unless-stopped
  environment: &env
    TZ: ${TZ:-UTC}
    PUID: 1000
services:
  web:
    <<: *common
    image: ghcr.io/example/web:2.4.1
    user: "1000"
    ports:
      - 8080:80
  worker:
    <<: *common
    image: ghcr.io/example/web:2.4.1
    user: "1000"
    command: worker
    environment:
      <<: *env
      QUEUE: all
"""

STORE = """version: "3.9"
x-casaos:
  architectures: [amd64, arm64]
  main: web
  title: {en_us: Web}
services:
  web:
    image: ghcr.io/example/web:2.4.1
    container_name: web
    hostname: web
    restart: unless-stopped
    labels:
      traefik.enable: "true"
      traefik.http.routers.web.rule: Host(`web.example.org`)
    x-casaos: {envs: []}
    ports: [ "127.0.0.1:8080:80/tcp" ]
    networks: [proxy]
networks:
  proxy: {external: true}
"""

INPUTS = """services:
  web:
    image: ghcr.io/example/web:2.4.1
    environment:
      - PASSWORD=${PASSWORD:?set a password}
      - NAME=${NAME:-My pages}
      - EMPTY=${EMPTY-}
    volumes:
      - data:/var/lib/web
      - ./conf:/etc/web:ro
    configs:
      - source: motd
        target: /etc/motd
configs:
  motd:
    content: |
      Welcome, all of you.
volumes:
  data:
"""


def service(*lines: str) -> str:
    return "services:\n  web:\n" + "".join(f"    {line}\n" for line in lines)


IMAGE = "image: ghcr.io/example/web:2.4.1"
PINNED = f"image: ghcr.io/example/web:2.4.1@{DIGEST}"

THROUGH = (
    Case("merge-keys", "app", files(MERGED)),
    Case("store-card", "app", files(STORE)),
    Case("with-inputs", "app", files(INPUTS, {"conf/web.conf": b"listen 80;\r\n", "conf/more/a b.conf": b""})),
    Case("by-digest", "app", files(service(PINNED, 'ports: ["8080:80"]'))),
    Case("sixty", "app", files(service(IMAGE, "ports:", "  - 22:22", "  - 8443:443"))),
    Case("marked-windows", "app", files("\ufeff" + service(IMAGE).replace("\n", "\r\n"))),
    Case("old-name", "app", {"docker-compose.yml": service(IMAGE).encode(), "artifact.yaml": CARD}),
    Case("one-port", "app", files(service(IMAGE, "ports:", "  - 80"))),
    Case("empty-words", "app", files(service(IMAGE, "devices: []", "privileged: false", "cap_drop: [ALL]"))),
    Case("untagged", "app", files(service("image: nginx"))),
    Case("latest", "app", files(service("image: ghcr.io/example/web:latest"))),
    Case("home", "app", files(service(IMAGE, "volumes:", "  - /srv/media:/media", "  - ~/films:/films"))),
    Case("flagged", "app", files(service(IMAGE, "environment:", "  DEBUG: yes"))),
)
"""They get through in one try."""

REFUSED = (
    Case(
        "with-socket",
        "app",
        files(service(IMAGE, "volumes:", "  - /var/run/docker.sock:/var/run/docker.sock", "  - data:/data")),
        refused="the engine's socket gives all of the host away",
        mend=instead(
            "compose.yaml", b"      - /var/run/docker.sock:/var/run/docker.sock\n", b"", hinted="cannot be published"
        ),
    ),
    Case(
        "privileged",
        "app",
        files(service(IMAGE, "privileged: true")),
        refused="privileged",
        mend=instead("compose.yaml", b"    privileged: true\n", b"", hinted="remove it"),
    ),
    Case(
        "with-build",
        "app",
        files(service("build: ."), {"Dockerfile": b"FROM scratch\n"}),
        refused="build would run somebody's build",
        mend=instead("compose.yaml", b"build: .", b"image: example/web:1.2.3", hinted="image: <name>:<version>"),
    ),
    Case(
        "of-the-host",
        "app",
        files(service(IMAGE, "network_mode: host")),
        refused="network_mode",
        mend=instead(
            "compose.yaml",
            b"network_mode: host",
            b'ports: ["8080:80"]',
            hinted="publish the ports that are needed under ports:",
        ),
    ),
)
"""They are refused with what to write, and then get through."""
