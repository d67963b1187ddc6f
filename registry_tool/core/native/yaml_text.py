"""YAML that people write, read without ambiguity.

PyYAML's parser turns text into events; the values are built here, so that two equal keys, anchors,
tags and depth are seen before anything is made of them. Nothing is guessed: what YAML 1.1 and 1.2
read differently as a number with colons (`22:22`) or a date stays text, and `no` or `1.0` keep the
type that YAML gives them, so that a strict model can say "put it in quotes".
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from registry_tool.core import limits
from registry_tool.core.findings import Finding
from registry_tool.core.quoting import quoted

CHECK: Final = "yaml"
BOM: Final = b"\xef\xbb\xbf"

# Any: PyYAML's loaders have no common base. The second words the faults, so that they read the same everywhere.
_LOADERS: Final[tuple[Any, ...]] = (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)
_ODD: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_KEY_LINE: Final = re.compile(r"(?P<lead> *(?:- +)?)(?P<key>[A-Za-z0-9_.@/-]{1,100}):[ \t]+(?P<value>\S.*)")
_ODD_VALUE: Final = re.compile("^[-@%`*&!|>'\"#?,]|:( |$)")
"""What makes YAML take a value for something else than text."""
_NUMBER_TAGS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_NUMBER_CHARACTERS: Final = 40  # no number that is kept exactly needs more
_MERGE: Final = "<<"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a YAML text holds."""

    value: Any  # Any: what YAML can say; readers narrow it
    """JSON-like: text, bool, int, float, `None`, list, dict with text keys; `None` where it was refused."""
    findings: tuple[Finding, ...] = ()
    """Faults and remarks; one of level `fail` means that there is no value."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The 1-based line of each key of the outermost mapping."""

    @property
    def good(self) -> bool:
        """Whether nothing refuses it."""
        return not any(finding.level == "fail" for finding in self.findings)


def load_yaml(text: bytes, *, what: str, aliases: bool = False, first_line: int = 1) -> Loaded:
    """The one document in `text`; its faults are findings about the file `what`, never raised.

    UTF-8, a byte order mark is dropped with a note, at most `limits.NATIVE_BYTES`. Equal keys, keys
    that are not text, tags, several documents and depth over `limits.JSON_DEPTH` are refused;
    anchors, aliases and merge keys too unless `aliases`, and then a value may have at most
    `limits.ALIAS_NODES` nodes with all aliases followed. `first_line` is the number of the text's
    first line in its file.
    """
    notes: tuple[Finding, ...] = ()
    if text.startswith(BOM):
        notes = (Finding(CHECK, "note", "it begins with a byte order mark, which is not needed", what),)
        text = text.removeprefix(BOM)
    source = _Source(what, first_line)
    try:
        source.decode(text)
        built, lines = _load(source, aliases)
    except _RefusedError as refused:
        return Loaded(None, (*notes, refused.finding))
    return Loaded(built, notes, lines)


class _RefusedError(Exception):
    """One fault, on its way out of the builder."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class _Source:
    """The text with its name, for findings with a line and the line that mends it."""

    def __init__(self, what: str, first_line: int) -> None:
        self.what = what
        self.text = ""
        self.lines: list[str] = []
        self._first_line = first_line

    def decode(self, data: bytes) -> None:
        """Takes `data` as the text, or refuses it."""
        if len(data) > limits.NATIVE_BYTES:
            self.refuse(f"it may have at most {limits.NATIVE_BYTES} bytes, it has {len(data)}")
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.refuse(f"it is not UTF-8 at byte {error.start}", data.count(b"\n", 0, error.start), "save it as UTF-8")
        self.lines = self.text.splitlines()
        odd = _ODD.search(self.text)
        if odd:
            index = self.text.count("\n", 0, odd.start())
            self.refuse(f"U+{ord(odd[0]):04X} is not allowed in YAML", index, "remove that invisible character")

    def number(self, index: int) -> int:
        """The file's line number of the 0-based `index`."""
        return index + self._first_line

    def refuse(self, message: str, index: int = 0, hint: str = "") -> NoReturn:
        """Raises the finding for the line `index`."""
        raise _RefusedError(Finding(CHECK, "fail", message, self.what, hint, self.number(index)))

    def refuse_syntax(self, error: yaml.YAMLError) -> NoReturn:
        """Raises the finding for a fault that the parser found."""
        problem, context = str(getattr(error, "problem", "")), str(getattr(error, "context", ""))
        mark = getattr(error, "problem_mark", None)
        if "quoted scalar" in context:
            mark = getattr(error, "context_mark", None)
            problem = "quotes are opened and not closed, or closed too early"
        index = min(mark.line, len(self.lines) - 1) if mark else 0
        hint = "" if "flow" in context else self.mend(index)
        self.refuse(f"it is not valid YAML: {problem}", index, hint)

    def mend(self, index: int) -> str:
        """The line to write instead of the line `index`, as far as that can be told."""
        line = self.lines[index] if self.lines else ""
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            return "indent with spaces, not with tabs"
        found = _KEY_LINE.fullmatch(line.rstrip())
        # A continued line of a plain value looks like a key of its own; its real key stands less indented.
        above = next((one for one in reversed(self.lines[:index]) if not one.startswith(indent)), "")
        opened = _KEY_LINE.fullmatch(above)
        if opened and opened["value"][0] not in "|>":
            key = opened["key"]
            return f"put the whole value of {key} in quotes, or write {key}: >- and begin the text on the next line"
        if found and _ODD_VALUE.search(found["value"]) and found["value"].isprintable():
            return f"put the value in quotes: {found['key']}: {_in_quotes(found['value'])}"
        return ""


def _in_quotes(value: str) -> str:
    quote = value[0]
    if quote in "'\"" and (value.count(quote) == 1 or (len(value) > 1 and value.endswith(quote))):
        value = value[1:].removesuffix(quote)
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Built:
    """One value with its measures, so that an alias costs what it stands for."""

    value: Any  # Any: as Loaded.value
    nodes: int = 1
    height: int = 0


def _load(source: _Source, aliases: bool) -> tuple[Any, dict[str, int]]:  # Any: as Loaded.value
    fast, plain = _LOADERS
    try:
        return _Builder(source, aliases, fast).document()
    except yaml.YAMLError:
        # The two parsers word and place faults differently; people get the words of one of them.
        try:
            return _Builder(source, aliases, plain).document()
        except yaml.YAMLError as error:
            source.refuse_syntax(error)


class _Builder:
    """Makes the value of one stream of events."""

    def __init__(self, source: _Source, aliases: bool, loader: Any) -> None:  # Any: a PyYAML loader class
        self._source = source
        self._aliases = aliases
        self._events: Iterator[Any] = iter(yaml.parse(source.text, Loader=loader))  # Any: PyYAML's events
        self._anchors: dict[str, _Built] = {}
        self._nodes = 0
        self._lines: dict[str, int] = {}
        self._resolver = yaml.resolver.Resolver()
        self._constructor = yaml.constructor.SafeConstructor()

    def document(self) -> tuple[Any, dict[str, int]]:  # Any: as Loaded.value
        """The value and the lines of its keys; raises `_RefusedError` or `yaml.YAMLError`."""
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "one document is expected, here a second begins", "remove it, from this --- on")
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event, 0).value
        return value, self._lines

    def _refuse(self, event: Any, message: str, hint: str) -> NoReturn:
        self._source.refuse(message, event.start_mark.line, hint)

    def _mended(self, event: Any) -> str:
        mended = self._source.mend(event.start_mark.line)
        return f"{mended}; or write the value out" if mended else "write the value out"

    def _node(self, event: Any, depth: int) -> _Built:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if event.anchor and not self._aliases:
            self._refuse(event, f"anchors are not allowed, this is &{event.anchor}", self._mended(event))
        if event.tag is not None:
            self._refuse(event, f"tags are not allowed, this is {event.tag}", self._mended(event))
        self._count(event, 1)
        if depth > limits.JSON_DEPTH:
            self._refuse(event, f"it is nested deeper than {limits.JSON_DEPTH}", "")
        if isinstance(event, yaml.MappingStartEvent):
            built = self._mapping(depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            built = self._sequence(depth)
        else:
            built = _Built(self._scalar(event))
        if event.anchor:
            self._anchors[event.anchor] = built
        return built

    def _count(self, event: Any, nodes: int) -> None:
        self._nodes += nodes
        if self._aliases and self._nodes > limits.ALIAS_NODES:
            message = f"with its aliases followed it may have at most {limits.ALIAS_NODES} values"
            self._refuse(event, message, "use fewer or smaller aliases")

    def _alias(self, event: Any, depth: int) -> _Built:
        if not self._aliases:
            self._refuse(event, f"aliases are not allowed, this is *{event.anchor}", self._mended(event))
        built = self._anchors.get(event.anchor)
        if built is None:
            message = f"*{event.anchor} has no &{event.anchor} before it that is complete"
            self._refuse(event, message, "write the value out")
        if depth + built.height > limits.JSON_DEPTH:
            self._refuse(event, f"it is nested deeper than {limits.JSON_DEPTH}", "")
        self._count(event, built.nodes)
        return built

    def _sequence(self, depth: int) -> _Built:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return _around([item.value for item in items], items)

    def _mapping(self, depth: int) -> _Built:
        members: dict[str, Any] = {}
        lines: dict[str, int] = {}
        inside: list[_Built] = []
        merged: list[Mapping[str, Any]] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            if key in lines:
                hint = f"leave one of the two {key!r}, the first is in line {lines[key]}"
                self._refuse(event, f"the key {key!r} is there twice", hint)
            lines[key] = self._source.number(event.start_mark.line)
            value = self._node(next(self._events), depth + 1)
            inside.append(value)
            if key == _MERGE and event.implicit[0]:
                merged.extend(self._merge(event, value.value))
            else:
                members[key] = value.value
        for more in merged:
            for name, member in more.items():
                members.setdefault(name, member)
        if depth == 0:
            self._lines = lines
        return _around(members, inside)

    def _key(self, event: Any, depth: int) -> str:
        key = self._node(event, depth + 1).value
        if not isinstance(key, str):
            plain = isinstance(event, yaml.ScalarEvent)
            hint = f'put it in quotes: "{event.value}":' if plain else "write a plain word"
            self._refuse(event, f"a key is text, this is a {type(key).__name__}", hint)
        return key

    def _merge(self, event: Any, value: Any) -> list[Mapping[str, Any]]:
        if not self._aliases:
            self._refuse(event, "merge keys (<<) are not allowed", "write the members out")
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            self._refuse(event, "<< takes a mapping or a list of mappings", "write the members out")
        return parts

    def _scalar(self, event: Any) -> Any:  # Any: text, bool, int, float or None
        text: str = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._refuse(event, "an escape stands for half of a character", "write the character itself")
        if not event.implicit[0]:
            return text
        tag = self._resolver.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # not in the stubs
        if tag == "tag:yaml.org,2002:null":
            return None
        node = yaml.ScalarNode(tag, text)
        if tag == "tag:yaml.org,2002:bool":
            return self._constructor.construct_yaml_bool(node)
        if tag not in _NUMBER_TAGS or ":" in text:
            return text
        number = self._number(node) if len(text) <= _NUMBER_CHARACTERS else math.inf
        if isinstance(number, float) and not math.isfinite(number):
            shown = quoted(text)
            self._refuse(event, f"{shown} is no number that can be kept exactly", f"put it in quotes: {shown}")
        return number

    def _number(self, node: yaml.ScalarNode) -> int | float | str:
        """The number, its text where it is none after all, infinity where JSON could not keep it."""
        try:
            if node.tag == _NUMBER_TAGS[1]:
                return float(self._constructor.construct_yaml_float(node))
            whole = int(self._constructor.construct_yaml_int(node))
        except ValueError:
            return str(node.value)
        return whole if abs(whole) < limits.JSON_INTEGER else math.inf


def _around(value: Any, inside: list[_Built]) -> _Built:
    nodes = 1 + sum(item.nodes for item in inside)
    return _Built(value, nodes, 1 + max((item.height for item in inside), default=0))
