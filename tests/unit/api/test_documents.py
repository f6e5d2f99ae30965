"""Facts of every operation in the OpenAPI document."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.access.principal import Principal
from api.app import create_app
from api.guards.list_tags import may_be_list
from api.guards.open_paths import is_open
from api.guards.problem_responses import MEDIA
from api.lists.documents import fact_with_version
from api.lists.sparse import only
from api.matches.match_visibility import visible_match
from api.matches.schemas import MatchAnswer
from api.openapi.completion import operations
from api.openapi.response_headers import add_headers
from api.openings.schemas import OpeningAnswer
from api.profiles.schemas import ProfileAnswer
from api.webhooks.schemas import WebhookAnswer
from roost.events.account import AccountRole
from roost.events.webhook import SENT_KINDS
from roost.rules.visibility import shown_to_employer
from roost.settings import Settings
from roost.webhooks.payloads import TEST, payload, trial_payload
from roost.wording import Message
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.test_lists import OLD_ROUTE
from tests.unit.api.walk import routes

DOCUMENT = create_app(Settings()).openapi()


def responses_of(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the responses by status, those that operations share resolved."""
    shared = DOCUMENT["components"]["responses"]
    return [
        (status, shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each)
        for status, each in operation["responses"].items()
    ]


def test_every_list_of_pages_has_a_total_on_request() -> None:
    without = [
        path
        for path, method, operation in operations(DOCUMENT)
        if method == "get" and path.startswith("/v1/")
        for names in [{each.get("name") for each in operation.get("parameters", ())}]
        if "cursor" in names and "total" not in names
    ]
    assert without == []


def test_every_answer_with_a_stored_fact_may_be_reduced_to_any_of_its_fields() -> None:
    reduced = 0
    for path, method, operation in operations(DOCUMENT):
        answer = (operation["responses"].get("200") or {}).get("content", {})
        schema = _fact_of(answer.get("application/json", {}).get("schema", {}))
        if method != "get" or schema is None:
            continue
        assert "fields" in {each["name"] for each in operation["parameters"]}, path
        reduced += 1
    assert reduced >= 18


def _fact_of(schema: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a stored fact, or of those on a page; None for other answers."""
    named = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    if "items" in named.get("properties", {}):
        return _fact_of(named["properties"]["items"].get("items", {}))
    return named if set(named.get("required", ())) == {"id", "version"} else None


def test_every_operation_says_how_one_signs_in_and_what_a_problem_is() -> None:
    assert DOCUMENT["security"] == [{"key": []}, {"session": []}]
    for path, method, operation in operations(DOCUMENT):
        assert (operation.get("security") == []) is is_open(path), (method, path)
        for status, response in responses_of(operation):
            if status >= "400":
                assert response["content"][MEDIA]["schema"]["$ref"].endswith("/Problem")


def test_a_write_that_can_be_waited_for_says_both_answers() -> None:
    assert {"200", "201", "202"} <= set(DOCUMENT["paths"]["/v1/openings"]["post"]["responses"])
    assert "200" in DOCUMENT["paths"]["/v1/openings/{id}"]["put"]["responses"]


@pytest.mark.parametrize("path", ["/v1/stations/{id}/events", "/v1/{whose}/{id}/inbox/events"])
def test_a_live_stream_says_what_it_is(path: str) -> None:
    assert list(DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]) == [
        "text/event-stream"
    ]


OPERATIONS = [(path, method, operation) for path, method, operation in operations(DOCUMENT)]
NAMES = [f"{method} {path}" for path, method, _ in OPERATIONS]
OPAQUE = {"options", "credential", "value"}
"""Fields whose content another standard defines: WebAuthn, and values of schema.org."""
Operation = tuple[str, str, dict[str, Any]]
of_each_operation = pytest.mark.parametrize("each", OPERATIONS, ids=NAMES)


def reachable(schema: Any) -> dict[str, Any]:
    """Return the components that a schema refers to, so that a validator compiles no others."""
    found: dict[str, Any] = {}
    todo = [schema]
    while todo:
        for name in re.findall(r"#/components/schemas/([\w.-]+)", repr(todo.pop())):
            if name not in found:
                found[name] = DOCUMENT["components"]["schemas"][name]
                todo.append(found[name])
    return found


def valid(schema: dict[str, Any], value: Any) -> list[str]:
    root = {**schema, "components": {"schemas": reachable(schema)}}
    validator = jsonschema_rs.Draft202012Validator(root, validate_formats=True)
    return [f"{list(each.instance_path)}: {each.message}" for each in validator.iter_errors(value)]


def examples_of(content: dict[str, Any]) -> list[Any]:
    found = [content["example"]] if "example" in content else []
    found += [each["value"] for each in content.get("examples", {}).values()]
    return found or list(content["schema"].get("examples", ()))


def successes(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(status, each) for status, each in operation["responses"].items() if status < "400"]


def untyped_parts(
    schema: dict[str, Any], path: tuple[str, ...] = (), seen: frozenset[str] = frozenset()
) -> list[str]:
    """Return the paths within an answer that say nothing of their content."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return []
        return untyped_parts(DOCUMENT["components"]["schemas"][name], path, seen | {name})
    if path and path[-1] in OPAQUE:
        return []
    parts = [("|", each) for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))]
    parts += schema.get("properties", {}).items()
    more = schema.get("additionalProperties")
    parts += [("*", more)] if isinstance(more, dict) and more else []
    parts += [("*", each) for each in schema.get("patternProperties", {}).values()]
    parts += [("[]", schema["items"])] if "items" in schema else []
    if not parts and schema.get("type") in (None, "object", "array") and "enum" not in schema:
        return ["/".join(path) or "all of it"]
    return [each for name, part in parts for each in untyped_parts(part, (*path, name), seen)]


@of_each_operation
def test_every_operation_has_a_summary_and_a_description(each: Operation) -> None:
    _, _, operation = each
    assert operation["summary"], "give the route a summary"
    assert len(operation.get("description", "")) > 10, "give the endpoint a docstring"


@of_each_operation
def test_every_answer_is_typed(each: Operation) -> None:
    for status, response in successes(each[2]):
        if "content" not in response:
            assert status in {"204", "303"}, f"{status} has no content: declare its model"
        for body in response.get("content", {}).values():
            assert untyped_parts(body.get("schema") or {}) == [], status


@of_each_operation
def test_every_example_is_valid_and_none_is_missing(each: Operation) -> None:
    _, _, operation = each
    bodies = [response for _, response in successes(operation)]
    if "requestBody" in operation:
        bodies.append(operation["requestBody"])
    for body in bodies:
        for content in body.get("content", {}).values():
            assert examples_of(content), "no example"
            for example in examples_of(content):
                assert valid(content["schema"], example) == []


@of_each_operation
def test_every_response_declares_its_headers(each: Operation) -> None:
    _, _, operation = each
    keyed = {"Idempotency-Key", "idempotency-key"} & {
        parameter["name"] for parameter in operation.get("parameters", ())
    }
    for status, response in responses_of(operation):
        declared = set(response["headers"])
        assert {"RateLimit", "RateLimit-Policy"} <= declared
        assert ("Retry-After" in declared) is (status in {"409", "429", "503"})
        if status < "400":
            assert ("Idempotent-Replayed" in declared) is bool(keyed)
        for header in response["headers"].values():
            name = header["$ref"].rpartition("/")[2]
            component = DOCUMENT["components"]["headers"][name]
            if "example" in component:
                assert valid(component["schema"], component["example"]) == []


@pytest.mark.parametrize(
    "route", [each for each in routes() if each.include_in_schema], ids=lambda each: each.path
)
def test_an_endpoint_that_sets_a_tag_or_a_location_documents_it(route: APIRoute) -> None:
    source = inspect.getsource(route.endpoint)
    wanted = {
        "ETag": ("tagged(", "document_answer(", "answered(", "_accepted", '"etag":'),
        "Location": ('headers["location"]', "RedirectResponse(", "answered(", "_accepted"),
    }
    for method in route.methods:
        operation = DOCUMENT["paths"][route.path][method.lower()]
        declared = {name for _, response in successes(operation) for name in response["headers"]}
        for header, signs in wanted.items():
            is_set = any(sign in source for sign in signs)
            if header == "ETag" and method == "GET":
                is_set = is_set or list_tag_is_added(route.path, operation)
            assert (header in declared) is is_set, header


def test_a_deprecated_operation_is_marked_and_declares_its_headers() -> None:
    operation: dict[str, Any] = {"responses": {"200": {}}}
    add_headers("/v1/old/{id}", "get", operation, (OLD_ROUTE,))
    assert operation["deprecated"] is True
    assert {"Deprecation", "Sunset", "Link"} <= set(operation["responses"]["200"]["headers"])
    other: dict[str, Any] = {"responses": {"200": {}}}
    add_headers("/v1/old/{id}", "post", other, (OLD_ROUTE,))
    assert "deprecated" not in other


def list_tag_is_added(path: str, operation: dict[str, Any]) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    return may_be_list(path) and "application/json" in content


KINDS = [*(each.value for each in SENT_KINDS), TEST]


def test_the_webhooks_section_has_each_message_that_is_sent() -> None:
    assert set(DOCUMENT["webhooks"]) == {f"roost.{kind}" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_webhook_message_is_documented_as_it_is_sent(kind: str) -> None:
    operation = DOCUMENT["webhooks"][f"roost.{kind}"]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    headers = [each["name"] for each in operation["parameters"]]
    assert headers == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    assert valid(content["schema"], content["example"]) == []
    at, id = datetime(2026, 1, 1, tzinfo=UTC), "n-" + "a" * 26
    sent = trial_payload(id, at)
    if kind != TEST:
        data = {"notificationId": id, "openingId": "o-" + "a" * 26}
        sent = payload(Message(id, "title", "body", kind=kind, data=data), at)
    assert valid(content["schema"], orjson.loads(sent)) == []
    assert set(orjson.loads(sent)["data"]) <= set(
        DOCUMENT["components"]["schemas"]["WebhookData"]["properties"]
    )


def test_the_answer_of_an_employer_a_worker_and_the_staff_fits_the_schema_of_a_match() -> None:
    schema = {"$ref": "#/components/schemas/MatchAnswer"}
    match = a_match("o-" + "a" * 26, "w-" + "b" * 26, NOW)
    document = {"fact": orjson.loads(match.to_json()), "version": 3}
    for role in set(AccountRole) - {AccountRole.EMPLOYER}:
        who = Principal(id="k-1", role=role, name="x")
        assert valid(schema, visible_match(who, document, lambda id: id, NOW)) == []
    profile = {
        "name": "王芳",
        "skills": ["砌墙"],
        "shownToEmployers": {"name": True, "contact": True},
    }
    answer = shown_to_employer(document["fact"], profile) | {"version": 3}
    assert valid(schema, answer) == []
    assert set(answer) <= set(DOCUMENT["components"]["schemas"]["MatchAnswer"]["properties"])


@pytest.mark.parametrize("role", AccountRole)
def test_the_keys_of_like_openings_are_shown_to_nobody(role: AccountRole) -> None:
    fact = orjson.loads(a_match("o-" + "a" * 26, "w-" + "b" * 26, NOW).to_json())
    keys = ["~n7jnhvssvc7qq"]
    fact["about"] = (fact.get("about") or {}) | {"title": "焊工", "alike": keys, "firstAlike": keys}
    who = Principal(id="k-1", role=role, name="x")
    shown = visible_match(who, {"fact": fact, "version": 3}, lambda id: id, NOW)
    assert "~n7jnhvssvc7qq" not in str(shown)


@pytest.mark.parametrize("answer", [OpeningAnswer, ProfileAnswer, MatchAnswer, WebhookAnswer])
def test_a_sparse_answer_needs_its_id_and_version_only(answer: type[BaseModel]) -> None:
    schema = DOCUMENT["components"]["schemas"][answer.__name__]
    assert set(schema["required"]) == {"id", "version"}
    assert "additionalProperties" not in schema


STORED = {
    "openings": "OpeningAnswer",
    "profiles": "ProfileAnswer",
    "stations": "StationAnswer",
    "matches": "MatchAnswer",
    "notices": "NoticeAnswer",
    "webhooks": "WebhookAnswer",
    "notifications": "NotificationAnswer",
    "deliveries": "DeliveryAnswer",
}
FIXTURES = sorted((Path(__file__).parents[2] / "fixtures" / "events").iterdir())


@pytest.mark.parametrize("topic", STORED)
@pytest.mark.parametrize("release", FIXTURES, ids=lambda release: release.name)
def test_every_stored_fact_of_each_release_fits_the_schema_of_its_answer(
    release: Path, topic: str
) -> None:
    schema = {"$ref": f"#/components/schemas/{STORED[topic]}"}
    lines = (release / f"{topic}.jsonl").read_text("utf-8").splitlines()
    assert lines
    for line in lines:
        answer = fact_with_version({"fact": orjson.loads(line), "version": 7})
        assert valid(schema, answer) == []
        assert valid(schema, only(answer, frozenset({"id", "version"}))) == []
