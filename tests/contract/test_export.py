"""What is generated from the registry: complete, consistent, and stale only when the registry has changed."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from contract.ack import Failed
from contract.base import PROTOCOL_VERSION, WireModel
from contract.errors import ErrorCode
from contract.events import EphemeralEvent, LogEvent
from contract.export import examples, files
from contract.export.__main__ import main
from contract.export.asyncapi import asyncapi
from contract.export.openapi import openapi
from contract.export.protocol import protocol_md
from contract.export.schemas import read_models, sent_models, wire_schemas
from contract.export.typescript import contract_ts
from contract.messages import MAX_TEXT
from contract.problem import Problem
from contract.registry import COMMANDS, EVENTS
from contract.rest import OPERATIONS

ENVELOPES = {LogEvent, EphemeralEvent, Failed, Problem}


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    definitions = wire_schemas("#/$defs/{model}").definitions
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": dict(definitions)})


def test_everything_on_the_wire_has_an_example() -> None:
    assert {*read_models(), *sent_models()} - ENVELOPES == set(examples.examples())


@pytest.mark.parametrize("model", read_models(), ids=lambda model: model.__name__)
def test_what_a_client_would_send_is_accepted_and_valid(model: type[WireModel]) -> None:
    asked = examples.asked(examples.examples()[model])
    assert model.model_validate(asked) == examples.examples()[model]
    validator(wire_schemas("#/$defs/{model}").read(model)).validate(asked)


@pytest.mark.parametrize("model", sent_models(), ids=lambda model: model.__name__)
def test_what_the_server_would_send_is_valid(model: type[WireModel]) -> None:
    known: dict[type[WireModel], Any] = {
        LogEvent: examples.event("message.new"),
        EphemeralEvent: examples.event("typing.start"),
        Failed: examples.refusal(),
        Problem: examples.wire(examples.problem(ErrorCode.RATE_LIMITED)),
    }
    sent = known[model] if model in known else examples.wire(examples.examples()[model])
    validator(wire_schemas("#/$defs/{model}").sent(model)).validate(sent)


@pytest.mark.parametrize(
    ("model", "value", "valid"),
    [
        ("SendMessage", {"room_id": "r", "client_id": "c", "text": "a\nb"}, True),
        ("SendMessage", {"room_id": "r", "client_id": "c", "text": " "}, False),
        ("SendMessage", {"room_id": "r", "client_id": "c", "text": "a\x00"}, False),
        ("SendMessage", {"room_id": "r\n", "client_id": "c", "text": "a"}, False),
        ("React", {"message_id": "m", "emoji": "a b"}, False),
        ("CreateRoom", {"kind": "course"}, False),
        ("CreateRoom", {"kind": "course", "title": "T"}, True),
        ("CreateRoom", {"kind": "direct", "members": [{"user_id": "u"}]}, True),
        ("CreateRoom", {"kind": "direct"}, False),
        ("CreateRoom", {"kind": "direct", "members": [{"user_id": "u"}], "visibility": "open"}, False),
        ("JoinRoom", {}, False),
        ("JoinRoom", {"key": "k"}, True),
        ("JoinRoom", {"key": "k", "room_id": "r"}, False),
        ("JoinRoom", {"key": "k", "room_id": None}, True),
        ("Revoke", {"jti": "a", "user_id": "b"}, False),
    ],
)
def test_the_schema_says_what_the_model_demands(model: str, value: object, valid: bool) -> None:
    models = {read.__name__: read for read in read_models()}
    assert validator(model).is_valid(value) is valid
    if valid:
        models[model].model_validate(value)
    else:
        with pytest.raises(ValueError):
            models[model].model_validate(value)


def test_what_is_sent_is_absent_rather_than_null() -> None:
    definitions = wire_schemas("#/$defs/{model}").definitions
    assert definitions["Membership"]["properties"]["role"] == {"$ref": "#/$defs/RoomRole"}
    assert "role" not in definitions["Membership"]["required"]
    assert "has_newer" in definitions["MessagePage"]["required"], "a default that is not null is always sent"


def test_the_client_types_name_everything() -> None:
    text = contract_ts()
    assert f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};" in text
    assert f"export const MAX_TEXT = {MAX_TEXT};" in text
    assert '"message:send": { payload: SendMessage; answer: MessageAnswer };' in text
    assert '"message.new": LogEventOf<"message.new", MessageNew>;' in text
    assert '"typing.start": EphemeralEventOf<"typing.start", TypingChanged>;' in text
    assert "readonly since?: Position;" in text
    assert 'export type RoomRole = "owner" | "moderator" | "member";' in text
    missing = [name for name in (*COMMANDS, *EVENTS) if f'"{name}"' not in text] + [
        name for name in OPERATIONS if f"  {name}: {{" not in text
    ]
    assert not missing
    assert "| null" not in text


def test_the_openapi_document_is_one() -> None:
    schema = schemathesis.openapi.from_dict(openapi())
    schema.validate()
    assert schema.statistic.operations.total == len(OPERATIONS)


def test_the_openapi_document_of_production_has_no_development_sign_in() -> None:
    assert "/api/v1/development/sign-in" in openapi()["paths"]
    assert "/api/v1/development/sign-in" not in openapi(development=False)["paths"]


@pytest.mark.parametrize("document", [openapi(), asyncapi()], ids=["openapi", "asyncapi"])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        part: Any = document
        for step in reference.split("/"):
            part = part[step.replace("~1", "/").replace("~0", "~")]
        assert part


def test_the_examples_of_the_asyncapi_document_are_valid() -> None:
    document = asyncapi()
    messages: dict[str, Any] = document["components"]["messages"]
    assert {message["name"] for message in messages.values()} >= {*COMMANDS, *EVENTS}
    for message in messages.values():
        check = jsonschema_rs.Draft202012Validator(
            {**message["payload"], "components": document["components"]}
        )
        for example in message["examples"]:
            check.validate(example["payload"])


def test_the_protocol_page_explains_everything() -> None:
    page = protocol_md()
    headings = set(re.findall(r"^### `(.+)`$", page, re.MULTILINE))
    assert headings >= {*COMMANDS, *EVENTS}
    assert not [code for code in ErrorCode if f"| `{code}` |" not in page]
    assert not [spec.path for spec in OPERATIONS.values() if f"| `{spec.path}` |" not in page]
    assert "{{" not in page


def test_every_link_within_the_protocol_page_leads_somewhere() -> None:
    page = protocol_md()
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors


def test_the_json_of_the_protocol_page_is_json() -> None:
    blocks = re.findall(r"```json\n(.*?)```", protocol_md(), re.DOTALL)
    assert len(blocks) > len(COMMANDS)
    for block in blocks:
        json.loads(block)


def test_the_commands_of_the_protocol_page_are_valid() -> None:
    shown = re.findall(r"socket\.emitWithAck\('([a-z:]+)', (\{.*?\})\)\n```", protocol_md(), re.DOTALL)
    assert [name for name, _ in shown] == list(COMMANDS)
    for name, payload in shown:
        COMMANDS[name].payload.model_validate_json(payload)


def test_a_stale_file_is_named_and_mended(tmp_path: Path) -> None:
    generators = {"docs/a.md": lambda: "fresh\n", "b.ts": lambda: "also\n"}
    assert files.check(tmp_path, generators) == ["docs/a.md", "b.ts"]
    assert files.write(tmp_path, generators) == ["docs/a.md", "b.ts"]
    assert files.check(tmp_path, generators) == []
    (tmp_path / "b.ts").write_text("edited by hand\n")
    assert files.check(tmp_path, generators) == ["b.ts"]


def test_a_file_with_other_line_ends_is_stale(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"line\r\n")
    assert files.check(tmp_path, {"a.md": lambda: "line\n"}) == ["a.md"]


def test_the_files_in_the_checkout_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_a_misspelt_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chek"]) == 2
    assert "usage" in capsys.readouterr().err
