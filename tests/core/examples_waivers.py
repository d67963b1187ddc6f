"""The rules of waivers as documents; when one counts is for `tests/core/test_waivers.py`."""

from tests.core.examples import ABSENT, DIGEST, HEX, TIME, Example

WAIVER = "registry.waiver-1"
_FORM = "has not the form it needs"


def of_waivers() -> tuple[Example, ...]:
    """`registry.waiver/1`."""
    return (
        Example(WAIVER, ("check",), "a check is a word", "file-set", "File set", "check"),
        Example(WAIVER, ("check",), "a check's id leaves room in the name", "x" * 41, "x" * 43, "check"),
        Example(WAIVER, ("artifact",), "it is about a release of a name", "@ann/solar", "solar", "artifact"),
        Example(WAIVER, ("version",), "it is about one version", "1.0.0", "1.0", "version"),
        Example(WAIVER, ("manifest",), "it is about one manifest", DIGEST, HEX, "manifest"),
        Example(WAIVER, ("reason",), "a reason is not endless", "x" * 4000, "x" * 4001, "reason"),
        Example(WAIVER, ("at",), "it was given at a time", TIME, ABSENT, "at: is missing"),
        Example(WAIVER, ("until",), "it ends at a time", TIME, "tomorrow", _FORM),
    )
