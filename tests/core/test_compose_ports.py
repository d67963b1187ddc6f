"""The ports of a compose file, in the spellings that real files use."""

import pytest

from registry_tool.core.native.compose_ports import Port, read_port, settled
from registry_tool.core.native.compose_values import Fault
from tests.core.compose_files import WEB, compose_of, emitted, faults


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("8080:80", (Port(8080, 80, "tcp"),)),
        ("53:53/udp", (Port(53, 53, "udp"),)),
        ("53:53/UDP", (Port(53, 53, "udp"),)),
        (3000, (Port(3000, 3000, "tcp"),)),
        ("127.0.0.1:22:22", (Port(22, 22, "tcp"),)),
        ("0.0.0.0:80:80", (Port(80, 80, "tcp"),)),
        ("[::1]:80:80", (Port(80, 80, "tcp"),)),
        ("127.0.0.1::80", (Port(80, 80, "tcp"),)),
        ("0:80", (Port(80, 80, "tcp"),)),
        ("${P:-8080}:80", (Port(8080, 80, "tcp"),)),
        ("${P}:80", (Port(80, 80, "tcp"),)),
        ("${SET}:80", (Port(81, 80, "tcp"),)),
        ("${IP}:53:53", (Port(53, 53, "tcp"),)),
        ("${IP:-0.0.0.0}:${P:-81}:80", (Port(81, 80, "tcp"),)),
        ("8000-8001:9000-9001", (Port(8000, 9000, "tcp"), Port(8001, 9001, "tcp"))),
        ({"target": 80, "published": "8080", "protocol": "udp", "mode": "host", "x-a": 1}, (Port(8080, 80, "udp"),)),
        ({"target": 80}, (Port(80, 80, "tcp"),)),
    ],
)
def test_a_port_is_read_in_every_spelling(value: object, expected: tuple[Port, ...]) -> None:
    """Short, long and ranged ports become numbers; without a host port it is the container's."""
    assert expected == read_port(value, {"SET": "81"})


@pytest.mark.parametrize(
    "value",
    [
        "web:80",
        "80:80/sctp",
        "80:0",
        "80:65536",
        "1-99:1-99",
        "2-1:2-1",
        "1-2:5",
        "80:80:80",
        "1.5:80",
        True,
        None,
        [80],
        {"published": 80},
        {"target": 80, "odd": 1},
        {"target": "x"},
    ],
)
def test_what_is_no_port_is_refused(value: object) -> None:
    """The hint shows a port that works."""
    with pytest.raises(Fault) as refused:
        read_port(value)

    assert ":80" in refused.value.hint


def test_ports_sort_by_what_they_say() -> None:
    """They are values."""
    assert sorted([Port(2, 1, "tcp"), Port(1, 2, "tcp")])[0].host == 1


def test_an_open_number_is_the_next_that_nobody_has() -> None:
    """A number that its author wrote stays; the last port of all is no way out."""
    taken = {"port:80/tcp", "port:65535/udp"}

    found = settled([Port(80, 80, "tcp", True), Port(65535, 65535, "udp", True), Port(80, 1, "tcp")], taken)

    assert found == (Port(81, 80, "tcp"), Port(65535, 65535, "udp"), Port(80, 1, "tcp"))
    assert "port:81/tcp" in taken


def test_services_with_the_same_open_port_get_different_ones() -> None:
    """What an engine would choose by chance is chosen the same way everywhere."""
    text = WEB + "    ports: ['80']\n  b: {image: 'b:1', ports: ['80', '81:1']}\n"

    compose = compose_of(text)

    assert faults(compose) == []
    services = emitted(compose)["services"]
    assert isinstance(services, dict)
    assert [services[name]["ports"] for name in ("b", "web")] == [
        ["127.0.0.1:80:80/tcp", "127.0.0.1:81:1/tcp"],
        ["127.0.0.1:82:80/tcp"],
    ]


def test_services_of_profiles_may_share_a_port() -> None:
    """One of them is started instead of the other; without a profile they would meet."""
    text = WEB + "    ports: ['80:80']\n    profiles: [x]\n  b: {image: 'b:1', ports: ['80:1'], profiles: [y]}\n"

    assert faults(compose_of(text)) == []
    assert len(faults(compose_of(text.replace(", profiles: [y]", "")))) == 1
