"""Settings: what is read, what is refused, in which words, and what is never repeated."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.safety import dangers
from server.settings import Settings, SettingsError, load_settings, table_markdown, variable
from signaling.ice import IceSettings

SECRET = "a-secret-of-more-than-thirty-two-bytes"
CANARY = "canary-do-not-print"

Load = Callable[..., Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Load with just these variables (without their prefix), in an empty folder."""

    def _load(**variables: str) -> Settings:
        for field in Settings.model_fields:
            monkeypatch.delenv(variable(field), raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(f"HOMEROOM_{name}", value)
        return load_settings(tmp_path)

    return _load


def _refusal(load: Load, **variables: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(**variables)
    return str(refused.value)


def test_nothing_set_means_the_defaults(load: Load) -> None:
    settings = load()
    assert (settings.host, settings.port, settings.dev) == ("127.0.0.1", 8000, False)
    assert settings.database == "sqlite+aiosqlite:///data/homeroom.db"
    assert settings.database_file == Path("data/homeroom.db")
    assert settings.log_style == "json"


def test_an_empty_value_counts_as_not_set(load: Load) -> None:
    assert load(REDIS_URL="", PORT="").redis is None


def test_the_environment_wins_over_the_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HOMEROOM_PORT=1234\nHOMEROOM_HOST=::1\nPOSTGRES_PASSWORD=other\n")
    settings = load(PORT="4321")
    assert (settings.port, settings.host) == (4321, "::1")


def test_settings_cannot_be_changed_after_they_were_read(load: Load) -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(load(), "port", 1)  # noqa: B010  # mypy refuses the plain assignment already


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("sqlite:///x/y.db", "sqlite+aiosqlite:///x/y.db"),
        ("sqlite:////x/y.db", "sqlite+aiosqlite:////x/y.db"),
        ("sqlite+aiosqlite:///y.db", "sqlite+aiosqlite:///y.db"),
        ("postgres://u:p@h:5/d", "postgresql+asyncpg://u:p@h:5/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_databases_are_named_in_any_common_form(load: Load, given: str, normal: str) -> None:
    assert load(DATABASE_URL=given).database == normal


def test_origins_are_brought_to_the_form_that_browsers_send(load: Load) -> None:
    settings = load(ALLOWED_ORIGINS=" https://School.example:443/, http://[::1]:8080 ,")
    assert settings.allowed_origins == ("https://school.example", "http://[::1]:8080")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "65536", "must be a port number"),
        ("PORT", "eighty", "must be a port number"),
        ("DEV", "perhaps", "must be 1 or 0"),
        ("LIMITS", "sometimes", "must be on or off"),
        ("DATABASE_URL", f"mysql://u:{CANARY}@h/d", "must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "sqlite://", "must name a file"),
        ("DATABASE_URL", "sqlite:///:memory:", "must name a file"),
        ("DATABASE_URL", "sqlite://folder/file", "three slashes"),
        ("DATABASE_URL", "postgresql://host", "name of the database"),
        ("DATABASE_URL", f"postgresql://u:{CANARY}@h:port/d", "must be a sqlite or postgresql address"),
        ("REDIS_URL", f"http://:{CANARY}@h", "must begin with redis://"),
        ("REDIS_PREFIX", "two words", "letters, digits"),
        ("NODE_ID", "a/b", "letters, digits"),
        ("JWT_SECRET", CANARY, "at least 32 bytes"),
        ("JWT_SECRET", f"-----BEGIN PUBLIC KEY-----\n{CANARY}\n-----END PUBLIC KEY-----", "random bytes"),
        ("JWT_JWKS_URL", "ftp://school.example", "must begin with https://"),
        ("JWT_LEEWAY_SECONDS", "61", "0 to 60 seconds"),
        ("TOKEN_GRACE_SECONDS", "0", "1 to 300 seconds"),
        ("ALLOWED_ORIGINS", "school.example", "begin with https://"),
        ("ALLOWED_ORIGINS", "https://school.example/chat", "without a path"),
        ("ALLOWED_ORIGINS", "https://*.school.example", "patterns"),
        ("FRAME_ANCESTORS", "https://lms.example; script-src *", "must"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy", "addresses or networks"),
        ("LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("LOG_FORMAT", "xml", "json or text"),
        ("DRAIN_SECONDS", "26", "0 to 25 seconds"),
        ("SLOW_CLIENT_BYTES", "1", "65536"),
        ("RESUME_EVENTS", "0", "1 to 10000"),
        ("SMTP_URL", f"http://u:{CANARY}@mail.example", "must begin with smtp:// or smtps://"),
        ("SMTP_URL", f"smtp://{CANARY}@mail.example", "both a user and a password"),
        ("SMTP_URL", f"smtps://u:{CANARY}@mail.example/inbox", "must end with the server's name"),
        ("SMTP_URL", f"smtps://u:{CANARY}@mail.example:many", "must be an address such as smtps://"),
        ("MAIL_FROM", "Homeroom", "must be an address such as Homeroom <"),
        ("MAIL_FROM", "a@a.example, b@b.example", "must be an address"),
    ],
)
def test_a_wrong_value_is_refused_with_the_mend_and_not_repeated(
    load: Load, name: str, value: str, words: str
) -> None:
    refusal = _refusal(load, **{name: value})
    assert refusal.startswith(f"HOMEROOM_{name} ")
    assert words in refusal
    assert CANARY not in refusal


def test_every_wrong_value_is_told_at_once(load: Load) -> None:
    refusal = _refusal(load, PORT="x", JWT_SECRET="short", PROT="1")
    assert [line.split()[0] for line in refusal.splitlines()] == [
        "HOMEROOM_PROT",
        "HOMEROOM_PORT",
        "HOMEROOM_JWT_SECRET",
    ]


def test_an_unknown_name_is_refused_and_the_nearest_suggested(load: Load) -> None:
    assert "did you mean HOMEROOM_ALLOWED_ORIGINS?" in _refusal(load, ALOWED_ORIGIN="https://a.example")
    assert "docs/configuration.md" in _refusal(load, COLOUR="blue")


def test_an_unknown_name_in_the_file_is_refused_as_well(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HOMEROOM_JWT_SECRETS=x\n")
    assert "did you mean HOMEROOM_JWT_SECRET?" in _refusal(load)


def test_a_file_that_is_no_text_is_refused(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"HOMEROOM_PORT=\xff\n")
    assert ".env cannot be read" in _refusal(load)


SOUND = {"JWT_SECRET": SECRET}
MAIL = {"SMTP_URL": "smtps://u:p%40@mail.example", "MAIL_FROM": "Homeroom <homeroom@school.example>"}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "HOMEROOM_JWT_SECRET"),
        ({**SOUND, "ALLOWED_ORIGINS": "*"}, "HOMEROOM_ALLOWED_ORIGINS"),
        ({**SOUND, "FRAME_ANCESTORS": "*"}, "HOMEROOM_FRAME_ANCESTORS"),
        ({"JWT_JWKS_URL": "http://lms.example/jwks"}, "HOMEROOM_JWT_JWKS_URL"),
        (
            {**SOUND, "DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://redis.example"},
            "HOMEROOM_REDIS_URL needs a password",
        ),
        ({**SOUND, "REDIS_URL": "redis://localhost"}, "cannot share an SQLite database"),
        ({**SOUND, "TRUSTED_PROXIES": "0.0.0.0/0"}, "HOMEROOM_TRUSTED_PROXIES"),
        ({"DEV": "1", "HOST": "0.0.0.0"}, "HOMEROOM_DEV"),
        ({"DEV": "1", "SMTP_URL": "smtp://mail.example"}, "HOMEROOM_MAIL_FROM"),
        ({**SOUND, **MAIL}, "HOMEROOM_PUBLIC_URL"),
    ],
)
def test_an_unsafe_combination_is_refused_in_one_sentence(
    load: Load, variables: dict[str, str], words: str
) -> None:
    found = dangers(load(**variables))
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    "variables",
    [
        SOUND,
        {**SOUND, "HOST": "0.0.0.0", "ALLOWED_ORIGINS": "https://school.example"},
        {"JWT_JWKS_URL": "https://lms.example/jwks"},
        {"JWT_JWKS_URL": "http://127.0.0.1:9/jwks"},
        {**SOUND, "DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://127.0.0.1:6379"},
        {**SOUND, "DATABASE_URL": "postgresql://h/d", "REDIS_URL": "rediss://:pass@redis.example"},
        {"DEV": "1"},
        {"DEV": "1", **MAIL},
        {**SOUND, **MAIL, "PUBLIC_URL": "https://school.example"},
        {"DEV": "1", "HOST": "localhost", "ALLOWED_ORIGINS": "*"},
    ],
)
def test_a_sound_combination_may_serve(load: Load, variables: dict[str, str]) -> None:
    assert dangers(load(**variables)) == []


def test_printing_hides_what_is_secret(load: Load) -> None:
    settings = load(
        JWT_SECRET=f"{CANARY}-and-more-than-32-bytes",
        METRICS_TOKEN=CANARY,
        REDIS_URL=f"redis://:{CANARY}@localhost",
        DATABASE_URL=f"postgresql://homeroom:{CANARY}@db.example/d?password={CANARY}",
    )
    printed = settings.redacted()
    assert CANARY not in printed
    assert CANARY not in repr(settings)
    assert "HOMEROOM_DATABASE_URL=postgresql+asyncpg://homeroom:***@db.example/d?password=***" in printed
    assert "HOMEROOM_PORT=8000" in printed


def test_every_setting_stands_in_the_table_with_a_meaning() -> None:
    table = table_markdown()
    for field, info in Settings.model_fields.items():
        assert f"| `{variable(field)}` |" in table
        assert info.description


def test_ice_settings_come_from_the_environment(load: Load) -> None:
    ice = load(
        STUN_URLS="stun:t.example, stun:u.example",
        TURN_URLS="turn:t.example?transport=udp",
        TURN_SECRET=CANARY,
        TURN_TTL_SECONDS="600",
    ).ice
    assert ice.stun_urls == ("stun:t.example", "stun:u.example")
    assert (ice.turn_urls, ice.turn_secret) == (("turn:t.example?transport=udp",), CANARY)
    assert ice.ttl_seconds == 600


def test_calls_have_sound_defaults(load: Load) -> None:
    settings = load()
    assert settings.ice == IceSettings()
    assert (settings.call_max_peers, settings.call_grace_seconds) == (8, 10)
    assert settings.call_second_device == "takeover"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUN_URLS", "turn:t.example"),
        ("TURN_URLS", "turn://t.example"),
        ("TURN_SECRET", "short"),
        ("TURN_SECRET", "canary-with a space in it"),
        ("TURN_TTL_SECONDS", "10"),
        ("TURN_REALM", "two words"),
        ("CALL_MAX_PEERS", "1"),
        ("CALL_SECOND_DEVICE", "both"),
    ],
)
def test_bad_settings_of_calls_are_refused_without_repeating_them(load: Load, name: str, value: str) -> None:
    refusal = _refusal(load, **{name: value})
    assert refusal.startswith(f"HOMEROOM_{name} must ")
    assert value not in refusal


def test_turn_without_its_secret_must_not_serve(load: Load) -> None:
    sentences = dangers(load(JWT_SECRET=SECRET, TURN_URLS="turn:t.example"))
    assert len(sentences) == 1
    assert "HOMEROOM_TURN_SECRET" in sentences[0]
    assert not dangers(load(DEV="1", TURN_URLS="turn:t.example"))
