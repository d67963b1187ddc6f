"""What runs in a frame of somebody's page: the document, its policy, and what the page serves it.

    a page, with host.js ──▶ frame.html  sandbox="allow-scripts": an origin of its own, that nobody shares
                             1  the policy below; no address can be reached, no form sent, no text becomes markup
                             2  the page hands over the modules, whose bytes the browser compared
                             3  `script-src 'none'`, before any of them runs
          ◀── one port ──    `host.read(topic)`: granted topics, at the granted rate (`serves`, `fresh_every`)

Three things leave a frame all the same, and each has its own measure: it navigates itself (the page's policy says
`frame-src 'self'`), WebRTC (taken away before any module runs), and what browsers open by themselves for either (the
header `Connection-Allowlist`, where a host sends it: `HEADERS`).
"""

import re
from collections.abc import Mapping
from typing import Final

from registry_tool.core.confinement import Confinement
from registry_tool.core.digest import sri
from registry_tool.core.errors import InvalidInput

TOPIC: Final = "[a-z0-9][a-z0-9_-]{0,62}(?:[.][a-z0-9][a-z0-9_-]{0,62}){0,7}"
"""The name of one topic of a dashboard's data; a topic has a name of its own, never a star."""
NOWHERE: Final = ("'none'",)
"""For `frame_document`: it connects to nothing. What widgets have."""
ENCRYPTED: Final = ("https:", "wss:")
"""It connects to encrypted addresses, until it is told which: what gadgets begin with."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "sandbox allow-scripts; connect-src 'none'; form-action 'none'; base-uri 'none'; object-src 'none'; "
        "frame-src 'none'; frame-ancestors 'self'"
    ),
    "Connection-Allowlist": "(); webrtc=block",
}
"""For a document that connects to `NOWHERE`, beside its own policy: what only a header can say."""


def frame_policy(script: str, connects: tuple[str, ...]) -> str:
    """The policy in the document: `script` alone runs, and what it loads before it closes the door behind that."""
    return (
        f"default-src 'none'; script-src '{sri(script.encode())}' 'nonce-map' blob:; style-src 'unsafe-inline'; "
        f"img-src data: blob:; font-src data:; connect-src {' '.join(connects)}; form-action 'none'; "
        "base-uri 'none'; require-trusted-types-for 'script'; trusted-types frame"
    )


def frame_document(template: str, script: str, connects: tuple[str, ...]) -> bytes:
    """The document of a frame: `template` with policy and script; `InvalidInput` for a script that would end early."""
    if "</script" in script.lower() or "<!--" in script:
        raise InvalidInput(
            "a script within a document cannot hold </script or <!--",
            code="not-a-script",
            hint="write it in two pieces",
        )
    return template.replace("{policy}", frame_policy(script, connects)).replace("{script}", script).encode()


def serves(confinement: Confinement, topic: str) -> bool:
    """Whether the page gives what is confined so the values of `topic`; nothing for what is no topic's name."""
    return re.fullmatch(TOPIC, topic, re.ASCII) is not None and any(
        one in ("*", topic) or (one.endswith(".*") and topic.startswith(one[:-1])) for one in confinement.topics
    )


def fresh_every(confinement: Confinement) -> int | None:
    """Milliseconds from one value of a topic to the next; `None`: each is read once for as long as the page is open."""
    return min(confinement.intervals, default=None)
