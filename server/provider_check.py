"""`homeroom providers check`: whether each provider accepts our sign-in and grants what is needed, and where to mend it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contract.clock import SystemClock
from meetings.linking.memory import PassingMemory
from meetings.provider import Booked, Finding, ProviderError
from meetings.providers.registry import PACKAGES, Providers
from meetings.providers.surroundings import Surroundings
from server.schedule_parts import Outgoing, providers_of, public_address
from server.settings import Settings


async def check(settings: Settings) -> tuple[list[str], bool]:
    """Lines to print, and whether all is well. Needs no database. Raises CannotStart: one is configured by half."""
    lines, good = [], True
    async with _opened(settings) as providers:
        for name in PACKAGES:
            if not providers.known(name):
                lines.append(f"{name}: not configured")
                continue
            for finding in await _findings(providers, name):
                lines += _told(name, finding)
                good = good and finding.good
    return lines, good


async def are_whole(settings: Settings) -> None:
    """Raises CannotStart: one is configured by half."""
    async with _opened(settings):
        pass


async def _findings(providers: Providers, name: str) -> list[Finding]:
    provider = providers.get(name)
    try:
        return [*await provider.check()]
    except ProviderError as error:
        return [Finding(good=False, message=error.message, hint=error.hint)]
    except (OSError, TimeoutError) as error:
        message = f"{provider.title} cannot be reached ({type(error).__name__})."
        return [
            Finding(good=False, message=message, hint="Look at the network and the address in the settings.")
        ]


def _told(name: str, finding: Finding) -> list[str]:
    lines = [f"{name}: {'ok' if finding.good else 'PROBLEM'}: {finding.message}"]
    if finding.hint:
        lines.append(f"{name}:   to do: {finding.hint}")
    return lines


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Providers]:
    clock, outgoing = SystemClock(), Outgoing()
    surroundings = Surroundings(
        clock, lambda _name: PassingMemory(clock), _nothing_booked, public_address(settings), outgoing
    )
    providers = providers_of(settings, surroundings)
    try:
        yield providers
    finally:
        await providers.close()
        await outgoing.close()


async def _nothing_booked(provider: str, external_id: str) -> Booked | None:
    return None
