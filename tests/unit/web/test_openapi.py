from openapi_spec_validator import validate

from kalecart.errors import KaleCartError
from web.api.openapi import specification
from web.api.operation import declared_by
from web.problems import status_of
from web.routes import API, REST

DOCUMENT = specification(API)
OPERATIONS = [(path, method, found) for path, methods in DOCUMENT["paths"].items() for method, found in methods.items()]


def test_the_specification_is_valid() -> None:
    validate(DOCUMENT)


def test_every_route_of_the_api_is_described() -> None:
    assert {(route.path, route.method.lower()) for route in API} == {(path, method) for path, method, _ in OPERATIONS}


def test_nothing_below_api_v1_escapes_the_specification() -> None:
    assert not [route.path for route in REST if route.path.startswith("/api/v1")]


def test_operations_have_names_of_their_own() -> None:
    names = [found["operationId"] for _, _, found in OPERATIONS]

    assert len(names) == len(set(names))


def test_what_only_some_may_do_says_whose_cookie_it_takes() -> None:
    protected = {path for path, _, found in OPERATIONS if "security" in found}

    assert {"/api/v1/orders", "/api/v1/me", "/api/v1/staff/orders"} <= protected
    assert "/api/v1/cart" not in protected


def test_every_refusal_a_handler_declares_is_described_with_its_status() -> None:
    for route in API:
        declared = declared_by(route.handler)
        assert declared is not None
        described = DOCUMENT["paths"][route.path][route.method.lower()]["responses"]
        errors: tuple[type[KaleCartError], ...] = declared.errors
        assert {str(status_of(error)) for error in errors} <= set(described)


def test_no_parameter_of_a_query_may_be_null() -> None:
    for _, _, found in OPERATIONS:
        for parameter in found["parameters"]:
            assert {"type": "null"} not in parameter["schema"].get("anyOf", [])
