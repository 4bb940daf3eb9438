"""The answer to every command: `{"ok": true, "data": …}` or `{"ok": false, "error": …}`."""

from typing import Literal

from pydantic import Field

from contract.base import Milliseconds, WireModel
from contract.errors import DomainError, ErrorCode


class ErrorBody(WireModel):
    """Why not. Clients branch on `code`; `message` is for people and may change."""

    code: ErrorCode
    message: str
    retryable: bool = Field(description="The same command, sent again with the same client_id, may succeed.")
    retry_after_ms: Milliseconds | None = None
    fields: dict[str, str] | None = Field(
        default=None, description="Each offending field and what is wrong with it."
    )
    request_id: str = Field(description="Stands in the server's log beside the cause.")

    @classmethod
    def of(cls, error: DomainError, request_id: str) -> "ErrorBody":
        return cls(
            code=error.wire_code,
            message=error.message,
            retryable=error.retryable,
            retry_after_ms=error.retry_after_ms,
            fields=error.fields or None,
            request_id=request_id,
        )


class Failed(WireModel):
    ok: Literal[False] = False
    error: ErrorBody


def ok(data: WireModel) -> dict[str, object]:
    """The ack of a command that was carried out."""
    return {"ok": True, "data": data.model_dump(mode="json", exclude_none=True)}


def failed(error: DomainError, request_id: str) -> dict[str, object]:
    """The ack of a command that was refused."""
    return Failed(error=ErrorBody.of(error, request_id)).model_dump(mode="json", exclude_none=True)
