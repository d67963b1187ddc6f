"""Code that runs what nobody can read: decoded, fetched or put together while it runs.

Kinds whose module a browser loads have rules of their own, which refuse (`native-file` tells them). Here are the
scripts of all kinds; a person looks at the place.
"""

import re
from collections.abc import Iterator
from typing import Final

from registry_tool.core import limits
from registry_tool.core.change import Candidate, Change
from registry_tool.core.errors import InvalidInput
from registry_tool.core.findings import Finding
from registry_tool.core.native.esmodule import hazards
from registry_tool.core.native.script_text import is_script
from registry_tool.core.places import place
from registry_tool.core.quoting import quoted
from registry_tool.core.review import Check
from registry_tool.core.since import changed_files
from registry_tool.core.textrules import TextRule, hits

LOOKED_AT: Final = 4 * limits.MIB
"""Bytes of one release's new and changed scripts."""
_SHOW: Final = "write the code itself into the file, so that people can read it"

RULES: Final[tuple[TextRule, ...]] = (
    TextRule(
        parts=(
            r"\b(?:eval|exec|execscript|function|system|popen|compile|import_module|__import__) ?\(",
            r"(?:b(?:ase)?64_?decode|fromhex|unhexlify|codecs\.decode|zlib\.decompress|marshal\.loads|\batob|fromcharcode)\b",
        ),
        says="runs what it decodes",
        hint=_SHOW,
        finds=("exec(base64.b64decode(blob))", "eval(atob('YQ=='))", "exec(zlib.decompress(base64.b64decode(x)))"),
        passes=("data = base64.b64decode(text)", "execute(plan)", "exec(plan)\nb64decode(text)"),
    ),
    TextRule(
        parts=(
            r"\bbase64 (?:-d|--decode)\b|\bpowershell\b",
            r"\| ?(?:sudo )?(?:(?:ba|z|da)?sh|python3?|node|perl|ruby)\b| -e(?:nc|ncodedcommand)? [a-z0-9+/]{20}",
        ),
        says="hands decoded text to a shell",
        hint=_SHOW,
        finds=("echo aGk= | base64 -d | sh", "powershell -enc SQBFAFgAIAAoAE4AZQB3AC0A"),
        passes=("base64 -d picture.b64 > picture.png",),
    ),
    TextRule(
        parts=(r"(?<!base64,)(?<![a-z0-9+/=])[a-z0-9+/]{3000}|(?:\\x[0-9a-f]{2}){400}|(?:\\u[0-9a-f]{4}){400}",),
        says="holds a long text that only a program can read",
        hint="put data into a file of its own, and code where people can read it",
        finds=("x = '" + "QUJD" * 800 + "'", '"' + "\\x41" * 400 + '"'),
        passes=("src = 'data:image/png;base64," + "QUJD" * 800 + "'", "x = '" + "a1" * 32 + "'"),
        reach=10_000,
    ),
)
_MODULE: Final = re.compile(r".*\.(?:m|c)?js", re.IGNORECASE)
_SUSPECT: Final = re.compile(rb"\beval\b|\bFunction\b|\bimport\s{0,4}\(")


def code_rules(change: Change) -> Iterator[Finding]:
    """A finding for each place in a new or changed script that runs what nobody can read."""
    for candidate in change.releases:
        size, loaded = 0, _loaded(candidate)
        for path, file in changed_files(candidate):
            if not is_script(path, file) or path in loaded:
                continue  # what a browser loads is read by the kind itself
            size += len(file.data)
            if size > LOOKED_AT:
                message = f"its new and changed scripts have more than {LOOKED_AT} bytes, which nobody reads"
                yield Finding("code-rules", "review", message, place(candidate), "leave out what it does not need")
                break
            for hit in hits(RULES, file.data, code=True):
                message = f"it {hit.rule.says}: {quoted(hit.text)}"
                yield Finding("code-rules", "review", message, place(candidate, path), hit.rule.hint, hit.line)
            if _MODULE.fullmatch(path):
                yield from _javascript(candidate, path, file.data)


def _loaded(candidate: Candidate) -> frozenset[str]:
    """The modules that a browser loads."""
    listed = candidate.manifest.spec.get("sri") if candidate.manifest else None
    return frozenset(listed) if isinstance(listed, dict) else frozenset()


def _javascript(candidate: Candidate, path: str, data: bytes) -> Iterator[Finding]:
    if not _SUSPECT.search(data):
        return
    try:
        found = hazards(data.decode("utf-8"))
    except (InvalidInput, UnicodeDecodeError):
        return  # no module; what it does is not read from its grammar
    for one in found:
        if one.kind != "require":
            message = f"{one.kind} runs code that nobody has looked at: {quoted(one.text)}"
            yield Finding("code-rules", "review", message, place(candidate, path), _SHOW, one.line)


CHECKS: Final = (
    Check(
        id="code-rules",
        number=37,
        title="A person reads scripts that decode, fetch or put together what they run",
        why="What is hidden from readers is hidden for a reason; it was how most bad releases passed review.",
        level="review",
        run=code_rules,
        waivable=True,
    ),
)
