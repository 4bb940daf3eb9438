"""`homeroom turn-config`, called as the shell calls it."""

from pathlib import Path

import pytest

from server.cli import main
from server.settings import Settings, variable

SECRET = "a-turn-secret-for-tests/+="


@pytest.fixture(autouse=True)
def an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.setenv("HOMEROOM_TURN_SECRET", SECRET)
    monkeypatch.setenv("HOMEROOM_TURN_REALM", "school.example")


def test_it_prints_a_configuration_from_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--external-ip", "5.9.0.10/10.0.0.5", "--listening-ip", "10.0.0.5", "--port", "443"]
    more = ["--min-port", "50000", "--max-port", "50999", "--allow-peer", "10.20.0.0/16"]
    assert main(["turn-config", *arguments, *more]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {
        f"static-auth-secret={SECRET}",
        "realm=school.example",
        "external-ip=5.9.0.10/10.0.0.5",
        "listening-port=443",
        "min-port=50000",
        "max-port=50999",
        "allowed-peer-ip=10.20.0.0-10.20.255.255",
    } <= set(lines)


def test_the_quota_follows_the_size_of_calls(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_CALL_MAX_PEERS", "4")
    assert main(["turn-config"]) == 0
    assert "user-quota=24" in capsys.readouterr().out.splitlines()


def test_written_files_keep_the_secret_to_their_owner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert main(["turn-config", "--output", "turnserver.conf"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "turnserver.conf.nft" in printed.err
    conf, rules = tmp_path / "turnserver.conf", tmp_path / "turnserver.conf.nft"
    assert conf.stat().st_mode & 0o777 == 0o600
    assert SECRET in conf.read_text()
    assert SECRET not in rules.read_text()
    assert rules.read_text().startswith("table inet homeroom_turn")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--cert", "/etc/c.pem"], "--cert and --key go together."),
        (["--min-port", "6000", "--max-port", "5999"], "--min-port must not be greater"),
        (["--relay-to-relay"], "--relay-to-relay needs --external-ip or --listening-ip"),
        (["--port", "50000"], "must lie outside"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["turn-config", *arguments]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "0"],
        ["--listening-ip", "turn.school.example"],
        ["--external-ip", "5.9.0.10/"],
        ["--allow-peer", "10.20.0.1/16"],
        ["--cert", "relative.pem"],
        ["--cert", "/etc/c.pem\nno-auth"],
        ["--user", "a b"],
    ],
)
def test_options_that_cannot_be_right_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["turn-config", *arguments])
    assert refused.value.code == 2


def test_without_a_secret_it_says_how_to_make_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOMEROOM_TURN_SECRET")
    assert main(["turn-config"]) == 2
    assert "openssl rand" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["turn-config", "--output", "nowhere/turnserver.conf"]) == 1
    assert "cannot be written" in capsys.readouterr().err
