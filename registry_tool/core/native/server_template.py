"""The files of a new plugin: a server with one tool that counts words, in Python without other packages."""

from typing import Final

from registry_tool.core.names import ArtifactId
from registry_tool.core.native.license import mit_text
from registry_tool.core.payload import Payload, PayloadFile

_SERVER: Final = """{
  "$schema": "https://static.modelcontextprotocol.io/schemas/2025-09-29/server.schema.json",
  "name": "io.example.@scope/@name",
  "title": "Word count",
  "description": "Counts the words, sentences and minutes of reading in a text.",
  "version": "1.0.0",
  "_meta": {
    "io.modelcontextprotocol.registry/publisher-provided": {"tools": ["word_count"]}
  }
}
"""

_PROGRAM: Final = r'''#!/usr/bin/env python3
"""A server for agents: one JSON-RPC message a line, on standard input and output."""

import json
import re
import sys

TOOL = {
    "name": "word_count",
    "description": "Counts words, sentences and minutes of reading in a text.",
    "inputSchema": {
        "type": "object",
        "properties": {"text": {"type": "string", "description": "What to count."}},
        "required": ["text"],
    },
}


def word_count(text):
    words = len(re.findall(r"\w+(?:['’-]\w+)*", text))
    sentences = len(re.findall(r"[.!?…]+(?=\s|$)", text))
    return {"words": words, "sentences": sentences, "minutes": round(words / 230, 1)}


def answer(method, params):
    """The result of one request; KeyError for what is not known, ValueError for bad arguments."""
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", "2025-06-18"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "@name", "version": "1.0.0"},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": [TOOL]}
    if method != "tools/call":
        raise KeyError(method)
    text = (params.get("arguments") or {}).get("text")
    if params.get("name") != TOOL["name"] or not isinstance(text, str):
        raise ValueError("word_count takes a text")
    return {"content": [{"type": "text", "text": json.dumps(word_count(text))}]}


def main():
    for line in sys.stdin:
        reply = {"jsonrpc": "2.0", "id": None}
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
        except (ValueError, TypeError, AttributeError) as error:
            reply["error"] = {"code": -32602, "message": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
'''

_CARD: Final = """id: "@@scope/@name"
kind: plugin
version: 1.0.0
license: MIT
permissions: ["mcp:word_count"]
tags: [text, writing]
entry: server.py
"""


def template(artifact: ArtifactId) -> Payload:
    """A server with one tool that counts words, in Python without other packages."""

    def filled(text: str) -> bytes:
        return text.replace("@scope", artifact.scope).replace("@name", artifact.name).encode()

    return {
        "LICENSE": PayloadFile(mit_text(artifact.scope)),
        "artifact.yaml": PayloadFile(filled(_CARD)),
        "server.json": PayloadFile(filled(_SERVER)),
        "server.py": PayloadFile(filled(_PROGRAM), executable=True),
    }
