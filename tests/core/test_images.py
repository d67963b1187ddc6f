"""Where images lie, and how their digests come into artifact.yaml."""

import pytest

from registry_tool.core.describe import read_card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.image_pins import with_image_pins
from registry_tool.core.native.compose_values import read_image
from registry_tool.core.native.image_places import place_of
from registry_tool.core.payload import PayloadFile

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("image", "address"),
    [
        ("nginx", "https://registry-1.docker.io/v2/library/nginx/manifests/latest"),
        ("nginx:1.27", "https://registry-1.docker.io/v2/library/nginx/manifests/1.27"),
        ("acme/wiki:2", "https://registry-1.docker.io/v2/acme/wiki/manifests/2"),
        ("docker.io/redis:7", "https://registry-1.docker.io/v2/library/redis/manifests/7"),
        ("index.docker.io/a/b:1", "https://registry-1.docker.io/v2/a/b/manifests/1"),
        ("ghcr.io/acme/wiki:2", "https://ghcr.io/v2/acme/wiki/manifests/2"),
        ("images.example:5000/a/b/c", "https://images.example:5000/v2/a/b/c/manifests/latest"),
        ("localhost:5000/wiki:1", "http://localhost:5000/v2/wiki/manifests/1"),
        ("localhost/wiki:1", "http://localhost/v2/wiki/manifests/1"),
        ("127.0.0.1:5000/wiki:1", "http://127.0.0.1:5000/v2/wiki/manifests/1"),
    ],
)
def test_the_name_of_an_image_says_where_it_lies(image: str, address: str) -> None:
    """Its first part is a host where it looks like one; short names are those of one registry."""
    assert address == place_of(read_image(image)).address


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "pins:\n  - {ROW}\n"),
        ("title: A\n", "title: A\npins:\n  - {ROW}\n"),
        ("title: A", "title: A\npins:\n  - {ROW}\n"),
        ("title: A\r\n", "title: A\r\npins:\r\n  - {ROW}\r\n"),
        ("pins: []\ntitle: A\n", "pins:\n  - {ROW}\ntitle: A\n"),
        (
            'pins:\n- type: image\n  name: b\n  version: "2"\n  digest: x\n\n  # more\n\ntitle: A\n',
            "pins:\n  - {ROW}\ntitle: A\n",
        ),
        (
            "pins:\n  - {type: npm, name: b, version: '2', digest: x}\n",
            'pins:\n  - {type: "npm", name: "b", version: "2", digest: "x"}\n  - {ROW}\n',
        ),
    ],
)
def test_digests_are_written_into_the_card(before: str | None, after: str) -> None:
    """One line for each; other pins and all else stay."""
    row = f'type: "image", name: "b", version: "2", digest: "{DIGEST}"'
    payload = {} if before is None else {"artifact.yaml": PayloadFile(before.encode())}

    written = with_image_pins(payload, {read_image("b:2"): DIGEST}).decode()

    assert after.replace("ROW", row) == written


def test_an_image_without_a_tag_is_pinned_by_its_name() -> None:
    """There is no version then."""
    data = with_image_pins({}, {read_image("b"): DIGEST})

    assert read_card({"artifact.yaml": PayloadFile(data)})[0].pins == (
        {"type": "image", "name": "b", "digest": DIGEST},
    )


@pytest.mark.parametrize("card", ['{"title": "A"}', "title: [", 'title: "A\npins: x"\n'])
def test_a_card_that_lines_cannot_change_is_left_to_its_author(card: str) -> None:
    """The hint is what to write."""
    with pytest.raises(InvalidInput) as refused:
        with_image_pins({"artifact.yaml": PayloadFile(card.encode())}, {read_image("b:2"): DIGEST})

    assert DIGEST in refused.value.hint
