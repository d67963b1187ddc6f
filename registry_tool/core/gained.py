"""What a version may newly do, compared with an earlier one (part 8, "The owner's path").

Each gain is one line, `<what> <which>`: reviewers read it, admissions list it, and a client that
meets an owner's update computes it again.
"""

from collections.abc import Callable
from typing import Final

from registry_tool.core.kind import Kind
from registry_tool.core.manifest import Manifest

Covers = Callable[[str, str], bool]
"""The kind's own rule: whether a grant of the first already allows the second."""

_GAINS: Final = {
    "unpinned": "fetches {rest} later without a digest",
    "dependency": "depends on {rest}",
    "executable": "installs {rest} as a program",
    "hook": "runs at {rest}",
    "kind": "is a {rest}",
    "author": "is published by {rest}",
    "license": "is under the licence {rest}",
    "source": "is made from {rest}",
    "pin": "fetches {rest}",
}


def gained(old: Manifest | None, new: Manifest, *, covers: Covers) -> tuple[str, ...]:
    """What `new` asks for and `old` does not cover, sorted; everything where there is no `old`."""
    granted = old.permissions if old else ()
    gains = {
        f"permission {permission}"
        for permission in new.permissions
        if not any(covers(one, permission) for one in granted)
    }
    if old is None:  # what it fetches by digest is what it is made of; only another digest later is news
        return tuple(sorted(gains | _facts(new)))
    gains |= _pins(new) - _pins(old)
    # Somebody else's release, or another kind under the same name, is never "nothing new".
    changed = {f"{what} {now}" for what, was, now in _identity(old, new) if was != now}
    return tuple(sorted(gains | (_facts(new) - _facts(old)) | changed))


def _identity(old: Manifest, new: Manifest) -> tuple[tuple[str, str | None, str], ...]:
    rows = ("kind", old.kind, new.kind), ("author", old.author, new.author), ("license", old.license, new.license)
    # Who said nothing about its source may begin to; who did may not point elsewhere unseen.
    was, now = old.source.repository if old.source else None, new.source.repository if new.source else "(none)"
    return (*rows, ("source", was, now)) if was is not None else rows


def _facts(manifest: Manifest) -> frozenset[str]:
    """What counts by equality: what is fetched without a digest, dependencies, programs, hooks."""
    facts = {f"unpinned {thing}" for thing in _listed(manifest, "unpinned")}
    facts |= {f"dependency {name} {wanted}" for name, wanted in manifest.dependencies.items()}
    facts |= {f"executable {file.path}" for file in manifest.files if file.executable}
    facts |= {f"hook {hook}" for hook in _listed(manifest, "hooks")}
    return frozenset(facts)


def _pins(manifest: Manifest) -> frozenset[str]:
    """What is fetched by its digest."""
    return frozenset(f"pin {pin.type} {pin.name} {pin.digest}" for pin in manifest.pins)


def _listed(manifest: Manifest, member: str) -> list[object]:
    """A list of the kind's own part, which nobody has read yet: anything else counts as one thing."""
    value = manifest.spec.get(member, [])
    return value if isinstance(value, list) else [value]


def gain_words(gain: str, kind: Kind | None) -> str:
    """A line of `gained` in words, as `permission network:h` or `executable run.sh`."""
    what, _, rest = gain.partition(" ")
    if what == "permission":
        words = kind.grammar.explain(rest) if kind else None
        return f"may {words} ({rest})" if words else f"asks for {rest}, which this tool does not know"
    return _GAINS.get(what, "{what} {rest}").format(what=what, rest=rest)
