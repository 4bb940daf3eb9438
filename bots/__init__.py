"""A client for bots: a typed door to rooms over the contract alone, that resumes without losing or repeating an event.

async with Bot(url, token) as bot:
    room = await bot.join("algebra-1")
    async for event in room:
        message = message_of(event)
        if message is not None and not room.from_me(event):
            await room.send(f"You said {message.text}")
"""

from bots.bot import Bot
from bots.errors import BotError, CommandFailed, ConnectionEnded, ConnectionLost, TimedOut
from bots.feed import Resynced, message_of
from bots.room import Room

__all__ = [
    "Bot",
    "BotError",
    "CommandFailed",
    "ConnectionEnded",
    "ConnectionLost",
    "Resynced",
    "Room",
    "TimedOut",
    "message_of",
]
