"""Licences as authors write them, and the SPDX expression that a manifest holds.

Vendors write `SEE LICENSE IN LICENSE` or "complete terms in LICENSE.txt"; the manifest then says
`LicenseRef-LICENSE.txt`, which SPDX keeps for exactly that, and the file is in the payload.
"""

import re
from collections.abc import Collection
from typing import Final

from registry_tool.core.findings import Finding
from registry_tool.core.quoting import quoted

CHECK: Final = "license"
_CHARACTERS: Final = 200  # what the manifest has room for

_USUAL: Final = {
    "apache": "Apache-2.0",
    "apache2": "Apache-2.0",
    "apache20": "Apache-2.0",
    "apacheversion20": "Apache-2.0",
    "apachev2": "Apache-2.0",
    "bsd2clause": "BSD-2-Clause",
    "bsd3clause": "BSD-3-Clause",
    "cc0": "CC0-1.0",
    "ccby40": "CC-BY-4.0",
    "ccbysa40": "CC-BY-SA-4.0",
    "expat": "MIT",
    "isc": "ISC",
    "mit": "MIT",
    "mozillapublic20": "MPL-2.0",
    "mpl2": "MPL-2.0",
    "mpl20": "MPL-2.0",
    "unlicense": "Unlicense",
}
"""What people write for one licence only, without spaces, signs and the words the, license, licence."""

_MIT: Final = """MIT License

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def mit_text(holder: str) -> bytes:
    """The text of the MIT licence for `holder`, for the templates of `create`."""
    return _MIT.format(holder=holder).encode()


def normalise(text: str) -> str | None:
    """The SPDX expression that `text` is, in its canonical spelling; `None` where it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(text) > _CHARACTERS or not text.isascii():
        return None
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return None


def to_spdx(text: str, payload_paths: Collection[str], path: str = "") -> tuple[str | None, tuple[Finding, ...]]:
    """The SPDX expression for what an author wrote, and what is to be said about it.

    `payload_paths` are the files that are published with it, `path` the file that says `text`. The
    expression is `None` where a finding of level `fail` says what to write.
    """
    words = " ".join(text.split())
    if not words or len(words) > _CHARACTERS:
        fault = f"it has {len(words)} characters, at most {_CHARACTERS} are allowed" if words else "it is empty"
        return None, (_finding("fail", f"the licence cannot be read: {fault}", path, "license: MIT"),)
    see = re.fullmatch("SEE LICEN[SC]E IN (.+)", words, re.IGNORECASE)
    if see:
        return _reference(see[1], payload_paths, path)
    expression = normalise(words)
    if expression:
        return expression, ()
    folded = re.sub(r"\b(the|licen[sc]e)\b|[^a-z0-9]+", "", words.lower())
    if folded in _USUAL:
        usual = _USUAL[folded]
        return usual, (_finding("warn", f"{quoted(words)} is read as {usual}", path, f"license: {usual}"),)
    for word in words.split():
        if word.strip(".,;:()'\"`") in payload_paths:
            return _reference(word.strip(".,;:()'\"`"), payload_paths, path)
    message = f"{quoted(words)} is no SPDX licence expression"
    return None, (_finding("fail", message, path, _advice(folded, payload_paths)),)


def license_findings(text: str, payload_paths: Collection[str], path: str = "") -> tuple[Finding, ...]:
    """What is to be said about the licence `text` of a payload with these files."""
    return to_spdx(text, payload_paths, path)[1]


def _reference(file: str, payload_paths: Collection[str], path: str) -> tuple[str | None, tuple[Finding, ...]]:
    if file not in payload_paths:
        message = f"the licence is said to be in {quoted(file)}, which is not among the files"
        return None, (_finding("fail", message, path, f"add the file {quoted(file)}, or write license: MIT"),)
    name = re.sub("[^A-Za-z0-9.-]+", "-", file).strip("-") or "file"
    message = f"the licence is the text of {quoted(file)}; no SPDX identifier says which one that is"
    return f"LicenseRef-{name}", (_finding("note", message, path, "where it is a common one, name it: license: MIT"),)


def _advice(folded: str, payload_paths: Collection[str]) -> str:
    if folded.startswith(("gpl", "gnu", "lgpl", "agpl")):
        return "say which: license: GPL-3.0-only or license: GPL-3.0-or-later"
    if folded.startswith("bsd"):
        return "say which: license: BSD-2-Clause or license: BSD-3-Clause"
    files = sorted(one for one in payload_paths if re.fullmatch(r"(licen[sc]e|copying|eula)\b.*", one, re.IGNORECASE))
    if files:
        return f"license: SEE LICENSE IN {files[0]}"
    return "license: MIT, another expression of spdx.org/licenses, or license: SEE LICENSE IN <file>"


def _finding(level: str, message: str, path: str, hint: str) -> Finding:
    return Finding(CHECK, "fail" if level == "fail" else "warn" if level == "warn" else "note", message, path, hint)
