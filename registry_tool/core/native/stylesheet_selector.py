"""Which parts of a page a theme's selectors name: the whole of it, as a theme should, or some of it.

A selector that reads what people type (`input[value^=a]`) or where they were (`:visited`) is refused: with a picture
for each answer it would tell them. One that names a part of a page is let through for a person to look at, since
what hides just the warning hides it well.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

NESTING: Final = 32  # blocks and functions in each other; real ones stay below 8

_PSEUDO: Final = frozenset(
    "root host where is not lang dir backdrop before after selection placeholder marker first-child last-child".split()
)
_ELEMENTS: Final = frozenset(("backdrop", "before", "after", "selection", "placeholder", "marker"))
_GROUPS: Final = frozenset(("is", "where"))
_WHOLE: Final = frozenset(("root", "host"))
_ATTRIBUTE: Final = re.compile(
    r"\s*(?:data-[\w-]+|class|lang|dir|theme|mode|color-scheme)\s*(?:[~|]?=\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+)\s*[is]?\s*)?"
)


def selector_faults(tokens: Sequence[Any], depth: int = 0) -> Iterator[tuple[Any, str]]:  # Any: tinycss2 has no types
    """What in a selector no theme needs: the token, and how it is written."""
    pseudo = False
    for token in tokens:
        fault = ""
        if token.type == "function":
            fault = "" if pseudo and token.lower_name in _PSEUDO and depth < NESTING else f":{token.name}()"
            if not fault:
                yield from selector_faults(token.arguments, depth + 1)
        elif token.type == "ident":
            fault = f":{token.value}" if pseudo and token.lower_value not in _PSEUDO else ""
        elif token.type == "[] block":
            flat = "".join(_flat(inner) for inner in token.content)
            fault = "" if _ATTRIBUTE.fullmatch(flat) else f"[{flat}]"
        elif token.type == "literal":
            fault = "" if token.value in (".", ",", ">", "+", "~", "*", ":") else token.value
        elif token.type not in ("whitespace", "comment", "hash"):
            fault = token.type
        pseudo = token.type == "literal" and token.value == ":"
        if fault:
            yield token, fault


def _flat(token: Any) -> str:  # Any: tinycss2 has no types
    """A token without anything inside it, as it was written; a NUL for others, which nothing matches."""
    return "\0" if hasattr(token, "content") or hasattr(token, "arguments") else str(token.serialize())


def names_a_part(tokens: Sequence[Any]) -> bool:  # Any: tinycss2 has no types
    """Whether a selector without faults sets something for a part of a page only.

    The whole is `:root`, `:host`, `html`, `body`, everything (`*`), and what bears the theme's own class or attribute.
    """
    return any(_is_part(one) for one in _split(tokens, (",",)))


def _is_part(tokens: Sequence[Any]) -> bool:
    """The same for one selector: its last compound says what it is about."""
    bare = [token for token in tokens if token.type != "comment"]
    compounds = [one for one in _split(bare, (">", "+", "~"), spaces=True) if one]
    subject = compounds[-1] if compounds else []
    pairs = list(zip(subject, [None, *subject], strict=False))
    types = [one.lower_value for one, before in pairs if one.type == "ident" and not _is_literal(before, ".:")]
    pseudos = [one for one, before in pairs if _is_literal(before, ":") and one.type in ("ident", "function")]
    words = {one.lower_name if one.type == "function" else one.lower_value for one in pseudos}
    groups = [one for one in pseudos if one.type == "function" and one.lower_name in _GROUPS]
    if set(types) - {"html", "body"} or any(one.type == "hash" for one in subject):
        return True
    if any(names_a_part(one.arguments) for one in groups):
        return True
    whole = types or groups or words & _WHOLE or any(_is_literal(one, "*") for one in subject)
    drawn = bool(words) and words <= _ELEMENTS and all(one in pseudos or _is_literal(one, ":") for one in subject)
    return len(compounds) > 1 and not whole and not drawn


def _is_literal(token: Any, of: str) -> bool:  # Any: tinycss2 has no types
    return token is not None and token.type == "literal" and token.value in of


def _split(tokens: Sequence[Any], at: tuple[str, ...], *, spaces: bool = False) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if (token.type == "literal" and token.value in at) or (spaces and token.type == "whitespace"):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
