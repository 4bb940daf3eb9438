"""The one dispatcher of commands: find it in the registry, hear only whom the token still speaks for, limit, parse,
call, answer. What somebody may do in a room is decided by the services, inside the transaction that does it.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from auth.sign_in import SignIn
from contract.ack import failed, ok
from contract.base import WireModel
from contract.clock import Clock
from contract.errors import DomainError, ErrorCode, InvalidInput
from contract.ids import IdFactory
from contract.registry import COMMANDS, CommandSpec
from realtime.engine import Reply
from realtime.limits import Limiter
from realtime.sessions import Session
from realtime.validation import invalid_input

log = logging.getLogger(__name__)

HEARD_WHEN_EXPIRED = "auth:refresh"


@dataclass(frozen=True)
class Answered:
    """An answer, and what has to happen once it has left."""

    answer: WireModel
    after: Callable[[], None] | None = None


Handler = Callable[[Session, Any], Awaitable[WireModel | Answered]]


class DispatchObserver(Protocol):
    """Counts, for the metrics."""

    def command_answered(self, command: str, code: ErrorCode | None, seconds: float) -> None: ...


class Dispatcher:
    """Every command of the registry has exactly one handler."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        limiter: Limiter,
        sign_in: SignIn,
        *,
        clock: Clock,
        ids: IdFactory,
        observer: DispatchObserver,
    ) -> None:
        if handlers.keys() != COMMANDS.keys():
            odd = sorted(handlers.keys() ^ COMMANDS.keys())
            raise ValueError(f"commands and handlers differ: {odd}")
        self._handlers = handlers
        self._limiter = limiter
        self._sign_in = sign_in
        self._clock = clock
        self._ids = ids
        self._observer = observer

    async def answer(self, session: Session, name: str, arguments: Sequence[object]) -> Reply:
        """The ack, whatever happens."""
        began = self._clock.monotonic()
        try:
            answered = await self._run(session, name, arguments)
        except DomainError as refusal:
            self._observer.command_answered(name, refusal.wire_code, self._clock.monotonic() - began)
            return Reply(failed(refusal, self._ids.new("req")))
        except Exception:
            request_id = self._ids.new("req")
            log.exception("a command failed", extra={"command": _known(name), "request_id": request_id})
            self._observer.command_answered(name, ErrorCode.INTERNAL, self._clock.monotonic() - began)
            return Reply(failed(DomainError(), request_id))
        self._observer.command_answered(name, None, self._clock.monotonic() - began)
        return Reply(ok(answered.answer), answered.after)

    async def _run(self, session: Session, name: str, arguments: Sequence[object]) -> Answered:
        spec = COMMANDS.get(name)
        if name != HEARD_WHEN_EXPIRED:
            self._sign_in.check_still_valid(session.identity)
        payload = _parsed(spec, arguments)
        self._limit(session, spec, payload)
        if spec is None:
            raise InvalidInput("There is no such command.")
        if isinstance(payload, DomainError):
            raise payload
        answer = await self._handlers[name](session, payload)
        return answer if isinstance(answer, Answered) else Answered(answer)

    def _limit(self, session: Session, spec: CommandSpec | None, payload: object) -> None:
        """What cannot be parsed costs as much as what can."""
        limit = (spec or COMMANDS["room:list"]).limit
        room_id = getattr(payload, "room_id", None)
        self._limiter.check(
            limit, user_id=session.user_id, room_id=room_id, address=session.connection.address
        )


def _parsed(spec: CommandSpec | None, arguments: Sequence[object]) -> WireModel | DomainError | None:
    if spec is None:
        return None
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        return InvalidInput("A command has exactly one argument, a JSON object.")
    try:
        return spec.payload.model_validate(arguments[0])
    except ValidationError as error:
        return invalid_input(error)


def _known(name: str) -> str:
    return name if name in COMMANDS else "unknown"
