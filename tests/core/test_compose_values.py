"""The small values of a compose file, in the spellings that real files use."""

import pytest

from registry_tool.core.native.compose_values import (
    INPUT_PREFIX,
    Fault,
    Image,
    Mount,
    Port,
    Variable,
    baked,
    pieces,
    read_image,
    read_mount,
    read_port,
    renamed,
)

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("a$$b", ["a", "$$", "b"]),
        ("$A/x", ["", Variable("A", "", ""), "/x"]),
        ("${A:-b}", ["", Variable("A", ":-", "b"), ""]),
        ("${A-${B:-c}}", ["", Variable("A", "-", "${B:-c}"), ""]),
        ("${A:?say it}", ["", Variable("A", ":?", "say it"), ""]),
    ],
)
def test_a_text_is_cut_at_its_variables(text: str, expected: list[str | Variable]) -> None:
    """The forms of the specification are read, nested defaults as they are written."""
    assert list(pieces(text)) == expected


@pytest.mark.parametrize("text", ["$(date)", "a$", "${", "${}", "${1A}", "${A", "${A/b}", "${A:-" * 9 + "}" * 9])
def test_a_dollar_that_means_nothing_is_refused(text: str) -> None:
    """What compose would stop at is told before, with how to write a plain $."""
    with pytest.raises(Fault) as refused:
        list(pieces(text))

    assert "$$" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a$$b", "a$b"), ("${A:-b}${C-d}", "bd"), ("${A:-${B:-c}}", "c"), ("${A:+x}${B+y}z", "z")],
)
def test_defaults_can_be_baked_in(text: str, expected: str) -> None:
    """A text with defaults throughout depends on no variable any more."""
    assert expected == baked(text)


def test_a_variable_without_a_value_cannot_be_baked_in() -> None:
    """The refusal names the variable and the form with a default."""
    with pytest.raises(Fault) as refused:
        baked("${TAG:?which}")

    assert refused.value.hint == "write the value, or a default: ${TAG:-…}"
    assert baked("${TAG}x", lambda name: name.lower()) == "tagx"


def test_variables_get_names_that_no_shell_exports() -> None:
    """Every variable is renamed, in defaults too, and each is heard of."""
    heard: list[str] = []

    text = renamed("$A-${B:-${C}}-$$D", lambda variable: heard.append(variable.name))

    assert text == f"${{{INPUT_PREFIX}A}}-${{{INPUT_PREFIX}B:-${{{INPUT_PREFIX}C}}}}-$$D"
    assert heard == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis:7", Image("redis", "7", "")),
        ("ghcr.io/a/b_c:1.2-x", Image("ghcr.io/a/b_c", "1.2-x", "")),
        ("localhost:5000/a:1", Image("localhost:5000/a", "1", "")),
        ("a/b:${TAG:-2}", Image("a/b", "2", "")),
        (f"a:1@{DIGEST}", Image("a", "1", DIGEST)),
        (f"a:latest@{DIGEST}", Image("a", "latest", DIGEST)),
        (f"localhost:5000/a@{DIGEST}", Image("localhost:5000/a", "", DIGEST)),
    ],
)
def test_an_image_has_a_name_and_a_version(text: str, expected: Image) -> None:
    """A tag, a digest or both say which one."""
    assert expected == read_image(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("redis", "image: redis:1.2.3"),
        ("redis:latest", "image: redis:1.2.3"),
        ("localhost:5000/a", "image: localhost:5000/a:1.2.3"),
        ("a:${TAG}", "${TAG:-…}"),
        ("A:1", "image: ghcr.io"),
        ("a:-1", "image: ghcr.io"),
        ("a b:1", "image: ghcr.io"),
        ("a//b:1", "image: ghcr.io"),
        ("../a:1", "image: ghcr.io"),
        (":1", "image: ghcr.io"),
        ("a:1@sha256:00", "64 hex digits"),
        (f"a:1@{DIGEST}x", "64 hex digits"),
    ],
)
def test_an_image_that_floats_is_refused_with_the_line_to_write(text: str, hint: str) -> None:
    """Untagged, `latest` and malformed names are refused; the hint is a line that works."""
    with pytest.raises(Fault) as refused:
        read_image(text)

    assert hint in refused.value.hint


def test_an_image_without_a_tag_is_called_by_its_name() -> None:
    """`name:tag`, or the name alone."""
    assert Image("a", "", DIGEST).tagged == "a"


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
        ("${P:-8080}:80", (Port(8080, 80, "tcp"),)),
        ("${P}:80", (Port(80, 80, "tcp"),)),
        ("${IP:-0.0.0.0}:${P:-81}:80", (Port(81, 80, "tcp"),)),
        ("8000-8001:9000-9001", (Port(8000, 9000, "tcp"), Port(8001, 9001, "tcp"))),
        ({"target": 80, "published": "8080", "protocol": "udp", "mode": "host", "x-a": 1}, (Port(8080, 80, "udp"),)),
        ({"target": 80}, (Port(80, 80, "tcp"),)),
    ],
)
def test_a_port_is_read_in_every_spelling(value: object, expected: tuple[Port, ...]) -> None:
    """Short, long and ranged ports become numbers; without a host port it is the container's."""
    assert expected == read_port(value)


@pytest.mark.parametrize(
    "value",
    [
        "web:80",
        "80:80/sctp",
        "0:80",
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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("data:/data", "mount:data:/data"),
        ("data:/data:rw,z", "mount:data:/data"),
        ("./conf/a.toml:/etc/a.toml:ro", "mount:./conf/a.toml:/etc/a.toml:ro"),
        ("./a/./b//:/x/", "mount:./a/b:/x"),
        ("/var/lib/x", "mount:web-var-lib-x:/var/lib/x"),
        ("${APP_DATA_DIR}/db:/db", "mount:./db:/db"),
        ("$DIR/db:/db", "mount:./db:/db"),
        ("${UPLOADS}:/up", "mount:./uploads:/up"),
        ("${UPLOADS:-./up}/a:/up:ro", "mount:./up/a:/up:ro"),
        ("/DATA/AppData/$AppID/c:/c", "mount:./c:/c"),
        ({"type": "volume", "source": "v", "target": "/v", "volume": {"nocopy": True}}, "mount:v:/v"),
        ({"type": "volume", "target": "/v w"}, "mount:web-v-w:/v w"),
        ({"source": "v", "target": "/v", "read_only": True}, "mount:v:/v:ro"),
        ({"type": "bind", "source": "a/b", "target": "/v", "bind": {"create_host_path": True}}, "mount:./a/b:/v"),
        ({"type": "bind", "source": "./a", "target": "/v", "x-a": 1}, "mount:./a:/v"),
    ],
)
def test_a_mount_is_read_in_every_spelling(value: object, expected: str) -> None:
    """Volumes and folders of the app, also where a catalogue's own variable stands for its folder."""
    mount = read_mount(value, service="web")

    assert mount
    assert expected == mount.permission


@pytest.mark.parametrize(
    "value",
    ["/etc/localtime:/etc/localtime:ro", "/etc/timezone:/etc/timezone", {"type": "tmpfs", "target": "/t", "tmpfs": {}}],
)
def test_some_mounts_are_not_needed(value: object) -> None:
    """The host's clock and memory need no grant."""
    assert read_mount(value, service="web") is None


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("/etc:/host", "write: ./etc:/host"),
        ("/:/host", "write: ./data:/host"),
        ("/DATA/Media/TV Shows:/tv", "write: ./TV-Shows:/tv"),
        ("~/.ssh:/x", "write: ./ssh:/x"),
        ("../x:/x", "write: ./x:/x"),
        ("./a/../../x:/x", "write: ./x:/x"),
        ("${A:-/srv}/b:/b", "write: ./b:/b"),
        ("${A}/../../etc:/b", "write: ./etc:/b"),
        ("data/x:/x", "write: ./x:/x"),
        ("./a\nb:/x", "write: ./a-b:/x"),
        (".:/app", "./data:/app"),
        ("./:/app", "./data:/app"),
        ("${APP}/.:/app", "./data:/app"),
        ("./.env:/x", "./data:/x"),
        ("./.ENV.local/x:/x", "./data:/x"),
        ("./compose.yaml:/x", "./data:/x"),
        ("./Docker-Compose.override.yml:/x", "./data:/x"),
        ("/var/run/docker.sock:/x", "cannot be published"),
        ("${SOCK:-/run/podman/podman.sock}:/x", "cannot be published"),
        ("a:b", "./data:/data"),
        ("a:/b/../c", "./data:/data"),
        ("a:/", "below it"),
        ("a:/proc/x", "below it"),
        ("a:/sys", "below it"),
        ("a:/x:rshared", "ro or nothing"),
        ("a:/b:ro:x", "as: ./data"),
        (":/b", "as: ./data"),
        (1, "./data:/data"),
        ({"type": "npipe", "source": "a", "target": "/b"}, "./data:/data"),
        ({"type": "bind", "target": "/b"}, "./data:/data"),
        ({"type": "bind", "source": "./a"}, "./data:/data"),
        ({"type": "bind", "source": 1, "target": "/b"}, "./data:/data"),
        ({"type": "bind", "source": "./a", "target": "/b", "bind": {"propagation": "rshared"}}, "./data:/data"),
        ({"type": "bind", "source": "./a", "target": "/b", "bind": [1]}, "./data:/data"),
        ({"type": "volume", "source": "a", "target": "/b", "odd": 1}, "./data:/data"),
    ],
)
def test_a_mount_that_leaves_the_app_is_refused_with_the_line_to_write(value: object, hint: str) -> None:
    """Paths of the host, the folder that starts the app and odd options are refused (sandbox rows 69 to 74)."""
    with pytest.raises(Fault) as refused:
        read_mount(value, service="web")

    assert hint in refused.value.hint


def test_mounts_and_ports_sort_by_what_they_say() -> None:
    """They are values."""
    assert sorted([Port(2, 1, "tcp"), Port(1, 2, "tcp")])[0].host == 1
    assert Mount("a", "/a", False) < Mount("b", "/a", False)
