"""Lines of access logs, in each format that is read, and lines that are none."""

import json

import pytest

from registry_tool.services.logs import Reader, Request, plain_path

PATH = "/objects/sha256/ab/abc"
EXPECTED = Request("2026-03-01", "203.0.113.9", "registry-tool/1", "GET", PATH, 200)
COMBINED = f'203.0.113.9 - - [01/Mar/2026:10:00:00 +0000] "GET {PATH} HTTP/1.1" 200 12 "-" "registry-tool/1"'


def from_json(**value: object) -> str:
    """A line of JSON."""
    return json.dumps(value)


AGENT = {"User-Agent": ["registry-tool/1"], "Accept": ["*/*"]}
CADDY = {"remote_ip": "203.0.113.9", "proto": "HTTP/2.0", "method": "GET", "uri": PATH, "headers": AGENT}
NGINX = {"remote_addr": "203.0.113.9", "status": 200, "http_user_agent": "registry-tool/1"}
CLOUDFLARE = {
    "ClientIP": "203.0.113.9",
    "ClientRequestMethod": "GET",
    "ClientRequestURI": PATH,
    "EdgeResponseStatus": 200,
    "ClientRequestUserAgent": "registry-tool/1",
}
CLOUDFRONT = {
    "date": "2026-03-01",
    "time": "10:00:00",
    "c-ip": "203.0.113.9",
    "cs-method": "GET",
    "cs-uri-stem": PATH,
    "sc-status": "200",
    "cs(User-Agent)": "registry-tool/1",
}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(COMBINED, id="combined"),
        pytest.param(f"registry.example:443 {COMBINED}", id="combined, with its host"),
        pytest.param(
            COMBINED.replace("[01/Mar/2026:10:00:00 +0000]", "[02/Mar/2026:01:00:00 +0300]"), id="a time zone"
        ),
        pytest.param(COMBINED.replace(" - - ", " - ann of scope "), id="a user of several words"),
        pytest.param(from_json(**CLOUDFRONT), id="CloudFront"),
        pytest.param(from_json(**CLOUDFLARE, EdgeStartTimestamp="2026-03-01T10:00:00Z"), id="Cloudflare"),
        pytest.param(from_json(**CLOUDFLARE, EdgeStartTimestamp=1772359200000000000), id="Cloudflare, billionths"),
        pytest.param(from_json(**CLOUDFLARE, EdgeStartTimestamp=1772359200), id="Cloudflare, seconds"),
        pytest.param(from_json(ts=1772359200.25, request=CADDY, status=200), id="Caddy"),
        pytest.param(
            from_json(**NGINX, request=f"GET {PATH} HTTP/1.1", time_iso8601="2026-03-01T10:00:00+00:00"), id="nginx"
        ),
        pytest.param(
            from_json(**NGINX, request_method="GET", request_uri=PATH, msec="1772359200.123"),
            id="nginx, its own variables",
        ),
        pytest.param(
            from_json(**NGINX, request_method="GET", request_uri=PATH, time_local="01/Mar/2026:10:00:00 +0000"),
            id="nginx, local time",
        ),
    ],
)
def test_each_format_says_the_same(line: str) -> None:
    """The same request is read from what every server and CDN writes of it."""
    assert EXPECTED == Reader().read(line)


def test_columns_are_those_of_the_line_before() -> None:
    """A line of columns is read by the names that were given last."""
    reader = Reader()
    reader.read("#Fields: date time x-edge-location c-ip cs-method cs(Host) cs-uri-stem sc-status cs(User-Agent)")
    tabs = reader.read(
        "\t".join(["2026-03-01", "10:00:00", "X", "203.0.113.9", "GET", "h", PATH, "200", "registry-tool/1"])
    )
    reader.read("#Fields: date time c-ip cs(User-Agent) cs-method cs-uri-stem sc-status")
    spaces = reader.read(f"2026-03-01 10:00:00 203.0.113.9 registry-tool/1 GET {PATH} 200\r\n")

    assert (EXPECTED, EXPECTED) == (tabs, spaces)
    assert Reader().read(f"2026-03-01 10:00:00 203.0.113.9 - GET {PATH} 200") is None


def test_what_a_line_does_not_say_is_empty() -> None:
    """The common format has no agent; a dash is no address."""
    common = COMBINED.partition(' "-" "')[0].replace("203.0.113.9", "-")

    assert EXPECTED._replace(address="", agent="") == Reader().read(common)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        "#Version: 1.0",
        "\x00\x01\x02",
        "{",
        "[]",
        "{}",
        "[" * 10_000,
        '{"a":' * 10_000,
        COMBINED.replace("Mar", "Mrz"),
        COMBINED.replace("01/Mar", "31/Feb"),
        COMBINED.replace(" 200 ", " OK "),
        COMBINED.replace('"GET', '"\\x16\\x03'),
        from_json(**{**CLOUDFRONT, "date": "yesterday"}),
        from_json(**{**CLOUDFRONT, "sc-status": "000000"}),
        from_json(**{**CLOUDFRONT, "cs-uri-stem": ["a", "b"]}),
        from_json(**CLOUDFLARE),
        from_json(**CLOUDFLARE, EdgeStartTimestamp=True),
        from_json(**CLOUDFLARE, EdgeStartTimestamp=-1),
        from_json(**CLOUDFLARE, EdgeStartTimestamp=10**400),
        from_json(**CLOUDFLARE, EdgeStartTimestamp=float("nan")),
        from_json(**CLOUDFLARE, EdgeStartTimestamp="9" * 5000),
        from_json(**CLOUDFLARE, EdgeStartTimestamp="0001-01-01T00:00:00+23:00"),
        from_json(ts=1.0, request={"headers": {"User-Agent": []}}, status=200),
    ],
)
def test_a_line_that_is_no_request_is_none(line: str) -> None:
    """Garbage, other times, other types: nothing is made up, and nothing is raised."""
    assert Reader().read(line) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/b", "/a/b"),
        ("/a/b?x=/c", "/a/b"),
        ("https://registry.example/a/b?x", "/a/b"),
        ("/a/%40ann/b", "/a/@ann/b"),
        ("/a/%zz/%ff", "/a/%zz/\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_path_is_as_files_are_named(path: str, expected: str) -> None:
    """Without host and query, percent signs read."""
    assert expected == plain_path(path)
