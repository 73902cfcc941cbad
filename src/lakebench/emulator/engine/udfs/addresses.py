"""IP addresses as 16 bytes; IPv4 lies in ::ffff:0:0/96 (Trino: functions/ipaddress, RFC 4291, RFC 5952)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pyarrow as pa

from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.raising import raised

_MAPPED = bytes(10) + b"\xff\xff"


def address_of(texts: pa.Array) -> pa.Array:
    """The 16 bytes of an address in either notation; INVALID_CAST_ARGUMENT for other texts."""
    return each(_packed, pa.binary(), texts)


def _packed(text: str) -> bytes:
    try:
        address = ip_address(text)
    except ValueError:
        raise raised("INVALID_CAST_ARGUMENT", f"Cannot cast value to IPADDRESS: {text}") from None
    return _MAPPED + address.packed if isinstance(address, IPv4Address) else address.packed


def address_text(values: pa.Array) -> pa.Array:
    """The shortest notation; four numbers with points for IPv4."""
    return each(_shown, pa.string(), values)


def _shown(value: bytes) -> str:
    if len(value) == 4 or (len(value) == 16 and value.startswith(_MAPPED)):
        return str(IPv4Address(value[-4:]))
    if len(value) != 16:
        raise raised("INVALID_CAST_ARGUMENT", f"Invalid InetAddress binary length: {len(value)}")
    return str(IPv6Address(value))


def network_contains(networks: pa.Array, values: pa.Array) -> pa.Array:
    """Whether an address lies in a network of CIDR notation."""
    return each(_lies_in, pa.bool_(), networks, values)


def _lies_in(text: str, value: bytes) -> bool:
    address, slash, length = text.partition("/")
    try:
        if not slash or not length.isdecimal():
            raise ValueError
        network = ip_network(text, strict=False)
    except ValueError:
        raise raised("INVALID_FUNCTION_ARGUMENT", _complaint(text, address, length)) from None
    shown = ip_address(_shown(value))
    if network.version == 6 and isinstance(shown, IPv4Address):
        shown = IPv6Address(value)
    return shown in network


def _complaint(text: str, address: str, length: str) -> str:
    try:
        ip_address(address)
    except ValueError:
        return f"Invalid network IP address: {address}" if length else "Invalid CIDR"
    return "Invalid prefix length" if length.lstrip("-").isdecimal() else f"Invalid CIDR: {text}"
