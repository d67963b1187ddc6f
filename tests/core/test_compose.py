"""Compose files: what is ordinary is read and rewritten."""

import pytest
import yaml

from registry_tool.core.native.compose import Input
from registry_tool.core.native.compose_emit import emit
from registry_tool.core.native.compose_keys import DROPPED
from tests.core.compose_files import WEB, compose_of, emitted, faults, web

ORDINARY = """version: "3.8"
name: wiki
x-env: &env
  TZ: ${TZ:-UTC}
services:
  web:
    image: ghcr.io/acme/wiki:${WIKI_TAG:-2.1.0}
    container_name: wiki-web
    restart: unless-stopped
    ports:
      - "${WIKI_PORT:-8080}:80"
      - 5353:53/udp
    volumes:
      - data:/var/lib/wiki
      - ./conf/wiki.toml:/etc/wiki.toml:ro
      - /etc/localtime:/etc/localtime:ro
    environment:
      <<: *env
      DB_PASSWORD: ${DB_PASSWORD}
      WORKERS: 2
      DEBUG: false
    labels:
      traefik.enable: "true"
    depends_on:
      db: {condition: service_healthy}
    networks: [front]
    x-casaos: {}
  db:
    image: postgres:16-alpine
    restart: always
    cap_add: [CHOWN, CAP_SETUID, setgid]
    environment:
      - POSTGRES_PASSWORD=${DB_PASSWORD}
      - POSTGRES_DB
    volumes:
      - type: volume
        source: db
        target: /var/lib/postgresql/data/
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U $${POSTGRES_USER}"]
      interval: 5s
      retries: 5
      disable: false
      timeout:
    networks: {front: {aliases: [database]}}
    logging: {driver: json-file}
volumes:
  data:
  db: {driver: local, name: other}
networks:
  front: {driver: bridge}
"""


def test_an_ordinary_file_says_what_it_needs() -> None:
    """Capabilities, ports and mounts of the file, exactly and sorted, are what it asks for (M5)."""
    compose = compose_of(ORDINARY, {"conf/wiki.toml": b"x"})

    assert faults(compose) == []
    assert compose.needs == (
        "cap:CHOWN",
        "cap:SETGID",
        "cap:SETUID",
        "mount:./conf/wiki.toml:/etc/wiki.toml:ro",
        "mount:data:/var/lib/wiki",
        "mount:db:/var/lib/postgresql/data",
        "port:5353/udp",
        "port:8080/tcp",
    )


def test_inputs_are_told_with_their_defaults() -> None:
    """Every variable that stays one is an input; what is baked in is none."""
    inputs = compose_of(ORDINARY).inputs

    assert inputs == (
        Input("DB_PASSWORD", None, True),
        Input("POSTGRES_DB", None, False),
        Input("TZ", "UTC", False),
    )


def test_what_is_left_out_is_said_in_one_remark() -> None:
    """Keys that do no harm are dropped or rewritten, each named once with its reason."""
    notes = [finding.message for finding in compose_of(ORDINARY).findings if finding.level == "note"]

    assert [note.split(":")[0] for note in notes] == [
        "left out of what is installed",
        "written anew in what is installed",
    ]
    for word in ("container_name", "labels", "logging", "x-…"):
        assert word in notes[0]
    assert "ports (they are reached from this machine alone)" in notes[1]


def test_what_is_installed_is_written_by_us() -> None:
    """The file that runs holds only known keys, drops every capability and binds ports to this machine."""
    written = emitted(compose_of(ORDINARY))

    assert written == {
        "services": {
            "db": {
                "cap_add": ["CHOWN", "SETGID", "SETUID"],
                "cap_drop": ["ALL"],
                "environment": {
                    "POSTGRES_DB": "${REGISTRY_INPUT_POSTGRES_DB}",
                    "POSTGRES_PASSWORD": "${REGISTRY_INPUT_DB_PASSWORD}",
                },
                "healthcheck": {
                    "interval": "5s",
                    "retries": 5,
                    "test": ["CMD-SHELL", "pg_isready -U $${POSTGRES_USER}"],
                },
                "image": "postgres:16-alpine",
                "networks": {"front": {"aliases": ["database"]}},
                "restart": "always",
                "mem_limit": "4g",
                "pids_limit": 2048,
                "security_opt": ["no-new-privileges:true"],
                "volumes": ["db:/var/lib/postgresql/data"],
            },
            "web": {
                "cap_add": ["CHOWN", "SETGID", "SETUID"],
                "cap_drop": ["ALL"],
                "depends_on": {"db": {"condition": "service_healthy"}},
                "environment": {
                    "DB_PASSWORD": "${REGISTRY_INPUT_DB_PASSWORD}",
                    "DEBUG": "false",
                    "TZ": "${REGISTRY_INPUT_TZ:-UTC}",
                    "WORKERS": "2",
                },
                "image": "ghcr.io/acme/wiki:2.1.0",
                "mem_limit": "4g",
                "networks": {"front": {"aliases": ["wiki-web"]}},
                "pids_limit": 2048,
                "ports": ["127.0.0.1:8080:80/tcp", "127.0.0.1:5353:53/udp"],
                "restart": "unless-stopped",
                "security_opt": ["no-new-privileges:true"],
                "volumes": ["data:/var/lib/wiki", "./conf/wiki.toml:/etc/wiki.toml:ro"],
            },
        },
        "networks": {"front": {}},
        "volumes": {"data": {}, "db": {}},
    }


def test_nothing_that_was_not_granted_is_installed() -> None:
    """Without grants no capability, port, mount or volume is written."""
    written = yaml.safe_load(emit(compose_of(ORDINARY), granted=(), digests={"postgres:16-alpine": "sha256:1"}))

    assert "volumes" not in written
    assert written["services"]["db"]["image"] == "postgres:16-alpine@sha256:1"
    for service in written["services"].values():
        assert not {"cap_add", "ports", "volumes"} & set(service)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["restart: no"], {"restart": "no"}),
        (["restart: on-failure:3"], {"restart": "on-failure:3"}),
        (["command: run --x $$HOME"], {"command": "run --x $$HOME"}),
        (["command: [run, 1, 2.5, true]"], {"command": ["run", "1", "2.5", "true"]}),
        (["command:"], {}),
        (["entrypoint: /x ${A}"], {"entrypoint": "/x ${REGISTRY_INPUT_A}"}),
        (["init: true", 'tty: "${T:-false}"'], {"init": True, "tty": False}),
        (["mem_limit: 512m", "cpus: 0.5", "pids_limit: 64"], {"mem_limit": "512m", "cpus": 0.5, "pids_limit": 64}),
        (["expose: [80]", "profiles: [x]"], {"expose": ["80"], "profiles": ["x"]}),
        (["tmpfs: /run"], {"tmpfs": ["/run"]}),
        (["tmpfs: [/run, '/tmp:size=64m,mode=1777']"], {"tmpfs": ["/run", "/tmp:size=64m,mode=1777"]}),
        (["volumes: [{type: tmpfs, target: /t}]", "tmpfs: /r"], {"tmpfs": ["/r", "/t"]}),
        (["privileged: false", "devices: []", "ipc: private", "pid:", "runtime: runc", "cgroup: private"], {}),
        (["privileged: 'false'", "exclude_from_hc: true", "env_file: none.env"], {"environment": {}}),
        (["pids_limit: -1"], {}),
        (["environment: {A: yes, B: True}"], {"environment": {"A": "yes", "B": "true"}}),
        (["restart: ${R:-always}"], {"restart": "always"}),
        (["build: .", "cap_add: [SYS_NICE]", "cap_drop: [NET_RAW]"], {}),
        (["sysctls: [net.core.somaxconn=1024, kernel.x=1]"], {"sysctls": {"net.core.somaxconn": "1024"}}),
        (["sysctls: {kernel.x: 1}"], {}),
        (["sysctls: {net.ipv4.tcp_syncookies: 1}"], {"sysctls": {"net.ipv4.tcp_syncookies": "1"}}),
        (["healthcheck: {test: x, start_interval: 1s, x-a: 1}"], {"healthcheck": {"test": "x"}}),
        (["healthcheck: {disable: true, test: x}"], {"healthcheck": {"disable": True}}),
        (["healthcheck: {disable: 'false', test: [x]}"], {"healthcheck": {"test": ["x"]}}),
        (["volumes_from: ['web:ro']"], {}),
        (["network_mode: bridge"], {}),
        (["network_mode: none"], {"network_mode": "none"}),
        (["network_mode: none", "container_name: x"], {"network_mode": "none"}),
        (["security_opt: ['no-new-privileges:true']"], {}),
        (["container_name: web-1"], {"networks": {"default": {"aliases": ["web-1"]}}}),
        (["container_name: web"], {}),
        (["ulimits: {nofile: 1024, nproc: {soft: 1, hard: 2}, x: 1, memlock: y}"], None),
        (["ulimits: []"], {}),
        (["deploy: {resources: {limits: {memory: 1g, cpus: 1}, x: {}, reservations: 3}, replicas: 1}"], None),
        (["deploy: {resources: {limits: {memory: 1.5G, pids: 9, cpus: 0}}}"], {"mem_limit": "1.5g", "pids_limit": 9}),
        (["deploy: {resources: {limits: {x: 1}}}"], {}),
        (["deploy: 1"], {}),
        (["depends_on: []"], {"depends_on": {}}),
        (["environment: {A: '$$', B: 1.5}"], {"environment": {"A": "$$", "B": "1.5"}}),
        (["environment: ['A=b=c', 'D=']"], {"environment": {"A": "b=c", "D": ""}}),
        (["env_file: {path: x.env, required: false}"], None),
        (["env_file: [{path: x.env, required: false}]", "environment: {A: 1}"], {"environment": {"A": "1"}}),
        (["networks:", "  other: {ipv4_address: 10.0.0.2}"], {"networks": {"other": {}}}),
    ],
)
def test_harmless_keys_are_kept_or_left_out(lines: list[str], kept: dict[str, object] | None) -> None:
    """None of these refuses; what is kept stands in the service with a plain shape."""
    compose = compose_of(web(*lines))

    assert faults(compose) == []
    if kept is not None:
        bounds = {key: value for key, value in (("mem_limit", "4g"), ("pids_limit", 2048)) if key not in kept}
        assert compose.services[0].rest == {**bounds, **kept}


@pytest.mark.parametrize("key", sorted(DROPPED))
def test_a_key_that_only_takes_something_is_left_out(key: str) -> None:
    """A dropped key refuses nothing and is not installed."""
    compose = compose_of(web(f"{key}: [x]"))

    assert faults(compose) == []
    assert key not in compose.services[0].rest


def test_files_and_inline_contents_go_beside() -> None:
    """Files that are mounted or referred to are named; contents in the file are written out."""
    compose = compose_of(
        web(
            "configs: [app, {source: more, target: /m, mode: 0444}]",
            "secrets: [{source: key}]",
            "volumes: [{type: bind, source: ./in.txt, target: /in.txt, content: hello}, './data:/data']",
        )
        + "configs:\n  app: {file: ./app.toml, name: x}\n  more: {content: 'a $${b} ${C}'}\n  text: {content: $$5}\n"
        + "secrets:\n  key: {environment: API_KEY}\n",
        {"d/app.toml": b"1", "app.toml": b"2"},
        entry="d/compose.yaml",
    )
    written = emitted(compose)

    assert faults(compose) == []
    assert compose.used == ("app.toml", "data", "in.txt")
    assert compose.written == {"in.txt": b"hello", ".values/configs-text": b"$5"}
    assert written["configs"] == {
        "app": {"file": "./app.toml"},
        "more": {"content": "a $${b} ${REGISTRY_INPUT_C}"},
        "text": {"file": "./.values/configs-text"},
    }
    assert written["secrets"] == {"key": {"environment": "REGISTRY_INPUT_API_KEY"}}
    assert compose.services[0].rest["configs"] == [{"source": "app"}, {"mode": 292, "source": "more", "target": "/m"}]
    assert compose.inputs == (Input("API_KEY", None, True), Input("C", None, False))


def test_env_files_are_read_into_the_service() -> None:
    """A file of variables is taken in as text, the app's own `.env` as defaults of its inputs."""
    files = {"a.env": b"# x\nexport A = 'x y'\nB=1$2 # more\nbad line\n", ".env": b'C="3"\nD=4\n'}
    compose = compose_of(web("env_file: [a.env, ./.env]", "environment: {A: over, E: '${D:-5}${F+x}${F:+y}'}"), files)

    assert faults(compose) == []
    assert compose.services[0].rest["environment"] == {
        "A": "over",
        "B": "1$$2",
        "C": "${REGISTRY_INPUT_C}",
        "D": "${REGISTRY_INPUT_D}",
        "E": "${REGISTRY_INPUT_D:-5}${REGISTRY_INPUT_F+x}${REGISTRY_INPUT_F:+y}",
    }
    assert [(found.name, found.default) for found in compose.inputs] == [("C", "3"), ("D", "4"), ("F", "")]


def test_services_find_each_other_by_their_old_names() -> None:
    """Names of containers and links become names in the app's own network."""
    compose = compose_of(
        WEB + "    links: ['db:mysql', db]\n    network_mode: service:db\n"
        "  db: {image: 'm:1', container_name: the-db, networks: {n: {aliases: [d]}, default: }}\n"
        "networks: {n: {internal: true}, unused: {}, default: {}}\n"
    )

    assert faults(compose) == []
    assert compose.services[0].rest["networks"] == {
        "default": {"aliases": ["mysql", "the-db"]},
        "n": {"aliases": ["d", "mysql", "the-db"]},
    }
    assert compose.services[1].rest == {"network_mode": "service:db", "mem_limit": "4g", "pids_limit": 2048}
    assert compose.networks == {"default": False, "n": True}


@pytest.mark.parametrize("top", ["networks: {n: {external: true}}", "networks: {n: {ipam: {config: []}}}", ""])
def test_a_network_of_others_becomes_its_own(top: str) -> None:
    """An external, numbered or undeclared network is replaced and said so."""
    compose = compose_of(web("networks: [n]") + top)

    assert compose.networks == {"n": False}
    assert "the shared or numbered network n" in compose.findings[0].message


def test_odd_characters_survive_the_writing() -> None:
    """What is written reads back as the same value, also what YAML would fold or break at."""
    text = "a\x85b\u2028c\ufeff: #'\"\\ é 😀"
    compose = compose_of(web('environment: {"X": "a\\Nb\\Lc\\uFEFF: #\'\\"\\\\ é 😀", x.y: 1}', "restart: 'no'"))
    services = emitted(compose)["services"]

    assert isinstance(services, dict)
    assert services["web"]["environment"] == {"X": text, "x.y": "1"}


@pytest.mark.parametrize("name", ["true", "No", "null", "on"])
def test_a_service_may_be_called_as_a_flag(name: str) -> None:
    """Its name is written so that nobody takes it for one."""
    assert [name] == list(
        yaml.safe_load(emit(compose_of(f"services: {{'{name}': {{image: a}}}}"), granted=(), digests={}))["services"]
    )
