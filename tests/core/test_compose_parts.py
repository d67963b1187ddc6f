"""Compose files: bounds, variables, secrets, and what catalogues leave to a program of their own."""

import pytest

from registry_tool.core.native.compose_env import sample_env
from registry_tool.core.native.compose_limits import MEMORY, PIDS, PIDS_MOST, amount, bounded, sysctls, ulimits
from registry_tool.core.native.compose_values import Fault
from tests.core.compose_files import WEB, compose_of, emitted, faults, web


@pytest.mark.parametrize(
    ("value", "expected"),
    [("512m", "512m"), ("512MB", "512m"), ("1.5GiB", "1.5g"), (64, "64"), ("${M:-1g}", "1g"), ("${SET}", "2g")],
)
def test_an_amount_is_written_as_every_engine_reads_it(value: object, expected: str) -> None:
    """One spelling of units, variables put in."""
    assert expected == amount("mem_limit", value, {"SET": "2G"})


@pytest.mark.parametrize("value", ["", "a", "1x", "-1", "1 m", "50%"])
def test_what_is_no_amount_is_refused(value: str) -> None:
    """The hint shows one."""
    with pytest.raises(Fault, match="is a number"):
        amount("mem_limit", value)


@pytest.mark.parametrize(
    ("said", "expected", "told"),
    [
        ({}, {"mem_limit": MEMORY, "pids_limit": PIDS}, []),
        ({"mem_limit": "0", "pids_limit": 0}, {"mem_limit": MEMORY, "pids_limit": PIDS}, []),
        ({"mem_limit": "512m", "pids_limit": 9}, {"mem_limit": "512m", "pids_limit": 9}, []),
        ({"mem_limit": "2t", "pids_limit": 99999}, {"mem_limit": "64g", "pids_limit": PIDS_MOST}, ["mem", "pids"]),
        (
            {"mem_limit": 1024, "shm_size": "65g"},
            {"mem_limit": 1024, "shm_size": "64g", "pids_limit": PIDS},
            ["shm"],
        ),
        ({"shm_size": "1g"}, {"mem_limit": MEMORY, "shm_size": "1g", "pids_limit": PIDS}, []),
    ],
)
def test_every_service_has_a_bound(said: dict[str, object], expected: dict[str, object], told: list[str]) -> None:
    """What says nothing, or no end, gets a generous one; what is beyond any machine is cut and told."""
    heard: dict[str, str] = {}

    assert expected == bounded(said, heard.__setitem__)
    assert told == [name.split("_")[0] for name in heard]


def test_limits_of_processes_stay_where_they_are_plain() -> None:
    """Known names with numbers; others are the host's."""
    given = {"nofile": 1024, "nproc": {"soft": 1, "hard": 2}, "memlock": {"soft": -1, "hard": -1}, "x": 1, "core": True}

    assert ulimits(given) == ({name: given[name] for name in ("nofile", "nproc", "memlock")}, True)
    assert ulimits({"nofile": {"soft": 1}}) == ({}, True)
    assert ulimits([1]) == ({}, False)


def test_settings_of_the_own_network_stay() -> None:
    """Names that hold in the container's network alone; nothing of the host's kernel."""
    rows = ["net.core.somaxconn=1024", "kernel.core_pattern=|/x", "net.ipv4.ip_forward=1"]

    assert sysctls(rows) == ({"net.core.somaxconn": "1024"}, True)
    assert sysctls({"net.ipv4.ip_local_port_range": "1024 65535"}) == (
        {"net.ipv4.ip_local_port_range": "1024 65535"},
        False,
    )
    assert sysctls("x") == ({}, False)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, {}),
        ({".env": b"A=1", ".env.example": b"A=2"}, {"A": "1"}),
        ({".env.example": b"A=2\nB='x y'"}, {"A": "2", "B": "x y"}),
        ({"stack.env": b"A=3"}, {"A": "3"}),
    ],
)
def test_the_author_s_values_come_from_an_env_file_or_its_sample(
    files: dict[str, bytes], expected: dict[str, str]
) -> None:
    """The best file that is there; the others are not looked at."""
    assert expected == sample_env(files)


def test_what_the_env_file_says_decides_what_is_granted() -> None:
    """Ports, tags and folders with a variable are those of the author's .env; the others stay inputs."""
    files = {".env": b"TAG=2.1\nPORT=8081\nDATA=./library\nNAME=wiki\n"}
    text = "services:\n  web:\n    image: a/web:${TAG:-1}\n    ports: ['${PORT}:80']\n    volumes: ['${DATA}:/d']\n"

    compose = compose_of(text + "    environment: ['N=${NAME}']\n", files)

    assert compose.services[0].image == "a/web:2.1"
    assert compose.needs == ("mount:./library:/d", "port:8081/tcp")
    assert [(one.name, one.default) for one in compose.inputs] == [("NAME", "wiki")]


def test_a_file_of_variables_that_is_not_there_is_told() -> None:
    """It refuses nothing: the template alone is what catalogues hold."""
    compose = compose_of(web("env_file: [app.env, stack.env]"), {"stack.env": b"A=1"})

    assert faults(compose) == []
    assert compose.services[0].rest["environment"] == {"A": "${REGISTRY_INPUT_A}"}
    assert [one.message for one in compose.findings if one.level == "warn"] == [
        "web: the file 'app.env' is not there; what it says is left out"
    ]


def test_a_flag_that_stands_in_quotes_elsewhere_stays_what_it_is() -> None:
    """`TRUE`, `true` and a word that is no flag at all."""
    compose = compose_of(web("environment: {A: TRUE, B: false, C: y}"))

    assert compose.services[0].rest["environment"] == {"A": "true", "B": "false", "C": "y"}


def test_a_flag_behind_an_alias_is_the_parser_s() -> None:
    """Where the text does not show the word behind the name, it is true or false."""
    compose = compose_of(web('environment: {? A : true, "B" : &x false}'))

    assert compose.services[0].rest["environment"] == {"A": "true", "B": "false"}


SECRETS = """services:
  web:
    image: a/web:1
    secrets: [db-password, token, mine]
secrets:
  db-password: {file: ./db_password.txt}
  token: {external: true}
  mine: {file: ./mine.txt}
"""


def test_a_secret_that_only_its_author_has_is_asked_for() -> None:
    """A file that is not in the payload, or one of their engine, becomes an input; one that is there stays."""
    compose = compose_of(SECRETS, {"mine.txt": b"x"})

    assert faults(compose) == []
    assert [(one.name, one.secret, one.demanded, one.file, one.variable) for one in compose.inputs] == [
        ("DB_PASSWORD", True, True, ".values/DB_PASSWORD", False),
        ("TOKEN", True, True, ".values/TOKEN", False),
    ]
    assert emitted(compose)["secrets"] == {
        "db-password": {"file": "./.values/DB_PASSWORD"},
        "mine": {"file": "./mine.txt"},
        "token": {"file": "./.values/TOKEN"},
    }


@pytest.mark.parametrize("secret", ["{file: ./.env}", "{file: '$$HOME'}", "{file: [1]}", "1"])
def test_a_secret_that_is_something_else_is_refused(secret: str) -> None:
    """What is no plain file of the author's is not asked for instead."""
    assert len(faults(compose_of(WEB + f"secrets:\n  c: {secret}\n"))) == 1


def test_a_secret_whose_name_is_no_variable_is_refused() -> None:
    """There is nothing to ask for."""
    assert len(faults(compose_of(WEB + "secrets:\n  '1': {file: ./x}\n"))) == 1


PROXIED = """services:
  app_proxy:
    environment:
      APP_HOST: {host}
      APP_PORT: {port}
  web:
    image: a/web:1
    depends_on: [app_proxy]
    environment: ['DB=wiki_db_1', 'X=other_x_1']
  db:
    image: db:1
    ports: {ports}
"""


@pytest.mark.parametrize(
    ("host", "ports", "needs"),
    [
        ("wiki_web_1", "[]", ("port:8080/tcp",)),
        ("web", "[]", ("port:8080/tcp",)),
        ("db", "['9000:8080']", ("port:9000/tcp",)),
        ("db", "['8080:80']", ("port:8080/tcp", "port:8081/tcp")),
    ],
)
def test_a_store_s_proxy_becomes_a_published_port(host: str, ports: str, needs: tuple[str, ...]) -> None:
    """The service behind it is reached on this machine; old names of containers still work."""
    compose = compose_of(PROXIED.format(host=host, port=8080, ports=ports))

    assert faults(compose) == []
    assert needs == compose.needs
    assert [service.name for service in compose.services] == ["db", "web"]
    assert compose.services[0].rest["networks"] == {"default": {"aliases": ["wiki_db_1"]}}
    assert compose.services[1].rest["depends_on"] == {}


@pytest.mark.parametrize(("host", "port"), [("none", "80"), ("web", "0"), ("web", "65536"), ("web", "x"), ("''", "1")])
def test_a_proxy_in_front_of_nothing_is_a_service_without_an_image(host: str, port: str) -> None:
    """What cannot be understood is not left out."""
    assert faults(compose_of(PROXIED.format(host=host, port=port, ports="[]"))) == [
        "the service 'app_proxy' has no image"
    ]


@pytest.mark.parametrize("proxy", ["{image: 'p:1'}", "{environment: 1}", "1"])
def test_a_service_that_is_called_as_the_proxy_is_one(proxy: str) -> None:
    """With an image it is an ordinary service; a broken one is told."""
    compose = compose_of(WEB + f"  app_proxy: {proxy}\n")

    assert ("image" in proxy) == (not faults(compose))


def test_a_proxy_in_front_of_a_broken_service_changes_nothing() -> None:
    """The fault is that of the service."""
    text = "services:\n  app_proxy: {environment: {APP_HOST: web, APP_PORT: 80}}\n  web: 1\n"

    assert faults(compose_of(text)) == ["the service 'web' is not a mapping"]


def test_a_port_in_the_name_of_a_variable_is_published() -> None:
    """What tells a store's proxy where to lead leads people there; a port that is published already is enough."""
    names = "environment: [SERVICE_FQDN_WIKI_3000, SERVICE_URL_WIKI_8080=/api, SERVICE_FQDN_WIKI, SERVICE_URL_X_99999]"

    assert compose_of(web(names, "ports: ['80:8080']")).needs == ("port:3000/tcp", "port:80/tcp")


def test_services_that_begin_as_root_may_need_privileges() -> None:
    """Each of them, unless its file names a user, names capabilities or drops all."""
    text = (
        "services:\n  a: {image: 'a:1'}\n  b: {image: 'b:1', user: '${UID:-1}'}\n  c: {image: 'c:1', cap_drop: [all]}\n"
        "  d: {image: 'd:1', cap_add: [chown]}\n  e: {image: 'e:1', user: root, cap_drop: [FOWNER]}\n"
    )
    compose = compose_of(text)

    assert [service.start for service in compose.services] == [
        ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"),
        (),
        (),
        (),
        ("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID"),
    ]
    assert (compose.needs, compose.may) == (
        ("cap:CHOWN",),
        ("cap:DAC_OVERRIDE", "cap:FOWNER", "cap:SETGID", "cap:SETUID"),
    )
