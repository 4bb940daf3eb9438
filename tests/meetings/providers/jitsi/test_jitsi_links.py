"""Links into a Jitsi of one's own: signed at the click for one person and one room."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from pydantic import SecretStr

from contract.meetings import Recording
from meetings.provider import Layout, ProviderError, Trouble
from meetings.providers.jitsi import build
from meetings.providers.jitsi.provider import JitsiProvider
from meetings.providers.jitsi.settings import JitsiSettings
from tests.meetings.providers.jitsi.rig import NAMELESS, NOW, PUPIL, TEACHER, Rig, conforms, spec
from tests.services.fake_prosody import FakeProsody, NotAllowed

SECRET = "a-secret-for-tests-of-at-least-32-bytes"
PROSODY = FakeProsody("meet.school.example", "homeroom", SECRET)


def provider_of(url: str = "https://meet.school.example", rig: Rig | None = None) -> JitsiProvider:
    settings = JitsiSettings(jitsi_url=url, jitsi_app_id="homeroom", jitsi_app_secret=SecretStr(SECRET))
    provider = build(settings, (rig or Rig()).surroundings)
    assert provider is not None
    return provider


async def test_people_come_in_as_themselves_and_only_staff_leads() -> None:
    provider, wanted = provider_of(), spec()
    reference = await provider.create(wanted)
    host = PROSODY.admit(await provider.host_url(reference, wanted, TEACHER, NOW), NOW)
    assert host.room == reference.external_id
    assert host.moderator
    assert host.user == {
        "id": "u-1",
        "name": "Ada Lovelace",
        "email": "ada@school.example",
        "avatar": "https://school.example/ada.png",
        "moderator": "true",
        "affiliation": "owner",
    }
    assert (host.features["recording"], host.features["lobby_bypass"]) == (True, True)
    pupil = PROSODY.admit(await provider.join_url(reference, wanted, PUPIL, NOW), NOW)
    assert not pupil.moderator
    assert pupil.user == {"id": "u-2", "name": "Ben", "email": "ben@school.example"}
    assert {name for name, given in pupil.features.items() if given} == {"screen-sharing"}
    for occupant in (host, pupil):
        conforms(occupant.claims, "selfHostedJwtPayload")


async def test_what_is_not_known_of_somebody_is_left_out_and_never_null() -> None:
    provider, wanted = provider_of(), spec()
    address = await provider.join_url(await provider.create(wanted), wanted, NAMELESS, NOW)
    assert PROSODY.admit(address, NOW).user == {"id": "u-3", "name": "Cleo"}


async def test_a_link_holds_for_minutes_and_for_one_room() -> None:
    provider, wanted = provider_of(), spec()
    reference = await provider.create(wanted)
    address = await provider.join_url(reference, wanted, PUPIL, NOW)
    assert PROSODY.admit(address, NOW - timedelta(seconds=20)).room  # a clock that is a little behind
    assert PROSODY.admit(address, NOW + timedelta(minutes=9)).room
    with pytest.raises(NotAllowed, match="exp"):
        PROSODY.admit(address, NOW + timedelta(minutes=11))
    with pytest.raises(NotAllowed, match="mismatched"):
        PROSODY.admit(address.replace(reference.external_id, "another"), NOW)
    again = await provider.join_url(reference, wanted, PUPIL, NOW + timedelta(minutes=11))
    assert PROSODY.admit(again, NOW + timedelta(minutes=11)).room == reference.external_id


async def test_rooms_cannot_be_guessed_and_tell_nothing() -> None:
    provider = provider_of()
    names = {(await provider.create(spec(marker=f"lnk_{number}"))).external_id for number in range(50)}
    assert len(names) == 50
    assert all(re.fullmatch("[a-z2-7]{32}", name) for name in names)  # 160 bits, in lower case
    assert (await provider.create(spec(marker="lnk_1"))).external_id in names
    other = JitsiProvider("https://meet.school.example", "homeroom", "another-secret", Rig().surroundings)
    assert (await other.create(spec(marker="lnk_1"))).external_id not in names


async def test_a_standing_room_is_found_kept_and_given_up_without_a_request() -> None:
    provider, wanted = provider_of(), spec()
    assert provider.layout(wanted.series, wanted.slots) is Layout.ROOM
    reference = await provider.create(wanted)
    assert await provider.find(wanted) == reference
    assert await provider.update(reference, spec(marker="lnk_01", lobby=True)) == reference
    assert await provider.fetch(reference, wanted) is not None
    await provider.cancel(reference, wanted)
    assert await provider.attendance(reference, wanted, "") == ()
    with pytest.raises(ProviderError) as refused:
        await provider.end(reference, wanted)
    assert refused.value.trouble is Trouble.REFUSED


async def test_what_it_cannot_do_is_said_before() -> None:
    for wanted, word in ((spec(passcode=True), "code"), (spec(registration=True), "registered")):
        (note,) = provider_of().notes(wanted.series, wanted.slots, wanted.policy)
        assert word in note
    filmed = spec(recording=Recording.CLOUD, lobby=True)
    (note,) = provider_of().notes(filmed.series, filmed.slots, filmed.policy)
    assert "recording" in note


async def test_only_pupils_begin_muted() -> None:
    provider, wanted = provider_of(), spec()
    reference = await provider.create(wanted)
    assert urlsplit(await provider.join_url(reference, wanted, PUPIL, NOW)).fragment == (
        "config.startWithAudioMuted=true"
    )
    assert urlsplit(await provider.host_url(reference, wanted, TEACHER, NOW)).fragment == ""
    loud = spec(mute_on_entry=False)
    assert urlsplit(await provider.join_url(reference, loud, PUPIL, NOW)).fragment == ""


@pytest.mark.parametrize(
    ("url", "sub"),
    [
        ("https://Meet.School.example", "meet.school.example"),
        ("https://meet.school.example:8443", "meet.school.example"),
        ("https://meet.school.example/Faculty", "faculty"),
    ],
)
async def test_the_token_names_the_domain_or_the_tenant_in_lower_case(url: str, sub: str) -> None:
    provider, wanted = provider_of(url), spec()
    address = await provider.join_url(await provider.create(wanted), wanted, PUPIL, NOW)
    assert address.startswith(f"{url}/")
    token = parse_qs(urlsplit(address).query)["jwt"][0]
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == sub


def test_without_settings_there_is_no_jitsi() -> None:
    assert build(JitsiSettings(), Rig().surroundings) is None


def test_half_a_configuration_names_what_is_missing() -> None:
    half = JitsiSettings(jitsi_url="https://meet.school.example", jitsi_app_secret=SecretStr(SECRET))
    with pytest.raises(ValueError, match="HOMEROOM_JITSI_APP_ID") as refused:
        build(half, Rig().surroundings)
    assert SECRET not in str(refused.value)
