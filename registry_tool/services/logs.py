"""Lines of access logs, as web servers and CDNs write them: one request each.

combined   203.0.113.9 - - [01/Mar/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 12 "-" "agent"   (also with the host
           before it; the common format has no agent)
JSON       one object a line, with the fields of CloudFront, Cloudflare, Caddy, nginx and their like
W3C        columns that a line `#Fields: date time c-ip …` names: CloudFront's files, IIS

Whoever asks for something writes much of a line, so nothing here believes it: a line is a request or nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote


class Request(NamedTuple):
    """What one line tells."""

    day: str
    """In UTC."""
    address: str
    """Who asked; empty where the line does not say it."""
    agent: str
    method: str
    path: str
    """As it was asked for, what follows `?` too."""
    status: int


_TEXT: Final = r'(?:[^"\\]|\\.)*'
_COMBINED: Final = re.compile(
    r"(?:\S+:[0-9]+ )?(?P<address>\S+) \S+ [^\[]{1,300}\[(?P<time>[^\]]{20,40})\] "
    rf'"(?P<method>[A-Z]+) (?P<path>\S+)(?: HTTP/[0-9.]+)?" (?P<status>[0-9]{{3}}) \S+'
    rf'(?: "{_TEXT}" "(?P<agent>{_TEXT})")?'
)
_GLANCE: Final = re.compile(rb"\{|#|\S+ \S+ [^\[]{1,300}\[")
_LINE: Final = re.compile(r"(?P<method>[A-Z]+) (?P<path>\S+)(?: HTTP/[0-9.]+)?")
_NUMBER: Final = re.compile(r"[0-9]{9,20}(\.[0-9]{0,9})?")
_NAMED_MONTH: Final = re.compile(
    r"(?P<day>[0-9]{2})/(?P<month>[A-Za-z]{3})/(?P<year>[0-9]{4}):(?P<clock>[0-9:]{8}) ?(?P<zone>[+-][0-9]{4})"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SECONDS: Final = 10**11
"""Since 1970: the year 5138, and in thousandths 1973."""

# In lower case; a field of the same meaning that comes earlier here counts.
_FIELDS: Final[Mapping[str, Sequence[str]]] = {
    "address": ("c-ip", "clientip", "client_ip", "remote_ip", "remote_addr", "remoteip", "client", "ip"),
    "method": ("cs-method", "clientrequestmethod", "request_method", "requestmethod", "method", "verb"),
    "path": ("cs-uri-stem", "clientrequesturi", "clientrequestpath", "request_uri", "requesturl", "uri", "url", "path"),
    "status": ("sc-status", "edgeresponsestatus", "response_status", "status_code", "status"),
    "agent": ("cs(user-agent)", "clientrequestuseragent", "http_user_agent", "user_agent", "useragent"),
    "time": (
        *("edgestarttimestamp", "edgeendtimestamp", "time_iso8601", "@timestamp", "timestamp", "ts", "msec"),
        *("time_local", "datetime", "time"),
    ),
}
_NESTED: Final = ("request", "httprequest")
"""Objects in which some put what the request says."""


class Reader:
    """Reads the lines of one log, in order: a line may say what the columns of those after it are."""

    def __init__(self) -> None:
        self._columns: tuple[str, ...] = ()

    def is_like(self, line: bytes) -> bool:
        """Whether a line looks like one of a log, at a glance: most are about something else, and not read."""
        return bool(self._columns) or _GLANCE.match(line) is not None

    def read(self, line: str) -> Request | None:
        """The request that a line tells; `None` where it tells none that can be read."""
        if line.startswith("#"):
            if line.startswith("#Fields:"):
                self._columns = tuple(line[8:].lower().split())
            return None
        if line.startswith("{"):
            return _from_fields(_object(line))
        found = _COMBINED.match(line)
        if found is not None:
            return _request({**found.groupdict(default=""), "time": found["time"]})
        if self._columns:
            parts = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
            return _from_fields(dict(zip(self._columns, parts, strict=False)))
        return None


def _object(line: str) -> dict[str, Any]:  # Any: JSON
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _from_fields(value: Mapping[str, Any]) -> Request | None:  # Any: JSON
    """A request from named fields."""
    flat = {str(name).lower(): field for name, field in value.items()}
    inner = [flat[name] for name in _NESTED if isinstance(flat.get(name), dict)]
    whole = [flat, *({str(name).lower(): field for name, field in one.items()} for one in inner)]
    told = {meaning: _first(whole, names) for meaning, names in _FIELDS.items()}
    if "date" in flat and "time" in flat:
        told["time"] = f"{flat['date']}T{flat['time']}+00:00"  # W3C: both columns are in UTC
    line = flat.get("request")
    if isinstance(line, str) and (found := _LINE.match(line)):
        told |= found.groupdict()
    for headers in (one["headers"] for one in whole if isinstance(one.get("headers"), dict)):
        agent = next((field for name, field in headers.items() if str(name).lower() == "user-agent"), "")
        told["agent"] = agent[0] if isinstance(agent, list) and agent else agent
    return _request(told)


def _first(places: Sequence[Mapping[str, Any]], names: Sequence[str]) -> object:
    found: Iterator[object] = (one[name] for name in names for one in places if name in one)
    return next((value for value in found if isinstance(value, str | int | float)), "")


def _request(told: Mapping[str, object]) -> Request | None:
    status, day = str(told["status"]), _day(told["time"])
    if day is None or not (status.isascii() and status.isdigit() and len(status) == 3) or not told["path"]:
        return None
    address, agent = ("" if told[name] == "-" else str(told[name]) for name in ("address", "agent"))
    return Request(day, address, agent, str(told["method"]), str(told["path"]), int(status))


def _day(time: object) -> str | None:
    if isinstance(time, str) and _NUMBER.fullmatch(time):
        time = float(time)
    if isinstance(time, str):
        return _day_of(time)
    if isinstance(time, int | float) and not isinstance(time, bool):
        return _day_of_number(time)
    return None


@lru_cache(maxsize=4096)
def _day_of(time: str) -> str | None:
    """The day of a time as `2026-03-01T10:00:00Z` or, in combined logs, `01/Mar/2026:10:00:00 +0000`."""
    named = _NAMED_MONTH.fullmatch(time)
    if named is not None and named["month"] in _MONTHS:
        month = _MONTHS.index(named["month"]) + 1
        time = f"{named['year']}-{month:02}-{named['day']}T{named['clock']}{named['zone']}"
    try:
        moment = datetime.fromisoformat(time)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date().isoformat()
    except (ValueError, OverflowError):
        return None


def _day_of_number(time: float) -> str | None:
    """Seconds since 1970, or thousandths, millionths or billionths of one: what gives a year of ours."""
    unit = next((unit for unit in (1, 10**3, 10**6, 10**9) if 0 <= time < unit * _SECONDS), None)
    if unit is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time // unit)).date().isoformat()


def plain_path(path: str) -> str:
    """The path alone, as files are named: without host, what follows `?`, and percent signs."""
    path = path.partition("?")[0].partition("#")[0]
    if "://" in path[:10]:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return unquote(path)
