"""What is taken from a package.json."""

import json

import pytest

from registry_tool.core.native.package_json import Package, read_package
from registry_tool.core.payload import PayloadFile


def package_of(value: object) -> Package:
    """What the package.json with this value says."""
    return read_package({"package.json": PayloadFile(json.dumps(value).encode())})


def test_a_package_proposes_what_it_says() -> None:
    """Name, version, licence, keywords and homepage become proposals in our own forms."""
    package = package_of(
        {
            "name": "@acme/solar-theme",
            "version": "1.2.3",
            "description": " Warm. ",
            "license": "MIT",
            "keywords": ["CSS", "custom properties", "-", 5],
            "homepage": "https://example.org/solar",
            "style": "./solar.css",
        }
    )

    assert package == Package(
        fields={
            "name": "solar-theme",
            "version": "1.2.3",
            "title": "solar-theme",
            "description": "Warm.",
            "license": "MIT",
            "tags": ["5", "css", "custom-properties"],
            "links": {"homepage": "https://example.org/solar"},
        },
        name="@acme/solar-theme",
        styles=("solar.css",),
    )


def test_what_is_not_in_our_forms_is_left_out() -> None:
    """A package that says nothing good proposes nothing."""
    package = package_of(
        {"name": "", "version": "latest", "license": "", "keywords": "x", "homepage": "http://x.example"}
    )

    assert package == Package()


@pytest.mark.parametrize(
    ("value", "modules"),
    [
        ({"module": "./m.mjs", "main": "c.js"}, ("m.mjs", "c.js")),
        ({"exports": "./e.js"}, ("e.js",)),
        ({"exports": {".": "./e.js"}}, ("e.js",)),
        ({"exports": {".": {"import": {"default": "./i.js"}, "default": "./d.js"}}}, ("i.js", "d.js", "d.js")),
        ({"main": "a.cjs"}, ()),
        ({"module": 5, "exports": [1]}, ()),
    ],
)
def test_modules_are_found_where_packages_name_them(value: object, modules: tuple[str, ...]) -> None:
    """`module`, then `exports`, then `main`, as far as they are ES modules by their ending."""
    assert package_of(value).modules == modules


@pytest.mark.parametrize(
    ("value", "styles"),
    [
        ({"style": "a.css", "main": "b.css"}, ("a.css", "b.css")),
        ({"exports": {".": {"style": "./s.css"}}}, ("s.css",)),
        ({"main": "index.js"}, ()),
    ],
)
def test_stylesheets_are_found_where_packages_name_them(value: object, styles: tuple[str, ...]) -> None:
    """`style`, then `exports`, then a `main` that is one."""
    assert package_of(value).styles == styles


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_broken_package_is_told_and_not_read(data: bytes) -> None:
    """It is a warning: nothing depends on it."""
    package = read_package({"package.json": PayloadFile(data)})

    assert [(finding.level, finding.path) for finding in package.findings] == [("warn", "package.json")]


def test_a_folder_without_one_says_nothing() -> None:
    """No package.json, no proposals."""
    assert read_package({}) == Package()
