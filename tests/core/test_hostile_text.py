"""Text that is made to be slow to read is read as fast as any other."""

import pytest

from registry_tool.core import limits
from registry_tool.core.native.front_matter import read_front_matter
from registry_tool.core.native.script_text import look
from registry_tool.core.native.yaml_text import load_yaml

pytestmark = pytest.mark.slow

SIZE = limits.NATIVE_BYTES // 2


def repeated(text: str) -> bytes:
    return (text * (SIZE // len(text))).encode()


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        " ",
        "curl ",
        "git clone ",
        "git clone a/",
        "curl|",
        "npx ",
        "pip install ",
        "from ",
        "https://",
        "a",
        "{",
        "://",
        "import\n",
        "$",
    ],
)
def test_a_long_script_takes_time_in_proportion_to_its_length(text: str) -> None:
    """Half a megabyte of what each pattern begins with ends; with quadratic patterns it would take hours."""
    assert look([b"curl x\n" + repeated(text)]).hosts == ()


@pytest.mark.parametrize(
    "text", [" ", "a: ", "- ", "[", "{a: ", "? ", "&a ", "a: 'b' ", '"', "a\n", "- a\n", "---\n", "#"]
)
def test_a_long_yaml_text_ends_in_a_value_or_a_finding(text: str) -> None:
    """The same for YAML and for front matter."""
    loaded = load_yaml(b"a: b" + repeated(text) + b"x", what="x")

    assert loaded.good or loaded.value is None
    read_front_matter(b"---\n" + repeated(text), "x", example="")
