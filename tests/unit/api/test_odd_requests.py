"""Requests that no client should send: each gets an answer that names the fault, never a 500."""

from __future__ import annotations

import re
from typing import Any

import httpx
import orjson
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.guards.query_parameters import CHECKED, EXEMPT, known_parameters
from api.guards.slash_redirects import local_location
from api.openapi.completion import operations
from roost.events.account import AccountRole
from roost.settings import Settings
from roost.views.answers import SearchRefused, page_of
from tests.unit.api.signed import Topics, given_to, headers_for
from tests.unit.api.two_stations import HERE, MINE, County, stored_opening
from tests.unit.api.walk import routes

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz019!#$%&'*+-.^_`|~"
TOKEN = st.text(LETTERS, min_size=1, max_size=60)
ONE_COUNTY = [HealthCheck.function_scoped_fixture]


@pytest.fixture
def county() -> County:
    return County()


@settings(max_examples=40, deadline=None, suppress_health_check=ONE_COUNTY)
@given(TOKEN)
async def test_any_word_as_a_method_is_refused_without_an_internal_error(
    county: County, method: str
) -> None:
    answer = await county.send(f"X{method}", "/v1/openings", {})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/openings", "GET, POST"),
        ("POST", f"/v1/stations/{MINE}", "GET, PUT"),
        ("ABCDEFGHIJKLMN", "/console/employer/openings/new", "GET, POST"),
    ],
)
async def test_a_refused_method_is_answered_with_all_allowed_ones(
    county: County, method: str, path: str, allowed: str
) -> None:
    answer = await county.send(method, path, {})
    assert answer.status_code == 405
    listed = set(answer.headers["allow"].split(", "))
    assert set(allowed.split(", ")) <= listed
    assert method not in listed


@pytest.mark.parametrize("step", ["foo", "accept"])
@pytest.mark.parametrize("value", ["foo", "é%F0", "a" * 300, "m-" + "a" * 26 + "." + "b" * 26])
async def test_no_wrong_step_of_a_path_is_an_internal_error(
    value: str, step: str, county: County
) -> None:
    topics: Any = county.given.publisher
    keys = [
        headers_for(topics, AccountRole.WORKER, worker_id="w-" + "b" * 26),
        headers_for(topics, AccountRole.EMPLOYER, employer_id="e-1"),
    ]
    for route in (each for each in routes() if "{" in each.path):
        parts = re.findall(r"{(\w+)", route.path)
        path = route.path
        for part in parts:
            right = part == "id" and len(parts) > 1
            path = re.sub(rf"{{{part}[^}}]*}}", value if right or len(parts) == 1 else step, path)
        for headers in keys:
            for method in route.methods - {"GET"}:
                answer = await county.client.request(method, path, headers=headers)
                assert answer.status_code < 500, f"{method} {path}"


@pytest.mark.parametrize(
    ("path", "names", "said"),
    [
        ("/v1/openings?stauts=open", ["stauts"], "did you mean status?"),
        ("/v1/openings?posted_from=2026-01-01", ["posted_from"], "did you mean postedFrom?"),
        ("/v1/public/openings?plaec=x&limit=2", ["plaec"], "did you mean place?"),
        ("/v1/openings?a=1&zzzzzz=2", ["a", "zzzzzz"], "cursor, employer,"),
        ("/v1/me?x=1", ["x"], "takes none"),
        ("/feeds/openings.atom?limti=3", ["limti"], "did you mean limit?"),
    ],
)
async def test_an_unknown_query_parameter_is_refused_with_the_nearest_one(
    county: County, path: str, names: list[str], said: str
) -> None:
    answer = await county.send("GET", path, {})
    assert answer.status_code == 400, answer.text
    faults = answer.json()["errors"]
    assert [each["field"] for each in faults] == names
    assert said in faults[0]["message"]


async def test_browsers_gateways_and_providers_may_append_parameters(county: County) -> None:
    for path in ("/health/live?x=1", "/v1/stop/token?utm_source=sms", "/v1/sign-in/oidc?x=1"):
        assert (await county.send("GET", path, {})).status_code != 400, path


async def test_every_route_checks_its_query(county: County) -> None:
    topics: Any = county.given.publisher
    admin = headers_for(topics, AccountRole.ADMIN)
    for route in (each for each in routes() if each.path.startswith(CHECKED)):
        if route.path.startswith(EXEMPT):
            continue
        for method in route.methods:
            path = re.sub(r"{[^}]*}", "x", route.path)
            answer = await county.client.request(method, f"{path}?qqqq=1", headers=admin)
            assert answer.status_code == 400, f"{method} {path}: {answer.text}"


def test_the_parameters_of_dependencies_are_known_too() -> None:
    (listed,) = [each for each in routes() if each.path == "/v1/openings" and "GET" in each.methods]
    assert known_parameters(listed.dependant) >= {"limit", "cursor", "fields", "postedFrom", "q"}


async def test_if_match_creates_nothing(county: County) -> None:
    topics: Any = county.given.publisher
    admin = headers_for(topics, AccountRole.ADMIN)
    county.client.headers.update(admin)
    body = {"identifier": "new", "name": "新站", "place": {"name": HERE.key}, "serves": [HERE.key]}
    id = "s-" + "c" * 26
    for tag in ("*", '"5"', 'W/"5"'):
        answer = await county.client.put(f"/v1/stations/{id}", json=body, headers={"if-match": tag})
        assert answer.status_code == 412, answer.text
        assert "does not exist" in answer.json()["detail"]
    assert county.log.records == []
    create = {"if-none-match": "*"}
    made = await county.client.put(f"/v1/stations/{id}", json=body, headers=create)
    assert made.status_code == 202, made.text
    again = await county.client.put(f"/v1/stations/{id}", json=body, headers=create)
    assert again.status_code == 412, again.text
    assert len(county.log.records) == 1


async def test_a_weak_tag_is_refused_with_the_cause_and_answers_forbid_transformations(
    county: County,
) -> None:
    record = stored_opening(HERE)
    county.views.store(record)
    path = f"/v1/openings/{record.key}/pause"
    refused = await county.send("POST", path, {}, **{"if-match": 'W/"7"'})
    assert refused.status_code == 412
    assert "weak tag" in refused.json()["detail"]
    done = await county.send("POST", path, {}, **{"if-match": '"7"'})
    assert done.status_code == 202, done.text
    assert "no-transform" in done.headers["cache-control"]
    shown = await county.send("GET", "/v1/stations/" + MINE, {})
    if shown.status_code == 200:
        assert "no-transform" in shown.headers["cache-control"]


async def test_the_words_of_elasticsearch_stay_in_the_log(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "failed to parse date field [x] of index [openings-000001]"

    async def search(view: str, body: Any) -> Any:
        return page_of({"error": {"type": "parse_exception", "reason": secret}, "status": 400})

    monkeypatch.setattr(county.views, "search", search, raising=False)
    with structlog.testing.capture_logs() as logged:
        answer = await county.send("GET", "/v1/openings", {})
    assert answer.status_code == 422
    assert "lasticsearch" not in answer.text
    assert "parse" not in answer.text
    assert [each["event"] for each in logged if each["event"] == "search_refused"]
    with pytest.raises(SearchRefused, match="parse_exception"):
        page_of({"error": {"type": "parse_exception", "reason": secret}, "status": 400})


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("employer=a&employer=b", 400),
        ("limit=1&limit=1", 400),
        ("q=a&q=", 400),
        ("status=open&status=closed&limit=1", 200),
    ],
)
async def test_a_parameter_of_one_value_is_not_repeated(
    county: County, query: str, status: int
) -> None:
    answer = await county.send("GET", f"/v1/openings?{query}", None)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json()["type"] == "/problems/repeated-parameter"
        assert [each["field"] for each in answer.json()["errors"]] == [query[: query.index("=")]]


async def test_a_parameter_of_several_values_may_be_repeated(county: County) -> None:
    answer = await county.send("GET", "/v1/matches?state=proposed&state=expired", None)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/health/live/", "/health/live"),
        ("/v1/public/openings/?q=a%26b&limit=2", "/v1/public/openings?q=a%26b&limit=2"),
        ("/console/sign-in/?next=/console/queue", "/console/sign-in?next=/console/queue"),
    ],
)
async def test_a_final_slash_leads_to_no_other_host(path: str, location: str) -> None:
    app = create_app(Settings())
    topics = Topics()
    given_to(app, topics)
    headers = headers_for(topics) | {"accept": "text/html"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.example") as client:
        answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (307, location)


@given(st.binary(max_size=60))
def test_every_location_is_made_one_on_this_host(location: bytes) -> None:
    try:
        local = local_location(location)
    except ValueError:
        return
    assert re.match(rb"/(?![/\\\\])", local + b".")


PAIRS = [
    ("from", "to", "2026-03-02", "2026-03-01"),
    ("postedFrom", "postedTo", "2026-03-02", "2026-03-01"),
    ("since", "until", "2026-03-02T00:00:00Z", "2026-03-01T23:59:59"),
    ("changedSince", "changedUntil", "2026-03-02T00:00:00Z", "2026-03-01T23:59:59Z"),
]
"""Start and end of every kind of period, with a start after the end."""


def periods() -> list[tuple[str, str, str, str, str]]:
    """Return every route of the API with a period, and its reversed values."""
    listed = [(each.path, known_parameters(each.dependant)) for each in routes()]
    return [
        (path, *pair) for path, names in listed for pair in PAIRS if {pair[0], pair[1]} <= names
    ]


def test_every_pair_of_parameters_for_a_period_is_known() -> None:
    starts = {name for each in routes() for name in known_parameters(each.dependant)}
    ends = {name for name in starts if re.search(r"(^t|T)o$|(^u|U)ntil$|(^b|B)efore$", name)}
    assert ends == {each[1] for each in PAIRS}


@pytest.mark.parametrize(("path", "start", "end", "later", "earlier"), periods())
async def test_a_reversed_period_is_refused_with_both_names(
    county: County, path: str, start: str, end: str, later: str, earlier: str
) -> None:
    topics: Any = county.given.publisher
    admin = headers_for(topics, AccountRole.ADMIN)
    found = await county.client.get(
        re.sub(r"{[^}]*}", "x", path), params={start: later, end: earlier}, headers=admin
    )
    assert found.status_code == 422, found.text
    if "/console/" not in path:
        assert [each["field"] for each in found.json()["errors"]] == [start, end]


def test_every_language_of_an_answer_is_one_of_two() -> None:
    found = {
        f"{method} {path}": orjson.dumps(each["schema"]).decode()
        for path, method, operation in operations(create_app(Settings()).openapi())
        for each in operation.get("parameters", ())
        if each["name"] == "language"
    }
    assert found
    assert [path for path, schema in found.items() if '"enum":["zh","en"]' not in schema] == []
