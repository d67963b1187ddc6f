"""Compose files in the manner of public catalogues: each is published with what is proposed, and installs."""

from pathlib import Path

import pytest
import yaml

from registry_tool.core.card import Card
from registry_tool.core.describe import Said, describe
from registry_tool.core.kind import Kinds
from registry_tool.core.native.compose import read_compose
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.core.plan import Place, PutTree
from registry_tool.core.verified import Verified
from registry_tool.kinds.app import KIND
from tests.kinds.releases import REGISTRY, verified_of

TEMPLATES = sorted((Path(__file__).parent / "compose").glob("*.yaml"))
CARD = b"id: '@ann/app'\nversion: 1.0.0\nauthor: ann\ntitle: An app\ndescription: Does what it says.\nlicense: MIT\n"
BESIDE = {".env.example": b"VERSION=v2\nUPLOAD_LOCATION=./library\nHTTP_PORT=2284\n", "motd.txt": b"hello\n"}


def payload_of(path: Path) -> Payload:
    """The folder of an author who has just the template and the least card."""
    files = {"artifact.yaml": CARD, "compose.yaml": path.read_bytes(), **BESIDE}
    return {name: PayloadFile(data) for name, data in files.items()}


def released(path: Path) -> Verified:
    """The release of it, with the permissions that are proposed."""
    payload = payload_of(path)
    described = describe(payload, kinds=Kinds.of([KIND]), registry=REGISTRY, said=Said())
    assert described.manifest, described.findings
    good = verified_of(KIND, payload, scope="ann", name="app")
    return Verified(
        seal=good.seal,
        registry=good.registry,
        manifest=described.manifest,
        digest=good.digest,
        payload=payload,
        bundle=good.bundle,
        admission=good.admission,
        signed_by=good.signed_by,
        status=good.status,
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_is_published_with_what_is_proposed_and_installs(path: Path) -> None:
    """Nothing is refused, and what is installed asks for exactly the permissions that were proposed."""
    verified = released(path)

    (step,) = KIND.plan(verified, Place()).steps

    assert isinstance(step, PutTree)
    again = read_compose({name: file.data for name, file in step.files.items()}, "compose.yaml")
    assert set(verified.manifest.permissions) == set(again.needs)
    faults = [finding.message for finding in again.findings if finding.level == "fail"]
    assert [] == [fault for fault in faults if "'./.values/" not in fault]
    services = yaml.safe_load(step.files["compose.yaml"].data)["services"]
    assert all(one["cap_drop"] == ["ALL"] and one["mem_limit"] and one["pids_limit"] for one in services.values())


EXPECTED = {
    "one-container": ["mount:./data:/app/data", "port:3001/tcp"],
    "paths-of-a-host": [
        "mount:./downloads:/downloads",
        "mount:./mnt/disk1/films:/media/films",
        "mount:./path/to/films/config:/config",
        "port:7359/udp",
        "port:8096/tcp",
        "port:8920/tcp",
    ],
    "store-card": [
        "mount:./DATA/Media:/media",
        "mount:./var/www:/var/www",
        "port:10080/tcp",
        "port:5353/udp",
    ],
    "behind-a-proxy": [
        "mount:./data/forge:/data",
        "mount:./data/postgres:/var/lib/postgresql/data",
        "mount:./root-folder-host/media/data:/media",
        "port:222/tcp",
        "port:3000/tcp",
    ],
    "proxy-of-its-own": ["mount:./data/upload:/upload", "port:2283/tcp"],
    "names-of-a-store": [
        "mount:./motd.txt:/etc/motd",
        "mount:blog-content:/var/lib/blog",
        "mount:mysql:/var/lib/mysql",
        "port:2368/tcp",
        "port:3306/tcp",
    ],
    "sample-of-values": [
        "mount:./db-data-location:/var/lib/postgresql/data",
        "mount:./library:/data",
        "port:2284/tcp",
    ],
    "secrets-and-configs": ["cap:CHOWN", "cap:SETGID", "cap:SETUID", "port:8000/tcp"],
    "anchors": [
        "mount:./dags:/opt/flow/dags",
        "mount:./logs:/opt/flow/logs",
        "mount:db:/var/lib/postgresql/data",
        "port:8080/tcp",
        "port:9000/tcp",
        "port:9001/tcp",
        "port:9002/tcp",
    ],
    "for-clusters": ["port:5000/tcp", "port:5001/tcp"],
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_what_a_template_asks_for_is_what_stands_in_it(path: Path) -> None:
    """Ports and mounts, and capabilities where it names some; the five of images that begin as root are extra."""
    reading = KIND.read(payload_of(path), Card())

    assert EXPECTED[path.stem] == list(reading.needs)
    assert {"cap:CHOWN", "cap:DAC_OVERRIDE", "cap:FOWNER", "cap:SETGID", "cap:SETUID"} >= set(reading.may)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("paths-of-a-host", "~/downloads is ./downloads"),
        ("paths-of-a-host", "SYS_NICE"),
        ("paths-of-a-host", "extra_hosts"),
        ("store-card", "x-…"),
        ("behind-a-proxy", "labels"),
        ("behind-a-proxy", "network store_main_network"),
        ("proxy-of-its-own", "the port 2283 of server is published on this machine instead"),
        ("names-of-a-store", "SERVICE_… (the port that it names"),
        ("names-of-a-store", "'example/blog' names no version"),
        ("sample-of-values", "'none.env' is not there"),
        ("sample-of-values", "build (the image is used)"),
        ("secrets-and-configs", "the secret db_password (whoever installs the app is asked for it)"),
        ("secrets-and-configs", "volumes_from (each mount is written out)"),
        ("anchors", "the first mount at /var/lib/postgresql/data"),
        ("for-clusters", "deploy (its limits are kept, the rest is for clusters)"),
        ("for-clusters", "fixed addresses in networks"),
    ],
)
def test_the_author_sees_what_is_left_out_or_written_anew(name: str, words: str) -> None:
    """Each in a sentence of a finding that refuses nothing."""
    path = next(path for path in TEMPLATES if path.stem == name)

    found = KIND.read(payload_of(path), Card()).findings

    assert any(words in finding.message for finding in found)
