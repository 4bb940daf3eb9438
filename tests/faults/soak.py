"""A long seeded run: `python -m tests.faults.soak --seed 7 --minutes 30 [--nodes 3] [--pace 10] [--sqlite]`.

Faults follow each other at random until the time is over. The history stays in the folder that is printed; check it again
with `python -m tests.faults.checker FOLDER/history.jsonl`.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.cluster import several, single
from tests.faults.run import running


def main() -> int:
    options = argparse.ArgumentParser(description="A long seeded fault run.")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--nodes", type=int, default=2)
    options.add_argument("--people", type=int, default=6, choices=range(2, 9))
    options.add_argument("--rooms", type=int, default=3)
    options.add_argument("--pace", type=float, default=1.0, help="how many times faster they talk")
    options.add_argument("--sqlite", action="store_true", help="one node on SQLite instead")
    return asyncio.run(soak(options.parse_args()))


async def soak(options: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="homeroom-soak-"))
    print(f"seed {options.seed}, in {folder}", flush=True)
    dice = random.Random(options.seed)
    deadline = time.monotonic() + options.minutes * 60
    async with (
        single(folder) if options.sqlite else several(folder, options.nodes) as cluster,
        running(cluster, folder, dice, people=options.people, rooms=options.rooms, pace=options.pace) as (
            run,
            nemesis,
        ),
    ):
        await run.progress()
        faults = 0
        while time.monotonic() < deadline:
            await run.inflict(*nemesis.choose())
            faults += 1
        verdict = await run.finish()
    print(f"{faults} faults, seed {options.seed}: {'good' if verdict.good else 'BROKEN'}")
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
