"""Which of the granted tools agents get now, and how that changes while the server lists them again."""

from collections.abc import Callable, Mapping, Sequence

from registry_tool.core.canonical import Json
from registry_tool.core.digest import Digest
from registry_tool.core.errors import InvalidInput
from registry_tool.core.quoting import quoted
from registry_tool.core.toolgate.listing import Judged, Listing
from registry_tool.core.toolgate.moved import Out, Told
from registry_tool.core.toolgate.wire import Fault


class Shown:
    """The tools of one session; what was seen for the first time is pinned, and given to `on_definitions`."""

    def __init__(
        self,
        granted: Sequence[str],
        pinned: Mapping[str, str],
        *,
        artifact: str,
        on_definitions: Callable[[Mapping[str, Digest]], None],
        told: Told,
    ) -> None:
        self._granted = granted
        self._pins = dict(pinned)
        self._renew = f"registry install {artifact} --force"
        self._on_definitions = on_definitions
        self._told = told
        self._listing: Listing | None = None
        self._judged: Judged | None = None
        self._withheld: Mapping[str, str] = {}
        self._unlisted = "the server did not list its tools yet"

    @property
    def settled(self) -> bool:
        """Whether they were listed, and are not being listed again."""
        return self._judged is not None and self._listing is None

    @property
    def listing(self) -> bool:
        """Whether the server is listing them."""
        return self._listing is not None

    @property
    def digests(self) -> Mapping[str, Digest]:
        """The digests of the granted tools' definitions, as the server gave them last."""
        return {} if self._judged is None else self._judged.digests

    @property
    def definitions(self) -> Mapping[str, Mapping[str, Json]]:
        """Name to definition, in the server's order."""
        return {} if self._judged is None else self._judged.shown

    def why_not(self, name: str) -> str:
        """Why a granted tool is not called; empty where it can be."""
        if name in self.definitions:
            return ""
        unknown = f"the server has no such tool; it has: {', '.join(self.definitions) or 'none'}"
        return self._withheld.get(name, self._unlisted or unknown)

    def begin(self) -> None:
        """The server is asked for its tools anew."""
        self._listing = Listing()

    def page(self, answer: Mapping[str, Json] | Fault, out: Out) -> str:
        """Takes in one answer; the cursor of the next page, empty where the list is whole or cannot be had."""
        listing = self._listing or Listing()
        try:
            if isinstance(answer, Fault):
                raise InvalidInput(answer.message)
            cursor = listing.add(answer)
        except InvalidInput as error:
            self._unlisted = f"the server did not list its tools: {error.message}"
            self._told.say(self._unlisted, out)
            self._judge(Judged({}, {}, {}, {}), out)
            return ""
        if not cursor:
            self._unlisted = ""
            self._judge(listing.judged(self._granted, self._pins, renew=self._renew), out)
        return cursor

    def _judge(self, judged: Judged, out: Out) -> None:
        self._judged, self._withheld, self._listing = judged, judged.withheld, None
        new = {name: judged.digests[name] for name in judged.shown if name not in self._pins}
        if new:
            self._pins |= new
            self._on_definitions(new)
        for name, why in (*judged.withheld.items(), *judged.alike.items()):
            self._told.refuse(name, why)
            self._told.say(f"the tool {quoted(name)} is not shown: {why}", out)
