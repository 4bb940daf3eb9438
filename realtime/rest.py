"""The one REST dispatcher: every operation of the contract is authenticated, limited, parsed, called and answered here.

Refusals leave as `DomainError`; the server's problem middleware writes them down. A feature's `routes.py` maps operations
to functions of a `RestCall`, each of which calls one method of a service.
"""

import math
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from aiohttp import hdrs, web
from pydantic import TypeAdapter, ValidationError

from auth.identity import Identity
from auth.middleware import bearer_token
from contract.after_class import InvitationId, JobId, RecordingId
from contract.base import MessageId, RoomId, UserId, WireModel
from contract.calls import CallId
from contract.errors import InvalidInput, NotFound, Unauthorized
from contract.export.openapi import openapi_json
from contract.meetings import MeetingId
from contract.messages import Emoji
from contract.registry import Limit, RestSpec
from contract.rest import OPERATIONS
from contract.specs import TextFile
from realtime.json_body import read_json
from realtime.validation import invalid_input, path

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
OPENAPI_PATH: Final = "/api/v1/openapi.json"

_KEY = re.compile(r"[!-~]{1,64}")
_PATH: Mapping[str, TypeAdapter[str]] = {
    "room_id": TypeAdapter(RoomId),
    "message_id": TypeAdapter(MessageId),
    "user_id": TypeAdapter(UserId),
    "call_id": TypeAdapter(CallId),
    "meeting_id": TypeAdapter(MeetingId),
    "recording_id": TypeAdapter(RecordingId),
    "invitation_id": TypeAdapter(InvitationId),
    "job_id": TypeAdapter(JobId),
    "emoji": TypeAdapter(Emoji),
}
"""What each path parameter must look like. What could not be an id names nothing: the answer is not_found."""

Model = TypeVar("Model", bound=WireModel)


@dataclass(frozen=True)
class Allowance:
    """What is left of the token bucket that a request drew from."""

    limit: int
    """Tokens in the full bucket."""
    remaining: int
    reset_seconds: float
    """Until the bucket is full again."""


class Limiter(Protocol):
    """Token buckets per user, room and address."""

    def check(
        self, limit: Limit, *, user_id: str | None, room_id: str | None, address: str
    ) -> Allowance | None:
        """Takes a token or raises RateLimited. None: limits are off."""


class Authenticator(Protocol):
    """Turns a bearer token into who is calling; `auth.sign_in.SignIn` is one."""

    async def identify(self, token: object) -> Identity:
        """Raises Unauthorized, or Unavailable when keys cannot be had."""


@dataclass(frozen=True)
class RestCall:
    """One request, parsed. `path` holds the path parameters, decoded and checked."""

    operation: str
    path: Mapping[str, str]
    address: str
    caller: Identity | None = None
    """None on public operations only."""
    idempotency_key: str | None = None
    parsed_query: WireModel | None = None
    parsed_body: WireModel | None = None

    @property
    def who(self) -> Identity:
        """The caller of an operation that is not public."""
        if self.caller is None:
            raise Unauthorized
        return self.caller

    def query(self, model: type[Model]) -> Model:
        """The query, as the model that the contract names for this operation."""
        return _as(self.parsed_query, model)

    def body(self, model: type[Model]) -> Model:
        """The body, as the model that the contract names for this operation."""
        return _as(self.parsed_body, model)


def _document(development: bool) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Serves what this server offers, to anybody: it is the same for all and in the documentation anyhow."""
    text = openapi_json(development=development)

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(
            text=text, content_type="application/json", headers={hdrs.CACHE_CONTROL: "no-cache"}
        )

    return serve


def _as(value: WireModel | None, model: type[Model]) -> Model:
    if not isinstance(value, model):
        raise TypeError(f"the contract does not give this operation a {model.__name__}")
    return value


Handler = Callable[[RestCall], Awaitable[WireModel]]


@dataclass(frozen=True)
class RestDoor:
    """Serves the contract's operations. `address_of` finds the client's real address behind proxies."""

    handlers: Mapping[str, Handler]
    sign_in: Authenticator
    limiter: Limiter
    address_of: Callable[[web.Request], str]
    development: bool = False
    operations: Mapping[str, RestSpec] = field(default_factory=lambda: OPERATIONS)

    def attach(self, app: web.Application) -> None:
        """Adds one route per operation, and the document of them all. Raises ValueError when operations and handlers do not match."""
        served = {
            name: spec
            for name, spec in self.operations.items()
            if self.development or not spec.only_in_development
        }
        missing, unknown = served.keys() - self.handlers.keys(), self.handlers.keys() - self.operations.keys()
        if missing or unknown:
            raise ValueError(f"operations without handler: {sorted(missing)}; unknown: {sorted(unknown)}")
        for spec in served.values():
            address = _address(spec.path, {other.path for other in served.values()})
            app.router.add_route(spec.method, address, self._serve(spec, self.handlers[spec.operation]))
        app.router.add_route(hdrs.METH_GET, OPENAPI_PATH, _document(self.development))

    def _serve(self, spec: RestSpec, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            address = self.address_of(request)
            caller = await self._caller(spec, request)
            allowance = self.limiter.check(
                spec.limit,
                user_id=caller.user_id if caller else None,
                room_id=_room_to_limit(request),
                address=address,
            )
            call = await _parse(spec, request, caller, address)
            return _answer(spec, await handler(call), allowance)

        return serve

    async def _caller(self, spec: RestSpec, request: web.Request) -> Identity | None:
        if spec.public and not (spec.sign_in_optional and hdrs.AUTHORIZATION in request.headers):
            return None
        return await self.sign_in.identify(bearer_token(request))


def _address(path: str, others: Collection[str]) -> str:
    """The path as the router takes it. A last parameter does not stand for words that are addresses of their own
    (`meetings/preview` is no meeting), or OPTIONS would tell the methods of both.
    """
    folder, _, name = path.rpartition("/")
    if not name.startswith("{"):
        return path
    words = sorted(
        other.rpartition("/")[2]
        for other in others
        if other.rpartition("/")[0] == folder and other[-1] != "}"
    )
    if not words:
        return path
    return f"{folder}/{{{name[1:-1]}:(?!(?:{'|'.join(map(re.escape, words))})$)[^/]+}}"


def _room_to_limit(request: web.Request) -> str | None:
    """Before the path is checked, so what is too long to be an id must not become the name of a bucket."""
    room_id = request.match_info.get("room_id", "")
    return room_id if 0 < len(room_id) <= 64 else None


async def _parse(spec: RestSpec, request: web.Request, caller: Identity | None, address: str) -> RestCall:
    return RestCall(
        operation=spec.operation,
        path=_path(request),
        address=address,
        caller=caller,
        idempotency_key=_idempotency_key(request) if spec.idempotency_key else None,
        parsed_query=_query(spec, request),
        parsed_body=await _body(spec.body, request) if spec.body is not None else None,
    )


def _path(request: web.Request) -> dict[str, str]:
    try:
        return {name: _PATH[name].validate_python(value) for name, value in request.match_info.items()}
    except ValidationError:
        raise NotFound from None


def _query(spec: RestSpec, request: web.Request) -> WireModel | None:
    """Unknown and repeated parameters are refused by name; so is every parameter where none is known."""
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            raise InvalidInput.of(path([name]), "may stand only once")
        if spec.query is None:
            raise InvalidInput.of(path([name]), "is not known here")
        values[name] = value
    if spec.query is None:
        return None
    try:
        return spec.query.model_validate_strings(values)
    except ValidationError as error:
        raise invalid_input(error) from None


async def _body(model: type[WireModel], request: web.Request) -> WireModel:
    value = await read_json(request)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_input(error) from None


def _idempotency_key(request: web.Request) -> str | None:
    values = request.headers.getall(IDEMPOTENCY_KEY, [])
    if not values:
        return None
    if len(values) > 1 or _KEY.fullmatch(values[0]) is None:
        raise InvalidInput.of(IDEMPOTENCY_KEY, "must be one value of 1 to 64 printable ASCII characters")
    return values[0]


def _answer(spec: RestSpec, answer: WireModel, allowance: Allowance | None) -> web.Response:
    headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}
    if allowance is not None:
        headers |= {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(math.ceil(allowance.reset_seconds)),
        }
    if isinstance(answer, TextFile):
        headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{answer.name}"'
        return web.Response(
            text=answer.text,
            status=spec.status,
            content_type=spec.media_type,
            charset="utf-8",
            headers=headers,
        )
    return web.Response(
        text=answer.model_dump_json(exclude_none=True),
        status=spec.status,
        content_type="application/json",
        headers=headers,
    )
