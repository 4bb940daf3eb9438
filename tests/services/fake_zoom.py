"""Zoom's sign-in and REST API on loopback: the documented formats, and the documented refusals.

Every request is checked against `tests/data/zoom/requests.schema.json`; what Zoom takes in silence although it means something
else (a start that has passed) is written down in `mistakes`, which a test expects to be empty.
"""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import jsonschema
from aiohttp import web

from meetings.providers.zoom.scopes import NEEDS
from tests.services.zoom_expansion import expansion

OPERATIONS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "zoom" / "requests.schema.json").read_text(encoding="utf-8")
)
ACCOUNT, CLIENT, SECRET = "account-1", "client-1", "the-client-secret"
HOST = "noor@school.example"
EVERYTHING = frozenset(need.scope for need in NEEDS)
Answer = web.StreamResponse


@dataclass
class Fault:
    """What happens to the next requests of operations that begin so. With `lose`, it is done and its answer is lost."""

    operation: str | tuple[str, ...]
    times: int = 1
    lose: bool = False
    status: int = 0
    body: Mapping[str, Any] | None = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> web.Response:
        if self.body is None:
            return web.Response(status=self.status, headers=self.headers, text="<html></html>")
        return web.json_response(self.body, status=self.status, headers=self.headers)


@dataclass
class Asked:
    operation: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]


@dataclass
class Meeting:
    id: int
    host: str
    body: dict[str, Any]
    occurrences: list[dict[str, Any]] = field(default_factory=list)
    """Each with `occurrence_id`, `start_time` (datetime), `duration` and `status`."""
    status: str = "waiting"
    registrants: dict[str, str] = field(default_factory=dict)
    """E-mail address to id."""


class Refused(Exception):
    def __init__(self, status: int, code: int | None, message: str, **headers: str) -> None:
        self.status = status
        self.body = {"code": code, "message": message}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class FakeZoom:
    now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)
    users: set[str] = field(default_factory=lambda: {HOST, "other@school.example"})
    granted: frozenset[str] = EVERYTHING
    secret: str = SECRET
    expires_in: int = 3600
    meetings: dict[int, Meeting] = field(default_factory=dict)
    participants: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    report: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    recorded: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    tokens: dict[str, datetime] = field(default_factory=dict)
    page: int = 300
    changed: Counter[tuple[str, str]] = field(default_factory=Counter)
    registered: Counter[tuple[int, str]] = field(default_factory=Counter)
    url: str = ""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while something is being deleted."""
    hold: asyncio.Event | None = None
    """Where there is one, what is being deleted waits for it."""
    _deleting: set[str] = field(default_factory=set)
    _number: int = 97763643885
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/oauth/token", self._token)
        for operation in OPERATIONS:
            method, _, path = operation.partition(" ")
            name = _handler_name(method, path)
            app.router.add_route(method, f"/v2{path}", self._door(operation, getattr(self, name)))
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = "http://127.0.0.1:" + str(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def count(self, operation: str) -> int:
        return sum(one.operation == operation for one in self.asked)

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        return [one.body for one in self.asked if one.operation == operation]

    def starts(self, number: int | str) -> list[datetime]:
        """When its occurrences are that have not been deleted."""
        meeting = self.meetings[int(number)]
        if meeting.body["type"] == 8:
            return sorted(one["start_time"] for one in meeting.occurrences if one["status"] == "available")
        return [meeting.body["start_time"]]

    def fill_day(self, host: str) -> None:
        """Others have made a hundred meetings of the host today."""
        self.changed[host, f"{self.now:%Y-%m-%d}"] = 100

    def revoke_tokens(self) -> None:
        self.tokens.clear()

    # ---------------------------------------------------------------------------------------------------- doors

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        login = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        self.asked.append(Asked("token", request.path, {}, {}))
        for fault in self._faults("token"):
            return fault.answer()
        if request.headers.get("Authorization") != f"Basic {login}":
            told = {"reason": "Invalid client_id or client_secret", "error": "invalid_client"}
            return web.json_response(told, status=400)
        if form.get("grant_type") != "account_credentials" or form.get("account_id") != ACCOUNT:
            return web.json_response({"reason": "Bad Request", "error": "invalid_request"}, status=400)
        token = f"token-{len(self.asked)}"
        self.tokens[token] = self.now + timedelta(seconds=self.expires_in)
        return web.json_response(
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": self.expires_in,
                "scope": " ".join(sorted(self.granted)),
                "api_url": self.url,
            }
        )

    def _door(self, operation: str, handler: Any) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            body = json.loads(await request.read() or b"{}")
            self.asked.append(Asked(operation, request.raw_path, dict(request.query), body))
            lost = False
            for fault in self._faults(operation):
                if not fault.lose:
                    return fault.answer()
                lost = True
            try:
                self._admit(operation, request, body)
                status, told = await handler(request, body)
                response = (
                    web.json_response(told, status=status)
                    if told is not None
                    else web.Response(status=status)
                )
            except Refused as refused:
                response = web.json_response(refused.body, status=refused.status, headers=refused.headers)
            if lost and request.transport is not None:
                request.transport.abort()
            return response

        return answer

    def _faults(self, operation: str) -> list[Fault]:
        for fault in self.faults:
            if fault.times and operation.startswith(fault.operation):
                fault.times -= 1
                return [fault]
        return []

    def _admit(self, operation: str, request: web.Request, body: Mapping[str, Any]) -> None:
        rules = OPERATIONS[operation]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise Refused(401, 124, "Invalid access token.")
        if self.tokens[token] <= self.now:
            raise Refused(401, 124, "Access token is expired.")
        if not self.granted & set(rules["scopes"]):
            raise Refused(400, 4711, f"Invalid access token, does not contain scopes:[{rules['scopes'][0]}].")
        single = rules.get("occurrence") if "occurrence_id" in request.query else None
        for what, schema in (
            (dict(request.query), rules["query"]),
            (body, single or rules.get("body", {"maxProperties": 0})),
        ):
            error = jsonschema.Draft202012Validator(schema).iter_errors(what)
            for one in error:
                self.mistakes.append(f"{operation}: {one.json_path}: {one.message[:200]}")
                raise Refused(300, 300, f"Validation Failed. {one.json_path}: {one.message[:100]}")

    def _user(self, request: web.Request) -> str:
        user = request.match_info["userId"]
        if user == "me" or user not in self.users:
            raise Refused(404, 1001, f"User does not exist: {user}.")
        return user

    def _meeting(self, request: web.Request) -> Meeting:
        meeting = self.meetings.get(int(request.match_info["meetingId"]))
        if meeting is None:
            raise Refused(404, 3001, f"Meeting does not exist: {request.match_info['meetingId']}.")
        return meeting

    def _count(self, host: str) -> None:
        day = (host, f"{self.now:%Y-%m-%d}")
        self.changed[day] += 1
        if self.changed[day] > 100:
            words = "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this user."
            midnight = (self.now + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
            raise Refused(429, 429, words, X_RateLimit_Type="Daily-limit", Retry_After=midnight)

    def _paged(
        self, request: web.Request, name: str, items: list[dict[str, Any]]
    ) -> tuple[int, dict[str, Any]]:
        size = min(self.page, int(request.query.get("page_size", 30)))
        token = request.query.get("next_page_token", "page-0")
        first = int(token.removeprefix("page-"))
        more = first + size < len(items)
        return 200, {
            "page_size": size,
            "total_records": len(items),
            "next_page_token": f"page-{first + size}" if more else "",
            name: items[first : first + size],
        }

    # ------------------------------------------------------------------------------------------------- meetings

    async def post_users_meetings(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        host = self._user(request)
        self._count(host)
        self._number += 1
        meeting = Meeting(self._number, host, {"duration": 60, "settings": {}, **body})
        start, zone = self._start(body)
        if start is None or start <= self.now:
            if start is not None:
                self.mistakes.append(f"create: {body['start_time']} has passed")
            start = self.now
        meeting.body |= {"start_time": start, "timezone": zone}
        if body["type"] == 8:
            meeting.occurrences = self._expanded(meeting)
        self.meetings[meeting.id] = meeting
        return 201, self._told(meeting)

    async def get_users_meetings(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        host = self._user(request)
        mine = [self._listed(one) for one in self.meetings.values() if one.host == host]
        return self._paged(request, "meetings", mine)

    async def get_meetings(self, request: web.Request, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, self._told(self._meeting(request), all_times="show_previous_occurrences" in request.query)

    async def patch_meetings(self, request: web.Request, body: dict[str, Any]) -> tuple[int, None]:
        meeting = self._meeting(request)
        self._count(meeting.host)
        start, zone = self._start(body)
        if start is not None and start <= self.now:
            self.mistakes.append(f"update: {body['start_time']} has passed")
            return 204, None  # taken in silence, and nothing changes
        if "occurrence_id" in request.query:
            one = self._occurrence(meeting, request)
            one |= {
                "start_time": start or one["start_time"],
                "duration": body.get("duration", one["duration"]),
            }
            return 204, None
        settings = {**meeting.body["settings"], **body.get("settings", {})}
        meeting.body |= {**body, "settings": settings}
        meeting.body["start_time"] = start or meeting.body["start_time"]
        meeting.body["timezone"] = zone
        if "recurrence" in body:
            past = [one for one in meeting.occurrences if one["start_time"] <= self.now]
            meeting.occurrences = past + self._expanded(meeting)
        elif "duration" in body:
            for one in meeting.occurrences:
                one["duration"] = body["duration"]
        return 204, None

    async def delete_meetings(self, request: web.Request, body: dict[str, Any]) -> tuple[int, None]:
        meeting = self._meeting(request)
        if meeting.host in self._deleting:
            raise Refused(
                429,
                429,
                "Too many concurrent requests. A request to disassociate this user has already been made.",
            )
        self._deleting.add(meeting.host)
        self.begun.set()
        await (
            self.hold.wait() if self.hold is not None else asyncio.sleep(0.005)
        )  # others may come in between
        self.begun.clear()
        self._deleting.discard(meeting.host)
        if meeting.status == "started":
            raise Refused(400, 3002, "Sorry, you cannot delete this meeting since it is in progress.")
        if "occurrence_id" in request.query:
            self._occurrence(meeting, request)["status"] = "deleted"
        else:
            del self.meetings[meeting.id]
        return 204, None

    async def put_meetings_status(self, request: web.Request, body: dict[str, Any]) -> tuple[int, None]:
        self._meeting(request).status = "waiting"
        return 204, None

    def _start(self, body: Mapping[str, Any]) -> tuple[datetime | None, str]:
        zone = body.get("timezone", "UTC")
        if "start_time" not in body:
            return None, zone
        given = datetime.fromisoformat(body["start_time"])
        return (given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC), zone

    def _expanded(self, meeting: Meeting) -> list[dict[str, Any]]:
        zone = ZoneInfo(meeting.body["timezone"])
        first = meeting.body["start_time"].astimezone(zone).replace(tzinfo=None)
        walls = expansion(meeting.body["recurrence"], first)
        starts = [wall.replace(tzinfo=zone).astimezone(UTC) for wall in walls]
        return [
            {
                "occurrence_id": str(int(at.timestamp() * 1000)),
                "start_time": at,
                "duration": meeting.body["duration"],
                "status": "available",
            }
            for at in starts
        ]

    def _occurrence(self, meeting: Meeting, request: web.Request) -> dict[str, Any]:
        for one in meeting.occurrences:
            if one["occurrence_id"] == request.query["occurrence_id"] and one["status"] == "available":
                return one
        raise Refused(400, 300, "Invalid parameter: occurrence_id.")

    def _told(self, meeting: Meeting, *, all_times: bool = False) -> dict[str, Any]:
        told = {
            **self._listed(meeting),
            "agenda": meeting.body.get("agenda", ""),
            "status": meeting.status,
            "settings": meeting.body["settings"],
            "start_url": f"https://zoom.us/s/{meeting.id}?zak=zak-{len(self.asked)}",
        }
        if "password" in meeting.body:
            told["password"] = meeting.body["password"]
        if meeting.body["type"] == 8:
            told["recurrence"] = meeting.body["recurrence"]
            told["occurrences"] = [
                {**one, "start_time": _z(one["start_time"])}
                for one in meeting.occurrences
                if (all_times or one["start_time"] > self.now) and one["status"] == "available"
            ]
        return told

    def _listed(self, meeting: Meeting) -> dict[str, Any]:
        return {
            "id": meeting.id,
            "uuid": f"uuid/{meeting.id}==",
            "host_id": "30R7kT7bTIKSNUFEuH_Qlg",
            "topic": meeting.body["topic"],
            "type": meeting.body["type"],
            "agenda": meeting.body.get("agenda", "")[:250],
            "start_time": _z(meeting.body["start_time"]),
            "duration": meeting.body["duration"],
            "timezone": meeting.body["timezone"],
            "created_at": _z(self.now),
            "join_url": f"https://zoom.us/j/{meeting.id}?pwd=hash",
        }

    # --------------------------------------------------------------------------------------------------- people

    async def post_meetings_registrants(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        meeting = self._meeting(request)
        if meeting.body["settings"].get("approval_type") != 0:
            raise Refused(400, 300, f"Registration has not been enabled for this meeting: {meeting.id}.")
        email = body["email"].lower()
        self.registered[meeting.id, email] += 1
        if self.registered[meeting.id, email] > 3:
            raise Refused(
                429,
                429,
                "You have exceeded the daily rate limit (3) for this registrant.",
                X_RateLimit_Type="Daily-limit",
            )
        meeting.registrants.setdefault(email, f"reg-{len(meeting.registrants)}_{meeting.id}")
        return 201, {
            "id": meeting.id,
            "registrant_id": meeting.registrants[email],
            **self._own_link(meeting, email),
        }

    async def get_meetings_registrants(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        meeting = self._meeting(request)
        everybody = [
            {
                "id": number,
                "email": email,
                "first_name": "A",
                "status": "approved",
                **self._own_link(meeting, email),
            }
            for email, number in meeting.registrants.items()
        ]
        return self._paged(request, "registrants", everybody)

    async def get_meetings_registrants_one(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        meeting = self._meeting(request)
        for email, number in meeting.registrants.items():
            if number == request.match_info["registrantId"]:
                return 200, {
                    "id": number,
                    "email": email,
                    "first_name": "A",
                    **self._own_link(meeting, email),
                }
        raise Refused(404, 3001, "Registrant does not exist.")

    def _own_link(self, meeting: Meeting, email: str) -> dict[str, str]:
        return {"join_url": f"https://zoom.us/w/{meeting.id}?tk={meeting.registrants[email]}"}

    async def post_meetings_invite_links(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        meeting = self._meeting(request)
        people = [
            {
                "name": one["name"],
                "join_url": f"https://zoom.us/w/{meeting.id}?tk={one['name'].replace(' ', '-')}",
            }
            for one in body["attendees"]
        ]
        return 201, {"attendees": people}

    # ---------------------------------------------------------------------------------------------- afterwards

    async def get_past_meetings_participants(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        return self._paged(request, "participants", self._of_session(self.participants, request))

    async def get_report_meetings_participants(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        return self._paged(request, "participants", self._of_session(self.report, request))

    async def get_meetings_recordings(
        self, request: web.Request, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        session = _session(request)
        if session not in self.recorded:
            raise Refused(404, 3301, "There is no recording for this meeting.")
        token = {"download_access_token": "dl-token"} if "include_fields" in request.query else {}
        return 200, self.recorded[session] | token

    def _of_session(
        self, kept: Mapping[str, list[dict[str, Any]]], request: web.Request
    ) -> list[dict[str, Any]]:
        session = _session(request)
        if session not in kept:
            raise Refused(404, 3001, f"Meeting does not exist: {session}.")
        return kept[session]


def _handler_name(method: str, path: str) -> str:
    words = [word for word in path.strip("/").split("/") if not word.startswith("{")]
    one = "_one" if path.endswith("{registrantId}") else ""
    return f"{method.lower()}_{'_'.join(words)}{one}"


def _session(request: web.Request) -> str:
    """The router has decoded it once. One with a slash at its beginning, or two in it, has to come encoded twice."""
    given = request.match_info["meetingId"]
    return unquote(given) if "%" in given else given


def _z(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
