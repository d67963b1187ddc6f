"""Digests of images in `artifact.yaml`: the lines to write, and nothing else changed.

pins:
  - {type: image, name: "nginx", version: "1.27", digest: "sha256:…"}
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from registry_tool.core.describe import CARD, read_card
from registry_tool.core.errors import InvalidInput
from registry_tool.core.native.compose_values import Image
from registry_tool.core.payload import Payload, PayloadFile

_BLOCK: Final = re.compile(r"^pins[ \t]*:[^\n]*(?:\n(?:[ \t]+[^\n]*|-[^\n]*|[ \t]*(?=\n)))*\n?", re.MULTILINE)


def with_image_pins(payload: Payload, digests: Mapping[Image, str]) -> bytes:
    """`artifact.yaml` with `digests` among its pins; other pins and all else as before.

    `InvalidInput` where the file cannot be changed so by lines alone; its hint is what to write.
    """
    before, faults = read_card(payload)
    names = {(image.name, image.tag) for image in digests}
    kept = [
        dict(row)
        for row in before.pins
        if row.get("type") != "image" or (row.get("name"), row.get("version", "")) not in names
    ]
    rows = [*kept, *(_row(image, digests[image]) for image in sorted(digests, key=lambda one: (one.name, one.tag)))]
    block = "pins:\n" + "".join(f"  - {_flow(row)}\n" for row in rows)
    text = payload[CARD].data.decode("utf-8", "replace") if CARD in payload else ""
    end = "\r\n" if "\r\n" in text else "\n"
    block = block.replace("\n", end)
    if _BLOCK.search(text):
        after = _BLOCK.sub(lambda match: block, text, count=1)
    else:
        after = text + ("" if text.endswith("\n") or not text else end) + block
    data = after.encode("utf-8")
    read, more = read_card({CARD: PayloadFile(data)})
    expected = before.model_copy(update={"pins": tuple(rows)})
    if read != expected or any(fault.level == "fail" for fault in (*faults, *more)):
        hint = f"write it yourself:\n{block}"
        raise InvalidInput("its pins cannot be written without changing more", where=CARD, code="bad-card", hint=hint)
    return data


def _row(image: Image, digest: str) -> dict[str, str]:
    version = {"version": image.tag} if image.tag else {}
    return {"type": "image", "name": image.name, **version, "digest": digest}


def _flow(row: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in row.items()) + "}"
