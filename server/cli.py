"""The `homeroom` command."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from auth.tokens import TokenIssuer
from contract.clock import SystemClock
from contract.connection import Revoke
from contract.errors import InvalidInput
from contract.people import RoomRole, SignInRole
from server import turn_command
from server.lifecycle import CannotStart
from server.safety import dangers, refuse_unsafe
from server.settings import Settings, SettingsError, load_settings
from server.shared_secret import signing_secret

TOKEN_SECONDS = 12 * 3600
_REFUSED = 2
_FAILED = 1

_ROOM_ROLES: Mapping[str, RoomRole] = {
    **{role.value: role for role in RoomRole},
    "instructor": RoomRole.OWNER,
    "student": RoomRole.MEMBER,
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(_REFUSED, f"{self.prog}: {message} (`{self.prog} --help` says more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0, 1 when it failed, 2 when the settings or arguments are refused."""
    given = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace, Settings], int] = given.run
    try:
        return run(given, load_settings())
    except SettingsError as error:
        return _complain(error.sentences, _REFUSED)
    except InvalidInput as error:
        return _complain([error.message], _REFUSED)
    except CannotStart as error:
        return _complain([str(error)], _FAILED)


def _complain(sentences: Sequence[str], status: int) -> int:
    for sentence in sentences:
        print(f"homeroom: {sentence}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="homeroom", description="A self-hosted real-time server for classes.", allow_abbrev=False
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, run: Callable[[argparse.Namespace, Settings], int], text: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.set_defaults(run=run)
        return command

    add("serve", _serve, "Run the server until SIGTERM or Ctrl-C.")
    migrate = add("migrate", _migrate, "Bring the database up to date, or back down to a revision.")
    migrate.add_argument(
        "--down", metavar="REVISION", help='the revision to go back to; "base" empties the database'
    )
    _add_token(add("token", _token, "Print a signed token for a person, a script or a bot."))
    add("check-config", _check_config, "Say whether the server would start with these settings.")
    add("print-config", _print_config, "Print the settings in force, without secrets.")
    revoke = add("revoke", _revoke, "End a token, or all tokens issued to a user until now.")
    target = revoke.add_mutually_exclusive_group(required=True)
    target.add_argument("--jti", help="the token's jti")
    target.add_argument("--user", help="the user's id (the token's sub)")
    turn_command.add_arguments(add("turn-config", turn_command.run, turn_command.DESCRIPTION))
    add("worker", _work, "Do the jobs of meetings (providers, mails, recordings) until SIGTERM or Ctrl-C.")
    providers = add(
        "providers", _providers, "Ask each provider whether our settings and permissions will do."
    )
    providers.add_argument("action", choices=["check"], help="what to do")
    add("new-epoch", _new_epoch, "After a restore: make every client fetch its rooms afresh.")
    return parser


def _add_token(command: argparse.ArgumentParser) -> None:
    command.add_argument("--user", required=True, help="the user's id (sub)")
    command.add_argument("--name", required=True, help="the name that others see")
    command.add_argument("--role", required=True, type=_sign_in_role, help=", ".join(SignInRole))
    command.add_argument(
        "--room",
        action="append",
        default=None,
        type=_room_role,
        metavar="KEY=ROLE",
        help=f"the LMS's key of a room and the role in it ({', '.join(RoomRole)}); may be repeated",
    )
    command.add_argument("--email", help="where invitations and reminders go; others never see it")
    command.add_argument(
        "--ttl",
        type=_seconds,
        default=TOKEN_SECONDS,
        metavar="SECONDS",
        help=f"how long it is valid ({TOKEN_SECONDS})",
    )


def _sign_in_role(value: str) -> SignInRole:
    try:
        return SignInRole(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(SignInRole)}") from None


def _room_role(value: str) -> tuple[str, RoomRole]:
    key, _, role = value.rpartition("=")
    if not key or role not in _ROOM_ROLES:
        raise argparse.ArgumentTypeError(f"must be KEY=ROLE, with a role of {', '.join(_ROOM_ROLES)}")
    return key, _ROOM_ROLES[role]


def _seconds(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 10 * 366 * 86400:
        raise argparse.ArgumentTypeError("must be a whole number of seconds, at most ten years")
    return int(value)


def _token(given: argparse.Namespace, settings: Settings) -> int:
    issuer = TokenIssuer(signing_secret(settings), settings.jwt_issuer, settings.jwt_audience, SystemClock())
    rooms = dict(given.room) if given.room is not None else None
    token = issuer.issue(
        given.user, given.name, given.role, rooms=rooms, email=given.email, ttl_seconds=given.ttl
    )
    print(token)
    return 0


def _check_config(_given: argparse.Namespace, settings: Settings) -> int:
    sentences = dangers(settings)
    if sentences:
        return _complain(sentences, _REFUSED)
    from server import provider_check  # noqa: PLC0415  # as below

    asyncio.run(provider_check.are_whole(settings))
    print("configuration is sound")
    return 0


def _print_config(_given: argparse.Namespace, settings: Settings) -> int:
    print(settings.redacted())
    return 0


def _serve(_given: argparse.Namespace, settings: Settings) -> int:
    refuse_unsafe(settings)
    from server import compose  # noqa: PLC0415  # `homeroom token` need not wait for the whole server to load

    with asyncio.Runner(loop_factory=_event_loop) as runner:
        runner.run(compose.serve(settings))
    return 0


def _event_loop() -> asyncio.AbstractEventLoop:
    """Uvloop's where there is one: it takes about half the time for a socket (docs/performance.md)."""
    try:
        import uvloop  # noqa: PLC0415  # not on Windows
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _work(_given: argparse.Namespace, settings: Settings) -> int:
    refuse_unsafe(settings)
    from server import worker  # noqa: PLC0415  # as above

    asyncio.run(worker.work(settings))
    return 0


def _providers(_given: argparse.Namespace, settings: Settings) -> int:
    from server import provider_check  # noqa: PLC0415  # as above

    lines, good = asyncio.run(provider_check.check(settings))
    print("\n".join(lines))
    return 0 if good else _FAILED


def _migrate(given: argparse.Namespace, settings: Settings) -> int:
    from server import maintenance  # noqa: PLC0415  # as above

    if given.down is None:
        revision = asyncio.run(maintenance.upgrade(settings))
    else:
        revision = asyncio.run(maintenance.downgrade(settings, given.down))
    print(f"the database is at revision {revision}" if revision else "the database is empty")
    return 0


def _revoke(given: argparse.Namespace, settings: Settings) -> int:
    from server import maintenance  # noqa: PLC0415  # as above

    asyncio.run(maintenance.revoke(settings, Revoke(jti=given.jti, user_id=given.user)))
    print("revoked")
    return 0


def _new_epoch(_given: argparse.Namespace, settings: Settings) -> int:
    from server import maintenance  # noqa: PLC0415  # as above

    print(f"the epoch is now {asyncio.run(maintenance.new_epoch(settings))}")
    return 0
