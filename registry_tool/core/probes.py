"""What to ask a deployed site about its host: the table of routes as questions, and what each answer means for whom.

A host that cannot do all of it is still a good host: what clients of ours read are files. So nothing here fails;
it says which clients of others get less, and what.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core import routes
from registry_tool.core.digest import Hex
from registry_tool.core.layout import ENTRY, TIMESTAMP, object_path
from registry_tool.core.ports import Answered

NO_SUCH: Final = "/-/no-such-address"
"""Nobody's address: no category is called `-`."""
SKILLS: Final = "/.well-known/agent-skills/index.json"
OFTEN_SECONDS: Final = 3600
"""How long caches may keep what says which state is the newest."""

_ODD: Final = re.compile(r"[^ -~]")

Way = Literal["forever", "fresh", ""]


@dataclass(frozen=True, slots=True)
class Probe:
    """One question, and what comes where the host can do all."""

    path: str
    means: str
    """For whom another answer matters, and how."""
    status: int = 200
    type: str = ""
    """Content type, without its charset."""
    location: str = ""
    """Where it leads, as a path."""
    cache: Way = ""
    header: str = ""
    """Which must be there besides."""
    method: Literal["HEAD", "GET", "OPTIONS"] = "HEAD"
    file: str = ""
    """Asked only where this file is there."""

    @property
    def expected(self) -> str:
        """What should come, in words."""
        ways = {"forever": "kept for ever", "fresh": "asked for again", "": ""}
        leads = f"to {self.location}" if self.location else ""
        return ", ".join(one for one in (str(self.status), self.type, leads, ways[self.cache], self.header) if one)


_AS_JSON: Final = "it is there with `.json` at its end; programs that ask for the route itself find nothing"
_MEANS: Final = {
    "/api/": _AS_JSON,
    "/cp/": _AS_JSON,
    "/pkg/": "the ggui client installs all the same: it asks for one version, without `@`",
    "/ggui/": "the ggui client installs all the same: it asks for one version, without `@`",
    "/bundles/": "apps name their modules with `@`, and find them",
    "/v0.1/": "programs that read the MCP registry's API find no servers, or no versions",
    "/v0/": "programs that read an older version of the MCP registry's API find nothing",
}
_GONE: Final = "the ggui client says `not found` instead of `yanked`, and installs nothing: fine"
_FIXED: Final = (
    Probe(
        "/", "pages rely on the policy that they carry themselves", type="text/html", header="content-security-policy"
    ),
    Probe(NO_SUCH, "programs cannot tell what is not there from what is", status=404),
    Probe(
        f"/{ENTRY}",
        "pages of other sites cannot read the registry",
        type=routes.JSON,
        header="access-control-allow-origin",
    ),
    Probe(f"/{TIMESTAMP}", "clients hear late of what is new", type=routes.JSON, cache="fresh", file=f"/{TIMESTAMP}"),
    Probe("/style.css", "it takes longer to load", type="text/css", header="content-encoding", method="GET"),
    Probe(
        SKILLS, "programs that look for skills find none: the host left out what begins with a dot", type=routes.JSON
    ),
    Probe("/search", "the ggui client searches all the same", type=routes.JSON, file="/search"),
    Probe(
        "/search", "pages of other sites can ask simple questions only", status=204, method="OPTIONS", file="/search"
    ),
    Probe("/feeds/new.xml", "some readers of feeds do not know it for one", type=routes.ATOM),
    Probe(
        routes.OLD,
        "addresses of an older marketplace lead nowhere",
        status=301,
        location=routes.ITEMS,
        file=f"{routes.ITEMS}.json",
    ),
)


def probes(known: Mapping[str, str], *, gone: str = "", digest: str = "") -> tuple[Probe, ...]:
    """What to ask a site of which it is `known` what stands for the names in the rules' paths.

    Rules with a name that is not known are left out. `gone` is the path of a yanked package (`/pkg/…`), `digest`
    that of an object, where there are any.
    """
    found = list(_FIXED)
    for rule in routes.RULES:
        if set(re.findall(r"\{@?([a-z]+)\}", rule.path)) <= known.keys():
            path, file = rule.path.replace("{@", "{").format_map(known), rule.to[-1].format_map(known)
            means = next(words for beginning, words in _MEANS.items() if path.startswith(beginning))
            found.append(Probe(path, means, type=routes.type_of(file).partition(";")[0], file=file))
    if gone:
        found.append(Probe(gone, _GONE, status=410, type=routes.JSON, file=f"/gone{gone}"))
    if digest:
        path = f"/{object_path(Hex(digest))}"
        found.append(Probe(path, "it is fetched more often than it must be", type=routes.BYTES, cache="forever"))
    return tuple(found)


def came(probe: Probe, answer: Answered) -> tuple[bool, str]:
    """Whether `answer` is what `probe` expects, and the answer in the same words."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    cache = answer.headers.get("cache-control", "")
    leads = answer.headers.get("location", "")
    header = probe.header if probe.header in answer.headers else f"no {probe.header}"
    said = {
        "type": kind or "no type",
        "location": f"to {leads}" if leads else "to nowhere",
        "cache": cache or "no cache-control",
        "header": header,
    }
    words = ", ".join([str(answer.status), *(text for member, text in said.items() if getattr(probe, member))])
    holds = (
        answer.status == probe.status
        and probe.type in ("", kind)
        and leads.endswith(probe.location)
        and (not probe.cache or _kept(cache) == probe.cache)
        and (not probe.header or probe.header in answer.headers)
    )
    return holds, _ODD.sub("?", words)[:300]


def _kept(cache: str) -> Way:
    """What a Cache-Control header says: for ever, asked for again soon, or something between."""
    if "immutable" in cache:
        return "forever"
    age = re.search(r"max-age=([0-9]{1,9})", cache)
    if "no-cache" in cache or "no-store" in cache or (age is not None and int(age[1]) <= OFTEN_SECONDS):
        return "fresh"
    return ""
