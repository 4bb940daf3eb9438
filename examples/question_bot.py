"""A bot that keeps the questions of a class until somebody answers them.

    !ask Why is zero even?      puts a question on the list (the bot reacts with a raised hand)
    !questions                  shows the list
    !done 2                     instructors: takes the second question off the list

Run it against a server started with `make run`:

    export BOT_TOKEN=$(.venv/bin/homeroom token --user helper --name Helper --role bot --room demo=member)
    .venv/bin/python examples/question_bot.py

Another server or room is named by BOT_SERVER (http://localhost:8000) and BOT_ROOM (demo).

It stores nothing: the room's log is its memory. After a restart it reads the history and knows every open question.
"""

import asyncio
import os

from bots import Bot, CommandFailed, Resynced, Room, message_of
from contract.messages import Message


class QuestionList:
    """The open questions of one room, in the order in which they were asked."""

    def __init__(self) -> None:
        self._open: list[Message] = []
        self._noted = 0

    def note(self, message: Message) -> str | None:
        """Take in one message, unless it is known already; the bot's reply to it, when it asks for one."""
        if message.seq <= self._noted:
            return None
        self._noted = message.seq
        command, _, rest = message.text.partition(" ")
        if command == "!ask" and rest.strip():
            self._open.append(message)
        elif command == "!questions":
            return str(self)
        elif command == "!done" and message.author.role in {"instructor", "admin"}:
            return self._take_off(rest)
        return None

    def _take_off(self, number: str) -> str:
        if not number.strip().isdecimal() or not 1 <= int(number) <= len(self._open):
            return f"There is no question {number}."
        self._open.pop(int(number) - 1)
        return str(self)

    def __str__(self) -> str:
        asked = (
            f"{message.author.name}: {message.text.removeprefix('!ask').strip()}" for message in self._open
        )
        return "\n".join(f"{number}. {line}" for number, line in enumerate(asked, 1)) or "No open questions."


async def read_back(room: Room) -> QuestionList:
    """The list as it stands after all that has been said so far."""
    questions, after, more = QuestionList(), 0, True
    while more:
        page = await room.history(after=after, limit=100)
        for message in page.items:
            questions.note(message)
            after = message.seq
        more = page.has_more
    return questions


async def serve(room: Room) -> None:
    questions = await read_back(room)
    print(f"Listening in {room.room.title}. {questions}", flush=True)  # noqa: T201  # an example talks to its terminal
    async for event in room:
        if isinstance(event, Resynced):  # away for so long that the log cannot be replayed
            questions = await read_back(room)
            continue
        message = message_of(event)
        if event.type != "message.new" or message is None or room.from_me(event):
            continue
        reply = questions.note(message)
        try:
            if reply is not None:
                await room.send(reply)
            elif message.text.startswith("!ask "):
                await room.react(message.id, "✋")
        except CommandFailed as refusal:  # the room was archived, say, or the message deleted meanwhile
            print(refusal, flush=True)  # noqa: T201  # as above


async def main() -> None:
    async with Bot(os.environ.get("BOT_SERVER", "http://localhost:8000"), os.environ["BOT_TOKEN"]) as bot:
        await serve(await bot.join(os.environ.get("BOT_ROOM", "demo")))


if __name__ == "__main__":
    asyncio.run(main())
