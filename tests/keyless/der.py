"""As much DER as a test instance writes and reads (X.690)."""

from collections.abc import Iterator

SEQUENCE, SET, INTEGER, OCTETS, OID, UTF8, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x0C, 0x18


def der(tag: int, *parts: bytes) -> bytes:
    """A value with its tag and length."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE."""
    return der(SEQUENCE, *parts)


def integer(number: int) -> bytes:
    """A whole number from 0."""
    return der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(text: str) -> bytes:
    """An object identifier."""
    first, second, *rest = [int(part) for part in text.split(".")]
    out = bytearray([first * 40 + second])
    for value in rest:
        digits = [value & 0x7F]
        while value := value >> 7:
            digits.append(value & 0x7F | 0x80)
        out += bytes(reversed(digits))
    return der(OID, bytes(out))


def utf8(text: str) -> bytes:
    """A UTF8String."""
    return der(UTF8, text.encode())


def items(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The tag, the content and the whole bytes of each value in `data`."""
    while data:
        head, length = 2, data[1]
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(data[2:head], "big")
        yield data[0], data[head : head + length], data[: head + length]
        data = data[head + length :]
