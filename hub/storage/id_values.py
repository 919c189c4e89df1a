"""Identifier values in few bytes, exactly.

0..219            a text of so many UTF-8 bytes
220               a text with a 2-byte length
221, 222          32 hexadecimal digits, lower or upper case: 16 bytes
223, 224          a UUID with dashes, lower or upper case: 16 bytes
232 + n (n 1..8)  a decimal number without leading zeros: n bytes, most significant first
"""

import re
from collections.abc import Iterable, Iterator

from hub.domain.errors import HubError, Reason

LONGEST = 16_384
"""The most UTF-8 bytes an identifier may have."""

_SHORT = 219
_LONG = 220
_HEX = {"lower": 221, "upper": 222}
_UUID = {"lower": 223, "upper": 224}
_NUMBER = 232
_LOOK = re.compile(
    r"(?P<number>[1-9][0-9]{3,18})"
    r"|(?P<hex>[0-9a-f]{32}|[0-9A-F]{32})"
    r"|(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})"
)


def pack_text(text: str) -> bytes:
    """A text in its smallest form. Raises HubError (content) for one longer than LONGEST."""
    match = _LOOK.fullmatch(text)
    look = match.lastgroup if match else None
    if look == "number":
        number = int(text)
        size = (number.bit_length() + 7) // 8
        return bytes((_NUMBER + size,)) + number.to_bytes(size, "big")
    if look in ("hex", "uuid"):
        case = "upper" if text.upper() == text and text.lower() != text else "lower"
        return bytes(((_HEX if look == "hex" else _UUID)[case],)) + bytes.fromhex(text.replace("-", ""))
    data = text.encode()
    if len(data) <= _SHORT:
        return bytes((len(data),)) + data
    if len(data) > LONGEST:
        raise HubError(Reason.CONTENT, where="transaction/id", limit=f"{LONGEST} bytes in an identifier")
    return bytes((_LONG,)) + len(data).to_bytes(2, "big") + data


def read_text(value: bytes, at: int) -> tuple[str, int]:
    """The text at an offset and the offset behind it. Raises ValueError or IndexError when there is none."""
    tag, start = value[at], at + 1
    end = start + (tag if tag <= _SHORT else tag - _NUMBER if tag > _NUMBER else 2 if tag == _LONG else 16)
    part = value[start:end]
    if len(value) < end:
        raise IndexError("cut short")
    if tag > _NUMBER:
        return str(int.from_bytes(part, "big")), end
    if tag <= _SHORT:
        return part.decode(), end
    if tag == _LONG:
        return _read_long(value, end, int.from_bytes(part, "big"))
    digits = part.hex()
    if tag in _UUID.values():
        digits = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    elif tag not in _HEX.values():
        raise ValueError("no such tag")
    return digits.upper() if tag in (_HEX["upper"], _UUID["upper"]) else digits, end


def patterns_of(values: Iterable[str]) -> list[bytes]:
    """Byte strings one of which occurs in packed data that holds one of these values, white space around it or not."""
    return [pattern for value in values for pattern in {pack_text(value), value.encode()} - {b""}]


def places_of(data: bytes, patterns: Iterable[bytes]) -> Iterator[int]:
    """Where in packed data patterns occur."""
    for pattern in patterns:
        place = data.find(pattern)
        while place >= 0:
            yield place
            place = data.find(pattern, place + 1)


def write_varint(number: int) -> bytes:
    """A number in as many bytes as it needs, seven bits each, least significant first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(value: bytes, at: int) -> tuple[int, int]:
    """The number at an offset and the offset behind it."""
    number = shift = 0
    while True:
        byte = value[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def write_signed(number: int) -> bytes:
    """A number of either sign: small ones, whatever their sign, take few bytes."""
    return write_varint(number << 1 if number >= 0 else ~number << 1 | 1)


def read_signed(value: bytes, at: int) -> tuple[int, int]:
    """The reverse of `write_signed`."""
    number, at = read_varint(value, at)
    return ~(number >> 1) if number & 1 else number >> 1, at


def _read_long(value: bytes, start: int, size: int) -> tuple[str, int]:
    end = start + size
    if len(value) < end:
        raise IndexError("cut short")
    return value[start:end].decode(), end
