"""A TURN client that does what it is told, rules of decency included or not (RFC 8489, RFC 8656, RFC 6062)."""

import asyncio
import hashlib
import hmac
import secrets
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

_COOKIE = 0x2112A442
_WAIT = 3.0

Endpoint = tuple[str, int]


class Method(IntEnum):
    BINDING = 0x001
    ALLOCATE = 0x003
    REFRESH = 0x004
    SEND = 0x006
    DATA = 0x007
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009
    CONNECT = 0x00A


class Attribute(IntEnum):
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    CHANNEL_NUMBER = 0x000C
    LIFETIME = 0x000D
    XOR_PEER_ADDRESS = 0x0012
    DATA = 0x0013
    REALM = 0x0014
    NONCE = 0x0015
    XOR_RELAYED_ADDRESS = 0x0016
    REQUESTED_ADDRESS_FAMILY = 0x0017
    REQUESTED_TRANSPORT = 0x0019
    SOFTWARE = 0x8022


UDP, TCP = 17, 6


class Refused(Exception):
    """An error response; `code` is its number, or None when nobody answered at all."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


@dataclass(frozen=True)
class Message:
    kind: int
    """0 request, 1 indication, 2 success, 3 error."""
    method: int
    transaction: bytes
    attributes: Mapping[int, bytes]


class TurnClient(asyncio.DatagramProtocol):
    """`async with TurnClient(host, port, username, password) as client:`; one socket, one allocation."""

    def __init__(self, host: str, port: int, username: str, password: str) -> None:
        self._server = (host, port)
        self.username = username
        self.password = password
        self.realm = ""
        self.nonce = b""
        self.relayed: Endpoint = ("", 0)
        self.received: asyncio.Queue[tuple[Endpoint, bytes]] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: dict[bytes, asyncio.Future[Message]] = {}

    async def __aenter__(self) -> "TurnClient":
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=self._server)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._transport is not None:
            self._transport.close()

    async def bind(self) -> Message:
        return await self._request(Method.BINDING, {}, sign=False)

    async def allocate(self, transport: int = UDP, family: int | None = None) -> Endpoint:
        """Where others reach the relay. `family` is 4 or 6. Raises Refused."""
        wish: dict[int, bytes] = {Attribute.REQUESTED_TRANSPORT: struct.pack("!Bxxx", transport)}
        if family is not None:
            wish[Attribute.REQUESTED_ADDRESS_FAMILY] = struct.pack("!Bxxx", 1 if family == 4 else 2)
        answer = await self._authenticated(Method.ALLOCATE, wish)
        self.relayed = _address(answer.attributes[Attribute.XOR_RELAYED_ADDRESS], answer.transaction)
        return self.relayed

    async def permit(self, host: str) -> None:
        await self._to_peer(Method.CREATE_PERMISSION, (host, 0), {})

    async def bind_channel(self, peer: Endpoint, number: int = 0x4000) -> None:
        await self._to_peer(
            Method.CHANNEL_BIND, peer, {Attribute.CHANNEL_NUMBER: struct.pack("!Hxx", number)}
        )

    async def connect(self, peer: Endpoint) -> None:
        """RFC 6062 section 4.3."""
        await self._to_peer(Method.CONNECT, peer, {})

    async def refresh(self, seconds: int) -> None:
        await self._authenticated(Method.REFRESH, {Attribute.LIFETIME: struct.pack("!I", seconds)})

    def send(self, peer: Endpoint, data: bytes) -> None:
        """A Send indication; nobody answers one."""
        transaction = secrets.token_bytes(12)
        place = _packed(peer, transaction)
        body: dict[int, bytes] = {Attribute.XOR_PEER_ADDRESS: place, Attribute.DATA: data}
        self._write(_message(1, Method.SEND, transaction, body))

    async def receive(self, seconds: float = _WAIT) -> tuple[Endpoint, bytes]:
        return await asyncio.wait_for(self.received.get(), seconds)

    def datagram_received(self, data: bytes, _addr: object) -> None:
        message = _parsed(data)
        if message.kind == 1 and message.method == Method.DATA:
            peer = _address(message.attributes[Attribute.XOR_PEER_ADDRESS], message.transaction)
            self.received.put_nowait((peer, message.attributes[Attribute.DATA]))
        waiting = self._waiting.get(message.transaction)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def error_received(self, exc: Exception) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Refused(None, str(exc)))

    async def _to_peer(self, method: Method, peer: Endpoint, more: Mapping[int, bytes]) -> None:
        transaction = secrets.token_bytes(12)
        attributes = {**more, Attribute.XOR_PEER_ADDRESS: _packed(peer, transaction)}
        await self._authenticated(method, attributes, transaction)

    async def _authenticated(
        self, method: Method, attributes: Mapping[int, bytes], transaction: bytes | None = None
    ) -> Message:
        """Ask for a nonce first if there is none yet, and again where it has become stale (RFC 8489 section 9.2.5)."""
        if not self.nonce:
            try:
                return await self._request(method, attributes, sign=False)
            except Refused as refused:
                if refused.code != 401:
                    raise
        try:
            return await self._request(method, attributes, transaction)
        except Refused as refused:
            if refused.code != 438:
                raise
            return await self._request(method, attributes, transaction)

    async def _request(
        self,
        method: Method,
        attributes: Mapping[int, bytes],
        transaction: bytes | None = None,
        sign: bool = True,
    ) -> Message:
        transaction = transaction or secrets.token_bytes(12)
        signed: dict[int, bytes] = dict(attributes)
        if sign:
            signed[Attribute.USERNAME] = self.username.encode()
            signed[Attribute.REALM] = self.realm.encode()
            signed[Attribute.NONCE] = self.nonce
        message = _message(0, method, transaction, signed, self._key() if sign else None)
        answer = await self._exchange(transaction, message)
        self.nonce = answer.attributes.get(Attribute.NONCE, self.nonce)
        self.realm = answer.attributes.get(Attribute.REALM, self.realm.encode()).decode()
        if answer.kind == 3:
            code = answer.attributes[Attribute.ERROR_CODE]
            raise Refused(code[2] * 100 + code[3], code[4:].decode())
        return answer

    async def _exchange(self, transaction: bytes, message: bytes) -> Message:
        waiting: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = waiting
        try:
            for _attempt in range(3):
                self._write(message)
                done, _ = await asyncio.wait([waiting], timeout=_WAIT / 3)
                if done:
                    return waiting.result()
        finally:
            del self._waiting[transaction]
        raise Refused(None, "no answer")

    def _key(self) -> bytes:
        text = f"{self.username}:{self.realm}:{self.password}"
        return hashlib.md5(text.encode()).digest()  # noqa: S324  # RFC 8489 section 9.2.2 says so

    def _write(self, data: bytes) -> None:
        if self._transport is None:
            raise RuntimeError("a TURN client is open only inside `async with`")
        self._transport.sendto(data)


def _message(
    kind: int, method: int, transaction: bytes, attributes: Mapping[int, bytes], key: bytes | None = None
) -> bytes:
    body = b"".join(_attribute(number, value) for number, value in attributes.items())
    word = (method & 0xF80) << 2 | (method & 0x70) << 1 | (method & 0xF) | (kind & 2) << 7 | (kind & 1) << 4
    if key is None:
        return struct.pack("!HHI", word, len(body), _COOKIE) + transaction + body
    head = struct.pack("!HHI", word, len(body) + 24, _COOKIE) + transaction
    return head + body + _attribute(Attribute.MESSAGE_INTEGRITY, hmac.digest(key, head + body, "sha1"))


def _attribute(number: int, value: bytes) -> bytes:
    return struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)


def _parsed(data: bytes) -> Message:
    word, length, _cookie = struct.unpack_from("!HHI", data)
    attributes: dict[int, bytes] = {}
    place = 20
    while place < 20 + length:
        number, size = struct.unpack_from("!HH", data, place)
        attributes[number] = data[place + 4 : place + 4 + size]
        place += 4 + size + -size % 4
    kind = (word >> 7 & 2) | (word >> 4 & 1)
    method = (word >> 2 & 0xF80) | (word >> 1 & 0x70) | (word & 0xF)
    return Message(kind, method, data[8:20], attributes)


def _packed(peer: Endpoint, transaction: bytes) -> bytes:
    """XOR-PEER-ADDRESS (RFC 8489 section 14.2)."""
    address = ip_address(peer[0])
    mask = struct.pack("!I", _COOKIE) + transaction
    hidden = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, peer[1] ^ _COOKIE >> 16) + hidden


def _address(value: bytes, transaction: bytes) -> Endpoint:
    family, port = struct.unpack_from("!xBH", value)
    mask = struct.pack("!I", _COOKIE) + transaction
    plain = bytes(a ^ b for a, b in zip(value[4:], mask, strict=False))
    host = IPv4Address(plain) if family == 1 else IPv6Address(plain)
    return str(host), port ^ _COOKIE >> 16


def machine_has(host: str) -> bool:
    """Whether this machine can use an address of its own, such as ::1."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True
