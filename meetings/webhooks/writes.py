"""What is written of deliveries: kept once, together with the job that reads it."""

import base64
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update

from meetings.jobs.port import JobWish
from meetings.jobs.store import wish
from meetings.webhooks.tables import WebhookRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention

KIND = "webhook"
WAITING, DONE, FAILED = "waiting", "done", "failed"

_LONGEST_KEY = 128
_BASE64 = "base64:"
_LONGEST_NOTE = 500


class KeepDelivery(Intention[bool]):
    """Keeps a verified delivery and wishes for its job. Whether it is new: one of the same key is there once."""

    room_id = ""

    def __init__(self, provider: str, key: str, raw: bytes) -> None:
        self._provider = provider
        self._key = _short(key)
        self._raw = raw
        self.waits_for = f"webhook:{provider}:{self._key}"

    async def apply(self, transaction: Transaction) -> bool:
        same = (WebhookRow.provider == self._provider, WebhookRow.key == self._key)
        known = await transaction.read(select(WebhookRow.id).where(*same))
        if known.first() is not None:
            return False
        webhook_id = transaction.ids.new("hook")
        transaction.add(
            WebhookRow,
            {
                "id": webhook_id,
                "provider": self._provider,
                "key": self._key,
                "received_at": transaction.now,
                "raw": as_text(self._raw),
                "state": WAITING,
                "error": None,
            },
        )
        job = JobWish(f"{KIND}:{webhook_id}", KIND, transaction.now, {"webhook_id": webhook_id})
        await wish(transaction, job)
        return True


class SettleDelivery(Intention[None]):
    """Says how reading it went. What was understood is not kept any longer: it holds names and short-lived secrets."""

    room_id = ""

    def __init__(self, webhook_id: str, state: str, note: str | None) -> None:
        self._webhook_id = webhook_id
        self._values: dict[str, object] = {"state": state, "error": note and note[:_LONGEST_NOTE]}
        if state == DONE:
            self._values["raw"] = ""

    async def apply(self, transaction: Transaction) -> None:
        this = WebhookRow.id == self._webhook_id
        await transaction.execute(update(WebhookRow).where(this).values(**self._values))


class ForgetDeliveries(Intention[None]):
    """Deletes the oldest: nobody repeats a delivery after so long."""

    room_id = ""

    def __init__(self, days: int) -> None:
        self._days = days

    async def apply(self, transaction: Transaction) -> None:
        oldest = transaction.now - timedelta(days=self._days)
        await transaction.execute(delete(WebhookRow).where(WebhookRow.received_at < oldest))


def as_text(raw: bytes) -> str:
    """Bytes as a column of text can hold them: as they are where that is UTF-8 without NUL."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text or text.startswith(_BASE64):
        return _BASE64 + base64.b64encode(raw).decode()
    return text


def as_bytes(text: str) -> bytes:
    """The bytes that `as_text` was given."""
    if text.startswith(_BASE64):
        return base64.b64decode(text.removeprefix(_BASE64))
    return text.encode()


def _short(key: str) -> str:
    """Keys are the provider's words: any length, any character."""
    if 0 < len(key) <= _LONGEST_KEY and key.isprintable():
        return key
    return "sha256:" + sha256(key.encode(errors="surrogatepass")).hexdigest()
