"""Compose files: what would open the host, or cannot be understood, is refused."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.native.compose_emit import emit
from registry_tool.core.native.compose_keys import DROPPED, KEPT, PRIVATE_SPACES, REFUSED, RULED, TOP_LEVEL
from tests.core.compose_files import WEB, compose_of, faults, web


@pytest.mark.parametrize("key", sorted(REFUSED))
def test_a_key_that_opens_the_host_is_refused(key: str) -> None:
    """Each such key is refused with its line and what to do."""
    text = WEB.replace("image: a/web:1", f"{key}: [x]")
    finding = next(finding for finding in compose_of(text).findings if finding.level == "fail")

    assert (3, True, True) == (finding.line, bool(finding.hint), key in finding.message)


@pytest.mark.parametrize("key", sorted(PRIVATE_SPACES))
def test_the_host_s_own_spaces_stay_closed(key: str) -> None:
    """Process, network and other spaces of the host cannot be shared."""
    assert faults(compose_of(web(f"{key}: host"))) == [f"web: {key}: host opens the host's own"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["privileged: true"], "opens the host's own"),
        (["network_mode: host"], "network_mode: host"),
        (["network_mode: container:x"], "network_mode: container:x"),
        (["network_mode: service:x"], "'x', which is not a service"),
        (["cap_add: [SYS_ADMIN]"], "'SYS_ADMIN' is never granted"),
        (["cap_add: [cap_sys_ptrace]"], "'SYS_PTRACE' is never granted"),
        (["cap_add: [ALL]"], "'ALL' is never granted"),
        (["cap_add: CHOWN"], "cap_add is a list"),
        (["cap_add: [[a]]"], "cap_add is a text"),
        (["security_opt: ['seccomp:unconfined']"], "takes a protection away"),
        (["volumes: ['/var/run/docker.sock:/var/run/docker.sock']"], "socket gives all"),
        (["volumes: ['/etc:/host']"], "outside of the app's own folder"),
        (["volumes: ['/run/dbus/system_bus_socket.sock:/x']"], "is a socket of the host"),
        (["volumes: ['./x.sock:/x']"], "is a socket of the host"),
        (["volumes: ['./a:/x', './a/b:/y']"], "lies inside of ./a"),
        (["ports: ['80:80', '80:81']"], "80/tcp is published twice"),
        (["ports: {a: b}"], "ports is a list"),
        (["deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}"], "devices of the host"),
        (["command: echo $(date)"], "begins no variable"),
        (["command: {a: b}"], "command is a text"),
        (["init: maybe"], "init is true or false"),
        (["mem_limit: a lot"], "mem_limit is a number"),
        (["deploy: {resources: {limits: {memory: $$HOME}}}"], "mem_limit is a number"),
        (["volumes_from: [x]"], "'x', which is not a service"),
        (["cap_drop: ALL"], "cap_drop is a list"),
        (["profiles: x"], "profiles is a list"),
        (["tmpfs: run"], "is not a tmpfs"),
        (["tmpfs: /a/../b"], "is not a tmpfs"),
        (["restart: sometimes"], "is not a way to restart"),
        (["env_file: [1]"], "'1' is not a file of variables"),
        (["environment: {A: yes}", "labels: {A: on}"], "is a word to some"),
        (["environment: {'A B': 1}"], "is not a name of a variable"),
        (["environment: [{A: 1}]"], "is not a variable"),
        (["environment: {A: [1]}"], "A is a text"),
        (["links: [x]"], "'x', which is not a service"),
        (["depends_on: [x]"], "'x', which is not a service"),
        (["depends_on: {web: {condition: x}}"], "is not a condition"),
        (["depends_on: {web: [1]}"], "is not a condition"),
        (["healthcheck: {tests: x}"], "'tests' is not known"),
        (["healthcheck: x"], "'no mapping' is not known"),
        (["networks: ['a b']"], "is not a name of a network"),
        (["networks: {a: {aliases: x}}"], "is not a name of a network"),
        (["configs: [x]"], "'x' is not declared"),
        (["secrets: [1]"], "'1' is not one of secrets"),
        (["secrets: [{source: x, odd: 1}]"], "is not one of secrets"),
        (["secrets: [{source: []}]"], "is not one of secrets"),
        (["netwroks: [x]"], "'netwroks' is not a key"),
    ],
)
def test_what_cannot_be_granted_is_refused_with_a_hint(lines: list[str], words: str) -> None:
    """Each is one fault in the line of its key, and says what to write (sandbox rows 69 to 93)."""
    found = [finding for finding in compose_of(web(*lines)).findings if finding.level == "fail"]

    assert words in found[-1].message
    assert found[-1].hint
    assert found[-1].line == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has services"),
        ("[]", "has services"),
        ("services: []", "has services"),
        ("services: {}", "has services"),
        ("a: &a [*a]", "complete"),
        ("services: {web: 1}", "is not a mapping"),
        ("services: {web: {}}", "has no image"),
        ("services: {web: {build: }}", "has no image"),
        ("services: {'we b': {image: 'a:1'}}", "is not a name of a service"),
        ("include: [x.yaml]\n" + WEB, "takes in another file"),
        ("service: {}\n" + WEB, "'service' is not a key that is known here"),
        (WEB + "volumes: [x]\n", "volumes are names"),
        (WEB + "volumes:\n  x: {external: true}\n", "belongs to something else"),
        (WEB + "volumes:\n  x: {driver: nfs}\n", "any storage of the host"),
        (WEB + "volumes:\n  x: {driver_opts: {device: /}}\n", "any storage of the host"),
        (WEB + "volumes:\n  x: {odd: 1}\n", "not known here"),
        (WEB + "volumes:\n  x: 1\n", "not known here"),
        (WEB + "configs:\n  c: {file: ./none}\n", "is not a file of the app"),
        (WEB + "configs:\n  c: {file: ./.env}\n", "is not a file of the app"),
        (WEB + "configs:\n  c: {file: './$$HOME'}\n", "is not a file of the app"),
        (WEB + "configs:\n  c: {file: [1]}\n", "is not a file of the app"),
        (WEB + "configs:\n  c: {external: true}\n", "comes from a file"),
        (WEB + "configs:\n  c: 1\n", "comes from a file"),
        (WEB + "configs:\n  c: {content: 1}\n", "comes from a file"),
        (WEB + "secrets:\n  c: {environment: 1}\n", "comes from a file"),
        (WEB + "    ports: ['80:80']\n  x: {image: 'a:1', ports: ['80:1']}\n", "by web and x"),
    ],
)
def test_a_file_that_is_not_an_app_is_refused(text: str, words: str) -> None:
    """Faults of the whole are findings with a hint, never exceptions."""
    found = [
        finding
        for finding in compose_of(text, {".env": b"A=1", "$HOME": b""}).findings
        if finding.level == "fail" and words in finding.message
    ]

    assert len(found) == 1


def test_a_typing_mistake_is_guessed() -> None:
    """An unknown key close to a known one says which; another says to remove it."""
    found = compose_of(web("volume: []", "zzz: 1")).findings

    assert [finding.hint for finding in found] == ["did you mean volumes?", "remove it"]


WORDS = st.sampled_from(
    "a:1 web ./a:/b /etc:/x $A ${A:-b} $$ 80:80 80 true no bind volume tmpfs source target type file content name path "
    "environment condition published aliases external test limits resources devices .env ../x".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 99999) | st.floats(0, 9) | WORDS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(WORDS, inside, max_size=3),
    max_leaves=6,
)
SERVICE = st.dictionaries(
    st.sampled_from(sorted({*KEPT, *RULED, *DROPPED, *REFUSED, *PRIVATE_SPACES})), JSON, max_size=4
)
TOP = st.dictionaries(st.sampled_from(sorted(TOP_LEVEL - {"services"})), JSON, max_size=3)


WRITTEN = {
    *KEPT,
    *"cap_add cap_drop configs depends_on environment healthcheck image network_mode networks pids_limit ports".split(),
    *"restart secrets security_opt sysctls tmpfs ulimits volumes".split(),
}
"""All that a service has in what is installed."""


@given(top=TOP, services=st.dictionaries(WORDS, SERVICE, min_size=1, max_size=2), most=st.integers(0, 9))
def test_no_value_makes_reading_stumble(top: dict[str, object], services: dict[str, object], most: int) -> None:
    """Whatever stands behind a key, reading ends with findings; what passes is written with known keys alone.

    Read again, what is written asks for exactly what was granted of all that it may have; only the folder of values
    is no author's to name.
    """
    compose = compose_of(json.dumps({**top, "services": services}), {".env": b"A=1", "a.env": b"B=$C"})

    if not faults(compose):
        granted = frozenset((*compose.needs, *compose.may)[:most])
        written = emit(compose, granted=granted, digests={})
        again = compose_of(written.decode(), {"a.env": b""})
        for service in yaml.safe_load(written)["services"].values():
            assert service.keys() <= WRITTEN
            assert (["ALL"], ["no-new-privileges:true"]) == (service["cap_drop"], service["security_opt"])
            assert service["mem_limit"]
            assert service["pids_limit"] > 0
            assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        odd = [fault for fault in faults(again) if "'./.values/" not in fault]
        assert (granted, (), []) == (frozenset(again.needs), again.may, odd)
