"""Every refusal under /api leaves as RFC 9457 `application/problem+json`; every request gets an id, told in X-Request-Id."""

import logging
import math
import traceback
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from auth.middleware import challenge
from contract.errors import DomainError, ErrorCode, Unauthorized
from contract.problem import Problem

logger = logging.getLogger(__name__)

REQUEST_ID: Final = web.RequestKey("request_id", str)
"""Where the other middlewares and the access log find the request's id."""

API_PREFIX: Final = "/api/"

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[[web.Request, Next], Awaitable[web.StreamResponse]]

_CODES = {
    400: ErrorCode.BAD_REQUEST,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    415: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
    503: ErrorCode.UNAVAILABLE,
}
"""What aiohttp itself answers, in our codes."""


def problem_middleware(new_request_id: Callable[[], str]) -> Middleware:
    """The outermost middleware. Redirects and pages outside of /api pass unchanged, apart from their request id."""

    @web.middleware
    async def answer(request: web.Request, handler: Next) -> web.StreamResponse:
        request[REQUEST_ID] = request_id = new_request_id()
        response = await _guarded(request, handler)
        if not response.prepared:
            response.headers["X-Request-Id"] = request_id
        return response

    return answer


async def _guarded(request: web.Request, handler: Next) -> web.StreamResponse:
    try:
        return await handler(request)
    except DomainError as refusal:
        return problem_response(refusal, request[REQUEST_ID])
    except web.HTTPException as refusal:
        if refusal.status < 400 or not request.path.startswith(API_PREFIX):
            refusal.headers["X-Request-Id"] = request[REQUEST_ID]
            raise
        return _translated(refusal, request[REQUEST_ID])
    except Exception as error:
        _log(error, request)
        return problem_response(DomainError(), request[REQUEST_ID])


def problem_response(refusal: DomainError, request_id: str) -> web.Response:
    """The refusal as a response, with Retry-After and WWW-Authenticate where they belong."""
    problem = Problem.of(refusal, request_id)
    response = web.Response(
        text=problem.model_dump_json(exclude_none=True),
        status=problem.status,
        content_type="application/problem+json",
        headers={hdrs.CACHE_CONTROL: "no-store", "X-Request-Id": request_id},
    )
    if refusal.retry_after_ms is not None:
        response.headers[hdrs.RETRY_AFTER] = str(math.ceil(refusal.retry_after_ms / 1000))
    if isinstance(refusal, Unauthorized):
        response.headers[hdrs.WWW_AUTHENTICATE] = challenge(refusal)
    return response


def _translated(refusal: web.HTTPException, request_id: str) -> web.Response:
    code = _CODES.get(refusal.status, ErrorCode.BAD_REQUEST if refusal.status < 500 else ErrorCode.INTERNAL)
    response = problem_response(DomainError(code=code), request_id)
    allow = refusal.headers.get(hdrs.ALLOW)
    if allow:
        response.headers[hdrs.ALLOW] = allow
    return response


def _log(error: Exception, request: web.Request) -> None:
    """The kind of exception and where it was raised. Not its message: a driver's message holds what was being stored."""
    route = request.match_info.route.resource
    logger.error(
        "request failed",
        extra={
            "request_id": request[REQUEST_ID],
            "method": request.method,
            "route": route.canonical if route is not None else None,
            "error": type(error).__qualname__,
            "stack": [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ],
        },
    )
