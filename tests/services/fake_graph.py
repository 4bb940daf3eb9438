"""Microsoft Graph and Entra's token endpoint on loopback: the documented formats, and the documented refusals.

Bodies are checked against the resource types of Graph's own metadata; a field that is not there is refused, as Graph does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import jsonschema
from aiohttp import web
from tzlocal.windows_tz import win_tz

from meetings.providers.teams.bodies import read_instant
from meetings.providers.teams.recurrence import Recurrence

SCHEMAS = json.loads(
    (Path(__file__).parent.parent / "data" / "graph" / "meetings.schemas.json").read_text(encoding="utf-8")
)
TENANT, CLIENT, SECRET, ORGANIZER = "0a1b2c3d-tenant", "app-1", "the-secret", "5e0f6f2c-organizer"
EVERYTHING = frozenset(
    {
        "Calendars.ReadWrite",
        "OnlineMeetings.ReadWrite.All",
        "OnlineMeetingArtifact.Read.All",
        "OnlineMeetingRecording.Read.All",
    }
)


def fields_of(name: str) -> dict[str, Any]:
    """All properties of a resource type, those it inherits included."""
    schema = SCHEMAS["$defs"][name]
    found: dict[str, Any] = {}
    for part in schema.get("allOf", [schema]):
        if "$ref" in part:
            found |= fields_of(part["$ref"].rpartition("/")[2])
        found |= part.get("properties", {})
    return found


def check(body: Mapping[str, Any], name: str) -> str | None:
    """What Graph would say against the body; None: nothing."""
    unknown = body.keys() - fields_of(name).keys()
    if unknown:
        return f"The property '{min(unknown)}' does not exist on type 'microsoft.graph.{name}'."
    validator = jsonschema.Draft202012Validator({**SCHEMAS, "$ref": f"#/$defs/{name}"})
    error = next(iter(validator.iter_errors(body)), None)
    return None if error is None else error.message[:200]


@dataclass
class FakeGraph:
    """What stands in the tenant, and what was asked. `lose` answers are done and then not sent."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    exceptions: dict[str, dict[str, dict[str, Any] | None]] = field(default_factory=dict)
    meetings: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    granted: frozenset[str] = EVERYTHING
    policy: bool = True
    requests: list[tuple[str, str]] = field(default_factory=list)
    tokens_given: int = 0
    tokens_refused: set[str] = field(default_factory=set)
    lose: int = 0
    busy: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    page: int = 3
    secret: str = SECRET
    url: str = ""
    now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)
    _number: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        entra = f"/{TENANT}"
        app.router.add_get(f"{entra}/v2.0/.well-known/openid-configuration", self._discovery)
        app.router.add_post(f"{entra}/oauth2/v2.0/token", self._token)
        app.router.add_route("*", "/v1.0/{path:.*}", self._graph)
        app.router.add_route("*", "/beta/{path:subscriptions.*}", self._graph)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _discovery(self, _request: web.Request) -> web.Response:
        base = f"{self.url}/{TENANT}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        asked = dict(parse_qsl((await request.read()).decode()))
        if asked.get("grant_type") != "client_credentials" or not asked.get("scope", "").endswith(
            "/.default"
        ):
            return web.json_response({"error": "invalid_request"}, status=400)
        if asked.get("client_id") != CLIENT or asked.get("client_secret") != self.secret:
            told = {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.",
            }
            return web.json_response(told, status=401)
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    async def _graph(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.requests.append((request.method, path))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token.startswith("token-") or token in self.tokens_refused:
            return _error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if self.busy:
            status, headers = self.busy.pop(0)
            return web.json_response(
                {"error": {"code": "TooManyRequests", "message": ""}}, status=status, headers=headers
            )
        body = await request.json() if request.can_read_body else {}
        answer = self._route(request.method, path.split("/"), body, request.query)
        if self.lose and request.method != "GET":
            self.lose -= 1
            assert request.transport is not None
            request.transport.abort()
        return answer

    def _route(
        self, method: str, parts: list[str], body: dict[str, Any], query: Mapping[str, str]
    ) -> web.StreamResponse:
        if parts[0] == "subscriptions":
            return self._subscription(method, parts[1:], body)
        if parts[0] != "users" or parts[1] != ORGANIZER:
            return _error(404, "ResourceNotFound", "User not found")
        what, rest = parts[2], parts[3:]
        if what == "events":
            if "Calendars.ReadWrite" not in self.granted:
                return _error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
            return self._event(method, rest, body, query)
        return self._online(method, rest, body, query)

    # events --------------------------------------------------------------------------------------------------------

    def _event(
        self, method: str, rest: list[str], body: dict[str, Any], query: Mapping[str, str]
    ) -> web.StreamResponse:
        if not rest:
            return (
                self._create_event(body)
                if method == "POST"
                else self._listed(self._from(query.get("$filter", "")), query)
            )
        if len(rest) == 2 and rest[1] == "instances":
            return self._listed(self._instances(rest[0]), query)
        master, _, day = rest[0].partition("_")
        event = self.events.get(master)
        if event is None:
            return _error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        problem = check(body, "event")
        if problem is not None:
            return _error(400, "RequestBodyRead", problem)
        if day:
            return self._instance(method, master, day, body)
        if method == "DELETE":
            del self.events[master]
            self.exceptions.pop(master, None)
            return web.Response(status=204)
        if method == "PATCH":
            if body.keys() & {"transactionId", "isOnlineMeeting"}:
                return _error(400, "ErrorInvalidPropertySet", "The property cannot be set again.")
            if "recurrence" in body:
                self.exceptions[master] = {}
            event |= body
        return web.json_response(self._shown(event))

    def _from(self, wanted: str) -> list[dict[str, Any]]:
        """All that begin at the filter's time or later."""
        since = read_instant(wanted.removeprefix("start/dateTime ge '").removesuffix("'")) if wanted else None
        begins = {name: read_instant(_in_utc(event["start"])) for name, event in self.events.items()}
        return [
            event
            for name, event in self.events.items()
            if since is None or (at := begins[name]) is None or at >= since
        ]

    def _create_event(self, body: dict[str, Any]) -> web.StreamResponse:
        problem = check(body, "event") or self._wrong_recurrence(body)
        if problem is not None:
            return _error(400, "RequestBodyRead", problem)
        same = [e for e in self.events.values() if e.get("transactionId") == body.get("transactionId")]
        if same:
            return web.json_response(self._shown(same[0]), status=201)
        self._number += 1
        name = f"AAMk{self._number}"
        meeting = self._new_meeting({"subject": body.get("subject")})
        event = {
            **body,
            "id": name,
            "onlineMeeting": {"joinUrl": meeting["joinWebUrl"]},
            "isCancelled": False,
        }
        self.events[name] = event
        return web.json_response(self._shown(event), status=201)

    def _wrong_recurrence(self, body: Mapping[str, Any]) -> str | None:
        recurrence = body.get("recurrence")
        if recurrence is None:
            return None
        if recurrence["range"]["startDate"] != body["start"]["dateTime"][:10]:
            return "The start of the event and of its recurrence must be the same day."
        if recurrence["range"]["recurrenceTimeZone"] not in win_tz:
            return "The time zone is not known."
        return None if recurrence["pattern"]["interval"] >= 1 else "The interval must be positive."

    def _instances(self, master: str) -> list[dict[str, Any]]:
        event = self.events[master]
        span = event["recurrence"]["range"]
        pattern = Recurrence(
            event["recurrence"]["pattern"],
            date.fromisoformat(span["startDate"]),
            date.fromisoformat(span["endDate"]),
        )
        starts = datetime.fromisoformat(event["start"]["dateTime"])
        length = datetime.fromisoformat(event["end"]["dateTime"]) - starts
        zone = ZoneInfo(win_tz[event["start"]["timeZone"]])
        changed = self.exceptions.setdefault(master, {})
        found = []
        for day in pattern.dates():
            at = datetime.combine(day, starts.time(), zone).astimezone(UTC)
            exception = changed.get(day.isoformat(), {})
            if exception is None:
                continue
            item = {
                "id": f"{master}_{day.isoformat()}",
                "originalStart": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "start": _utc(at),
                "end": _utc(at + length),
            }
            found.append({**item, **{name: _in_utc(value) for name, value in exception.items()}})
        return found

    def _instance(self, method: str, master: str, day: str, body: dict[str, Any]) -> web.StreamResponse:
        changed = self.exceptions.setdefault(master, {})
        if method == "DELETE":
            changed[day] = None
            return web.Response(status=204)
        changed[day] = {**(changed.get(day) or {}), **body}
        return web.json_response({"id": f"{master}_{day}"})

    def held(self, master: str) -> list[datetime]:
        """When the classes of an event are, as people would see it in their calendar."""
        if "recurrence" not in self.events[master]:
            at = read_instant(_in_utc(self.events[master]["start"]))
            assert at is not None
            return [at]
        starts = [read_instant(item["start"]) for item in self._instances(master)]
        return sorted(at for at in starts if at is not None)

    def _shown(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return {**event, "start": _in_utc(event["start"]), "end": _in_utc(event["end"])}

    # online meetings -----------------------------------------------------------------------------------------------

    def _online(
        self, method: str, rest: list[str], body: dict[str, Any], query: Mapping[str, str]
    ) -> web.StreamResponse:
        if "OnlineMeetings.ReadWrite.All" not in self.granted:
            return _error(403, "Forbidden", "Application is not authorized")
        if not self.policy:
            told = f"App {CLIENT} is not authorized to Create meeting on behalf of user {ORGANIZER}"
            return _error(403, "Unauthorized", told)
        if not rest:
            wanted = query.get("$filter", "").removeprefix("JoinWebUrl eq '").removesuffix("'")
            return web.json_response(
                {"value": [m for m in self.meetings.values() if m["joinWebUrl"] == wanted]}
            )
        if rest == ["createOrGet"]:
            return self._create_or_get(body)
        meeting = self.meetings.get(rest[0])
        if meeting is None:
            return _error(404, "NotFound", "The meeting was not found.")
        if len(rest) > 1:
            return self._artifacts(rest[0], rest[1:], query)
        problem = check(body, "onlineMeeting")
        if problem is not None:
            return _error(400, "BadRequest", problem)
        if method == "DELETE":
            del self.meetings[rest[0]]
            return web.Response(status=204)
        meeting |= body
        return web.json_response(meeting)

    def _create_or_get(self, body: dict[str, Any]) -> web.StreamResponse:
        allowed = {"chatInfo", "endDateTime", "externalId", "participants", "startDateTime", "subject"}
        if not body.get("externalId") or not body.keys() <= allowed or check(body, "onlineMeeting"):
            return _error(400, "BadRequest", "externalId is required")
        for meeting in self.meetings.values():
            if meeting.get("externalId") == body["externalId"]:
                return web.json_response(meeting)
        return web.json_response(self._new_meeting(body), status=201)

    def _new_meeting(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self._number += 1
        name = f"MSo{self._number}"
        meeting = {
            **body,
            "id": name,
            "joinWebUrl": f"https://teams.example/l/meetup-join/19%3ameeting_{self._number}",
        }
        self.meetings[name] = meeting
        return meeting

    def _artifacts(self, meeting: str, rest: list[str], query: Mapping[str, str]) -> web.StreamResponse:
        if rest[0] == "recordings":
            at = "2026-12-01T08:05:00.1234567Z"
            return self._listed([{"id": "rec-1", "createdDateTime": at, "meetingId": meeting}], query)
        if "OnlineMeetingArtifact.Read.All" not in self.granted:
            return _error(403, "Forbidden", "Missing permission")
        reports = self.reports.get(meeting, {})
        if len(rest) == 1:
            return self._listed([{"id": name} for name in reports], query)
        return self._listed(reports.get(rest[1], []), query)

    # the rest ------------------------------------------------------------------------------------------------------

    def _subscription(self, method: str, rest: list[str], body: dict[str, Any]) -> web.StreamResponse:
        problem = check(body, "subscription")
        if problem is not None:
            return _error(400, "InvalidRequest", problem)
        if rest:
            known = self.subscriptions.get(rest[0])
            if known is None:
                return _error(404, "ResourceNotFound", "The object was not found.")
            known |= body
            return web.json_response(known)
        ends = datetime.fromisoformat(body["expirationDateTime"])
        if ends - datetime.now(UTC) > timedelta(days=7) and datetime.now(UTC).year > 2029:
            return _error(
                400, "ExtensionError", "Subscription expiration can only be 10070 minutes in the future."
            )
        sealed = body.keys() & {"encryptionCertificate", "encryptionCertificateId"}
        if body.get("includeResourceData") and len(sealed) < 2:
            return _error(400, "InvalidRequest", "The certificate is missing.")
        if len(body.get("clientState", "")) > 128 or not body["notificationUrl"].startswith("https://"):
            return _error(400, "InvalidRequest", "The subscription is not valid.")
        self._number += 1
        made = {**body, "id": f"sub-{self._number}"}
        self.subscriptions[made["id"]] = made
        return web.json_response(made, status=201)

    def _listed(self, items: list[dict[str, Any]], query: Mapping[str, str]) -> web.Response:
        skip = int(query.get("$skip", "0"))
        body: dict[str, Any] = {"value": items[skip : skip + self.page]}
        if skip + self.page < len(items):
            body["@odata.nextLink"] = f"{self.url}/v1.0/{self.requests[-1][1]}?$skip={skip + self.page}"
        return web.json_response(body)


def _utc(at: datetime) -> dict[str, str]:
    return {"dateTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}


def _in_utc(value: dict[str, str]) -> dict[str, str]:
    if value["timeZone"] == "UTC":
        return value
    zone = ZoneInfo(win_tz[value["timeZone"]])
    return _utc(datetime.fromisoformat(value["dateTime"]).replace(tzinfo=zone))


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
