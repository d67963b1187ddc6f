"""The mounts of a compose file, in the spellings that real files use."""

import pytest

from registry_tool.core.native.compose_mounts import Ground, Mount, read_mount
from registry_tool.core.native.compose_values import Fault
from tests.core.compose_files import WEB, compose_of, faults, web

KNOWN = {"UPLOADS_SET": "./library", "EMPTY": ""}
GROUND = Ground(known=KNOWN, has=lambda path: path == "own/here")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("data:/data", "mount:data:/data"),
        ("data:/data:rw,z", "mount:data:/data"),
        ("./conf/a.toml:/etc/a.toml:ro", "mount:./conf/a.toml:/etc/a.toml:ro"),
        ("./a/./b//:/x/", "mount:./a/b:/x"),
        ("./a:/x:ro,rslave", "mount:./a:/x:ro"),
        ("/var/lib/x", "mount:web-var-lib-x:/var/lib/x"),
        ("${APP_DATA_DIR}/db:/db", "mount:./db:/db"),
        ("$PWD/db:/db", "mount:./db:/db"),
        ("$DIR/db:/db", "mount:./dir/db:/db"),
        ("${DIR}/own/here:/db", "mount:./own/here:/db"),
        ("${UPLOADS}:/up", "mount:./uploads:/up"),
        ("${UPLOADS:?say where}:/up", "mount:./uploads:/up"),
        ("${EMPTY}/x:/up", "mount:./empty/x:/up"),
        ("${UPLOADS_SET}:/up", "mount:./library:/up"),
        ("${UPLOADS:-./up}/a:/up:ro", "mount:./up/a:/up:ro"),
        ("${UPLOADS:-files}:/up", "mount:files:/up"),
        ("/DATA/AppData/$AppID/c:/c", "mount:./c:/c"),
        ({"type": "volume", "source": "v", "target": "/v", "volume": {"nocopy": True}}, "mount:v:/v"),
        ({"type": "volume", "target": "/v w"}, "mount:web-v-w:/v w"),
        ({"source": "v", "target": "/v", "read_only": True}, "mount:v:/v:ro"),
        ({"type": "bind", "source": "a/b", "target": "/v", "bind": {"create_host_path": True}}, "mount:./a/b:/v"),
        ({"type": "bind", "source": "./a", "target": "/v", "bind": {"propagation": "rslave"}}, "mount:./a:/v"),
        ({"type": "bind", "source": "./a", "target": "/v", "x-a": 1}, "mount:./a:/v"),
    ],
)
def test_a_mount_is_read_in_every_spelling(value: object, expected: str) -> None:
    """Volumes and folders of the app, also where a catalogue's own variable stands for its folder."""
    mount = read_mount(value, service="web", ground=GROUND)

    assert mount
    assert expected == mount.permission


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        ("/srv/media", "./srv/media"),
        ("/mnt/disk 1//tv/", "./mnt/disk 1/tv"),
        ("/DATA/Media/TV Shows", "./DATA/Media/TV Shows"),
        ("/path/to/config", "./path/to/config"),
        ("/volume1/docker/app", "./volume1/docker/app"),
        ("/opt/app", "./opt/app"),
        ("/data", "./data"),
        ("/tmp/cache", "./tmp/cache"),
        ("/var/lib/app/db", "./var/lib/app/db"),
        ("/var/www/html", "./var/www/html"),
        ("~/media", "./media"),
        ("~/.n8n", "./.n8n"),
        ("$HOME/media", "./media"),
        ("${HOME}/media", "./media"),
        ("/home/pi/volumes/x", "./volumes/x"),
        ("/root/x", "./x"),
        ("/Users/ann/x", "./x"),
        ("${A:-/srv}/b", "./srv/b"),
    ],
)
def test_a_path_of_a_host_becomes_a_folder_of_the_app(source: str, folder: str) -> None:
    """Where somebody's data lies is the app's own folder in what is installed, and said so with both names."""
    told: dict[str, str] = {}

    mount = read_mount(f"{source}:/x", service="web", ground=Ground(moved=told.__setitem__))

    assert mount == Mount(folder, "/x", False)
    assert told == {source: folder}


def test_what_was_moved_is_told_in_one_warning() -> None:
    """The author sees each path and what it becomes."""
    compose = compose_of(web("volumes: ['/srv/a:/a', '~/b:/b']"))

    assert [one.message for one in compose.findings if one.level == "warn"] == [
        "paths of a host become folders of the app's own, empty at first: /srv/a is ./srv/a; ~/b is ./b"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "/etc",
        "/etc/passwd",
        "/etc/app",
        "/",
        "//",
        "/proc",
        "/sys/fs/cgroup",
        "/dev/net/tun",
        "/run/dbus",
        "/var",
        "/var/run/x",
        "/var/log",
        "/var/lib",
        "/var/lib/docker/volumes",
        "/usr/bin",
        "/lib/modules",
        "/boot",
        "/root",
        "/home",
        "/home/ann",
        "/home/ann/.ssh",
        "/root/.aws/credentials",
        "/tmp/.X11-unix",
        "/srv/../etc",
        "~",
        "~/.ssh",
        "~/.config/x",
        "~ann/x",
        "$HOME",
        "${HOME}/.ssh",
        "../x",
        "./a/../../x",
        "${A:-/etc}/b",
        "${A}/../../etc",
    ],
)
def test_a_path_to_the_host_itself_is_refused_with_the_line_to_write(source: str) -> None:
    """The system, a whole home, keys and passwords: an app that means those cannot be granted them."""
    with pytest.raises(Fault) as refused:
        read_mount(f"{source}:/x", service="web", ground=Ground())

    assert "lies outside of the app's own folder" in refused.value.message
    assert refused.value.hint.startswith("write: ./")


@pytest.mark.parametrize(
    "value",
    [
        "/etc/localtime:/etc/localtime:ro",
        "/etc/timezone:/etc/timezone",
        "/usr/share/zoneinfo:/usr/share/zoneinfo:ro",
        {"type": "tmpfs", "target": "/t", "tmpfs": {}},
    ],
)
def test_some_mounts_are_not_needed(value: object) -> None:
    """The host's clock and memory need no grant."""
    assert read_mount(value, service="web", ground=Ground()) is None


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("data/x:/x", "write: ./x:/x"),
        ("./a\nb:/x", "write: ./a-b:/x"),
        (".:/app", "./data:/app"),
        ("./:/app", "./data:/app"),
        ("./.env:/x", "./data:/x"),
        ("./.ENV.local/x:/x", "./data:/x"),
        ("./compose.yaml:/x", "./data:/x"),
        ("/compose.yaml:/x", "./data:/x"),
        ("./Docker-Compose.override.yml:/x", "./data:/x"),
        ("/var/run/docker.sock:/x", "cannot be published"),
        ("/srv/app.socket:/x", "cannot be published"),
        ("${SOCK:-/run/podman/podman.sock}:/x", "cannot be published"),
        ("a:b", "./data:/data"),
        ("a:/b/../c", "./data:/data"),
        ("a:/", "below it"),
        ("a:/proc/x", "below it"),
        ("a:/sys", "below it"),
        ("a:/x:suid", "ro or nothing"),
        ("a:/b:ro:x", "as: ./data"),
        (":/b", "as: ./data"),
        (1, "./data:/data"),
        ({"type": "npipe", "source": "a", "target": "/b"}, "./data:/data"),
        ({"type": "bind", "target": "/b"}, "./data:/data"),
        ({"type": "bind", "source": "./a"}, "./data:/data"),
        ({"type": "bind", "source": 1, "target": "/b"}, "./data:/data"),
        ({"type": "bind", "source": "./a", "target": "/b", "bind": {"odd": 1}}, "./data:/data"),
        ({"type": "bind", "source": "./a", "target": "/b", "bind": [1]}, "./data:/data"),
        ({"type": "volume", "source": "a", "target": "/b", "odd": 1}, "./data:/data"),
    ],
)
def test_a_mount_that_cannot_be_is_refused_with_the_line_to_write(value: object, hint: str) -> None:
    """Sockets, the folder that starts the app and odd options are refused (sandbox rows 69 to 74)."""
    with pytest.raises(Fault) as refused:
        read_mount(value, service="web", ground=Ground())

    assert hint in refused.value.hint


def test_mounts_sort_by_what_they_say() -> None:
    """They are values."""
    assert Mount("a", "/a", False) < Mount("b", "/a", False)


def test_the_last_of_two_mounts_at_one_place_counts() -> None:
    """As compose does it, and said so."""
    compose = compose_of(web("volumes: ['./a:/x', './b:/x']"))

    assert faults(compose) == []
    assert [mount.source for mount in compose.services[0].mounts] == ["./b"]
    assert "the first mount at /x" in compose.findings[0].message


def test_a_file_that_is_mounted_and_missing_is_told() -> None:
    """An engine would make a folder of that name; a folder, or a file that is there, is no matter."""
    text = web("volumes: ['./a.conf:/etc/a.conf', './b.conf:/etc/b.conf', './c:/c', './d.d:/etc/d']")

    found = [one.message for one in compose_of(text, {"b.conf": b""}).findings if one.level == "warn"]

    assert found == ["web: ./a.conf is mounted and is not among the files; an empty folder will stand in its place"]


def test_the_mounts_of_another_service_are_written_out() -> None:
    """`volumes_from` gives what the other has, unless the service has something at that place itself."""
    text = (
        WEB + "    volumes: ['./a:/a', './b:/b']\n  w: {image: 'w:1', volumes_from: ['web:ro'], volumes: ['./c:/b']}\n"
    )

    compose = compose_of(text)

    assert [mount.permission for mount in compose.services[0].mounts] == ["mount:./c:/b", "mount:./a:/a:ro"]


def test_mounts_of_a_service_that_is_none_are_none() -> None:
    """A broken service gives nothing; its own fault is told."""
    compose = compose_of("services:\n  a: {image: 'a:1', volumes_from: [b]}\n  b: 1\n")

    assert faults(compose) == ["the service 'b' is not a mapping"]
