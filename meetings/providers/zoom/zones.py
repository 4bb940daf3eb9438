"""The names of time zones that Zoom lists, and how a zone that is not among them is told."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LISTED: Final = frozenset(
    """
    Africa/Algiers Africa/Bangui Africa/Cairo Africa/Casablanca Africa/Djibouti Africa/Harare Africa/Johannesburg
    Africa/Khartoum Africa/Mogadishu Africa/Nairobi Africa/Nouakchott Africa/Tripoli Africa/Tunis America/Anchorage
    America/Argentina/Buenos_Aires America/Bogota America/Caracas America/Chicago America/Costa_Rica America/Denver
    America/Edmonton America/El_Salvador America/Godthab America/Guatemala America/Halifax America/Indianapolis
    America/Lima America/Los_Angeles America/Managua America/Mazatlan America/Mexico_City America/Montevideo
    America/Montreal America/New_York America/Panama America/Phoenix America/Puerto_Rico America/Regina America/Santiago
    America/Sao_Paulo America/St_Johns America/Tegucigalpa America/Tijuana America/Vancouver America/Winnipeg Asia/Aden
    Asia/Almaty Asia/Amman Asia/Baghdad Asia/Bahrain Asia/Baku Asia/Bangkok Asia/Beirut Asia/Calcutta Asia/Damascus
    Asia/Dhaka Asia/Dubai Asia/Hong_Kong Asia/Irkutsk Asia/Jakarta Asia/Jerusalem Asia/Kabul Asia/Kamchatka
    Asia/Kathmandu Asia/Kolkata Asia/Krasnoyarsk Asia/Kuala_Lumpur Asia/Kuwait Asia/Magadan Asia/Manila Asia/Muscat
    Asia/Nicosia Asia/Novosibirsk Asia/Qatar Asia/Riyadh Asia/Saigon Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Taipei
    Asia/Tashkent Asia/Tehran Asia/Tokyo Asia/Vladivostok Asia/Yakutsk Asia/Yekaterinburg Atlantic/Azores
    Atlantic/Cape_Verde Atlantic/Reykjavik Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Hobart
    Australia/Perth Australia/Sydney Europe/Amsterdam Europe/Athens Europe/Belgrade Europe/Berlin Europe/Brussels
    Europe/Bucharest Europe/Budapest Europe/Copenhagen Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kiev
    Europe/Lisbon Europe/London Europe/Luxembourg Europe/Madrid Europe/Moscow Europe/Oslo Europe/Paris Europe/Prague
    Europe/Rome Europe/Sofia Europe/Stockholm Europe/Vienna Europe/Warsaw Europe/Zurich Pacific/Apia Pacific/Auckland
    Pacific/Fiji Pacific/Honolulu Pacific/Midway Pacific/Noumea Pacific/Pago_Pago Pacific/Port_Moresby UTC
    """.split()  # noqa: SIM905  # a name on each line would fill two screens
)
"""developers.zoom.us/docs/api/references/abbreviations, without the few that are no zones of the IANA database's meaning."""

_RENAMED: Final = {
    "America/Indiana/Indianapolis": "America/Indianapolis",
    "America/Nuuk": "America/Godthab",
    "America/Toronto": "America/Montreal",
    "Asia/Ho_Chi_Minh": "Asia/Saigon",
    "Etc/GMT": "UTC",
    "Etc/UTC": "UTC",
    "Europe/Kyiv": "Europe/Kiev",
    "GMT": "UTC",
}


def instant(wall: datetime, zone: str) -> datetime:
    """A wall time as UTC. One that the clocks skip is as much later as they are put forward; of two, the first is meant."""
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def wall_of(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def listed_zone(zone: str, walls: Sequence[datetime]) -> str | None:
    """A listed zone whose clocks show the same as those of `zone`, at `walls` and in the year from the first of them on.

    None: there is none; then the times have to be told in UTC.
    """
    if zone in LISTED:
        return zone
    offsets = [(moment, instant(moment, zone)) for moment in _moments(walls)]
    return next(
        (one for one in _likely(zone) if all(instant(wall, one) == moment for wall, moment in offsets)), None
    )


def _moments(walls: Sequence[datetime]) -> Iterable[datetime]:
    yield from walls
    first = min(walls)
    yield from (first + timedelta(days=days) for days in range(0, 371, 7))


def _likely(zone: str) -> Sequence[str]:
    """The zone's other name first, then those of its continent, then all."""
    region = zone.partition("/")[0]
    other = _RENAMED.get(zone)
    rest = sorted(LISTED, key=lambda name: (name.partition("/")[0] != region, name))
    return [other, *rest] if other is not None else rest
