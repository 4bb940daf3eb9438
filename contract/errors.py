"""Every way to say no: one enum of wire codes, one family of exceptions.

DomainError                 a refusal that a client is told about, carrying one ErrorCode
|- InvalidInput             bad_request, with a sentence for each offending field
|- Unauthorized             unauthorized / token_expired: who calls is not known, or no longer
|- Forbidden                forbidden: known, but may not
|- NotFound                 not_found: not there, or not yours to know about
|- Conflict                 conflict: the state of things forbids it
|- RateLimited              rate_limited, with the time after which to try again
|- PayloadTooLarge          payload_too_large
'- Unavailable              unavailable: a part of the server is away; the same request may succeed later
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar


@dataclass(frozen=True)
class CodeMeaning:
    """What a code tells a client: in words, as an HTTP status, and whether the same request may succeed later."""

    sentence: str
    status: HTTPStatus
    retryable: bool = False


class ErrorCode(StrEnum):
    """The closed list of codes, the same on the socket and on REST. Clients branch on these, never on messages."""

    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    TOKEN_EXPIRED = "token_expired"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    ROOM_ARCHIVED = "room_archived"
    NOT_JOINED = "not_joined"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    RATE_LIMITED = "rate_limited"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"

    @property
    def meaning(self) -> CodeMeaning:
        return _MEANINGS[self]


_MEANINGS: Mapping[ErrorCode, CodeMeaning] = {
    ErrorCode.BAD_REQUEST: CodeMeaning(
        "The request is malformed; `fields` names what to mend.", HTTPStatus.BAD_REQUEST
    ),
    ErrorCode.UNAUTHORIZED: CodeMeaning("The token is missing, invalid or revoked.", HTTPStatus.UNAUTHORIZED),
    ErrorCode.TOKEN_EXPIRED: CodeMeaning("The token has expired; get a fresh one.", HTTPStatus.UNAUTHORIZED),
    ErrorCode.FORBIDDEN: CodeMeaning("Your role does not allow this.", HTTPStatus.FORBIDDEN),
    ErrorCode.NOT_FOUND: CodeMeaning("It does not exist, or you may not see it.", HTTPStatus.NOT_FOUND),
    ErrorCode.METHOD_NOT_ALLOWED: CodeMeaning(
        "This address knows no such method.", HTTPStatus.METHOD_NOT_ALLOWED
    ),
    ErrorCode.CONFLICT: CodeMeaning("The present state of things forbids it.", HTTPStatus.CONFLICT),
    ErrorCode.ROOM_ARCHIVED: CodeMeaning("The room is archived and can only be read.", HTTPStatus.CONFLICT),
    ErrorCode.NOT_JOINED: CodeMeaning("Join the room on this connection first.", HTTPStatus.CONFLICT),
    ErrorCode.PAYLOAD_TOO_LARGE: CodeMeaning(
        "The request is larger than allowed.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    ),
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: CodeMeaning(
        "The body must be JSON.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    ),
    ErrorCode.RATE_LIMITED: CodeMeaning(
        "Too many requests; wait `retry_after_ms`.", HTTPStatus.TOO_MANY_REQUESTS, retryable=True
    ),
    ErrorCode.INTERNAL: CodeMeaning(
        "The server made a mistake.", HTTPStatus.INTERNAL_SERVER_ERROR, retryable=True
    ),
    ErrorCode.UNAVAILABLE: CodeMeaning(
        "A part of the server is away; try again with the same client_id.",
        HTTPStatus.SERVICE_UNAVAILABLE,
        retryable=True,
    ),
}


class DomainError(Exception):
    """A refusal with a wire code. `message` is shown to people: plain words, no secrets, no stored text."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL

    def __init__(
        self,
        message: str | None = None,
        *,
        code: ErrorCode | None = None,
        fields: Mapping[str, str] | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        self.wire_code = code or type(self).code
        self.message = message or self.wire_code.meaning.sentence
        self.fields = dict(fields or {})
        self.retry_after_ms = retry_after_ms
        super().__init__(self.message)

    @property
    def retryable(self) -> bool:
        return self.wire_code.meaning.retryable


class InvalidInput(DomainError):
    """`fields` maps the path of each offending field ("rooms.3.epoch") to what is wrong with it."""

    code = ErrorCode.BAD_REQUEST

    @classmethod
    def of(cls, field: str, problem: str) -> "InvalidInput":
        return cls(f"{field}: {problem}", fields={field: problem})


class Unauthorized(DomainError):
    code = ErrorCode.UNAUTHORIZED


class Forbidden(DomainError):
    code = ErrorCode.FORBIDDEN


class NotFound(DomainError):
    """One answer for "not there" and "not yours", so that nobody learns of what they may not see."""

    code = ErrorCode.NOT_FOUND


class Conflict(DomainError):
    code = ErrorCode.CONFLICT


class RateLimited(DomainError):
    code = ErrorCode.RATE_LIMITED


class PayloadTooLarge(DomainError):
    code = ErrorCode.PAYLOAD_TOO_LARGE


class Unavailable(DomainError):
    code = ErrorCode.UNAVAILABLE
