"""People as a Jitsi names them: by what their tokens said, or by nothing at all."""

from meetings.provider import GUEST_PREFIX

_LONGEST_NAME = 200


def text_of(value: object) -> str:
    """Strings as every store can hold them, whole numbers in digits, anything else as nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\x00", "").strip()


def person_name(value: object) -> str:
    """Somebody without a name is shown as such."""
    return text_of(value)[:_LONGEST_NAME] or "Somebody"


def our_id(told: str) -> str | None:
    """The id that we put into the person's token; None for guests, who have none with us, and for people without a token."""
    return told if told and not told.startswith(GUEST_PREFIX) else None
