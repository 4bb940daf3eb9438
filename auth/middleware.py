"""The HTTP door's sign-in: `Authorization: Bearer …` (RFC 6750) becomes an Identity in the request."""

from collections.abc import Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from auth.errors import NoCredentials
from auth.identity import Identity
from auth.sign_in import SignIn
from contract.errors import ErrorCode, Unauthorized

IDENTITY = web.RequestKey("identity", Identity)
"""`request[IDENTITY]`: the caller. Not there on public routes."""


def bearer(sign_in: SignIn, is_public: Callable[[web.Request], bool]) -> Middleware:
    """Lets a request through with its caller's identity, or raises Unauthorized for the problem renderer to answer.

    What is not public needs a token; a token is taken from the header alone, never from the address or a cookie, so
    that it stands in no access log and no other site's form can use it.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_public(request):
            request[IDENTITY] = await sign_in.identify(bearer_token(request))
        return await handler(request)

    return middleware


def bearer_token(request: web.Request) -> str:
    """The token of the one Authorization header. Raises NoCredentials or Unauthorized."""
    headers = request.headers.getall(hdrs.AUTHORIZATION, [])
    if not headers:
        raise NoCredentials
    if len(headers) > 1:
        raise Unauthorized("Send one Authorization header.")
    scheme, _, token = headers[0].partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("The Authorization header must be: Bearer and a token.")
    return token


def challenge(refusal: Unauthorized) -> str:
    """The value of `WWW-Authenticate` beside a 401 (RFC 6750 section 3)."""
    if isinstance(refusal, NoCredentials):
        return 'Bearer realm="homeroom"'
    sentence = ErrorCode.TOKEN_EXPIRED.meaning.sentence
    if refusal.wire_code is not ErrorCode.TOKEN_EXPIRED:
        sentence = refusal.message.replace("\\", "").replace('"', "'")
    return f'Bearer realm="homeroom", error="invalid_token", error_description="{sentence}"'
