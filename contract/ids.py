"""Identifiers: a type prefix, 48 bits of milliseconds, 80 random bits; opaque to clients and sortable by time."""

import secrets
from collections.abc import Callable

from contract.clock import Clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, in lower case: sorts as the number does and has no letters that look alike."""

_RANDOM_BITS = 80
_CHARACTERS = 26


class IdFactory:
    """Makes identifiers like `msg_01hf7yat00q2s6w8c5k9v3x1zm`.

    Two ids of one factory made in the same millisecond still sort in the order they were made.
    """

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._last = 0

    def new(self, prefix: str) -> str:
        """A fresh id for `prefix` ("room", "msg", "evt", "req", "node")."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        number = (milliseconds << _RANDOM_BITS) | self._random_bits(_RANDOM_BITS)
        if number >> _RANDOM_BITS <= self._last >> _RANDOM_BITS:
            number = self._last + 1 + self._random_bits(32)
        self._last = number
        return f"{prefix}_{_encode(number)}"


def _encode(number: int) -> str:
    digits = []
    for _ in range(_CHARACTERS):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
