"""The WSGI-like description of a request that connect handlers are given."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from realtime.engine.engine_server import EngineServer


def environ_of(request: web.Request, server: "EngineServer") -> dict[str, Any]:
    """As the library makes it, with the client's own address instead of a constant."""
    environ: dict[str, Any] = server._async["translate_request"](request)
    environ["REMOTE_ADDR"] = server.address_of(request)
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    if isinstance(peer, tuple):
        environ["REMOTE_PORT"] = str(peer[1])
    return environ
