"""Licences as authors write them become SPDX expressions."""

import pytest

from registry_tool.core.native.license import license_findings, mit_text, normalise, to_spdx

FILES = ("LICENSE.txt", "SKILL.md", "docs/EULA (eu).md", "…")


@pytest.mark.parametrize(
    ("text", "expression", "levels"),
    [
        ("MIT", "MIT", []),
        ("mit", "MIT", []),
        (" MIT  or apache-2.0 ", "MIT OR Apache-2.0", []),
        ("LicenseRef-Acme", "LicenseRef-Acme", []),
        ("MIT License", "MIT", ["warn"]),
        ("The Apache License, Version 2.0", "Apache-2.0", ["warn"]),
        ("Apache 2.0", "Apache-2.0", ["warn"]),
        ("SEE LICENSE IN LICENSE.txt", "LicenseRef-LICENSE.txt", ["note"]),
        ("see licence in docs/EULA (eu).md", "LicenseRef-docs-EULA-eu-.md", ["note"]),
        ("SEE LICENSE IN …", "LicenseRef-file", ["note"]),
        ("Complete terms in LICENSE.txt", "LicenseRef-LICENSE.txt", ["note"]),
        ("Proprietary. LICENSE.txt has complete terms", "LicenseRef-LICENSE.txt", ["note"]),
        ("SEE LICENSE IN LICENSE", None, ["fail"]),
        ("Proprietary", None, ["fail"]),
        ("GPLv3", None, ["fail"]),
        ("BSD", None, ["fail"]),
        ("", None, ["fail"]),
        ("MIT " * 100, None, ["fail"]),
        ("(" * 150, None, ["fail"]),
        ("M\u0406T", None, ["fail"]),
    ],
)
def test_what_an_author_wrote_becomes_an_expression(text: str, expression: str | None, levels: list[str]) -> None:
    """An expression, a known spelling, or a file of the payload; anything else is refused with what to write."""
    found, findings = to_spdx(text, FILES, "SKILL.md")

    assert (expression, levels) == (found, [one.level for one in findings])
    assert license_findings(text, FILES, "SKILL.md") == findings
    assert all(one.hint and one.path == "SKILL.md" for one in findings)
    assert found is None or normalise(found) == found


@pytest.mark.parametrize(
    ("text", "files", "hint"),
    [
        ("GPL", (), "license: GPL-3.0-only or"),
        ("BSD license", (), "license: BSD-2-Clause or"),
        ("Proprietary", ("README.md", "LICENSE.txt", "COPYING"), "license: SEE LICENSE IN COPYING"),
        ("Proprietary", ("licenses.py",), "license: MIT, another"),
        ("SEE LICENSE IN LICENSE", ("README.md",), "add the file 'LICENSE'"),
    ],
)
def test_a_licence_that_is_none_has_the_line_to_write(text: str, files: tuple[str, ...], hint: str) -> None:
    """The hint names what fits: the version of a family, or the file that lies there."""
    assert [True] == [hint in one.hint for one in license_findings(text, files)]


def test_the_licence_of_templates_names_its_holder() -> None:
    """The text is that of MIT, with the name given."""
    assert b"Copyright (c) acme\n" in mit_text("acme")
