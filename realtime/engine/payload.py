"""The body of a polling POST: Engine.IO packets joined by the record separator, read within bounds."""

import asyncio

from aiohttp import web

from realtime.engine.packets import ProtocolViolation
from realtime.engine.ports import EngineSettings


async def read_payload(request: web.Request, settings: EngineSettings) -> list[str]:
    """The packets in their order. Raises ProtocolViolation for what is too large, too slow or not text."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProtocolViolation("compressed payload")
    try:
        async with asyncio.timeout(settings.body_timeout):
            body = await _read(request, settings.max_payload_bytes)
    except TimeoutError:
        raise ProtocolViolation("payload too slow") from None
    return _split(body, settings)


async def _read(request: web.Request, limit: int) -> bytes:
    """The declared length is not relied on: a chunked body has none."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise ProtocolViolation("payload too large")
    return bytes(body)


def _split(body: bytes, settings: EngineSettings) -> list[str]:
    packets = body.split(b"\x1e", settings.max_payload_packets)
    if len(packets) > settings.max_payload_packets:
        raise ProtocolViolation("too many packets in one payload")
    if any(len(packet) > settings.max_message_bytes for packet in packets):
        raise ProtocolViolation("message too large")
    try:
        return [packet.decode() for packet in packets]
    except UnicodeDecodeError:
        raise ProtocolViolation("not UTF-8") from None
