"""What a revocation takes back, and that every node comes to know of it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from auth import store
from auth.identity import Identity
from auth.revocation import RevocationKind, Revocations, Revoked
from auth.service import RevocationService
from contract.errors import Forbidden
from contract.ids import IdFactory
from contract.people import SignInRole
from db.engine import Database, open_database
from db.migrate import upgrade
from tests.auth.tokens_by_hand import START, MovableClock

ADA = Identity("ada", "Ada", SignInRole.STUDENT, None, None, "jti-1", START, START + timedelta(hours=1))
ROOT = replace(ADA, user_id="root", role=SignInRole.ADMIN, jti="jti-9")
SECOND = timedelta(seconds=1)


def token(jti: str = "jti-1", expires_at: timedelta | None = None) -> Revoked:
    return Revoked(
        RevocationKind.TOKEN, jti, START, "root", None if expires_at is None else START + expires_at
    )


def user(moment: timedelta = timedelta(), user_id: str = "ada") -> Revoked:
    return Revoked(RevocationKind.USER, user_id, START + moment, "root")


def knowing(*revoked: Revoked) -> Revocations:
    revocations = Revocations()
    for one in revoked:
        revocations.apply(one)
    return revocations


CASES: Mapping[str, tuple[list[Revoked], Identity, bool]] = {
    "nothing revoked": ([], ADA, False),
    "this token": ([token()], ADA, True),
    "another token": ([token("jti-2")], ADA, False),
    "a token, and one without an id": ([token()], replace(ADA, jti=None), False),
    "a token whose id is a user's": ([token("ada")], ADA, False),
    "the user, after the token was issued": ([user(SECOND)], ADA, True),
    "the user, in the moment it was issued": ([user()], ADA, True),
    "the user, before the token was issued": ([user(-SECOND)], ADA, False),
    "the user, and the token does not say when": ([user(-SECOND)], replace(ADA, issued_at=None), True),
    "another user": ([user(SECOND, "bob")], ADA, False),
    "a user whose id is the token's": ([user(SECOND, "jti-1")], ADA, False),
    "the user twice, the later first": ([user(SECOND), user(-SECOND)], ADA, True),
    "the user twice, the later last": ([user(-SECOND), user(SECOND)], ADA, True),
}


@pytest.mark.parametrize("case", CASES)
def test_a_sign_in_counts_or_not_with(case: str) -> None:
    revoked, identity, expected = CASES[case]
    assert knowing(*revoked).is_revoked(identity) is expected


def test_reloading_adds_and_never_takes_away() -> None:
    revocations = knowing(token("heard while reading"))
    revocations.reload([token("read")], START)
    assert revocations.is_revoked(replace(ADA, jti="heard while reading"))
    assert revocations.is_revoked(replace(ADA, jti="read"))


def test_reloading_lets_go_of_what_has_expired_and_of_nothing_else() -> None:
    revocations = knowing(token("gone", -SECOND), token("stays", SECOND), token("for ever"))
    revocations.reload([], START)
    assert [revocations.is_revoked(replace(ADA, jti=jti)) for jti in ("gone", "stays", "for ever")] == [
        False,
        True,
        True,
    ]


# ------------------------------------------------------------------------------------------------- service and store


class Node:
    """One node of two on the same database, and what it told the other."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self.published: list[str] = []
        self.changes = 0
        self.revocations = Revocations()
        self.service = RevocationService(
            self.revocations, database.writer.begin, self._publish, clock, IdFactory(clock)
        )
        self.service.on_change(self._changed)

    async def _publish(self, key: str) -> None:
        self.published.append(key)

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/auth.db"


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade(database_url)
    opened = open_database(database_url)
    yield opened
    await opened.close()


async def test_a_revocation_counts_here_at_once_and_is_told_to_the_others(database: Database) -> None:
    here = Node(database, MovableClock())
    await here.service.revoke(ROOT, RevocationKind.USER, "ada")
    assert here.revocations.is_revoked(ADA)
    assert here.published == ["ada"]
    assert here.changes == 1


async def test_another_node_learns_it_from_the_database_alone(database: Database) -> None:
    clock = MovableClock()
    here, there = Node(database, clock), Node(database, clock)
    await here.service.revoke(ROOT, RevocationKind.TOKEN, "jti-1")
    async with database.reading() as connection:
        await there.service.reload(connection)
    assert there.revocations.is_revoked(ADA)
    assert there.changes == 1


async def test_a_fresh_token_counts_again_after_the_user_was_revoked(database: Database) -> None:
    clock = MovableClock()
    node = Node(database, clock)
    await node.service.revoke(ROOT, RevocationKind.USER, "ada")
    assert not node.revocations.is_revoked(replace(ADA, issued_at=clock.now() + SECOND))


@pytest.mark.parametrize("role", [role for role in SignInRole if role is not SignInRole.ADMIN])
async def test_only_an_admin_revokes(database: Database, role: SignInRole) -> None:
    node = Node(database, MovableClock())
    with pytest.raises(Forbidden):
        await node.service.revoke(replace(ROOT, role=role), RevocationKind.USER, "ada")
    assert (node.published, node.changes) == ([], 0)
    async with database.reading() as connection:
        assert await store.in_force(connection, START) == []


async def test_the_store_gives_back_what_it_was_given_until_it_expires(database: Database) -> None:
    kept = [token("a", SECOND), token("b"), user(SECOND)]
    async with database.writer.begin() as connection:
        for number, revoked in enumerate(kept):
            await store.add(connection, f"rev_{number}", revoked)
    async with database.reading() as connection:
        assert await store.in_force(connection, START) == kept
        assert await store.in_force(connection, START + SECOND) == kept[1:]
