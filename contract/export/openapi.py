"""The OpenAPI 3.1 document of the REST interface."""

import json
import re
from http import HTTPStatus
from typing import Any

from contract.errors import ErrorCode
from contract.export import examples
from contract.export.schemas import Schema, WireSchemas, wire_schemas
from contract.registry import RestSpec
from contract.rest import OPERATIONS

PATH = "docs/openapi.json"

_REF = "#/components/schemas/{model}"
_ROOM_CURSORS = ("before", "after", "around")

_RATE_HEADERS: Schema = {
    "X-RateLimit-Limit": {
        "description": "Requests that fit into the full bucket; absent when limits are off.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "X-RateLimit-Remaining": {
        "description": "Requests left just now.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-RateLimit-Reset": {
        "description": "Seconds until the bucket is full again.",
        "schema": {"type": "integer", "minimum": 0},
    },
}
_REQUEST_ID_HEADER: Schema = {
    "X-Request-Id": {"description": "Stands in the server's log.", "schema": {"type": "string"}}
}
_PATH_DESCRIPTIONS = {"emoji": "The emoji itself, percent-encoded."}


def openapi_json(*, development: bool = True) -> str:
    """The document as text; without `development` it leaves out what only a development server offers."""
    return json.dumps(openapi(development=development), ensure_ascii=False, indent=2) + "\n"


def openapi(*, development: bool = True) -> dict[str, Any]:
    """The document."""
    schemas = wire_schemas(_REF)
    paths: dict[str, dict[str, Any]] = {}
    for spec in OPERATIONS.values():
        if development or not spec.only_in_development:
            paths.setdefault(spec.path, {})[spec.method.lower()] = _operation(spec, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Homeroom",
            "version": "1",
            "summary": "Rooms, messages and membership over REST.",
            "description": "Live events come over Socket.IO: see docs/protocol.md and docs/asyncapi.json.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": _used_schemas(schemas, paths),
            "responses": {status.name: _problem_response(status) for status in _REFUSALS},
        },
    }


def _operation(spec: RestSpec, schemas: WireSchemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": spec.operation,
        "summary": spec.summary,
        "tags": [_tag(spec)],
        "parameters": [*_path_parameters(spec, schemas), *_query_parameters(spec, schemas)],
        "responses": {**_success(spec, schemas), **_refusals(spec)},
    }
    if spec.idempotency_key:
        operation["parameters"].append(_IDEMPOTENCY_KEY)
    if not operation["parameters"]:
        del operation["parameters"]
    if spec.body is not None:
        content = {
            "schema": {"$ref": _REF.format(model=schemas.read(spec.body))},
            "example": examples.asked(examples.examples()[spec.body]),
        }
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    if spec.public:
        operation["security"] = [{}, {"bearer": []}] if spec.sign_in_optional else []
    return operation


def _tag(spec: RestSpec) -> str:
    return spec.path.split("/")[3]


_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key makes a retry answer with what the first request made.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
    "example": examples.CLIENT_ID,
}


def _path_parameters(spec: RestSpec, schemas: WireSchemas) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_DESCRIPTIONS.get(name, f"As the server gave it in a `{name}` or `id`."),
            "schema": _path_schema(name, schemas),
            "example": examples.PATH_VALUES[name],
        }
        for name in re.findall(r"{(\w+)}", spec.path)
    ]


def _path_schema(name: str, schemas: WireSchemas) -> Schema:
    """The field of the same name in a command; a slash would be another path."""
    owner = {
        "user_id": "MemberRef",
        "room_id": "RoomRef",
        "message_id": "React",
        "call_id": "CallRef",
        "emoji": "React",
        "meeting_id": "MeetingPresence",
    }.get(name)
    if owner is None:  # ids that stand in paths alone
        return {"type": "string", "minLength": 1, "maxLength": 64}
    return _without_null(schemas.definitions[owner]["properties"][name])


def _query_parameters(spec: RestSpec, schemas: WireSchemas) -> list[Schema]:
    """Each field a parameter; the three cursors of a page, of which one may be given, are one exploded object."""
    if spec.query is None:
        return []
    definition = schemas.definitions[schemas.read(spec.query)]
    required = definition.get("required", ())
    fields: dict[str, Schema] = dict(definition["properties"])
    parameters: list[Schema] = []
    if set(_ROOM_CURSORS) <= fields.keys():
        parameters.append(_cursor({name: _without_null(fields.pop(name)) for name in _ROOM_CURSORS}))
    for name, described in fields.items():
        schema = _without_null(described)
        parameter = {"name": name, "in": "query", "required": name in required}
        if "description" in schema:
            parameter["description"] = schema.pop("description")
        parameters.append({**parameter, "schema": schema})
    return parameters


def _cursor(fields: Schema) -> Schema:
    return {
        "name": "cursor",
        "in": "query",
        "required": False,
        "description": "`before=…`, `after=…` or `around=…`, at most one of them; none means the newest page.",
        "style": "form",
        "explode": True,
        "schema": {
            "type": "object",
            "properties": fields,
            "additionalProperties": False,
            "maxProperties": 1,
        },
    }


def _without_null(schema: Schema) -> Schema:
    if "anyOf" not in schema:
        return dict(schema)
    inner = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
    return {**inner, **{key: value for key, value in schema.items() if key != "anyOf"}}


def _success(spec: RestSpec, schemas: WireSchemas) -> dict[str, Schema]:
    if spec.answer is None:
        return {str(int(spec.status)): {"description": spec.status.phrase}}
    if spec.media_type != "application/json":
        return {
            str(int(spec.status)): {
                "description": spec.status.phrase,
                "headers": {**_REQUEST_ID_HEADER, **_RATE_HEADERS},
                "content": {spec.media_type: {"schema": {"type": "string"}}},
            }
        }
    content = {
        "schema": {"$ref": _REF.format(model=schemas.sent(spec.answer))},
        "example": examples.wire(examples.examples()[spec.answer]),
    }
    return {
        str(int(spec.status)): {
            "description": spec.status.phrase,
            "headers": {**_REQUEST_ID_HEADER, **_RATE_HEADERS},
            "content": {"application/json": content},
        }
    }


_REFUSALS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def _refusals(spec: RestSpec) -> dict[str, Schema]:
    """What this operation may answer instead; 405 is missing because no documented operation answers it."""
    asked = spec.query.model_fields.keys() if spec.query is not None else set[str]()
    names_something = "{" in spec.path or not asked.isdisjoint({"room_id", "meeting_id"})
    absent = {
        HTTPStatus.UNAUTHORIZED: spec.public and not spec.sign_in_optional,
        HTTPStatus.FORBIDDEN: spec.public and not spec.sign_in_optional,
        HTTPStatus.NOT_FOUND: not (names_something or spec.body is not None),
        HTTPStatus.CONFLICT: spec.method == "GET",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: spec.body is None,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: spec.body is None,
    }
    return {
        str(int(status)): {"$ref": f"#/components/responses/{status.name}"}
        for status in _REFUSALS
        if not absent.get(status, False)
    }


def _problem_response(status: HTTPStatus) -> Schema:
    codes = [code for code in ErrorCode if code.meaning.status is status]
    headers: Schema = dict(_REQUEST_ID_HEADER)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = {
            "description": "RFC 6750 section 3.",
            "required": True,
            "schema": {"type": "string"},
        }
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = {
            "description": "Seconds to wait, when the server knows.",
            "schema": {"type": "integer", "minimum": 0},
        }
    return {
        "description": " ".join(f"`{code}`: {code.meaning.sentence}" for code in codes),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": _REF.format(model="Problem")},
                "example": examples.wire(examples.problem(codes[0])),
            }
        },
    }


def _used_schemas(schemas: WireSchemas, paths: Any) -> dict[str, Schema]:
    """Only what the operations lead to: what is only on the socket stands in the AsyncAPI document."""
    known = schemas.definitions
    waiting, used = [*_references(paths), "Problem"], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in used and name in known:
            used.add(name)
            waiting += _references(known[name])
    return {name: known[name] for name in sorted(used)}


def _references(part: Any) -> list[str]:
    return re.findall(r'"#/components/schemas/(\w+)"', json.dumps(part))
