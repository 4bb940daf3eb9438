"""A class that keeps talking while things break, and the verdict on what came of it."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.faults import latencies
from tests.faults.checker import Verdict, check
from tests.faults.cluster import Cluster
from tests.faults.final_reading import head, read_over_rest, read_over_socket
from tests.faults.history import History
from tests.faults.member import Member, Tamper
from tests.faults.nemesis import Act, Nemesis

_NAMES = ("ann", "ben", "cem", "dia", "eva", "fay", "gus", "hal")
_TRANSPORTS = (["websocket"], None, ["websocket"], ["polling"])
_THINKING_SECONDS = (0.02, 0.15)
_BURST = 8
_BURSTS = 0.1
"""How often somebody says several things at once, not waiting for the answers."""

_REACTIONS = 0.1
"""How often somebody reacts to what they have just said."""

_SEND_SECONDS = 90
"""After this a send is given up: nobody knows."""

_CATCH_UP_SECONDS = 30
"""How long the last member may take to be told the last message, once everything is healed."""


class Run:
    """Members on all nodes, each in all rooms."""

    def __init__(
        self, cluster: Cluster, members: Sequence[Member], rooms: Sequence[str], history: History
    ) -> None:
        self.cluster = cluster
        self.members = members
        self.history = history
        self._rooms = rooms
        self._talking = True
        self._numbers = itertools.count(1)
        self._talks: list[asyncio.Task[None]] = []

    def start_talking(self, dice: random.Random, pace: float = 1.0) -> None:
        """`pace` is how many times faster than usual they think."""
        for member in self.members:
            talk = self._talk(member, random.Random(dice.random()), pace)
            self._talks.append(asyncio.create_task(talk))

    def stop_talking(self) -> None:
        """At once, whatever is unanswered."""
        for talk in self._talks:
            talk.cancel()

    async def _talk(self, member: Member, dice: random.Random, pace: float) -> None:
        while self._talking:
            burst = _BURST if dice.random() < _BURSTS else 1
            await asyncio.gather(*(self._say(member, dice) for _ in range(burst)))
            await asyncio.sleep(dice.uniform(*_THINKING_SECONDS) / pace)

    async def _say(self, member: Member, dice: random.Random) -> None:
        cid = f"{member.name}-{next(self._numbers)}"
        deadline = asyncio.get_running_loop().time() + _SEND_SECONDS
        said = await member.send(dice.choice(self._rooms), cid, deadline)
        if said is not None and dice.random() < _REACTIONS:
            await member.react(said)

    async def progress(self, messages: int = 2, seconds: float = 60) -> None:
        """Everybody has got so many more messages acknowledged: the deployment works for all of them."""
        goals = {member: member.acknowledged + messages for member in self.members}
        async with asyncio.timeout(seconds):
            while any(member.acknowledged < goal for member, goal in goals.items()):
                await asyncio.sleep(0.05)

    async def inflict(self, *acts: Act) -> None:
        """Some faults at once, healed, and everybody working again."""
        clock = asyncio.get_running_loop()
        begun = clock.time()
        await asyncio.gather(*(act() for act in acts))
        healed = clock.time()
        await self.told_everything()
        told = clock.time()
        await self.progress()
        print(
            f"{' + '.join(act.__name__ for act in acts)}: {healed - begun:.1f} s; everybody was told what was said "
            f"meanwhile {told - healed:.1f} s later, and working again after {clock.time() - healed:.1f} s",
            flush=True,
        )

    async def told_everything(self) -> None:
        """All that is in the log by now has reached everybody: no node stays deaf, even if nobody said more."""
        heads = await self._heads()
        reached = await asyncio.gather(*(member.reached(heads, _CATCH_UP_SECONDS) for member in self.members))
        deaf = [member.name for member, told in zip(self.members, reached, strict=True) if not told]
        assert not deaf, f"not told everything in {_CATCH_UP_SECONDS} s: {deaf}"

    async def quiet(self) -> None:
        """Stop talking, heal everything, and wait until everybody has been told everything."""
        self._talking = False
        await self.cluster.heal()
        await asyncio.gather(*self._talks)
        heads = await self._heads()
        await asyncio.gather(*(member.reached(heads, _CATCH_UP_SECONDS) for member in self.members))
        for member in self.members:
            member.close_view()

    async def finish(self) -> Verdict:
        """Quiet, the final readings from everywhere, and the verdict, printed with how long things took."""
        await self.quiet()
        await self.read()
        verdict = check(self.history.entries)
        print(verdict, flush=True)
        print(latencies.report(self.history.entries), flush=True)
        resets = sum(member.resets for member in self.members)
        print(f"resumes that could not be replayed: {resets}; history: {self.history.path}", flush=True)
        return verdict

    async def read(self) -> None:
        for number, url in enumerate(self.cluster.urls, 1):
            token = self._token()
            await read_over_rest(url, token, self._ids(), self.history, f"final/node-{number}/rest")
            await read_over_socket(url, token, self._ids(), self.history, f"final/node-{number}/socket")

    def _token(self) -> str:
        return self.cluster.token(self.members[0].name, list(self._rooms))

    def _ids(self) -> Mapping[str, str]:
        return {key: place.room_id for key, place in self.members[0].places.items()}

    async def _heads(self) -> dict[str, int]:
        url, token = self.cluster.urls[0], self._token()
        return {key: (await head(url, token, room_id))[1] for key, room_id in self._ids().items()}


@asynccontextmanager
async def running(
    cluster: Cluster,
    folder: Path,
    dice: random.Random,
    *,
    people: int = 6,
    rooms: int = 3,
    pace: float = 1.0,
    tamper: Tamper | None = None,
) -> AsyncIterator[tuple[Run, Nemesis]]:
    """A class that talks already. `tamper` spoils what the first member is told."""
    keys = [f"room-{number}" for number in range(1, rooms + 1)]
    history = History(folder / "history.jsonl")
    members = []
    for index, name in enumerate(_NAMES[:people]):
        spoiled = tamper if index == 0 else None
        own_dice = random.Random(dice.random())
        token = cluster.token(name, keys)
        members.append(
            Member(
                name,
                token,
                urls=cluster.urls,
                rooms=keys,
                history=history,
                dice=own_dice,
                transports=_TRANSPORTS[index % len(_TRANSPORTS)],
                tamper=spoiled,
            )
        )
    run = Run(cluster, members, keys, history)
    try:
        async with asyncio.timeout(60):
            await asyncio.gather(*(member.start() for member in members))
        run.start_talking(dice, pace)
        yield run, Nemesis(cluster, members, dice)
    finally:
        run.stop_talking()
        await asyncio.gather(*(member.stop() for member in members))
        history.close()
