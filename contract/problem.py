"""The body of every REST refusal: RFC 9457 problem details, with the same codes as on the socket."""

from pydantic import Field

from contract.base import Milliseconds, WireModel
from contract.errors import DomainError, ErrorCode

PROBLEM_TYPE = "urn:homeroom:error:"
"""Followed by the code. A URN: it names the kind of problem for programs and is not meant to be fetched."""


class Problem(WireModel):
    """`application/problem+json`. Clients branch on `code`; `detail` is for people and may change."""

    type: str = Field(pattern="^urn:homeroom:error:[a-z_]+$", description="The code as a URN.")
    title: str = Field(description="What the code means, the same sentence every time.")
    status: int = Field(ge=400, le=599, description="The HTTP status, again.")
    detail: str = Field(description="What was wrong this time.")
    instance: str = Field(description="This one refusal, as a URN made of the request id.")
    code: ErrorCode
    retryable: bool = Field(description="The same request may succeed later.")
    retry_after_ms: Milliseconds | None = None
    errors: dict[str, str] | None = Field(
        default=None, description="Each offending field and what is wrong with it."
    )
    request_id: str = Field(description="Stands in the server's log beside the cause.")

    @classmethod
    def of(cls, error: DomainError, request_id: str) -> "Problem":
        meaning = error.wire_code.meaning
        return cls(
            type=f"{PROBLEM_TYPE}{error.wire_code}",
            title=meaning.sentence,
            status=int(meaning.status),
            detail=error.message,
            instance=f"urn:homeroom:request:{request_id}",
            code=error.wire_code,
            retryable=error.retryable,
            retry_after_ms=error.retry_after_ms,
            errors=error.fields or None,
            request_id=request_id,
        )
