"""What a theme's stylesheet may do: set custom properties, and fetch nothing but its own files.

An allow-list over tinycss2's tokens (CSS Syntax Level 3). Every at-rule, selector, property and
function that is not named here is refused with line and column, so what a browser learns tomorrow
is refused until somebody has looked at it. Ordinary declarations are refused because a theme that
places, hides or covers things can lie about what a page says.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry_tool.core import limits
from registry_tool.core.findings import Finding
from registry_tool.core.native.inert_svg import is_inert_svg
from registry_tool.core.native.stylesheet_selector import NESTING, names_a_part, selector_faults
from registry_tool.core.quoting import quoted

CHECK: Final = "theme-css"
STYLESHEET_BYTES: Final = 2 * limits.MIB  # the largest real one that was seen has 1.2 MB
SHEETS: Final = 100  # files that import each other; a real one has 20
ALL_BYTES: Final = 4 * limits.MIB  # of all of them: reading takes a second for each
SHOWN_FINDINGS: Final = 40  # more help nobody

AT_RULES: Final = ("charset", "font-face", "import", "keyframes", "layer", "media", "property", "supports")
FUNCTIONS: Final = frozenset(
    "rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark device-cmyk var env calc min max clamp "
    "round mod rem abs sign sin cos tan asin acos atan atan2 pow sqrt hypot log exp linear-gradient radial-gradient "
    "conic-gradient repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient cubic-bezier steps "
    "linear minmax repeat fit-content polygon circle ellipse inset path rect xywh translate translatex translatey "
    "translatez translate3d rotate rotatex rotatey rotatez rotate3d scale scalex scaley scalez scale3d skew skewx "
    "skewy matrix matrix3d perspective blur brightness contrast drop-shadow grayscale hue-rotate invert opacity "
    "saturate sepia format tech local layer supports selector".split()
)
PLAIN_PROPERTIES: Final = frozenset(("accent-color", "color-scheme", "forced-color-adjust"))
FONT_DESCRIPTORS: Final = re.compile(r"font-[a-z-]+|src|unicode-range|size-adjust|(?:ascent|descent|line-gap)-override")
PROPERTY_DESCRIPTORS: Final = frozenset(("syntax", "inherits", "initial-value"))
KEYFRAME_PROPERTIES: Final = re.compile(
    r"--.+|opacity|transform|translate|rotate|scale|filter|color|background(?:-[a-z]+)*|border(?:-[a-z]+)*|box-shadow|"
    r"text-shadow|outline(?:-[a-z]+)*|clip-path|fill|stroke(?:-[a-z]+)*|animation-timing-function|letter-spacing|"
    r"offset-distance|transform-origin|width|height|max-width|max-height"
)
_ASSET: Final = re.compile(
    r"(?P<path>[^?#:\\]+\.(?:avif|cur|gif|ico|jpe?g|otf|png|svg|ttf|webp|woff2?|eot))(?:\?[\w.=-]{0,64})?(?:#[\w-]*)?",
    re.IGNORECASE,
)
"""A page fetches it from where the property is used: as a picture or font, which changes nothing anywhere."""
_MARKUP: Final = re.compile(r"<!--|-->|</?\s*(?:style|script)", re.IGNORECASE)
_OUTSIDE: Final = re.compile(r"/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|(?P<escape>\\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a stylesheet and those that it imports say."""

    properties: tuple[str, ...]
    """Custom properties that it sets, sorted, each once."""
    assets: tuple[str, ...]
    """Files of the payload that it fetches, stylesheets too, sorted."""
    schemes: tuple[str, ...]
    """`dark` and `light`, as far as it names them."""
    findings: tuple[Finding, ...]
    """Everything that it may not do, in the order of its lines."""


def read_stylesheet(files: Mapping[str, bytes], entry: str) -> Sheet:
    """What the stylesheet at `entry` says and what is wrong with it; `files` are all of the payload."""
    reader = _Reader(files)
    queue, size = [entry], 0
    for path in queue:  # grows while it is read
        size += len(files[path])
        if len(queue) > SHEETS or size > ALL_BYTES:
            message = f"a theme has at most {SHEETS} stylesheets and {ALL_BYTES} bytes in them"
            reader.findings.append(Finding(CHECK, "fail", message, entry, "load less"))
            break
        queue += sorted(reader.read(path).difference(queue))
    findings = tuple(reader.findings[:SHOWN_FINDINGS])
    if len(reader.findings) > SHOWN_FINDINGS:
        more = f"and {len(reader.findings) - SHOWN_FINDINGS} more of the kind"
        findings = (*findings, Finding(CHECK, "fail", more, entry))
    findings = (*findings, *reader.to_look_at())
    schemes = tuple(sorted(reader.schemes))
    return Sheet(tuple(sorted(reader.properties)), tuple(sorted(reader.assets)), schemes, findings)


@dataclass(slots=True)
class _Reader:
    """One reading: walks the tokens and collects."""

    files: Mapping[str, bytes]
    path: str = ""
    properties: set[str] = field(default_factory=set)
    assets: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    schemes: set[str] = field(default_factory=set)
    parts: list[tuple[str, int, str]] = field(default_factory=list)
    motions: list[tuple[str, int, str]] = field(default_factory=list)
    """Selectors and animations to look at: file, line, name."""
    findings: list[Finding] = field(default_factory=list)

    def read(self, path: str) -> set[str]:
        """Collects what the stylesheet at `path` says; the stylesheets that it imports."""
        import tinycss2  # slow, and only themes need it

        self.path, self.imports = path, set()
        text = self._text(self.files[path])
        if text is not None:
            self._rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), 0)
        return self.imports

    def to_look_at(self) -> Iterator[Finding]:
        """What is let through where a person has looked at it: it may hide something and look like nothing."""
        if self.parts:
            path, line, first = self.parts[0]
            message = (
                f"{len(self.parts)} selectors set something for a part of a page only, the first is {quoted(first)}"
            )
            yield Finding("theme-part", "review", message, path, "a theme selects :root or its own class", line)
        if self.motions:
            path, line, _ = self.motions[0]
            names = ", ".join(quoted(name) for name in sorted({name for _, _, name in self.motions})[:5])
            message = f"it makes the animations {names}, in place of the page's own of these names"
            yield Finding("theme-motion", "review", message, path, "give them names that begin with the theme's", line)

    def _text(self, data: bytes) -> str | None:
        """The stylesheet's text where it is fit to be read at all."""
        if len(data) > STYLESHEET_BYTES:
            self._refuse(
                f"a stylesheet has at most {STYLESHEET_BYTES} bytes, this one has {len(data)}", None, "split it"
            )
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            self._refuse("a stylesheet is UTF-8, this one is not", (line, 1), "save it as UTF-8")
            return None
        whole = True
        for pattern, group, message, hint in (
            (_MARKUP, 0, "markup has no place in a stylesheet", "remove it, from comments too"),
            (re.compile("\0"), 0, "a NUL character has no place in a stylesheet", "remove it"),
            (_OUTSIDE, "escape", "escapes (\\) are read only inside strings", "write the character itself"),
        ):
            for match in pattern.finditer(text):
                if match[group]:
                    whole = False
                    before = text[: match.start()]
                    place = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
                    self._refuse(message, place, hint)
                    break
        return text if whole else None

    def _refuse(self, message: str, place: Any, hint: str) -> None:  # Any: a node of tinycss2, or line and column
        line, column = (
            (place or (None, None))
            if place is None or isinstance(place, tuple)
            else (place.source_line, place.source_column)
        )
        where = "" if line is None else f"line {line}, column {column}: "
        self.findings.append(Finding(CHECK, "fail", where + message, self.path, hint, line))

    def _rules(self, rules: Iterable[Any], depth: int) -> None:  # Any: tinycss2 has no types
        import tinycss2

        for rule in rules:
            if depth > NESTING:
                self._refuse(f"rules lie at most {NESTING} deep in each other", rule, "flatten it")
            elif rule.type == "qualified-rule":
                self._selector(rule)
                self._declarations(rule.content, self._ordinary)
            elif rule.type == "error":
                self._refuse(f"it is not valid CSS: {rule.message}", rule, "mend the rule")
            elif rule.lower_at_keyword in ("media", "supports", "layer"):
                self._values(rule.prelude, 0)
                self._note_schemes(rule.prelude)
                inner = rule.content or []
                self._rules(tinycss2.parse_rule_list(inner, skip_comments=True, skip_whitespace=True), depth + 1)
            else:
                self._at_rule(rule, rule.lower_at_keyword.removeprefix("-webkit-"), depth)

    def _at_rule(self, rule: Any, name: str, depth: int) -> None:  # Any: tinycss2 has no types
        import tinycss2

        if name == "charset":
            if [one.value.lower() for one in rule.prelude if one.type == "string"] != ["utf-8"]:
                self._refuse("a stylesheet is UTF-8, @charset says otherwise", rule, 'write @charset "utf-8";')
        elif name == "import" and depth == 0:
            self._import(rule)
        elif name == "font-face" and rule.content is not None:
            self._declarations(rule.content, lambda found: FONT_DESCRIPTORS.fullmatch(found) is not None)
        elif name == "property" and rule.content is not None:
            names = [token.value for token in rule.prelude if token.type == "ident"]
            self.properties.update(found for found in names if found.startswith("--"))
            self._declarations(rule.content, PROPERTY_DESCRIPTORS.__contains__)
        elif name == "keyframes" and rule.content is not None:
            called = [str(one.value) for one in rule.prelude if one.type in ("ident", "string")]
            self.motions.append((self.path, rule.source_line, called[0] if called else ""))
            for frame in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True):
                if frame.type == "qualified-rule":
                    self._declarations(frame.content, lambda found: KEYFRAME_PROPERTIES.fullmatch(found) is not None)
                else:
                    self._refuse("@keyframes holds steps only", frame, "as: from { opacity: 0 }")
        else:
            known = ", ".join("@" + known for known in AT_RULES)
            self._refuse(f"@{rule.at_keyword} is not something that a theme can do here", rule, f"it can use {known}")

    def _import(self, rule: Any) -> None:  # Any: tinycss2 has no types
        tokens = [token for token in rule.prelude if token.type not in ("whitespace", "comment")]
        target = _url_text(tokens[0]) if tokens else None
        path = None if target is None else self._own_path(target)
        if path is None or not path.endswith(".css"):
            self._refuse("@import takes only a stylesheet of this theme", rule, "put its rules into this file")
            return
        self.assets.add(path)
        self.imports.add(path)
        self._values(tokens[1:], 0)

    def _selector(self, rule: Any) -> None:  # Any: tinycss2 has no types
        faults = list(selector_faults(rule.prelude))
        for token, fault in faults:
            message = f"the selector {quoted(fault)} is not one that a theme needs"
            self._refuse(message, token, 'select :root, html, .class or [data-theme="x"]')
        if not faults and names_a_part(rule.prelude):
            self.parts.append((self.path, rule.source_line, "".join(one.serialize() for one in rule.prelude).strip()))

    def _ordinary(self, name: str) -> bool:
        if name.startswith("--"):
            self.properties.add(name)
        return name.startswith("--") or name in PLAIN_PROPERTIES

    def _declarations(self, content: Any, allowed: Any) -> None:  # Any: tinycss2 has no types; str to bool
        import tinycss2

        for item in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
            if item.type == "error":
                self._refuse(f"it is not valid CSS: {item.message}", item, "mend the declaration")
            elif item.type != "declaration":
                self._refuse("rules inside rules are not read here", item, "write it as a rule of its own")
            elif not allowed(item.name if item.name.startswith("--") else item.lower_name):
                message = f"a theme sets custom properties, {quoted(item.name)} is another one"
                self._refuse(message, item, f"write --{item.lower_name}: …; the page decides where it is used")
            else:
                self._values(item.value, 0)
                if item.lower_name == "color-scheme":
                    self._note_schemes(item.value)

    def _note_schemes(self, tokens: Iterable[Any]) -> None:  # Any: tinycss2 has no types
        for token in tokens:
            if token.type == "() block":
                words = [inner.lower_value for inner in token.content if inner.type == "ident"]
                if "prefers-color-scheme" in words:
                    self.schemes.update({"dark", "light"}.intersection(words))
            elif token.type == "ident":
                self.schemes.update({"dark", "light"}.intersection((token.lower_value,)))

    def _values(self, tokens: Iterable[Any], depth: int) -> None:  # Any: tinycss2 has no types
        for token in tokens:
            target = _url_text(token) if token.type != "string" else None
            if depth > NESTING:
                self._refuse(f"functions lie at most {NESTING} deep in each other", token, "simplify it")
                return
            if target is not None:
                self._url(target, token)
            elif token.type == "function" and token.lower_name in FUNCTIONS:
                self._values(token.arguments, depth + 1)
            elif token.type == "function":
                hint = "only functions that fetch and read nothing can be used"
                self._refuse(f"the function {quoted(token.name + '()')} is not known here", token, hint)
            elif token.type in ("() block", "[] block"):
                self._values(token.content, depth + 1)
            elif token.type in ("{} block", "at-keyword", "error"):
                self._refuse("a value is a list of words, numbers and functions", token, "remove the block or mend it")

    def _url(self, target: str, token: Any) -> None:  # Any: tinycss2 has no types
        if target.startswith("#") or is_inert_svg(target):
            return
        named = _ASSET.fullmatch(target)
        path = self._own_path(named["path"]) if named else None
        if path is None:
            message = f"url() takes only a picture or font of this theme, {quoted(target)} is none"
            self._refuse(message, token, "put the file into the folder and write its path, as url(assets/noise.png)")
        else:
            self.assets.add(path)

    def _own_path(self, target: str) -> str | None:
        """The payload's path that `target` names, seen from the stylesheet being read."""
        parts = self.path.split("/")[:-1]
        for part in target.split("/"):
            if part == ".." and parts:
                parts.pop()
            elif part != ".":
                parts.append(part)
        path = "/".join(parts)
        return path if path in self.files else None


def _url_text(token: Any) -> str | None:  # Any: tinycss2 has no types
    """What a string, `url(x)` or `url("x")` names; `None` for anything else."""
    if token.type in ("url", "string"):
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        arguments = [inner for inner in token.arguments if inner.type not in ("whitespace", "comment")]
        return str(arguments[0].value) if len(arguments) == 1 and arguments[0].type == "string" else ""
    return None
