#!/usr/bin/env python3
"""A server for agents that measures texts: one JSON-RPC message a line, on standard input and output."""

import json
import re
import sys
from collections import Counter
from typing import Any

VERSION = "1.0.0"
TOLD = "2025-06-18"
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SENTENCE = re.compile(r"[.!?…]+(?=[\s\"')\]”’]|$)")
WORDS_A_MINUTE = 238  # silent reading of English non-fiction, Brysbaert 2019

TOOLS = [
    {
        "name": "text_stats",
        "description": "Counts characters, words, sentences and paragraphs of a text, and the minutes to read it.",
        "inputSchema": {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "required": ["text"],
        },
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "word_frequency",
        "description": "The commonest words of a text with how often each occurs, case aside.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "text": {"type": "string"},
                "top": {"type": "integer", "minimum": 1, "maximum": 200, "description": "How many; 20 by default."},
                "longer_than": {"type": "integer", "minimum": 0, "description": "Leave out words up to this length."},
            },
            "required": ["text"],
        },
        "annotations": {"readOnlyHint": True},
    },
]


def text_stats(text: str) -> dict[str, float | int]:
    """The measures of a text."""
    words = WORD.findall(text)
    sentences = len(SENTENCE.findall(text)) or (1 if words else 0)
    return {
        "characters": len(text),
        "words": len(words),
        "different_words": len({word.casefold() for word in words}),
        "sentences": sentences,
        "paragraphs": sum(1 for part in re.split(r"\n\s*\n", text) if part.strip()),
        "words_per_sentence": round(len(words) / sentences, 1) if sentences else 0,
        "minutes_to_read": round(len(words) / WORDS_A_MINUTE, 1),
    }


def word_frequency(text: str, top: int, longer_than: int) -> dict[str, int]:
    """The commonest words; equals in the order of the alphabet."""
    counts = Counter(word.casefold() for word in WORD.findall(text) if len(word) > longer_than)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:top])


def call(name: str, given: dict[str, Any]) -> str:  # Any: JSON
    """What a tool answers. Raises ValueError where it cannot."""
    text, top, longer_than = given.get("text"), given.get("top", 20), given.get("longer_than", 0)
    if name not in ("text_stats", "word_frequency"):
        raise ValueError(f"there is no tool {name!r}")
    if not isinstance(text, str):
        raise ValueError(f"{name} takes a text")
    if name == "text_stats":
        return json.dumps(text_stats(text))
    if type(top) is not int or type(longer_than) is not int or not 1 <= top <= 200:
        raise ValueError("top is a whole number from 1 to 200, longer_than a whole number")
    return json.dumps(word_frequency(text, top, longer_than), ensure_ascii=False)


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """The result of one request; KeyError for a method that is not known."""
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", TOLD),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "text-stats", "version": VERSION},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method != "tools/call":
        raise KeyError(method)
    try:
        return {"content": [{"type": "text", "text": call(str(params.get("name")), params.get("arguments") or {})}]}
    except ValueError as error:
        return {"content": [{"type": "text", "text": str(error)}], "isError": True}


def main() -> None:
    for line in sys.stdin:
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": None}
        try:
            message = json.loads(line)
            if "id" not in message:
                continue  # a notification wants no answer
            reply["id"] = message["id"]
            reply["result"] = answer(message.get("method"), message.get("params") or {})
        except json.JSONDecodeError as error:
            reply["error"] = {"code": -32700, "message": str(error)}
        except KeyError as error:
            reply["error"] = {"code": -32601, "message": f"no such method: {error}"}
        except (TypeError, AttributeError) as error:
            reply["error"] = {"code": -32602, "message": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
