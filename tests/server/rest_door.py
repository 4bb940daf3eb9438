"""A real aiohttp server around the REST dispatcher, with handlers that answer by example and remember their calls."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Middleware

from auth.errors import NoCredentials
from auth.identity import Identity
from contract.base import WireModel
from contract.errors import ErrorCode, Unauthorized
from contract.export.examples import examples
from contract.people import SignInRole
from contract.registry import Limit
from contract.rest import OPERATIONS
from contract.specs import TextFile
from realtime.rest import Allowance, Handler, RestCall, RestDoor
from server.problems import problem_middleware

ADA = Identity(
    user_id="u-42",
    name="Ada Park",
    role=SignInRole.STUDENT,
    picture=None,
    rooms=None,
    jti=None,
    issued_at=None,
    expires_at=datetime(2030, 1, 1, tzinfo=UTC),
)

Client = TestClient[web.Request, web.Application]


class OneToken:
    """Knows the token "good", and "old" as one that has expired."""

    async def identify(self, token: object) -> Identity:
        match token:
            case "good":
                return ADA
            case "old":
                raise Unauthorized(code=ErrorCode.TOKEN_EXPIRED)
            case None:
                raise NoCredentials
        raise Unauthorized("The token's signature is not right.")


@dataclass
class Limiter:
    """Remembers what was asked; refuses with `refusal` when there is one."""

    refusal: Exception | None = None
    asked: list[tuple[Limit, str | None, str | None, str]] = field(default_factory=list)

    def check(
        self, limit: Limit, *, user_id: str | None, room_id: str | None, address: str
    ) -> Allowance | None:
        self.asked.append((limit, user_id, room_id, address))
        if self.refusal is not None:
            raise self.refusal
        return Allowance(limit=60, remaining=59, reset_seconds=0.4)


@dataclass
class Door:
    client: Client
    limiter: Limiter
    calls: list[RestCall]

    async def get(self, path: str, **options: Any) -> "Answer":
        return await self.ask("GET", path, **options)

    async def post(self, path: str, **options: Any) -> "Answer":
        return await self.ask("POST", path, **options)

    async def ask(self, method: str, path: str, *, token: str | None = "good", **options: Any) -> "Answer":
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with self.client.request(method, path, headers=headers, **options) as response:
            body = await response.json(content_type=None) if response.content_type.endswith("json") else None
            return Answer(response.status, response.content_type, response.headers, body or {})


@dataclass
class Answer:
    status: int
    content_type: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@asynccontextmanager
async def open_door(
    handlers: Mapping[str, Handler] | None = None, *, development: bool = False
) -> AsyncIterator[Door]:
    calls: list[RestCall] = []
    limiter = Limiter()
    by_example = {name: _by_example(answer, calls) for name, answer in _answers().items()}
    door = RestDoor(
        handlers={**by_example, **(handlers or {})},
        sign_in=OneToken(),
        limiter=limiter,
        address_of=lambda request: request.remote or "unknown",
        development=development,
    )
    app = web.Application(middlewares=[cast("Middleware", problem_middleware(lambda: "req_test"))])
    door.attach(app)
    async with TestClient(TestServer(app)) as client:
        yield Door(client, limiter, calls)


def _answers() -> dict[str, WireModel]:
    known: dict[type[WireModel], WireModel] = {
        **examples(),
        TextFile: TextFile(name="example.csv", text="user_id\r\n"),
    }
    return {name: known[spec.answer] for name, spec in OPERATIONS.items() if spec.answer is not None}


def _by_example(answer: WireModel, calls: list[RestCall]) -> Handler:
    async def handle(call: RestCall) -> WireModel:
        calls.append(call)
        return answer

    return handle
