"""`homeroom providers check`, called as the shell calls it; each provider's own findings are tested where it is."""

from pathlib import Path

import pytest

from server.cli import main
from server.settings import Settings, variable

SECRET = "a-secret-of-more-than-thirty-two-bytes"


@pytest.fixture(autouse=True)
def an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.setenv("HOMEROOM_JWT_SECRET", SECRET)


def test_what_is_not_configured_is_no_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["providers", "check"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("builtin: ok: ")
    assert {"zoom: not configured", "teams: not configured"} <= set(printed)


def test_a_provider_that_cannot_be_reached_is_a_problem_with_something_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_JITSI_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HOMEROOM_JITSI_APP_ID", "homeroom")
    monkeypatch.setenv("HOMEROOM_JITSI_APP_SECRET", SECRET)
    assert main(["providers", "check"]) == 1
    printed = capsys.readouterr().out
    assert "jitsi: PROBLEM: " in printed
    assert "jitsi:   to do: " in printed
    assert SECRET not in printed


@pytest.mark.parametrize("command", [["providers", "check"], ["check-config"]])
def test_a_provider_that_is_configured_by_half_is_named_with_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setenv("HOMEROOM_ZOOM_ACCOUNT_ID", "an-account")
    assert main(command) == 1
    assert "HOMEROOM_ZOOM_CLIENT_ID" in capsys.readouterr().err
