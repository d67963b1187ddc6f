#!/usr/bin/env python3
"""A server for agents that converts units: one JSON-RPC message a line, on standard input and output."""

import json
import math
import sys
from typing import Any

VERSION = "1.0.0"
TOLD = "2025-06-18"

# What one of a unit is in its dimension's own, by name and by the usual sign.
UNITS: dict[str, dict[str, float]] = {
    "length": {"m": 1, "km": 1000, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344,
               "nmi": 1852},
    "mass": {"kg": 1, "g": 0.001, "mg": 1e-6, "t": 1000, "lb": 0.45359237, "oz": 0.028349523125, "st": 6.35029318},
    "volume": {"l": 1, "ml": 0.001, "cl": 0.01, "m3": 1000, "gal": 3.785411784, "qt": 0.946352946, "cup": 0.2365882365,
               "tbsp": 0.01478676478125, "tsp": 0.00492892159375},
    "speed": {"m/s": 1, "km/h": 1 / 3.6, "mph": 0.44704, "kn": 1852 / 3600},
    "time": {"s": 1, "ms": 0.001, "min": 60, "h": 3600, "d": 86400, "wk": 604800},
    "data": {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3},
    "energy": {"J": 1, "kJ": 1000, "Wh": 3600, "kWh": 3.6e6, "cal": 4.184, "kcal": 4184},
}  # fmt: skip
# Temperatures do not share their zero: factor and offset to kelvin.
DEGREES = {"K": (1.0, 0.0), "C": (1.0, 273.15), "F": (5 / 9, 459.67 * 5 / 9)}

TOOLS = [
    {
        "name": "convert",
        "description": "Converts a number from one unit to another, as 26.2 mi to km. Temperatures are C, F and K.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "value": {"type": "number"},
                "from": {"type": "string", "description": "The unit that it is in."},
                "to": {"type": "string", "description": "The unit that is wanted."},
            },
            "required": ["value", "from", "to"],
        },
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "list_units",
        "description": "Lists the units that convert knows, by what they measure.",
        "inputSchema": {"type": "object", "properties": {}},
        "annotations": {"readOnlyHint": True},
    },
]


def dimension(unit: str) -> str:
    """What a unit measures. Raises ValueError for one that is not known."""
    for name, units in UNITS.items():
        if unit in units:
            return name
    if unit in DEGREES:
        return "temperature"
    raise ValueError(f"the unit {unit!r} is not known; list_units names those that are")


def convert(value: float, start: str, end: str) -> float:
    """`value` of the unit `start` in the unit `end`, to twelve digits."""
    what, wanted = dimension(start), dimension(end)
    if what != wanted:
        raise ValueError(f"{start} is a unit of {what} and {end} one of {wanted}")
    if what == "temperature":
        kelvin = value * DEGREES[start][0] + DEGREES[start][1]
        result = (kelvin - DEGREES[end][1]) / DEGREES[end][0]
    else:
        result = value * UNITS[what][start] / UNITS[what][end]
    return float(f"{result:.12g}")


def call(name: str, given: dict[str, Any]) -> str:  # Any: JSON
    """What a tool answers. Raises ValueError where it cannot."""
    if name == "list_units":
        return json.dumps({**{what: sorted(units) for what, units in UNITS.items()}, "temperature": sorted(DEGREES)})
    if name != "convert":
        raise ValueError(f"there is no tool {name!r}")
    value, start, end = given.get("value"), given.get("from"), given.get("to")
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not isinstance(start, str) or not isinstance(end, str):
        raise ValueError("convert takes a number `value` and the units `from` and `to`")
    return f"{value:g} {start} = {convert(float(value or 0), start, end):.12g} {end}"


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """The result of one request; KeyError for a method that is not known."""
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", TOLD),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "unit-convert", "version": VERSION},
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
