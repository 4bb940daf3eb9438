"""The HTTP door to the files: whoever has a ticket may play one, in parts if they like (RFC 9110 section 14)."""

from typing import Final

from aiohttp import hdrs, web

from meetings.after.folder import is_played
from meetings.after.service import AfterService

PATH: Final = "/api/v1/recordings/{recording_id}/file"
_POLICY: Final = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For browsers that open the file by itself: their own player, and nothing else."""


class RecordingDoor:
    """Mounted by the server, beside the REST door: players send no token."""

    def __init__(self, service: AfterService) -> None:
        self._service = service

    def attach(self, app: web.Application) -> None:
        app.router.add_get(PATH, self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        file, content_type = await self._service.play(request.match_info["recording_id"], ticket)
        way = "inline" if is_played(content_type) else "attachment"
        return web.FileResponse(
            file,
            headers={
                hdrs.CONTENT_TYPE: content_type,
                hdrs.CONTENT_DISPOSITION: f'{way}; filename="recording-{file.name}"',
                hdrs.CACHE_CONTROL: "private, no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": _POLICY,
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )
