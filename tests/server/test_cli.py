"""The homeroom command, called as the shell calls it."""

from datetime import timedelta
from pathlib import Path

import pytest

from auth.claims import ClaimRules
from auth.keys import SharedSecret
from auth.tokens import TokenVerifier
from contract.clock import SystemClock
from contract.people import RoomRole, SignInRole
from server.cli import TOKEN_SECONDS, main
from server.settings import Settings, load_settings, variable
from server.shared_secret import DEVELOPMENT_SECRET_FILE, shared_secret, signing_secret

SECRET = "a-secret-of-more-than-thirty-two-bytes"


@pytest.fixture(autouse=True)
def an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)


def _verifier(secret: bytes) -> TokenVerifier:
    return TokenVerifier(ClaimRules("homeroom", "homeroom"), SystemClock(), secret=SharedSecret(secret))


async def test_a_printed_token_is_what_the_server_accepts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_JWT_SECRET", SECRET)
    arguments = ["--user", "u-1", "--name", "Ada L", "--role", "instructor", "--ttl", "60"]
    arguments += ["--email", "ada@uni.example"]
    assert main(["token", *arguments, "--room", "math=101=owner", "--room", "art=student"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.count("\n") == 1
    who = await _verifier(SECRET.encode()).verify(printed.out.strip())
    assert (who.user_id, who.name, who.role) == ("u-1", "Ada L", SignInRole.INSTRUCTOR)
    assert who.email == "ada@uni.example"
    assert who.rooms == {"math=101": RoomRole.OWNER, "art": RoomRole.MEMBER}
    assert who.issued_at is not None
    assert who.expires_at - who.issued_at == timedelta(seconds=60)


async def test_a_token_says_nothing_of_rooms_unless_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_JWT_SECRET", SECRET)
    assert main(["token", "--user", "bot", "--name", "Bot", "--role", "bot"]) == 0
    who = await _verifier(SECRET.encode()).verify(capsys.readouterr().out.strip())
    assert (who.rooms, who.email) == (None, None)
    assert who.issued_at is not None
    assert who.expires_at - who.issued_at == timedelta(seconds=TOKEN_SECONDS)


async def test_the_secret_of_a_development_server_signs_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_DEV", "1")
    secret = shared_secret(load_settings())
    assert secret is not None
    monkeypatch.delenv("HOMEROOM_DEV")
    assert main(["token", "--user", "u", "--name", "N", "--role", "student"]) == 0
    assert (await _verifier(secret).verify(capsys.readouterr().out.strip())).user_id == "u"


def test_the_development_secret_is_kept_and_readable_by_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOMEROOM_DEV", "1")
    settings = load_settings()
    first = shared_secret(settings)
    file = settings.data_dir / DEVELOPMENT_SECRET_FILE
    assert shared_secret(settings) == first == signing_secret(settings)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in settings.data_dir.iterdir()] == [DEVELOPMENT_SECRET_FILE]


def test_outside_of_development_no_secret_is_made(tmp_path: Path) -> None:
    assert shared_secret(load_settings()) is None
    assert not (tmp_path / "data").exists()


def test_a_key_set_server_does_not_sign_with_a_left_over_development_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / DEVELOPMENT_SECRET_FILE).write_text("x" * 64)
    monkeypatch.setenv("HOMEROOM_JWT_JWKS_URL", "https://lms.example/jwks")
    assert main(["token", "--user", "u", "--name", "N", "--role", "student"]) == 2
    assert "HOMEROOM_JWT_SECRET must be set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: COMMAND"),
        (["sing"], "invalid choice: 'sing'"),
        (["token", "--user", "u", "--name", "N"], "required: --role"),
        (["token", "--user", "u", "--name", "N", "--role", "king"], "must be one of student"),
        (
            ["token", "--user", "u", "--name", "N", "--role", "student", "--ttl", "0"],
            "whole number of seconds",
        ),
        (
            ["token", "--user", "u", "--name", "N", "--role", "student", "--ttl", "1h"],
            "whole number of seconds",
        ),
        (["token", "--user", "u", "--name", "N", "--role", "student", "--room", "demo"], "must be KEY=ROLE"),
        (
            ["token", "--user", "u", "--name", "N", "--role", "student", "--room", "demo=king"],
            "must be KEY=ROLE",
        ),
        (["revoke"], "one of the arguments --jti --user is required"),
        (["revoke", "--jti", "a", "--user", "b"], "not allowed with"),
        (["serve", "--prot", "80"], "unrecognized arguments"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert words in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(("user", "name"), [("", "N"), (" u", "N"), ("u", "\x1b[31mN"), ("u", "N" * 121)])
def test_a_token_that_the_server_would_refuse_is_not_printed(
    user: str, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_JWT_SECRET", SECRET)
    assert main(["token", "--user", user, "--name", name, "--role", "student"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("homeroom: The token's ")


def test_check_config_says_that_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_JWT_SECRET", SECRET)
    assert main(["check-config"]) == 0
    assert capsys.readouterr().out == "configuration is sound\n"


@pytest.mark.parametrize("command", ["check-config", "serve"])
def test_unsafe_settings_end_with_2_and_a_sentence(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 2
    assert "homeroom: Nobody could sign in" in capsys.readouterr().err


def test_print_config_can_be_read_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_PORT", "8123")
    monkeypatch.setenv("HOMEROOM_ALLOWED_ORIGINS", "https://a.example,https://b.example")
    assert main(["print-config"]) == 0
    (tmp_path / ".env").write_text(capsys.readouterr().out)
    before = load_settings(tmp_path / "elsewhere")
    monkeypatch.delenv("HOMEROOM_PORT")
    monkeypatch.delenv("HOMEROOM_ALLOWED_ORIGINS")
    assert load_settings() == before


def test_migrate_goes_up_and_down_and_up_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    up = capsys.readouterr().out
    assert main(["migrate", "--down", "base"]) == 0
    assert capsys.readouterr().out == "the database is empty\n"
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == up


def test_a_revision_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--down", "nowhere"]) == 1
    assert "There is no revision nowhere" in capsys.readouterr().err


def test_a_database_that_is_away_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_DATABASE_URL", "postgresql://u:canary-password@127.0.0.1:1/d")
    assert main(["migrate"]) == 1
    printed = capsys.readouterr()
    assert "The database cannot be reached" in printed.err
    assert "canary-password" not in printed.err + printed.out


def test_revoking_needs_a_database_that_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["revoke", "--user", "u"]) == 1
    assert "run `homeroom migrate` first" in capsys.readouterr().err
    main(["migrate"])
    assert main(["revoke", "--user", "u"]) == 0


def test_each_new_epoch_is_another(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])
    capsys.readouterr()
    assert main(["new-epoch"]) == 0
    first = capsys.readouterr().out
    assert main(["new-epoch"]) == 0
    assert capsys.readouterr().out != first
