"""What in an author's folder can be mended without a question of taste, and without a change of meaning.

- Characters that nobody sees go, where they change nothing that people see, in texts that people or agents read.
- `artifact.yaml` asks for the permissions that the files show they need.

Everything else is the author's to decide. What comes out is shown as a difference before anything is written.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry_tool.core.describe import CARD, Described, read_card
from registry_tool.core.hidden import without_meaningless
from registry_tool.core.payload import Payload, PayloadFile

_LINE: Final = re.compile(r"^permissions[ \t]*:[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:#[^\n]*)?(?=\r?$)", re.MULTILINE)
_ANY: Final = re.compile(r"^permissions[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mend:
    """One file that is written anew."""

    path: str
    data: bytes
    why: str


def mends(described: Described, *, asked_by_flag: bool) -> tuple[Mend, ...]:
    """What mends a folder, by path; `asked_by_flag`: a flag says what is asked for, so `artifact.yaml` stays."""
    found = {path: one for path, one in ((path, _seen(described, path)) for path in described.payload) if one}
    payload = {**described.payload, **{path: PayloadFile(one.data) for path, one in found.items()}}
    grammar = described.kind.grammar if described.kind else None
    missing = [need for need in described.reading.needs if grammar and not grammar.covered(described.permissions, need)]
    if missing and not asked_by_flag:
        card = with_permissions(payload, sorted({*described.permissions, *missing}))
        if card is not None:
            found[CARD] = Mend(CARD, card, f"asks for what the files need: {', '.join(missing)}")
    return tuple(found[path] for path in sorted(found))


def with_permissions(payload: Payload, wanted: Sequence[str]) -> bytes | None:
    """`artifact.yaml` that asks for `wanted` and says all else as before; `None` where one line cannot do that."""
    before, _ = read_card(payload)
    line = f"permissions: {json.dumps(list(wanted), ensure_ascii=False)}"
    try:
        text = payload[CARD].data.decode("utf-8") if CARD in payload else ""
    except UnicodeDecodeError:
        return None
    if _ANY.search(text):
        after = _LINE.sub(lambda match: line, text, count=1)
    else:
        end = "\r\n" if "\r\n" in text else "\n"
        after = text + ("" if text.endswith("\n") or not text else end) + line + end
    data = after.encode("utf-8")
    read, faults = read_card({CARD: PayloadFile(data)})
    expected = before.model_copy(update={"permissions": tuple(wanted)})
    return data if read == expected and not any(one.level == "fail" for one in faults) else None


def _seen(described: Described, path: str) -> Mend | None:
    """A text without what nobody sees; `None` where nothing is to be done, or it is no text that people read."""
    native = described.reading.native
    if path not in (native, CARD) and not (native.endswith(".md") and path.lower().endswith(".md")):
        return None
    try:
        text = described.payload[path].data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    clean = text if text.isascii() else without_meaningless(text)
    return Mend(path, clean.encode("utf-8"), "takes out characters that nobody sees") if clean != text else None
