"""What a version may newly do, compared with an earlier one (part 8, "The owner's path").

Each gain is one line, `<what> <which>`: reviewers read it, admissions list it, and a client that
meets an owner's update computes it again.
"""

from collections.abc import Callable

from registry_tool.core.manifest import Manifest

Covers = Callable[[str, str], bool]
"""The kind's own rule: whether a grant of the first already allows the second."""


def gained(old: Manifest | None, new: Manifest, *, covers: Covers) -> tuple[str, ...]:
    """What `new` asks for and `old` does not cover, sorted; everything where there is no `old`."""
    granted = old.permissions if old else ()
    gains = {
        f"permission {permission}"
        for permission in new.permissions
        if not any(covers(one, permission) for one in granted)
    }
    if old is None:
        return tuple(sorted(gains | _facts(new)))
    # Somebody else's release, or another kind under the same name, is never "nothing new".
    changed = {f"{what} {now}" for what, was, now in _identity(old, new) if was != now}
    return tuple(sorted(gains | (_facts(new) - _facts(old)) | changed))


def _identity(old: Manifest, new: Manifest) -> tuple[tuple[str, str, str], ...]:
    return ("kind", old.kind, new.kind), ("author", old.author, new.author)


def _facts(manifest: Manifest) -> frozenset[str]:
    """What counts by equality: unpinned things, dependencies, executable files, hooks."""
    facts = {f"unpinned {thing}" for thing in _listed(manifest, "unpinned")}
    facts |= {f"dependency {name} {wanted}" for name, wanted in manifest.dependencies.items()}
    facts |= {f"executable {file.path}" for file in manifest.files if file.executable}
    facts |= {f"hook {hook}" for hook in _listed(manifest, "hooks")}
    return frozenset(facts)


def _listed(manifest: Manifest, member: str) -> list[object]:
    """A list of the kind's own part, which nobody has read yet: anything else counts as one thing."""
    value = manifest.spec.get(member, [])
    return value if isinstance(value, list) else [value]
