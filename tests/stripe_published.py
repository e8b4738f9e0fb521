"""What Stripe publishes of its API, and holding answers and requests against it.

The file is beside the repository, not in it. Where it is absent the tests that need it are skipped and say so.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import stripe.params
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PUBLISHED = Path(__file__).parents[2] / "shared" / "stripe" / "payments-openapi.json"
ABSENT = "Stripe's published schema is not beside the repository (../shared/stripe/payments-openapi.json)"


@cache
def published() -> dict[str, Any]:
    """The published document, with the one path we use that is missing in the part of it that lies beside us."""
    document = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    paths, missing = document["paths"], "/v1/setup_intents/{intent}/verify_microdeposits"
    if missing not in paths:
        names = [*stripe.params.SetupIntentVerifyMicrodepositsParams.__annotations__, "client_secret"]
        form = {"application/x-www-form-urlencoded": {"schema": {"properties": {name: {} for name in names}}}}
        answers = paths["/v1/setup_intents/{intent}/confirm"]["post"]["responses"]
        paths[missing] = {"post": {"requestBody": {"content": form}, "responses": answers}}
    return document


def _strict(schema: Any, *, named: bool = False) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` said in its words, and no member that is not published."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _properties(value) if name == "properties" else _strict(value) for name, value in schema.items()}
    if named and "properties" in inner:
        inner.setdefault("additionalProperties", False)
    if inner.pop("nullable", False):
        return {"anyOf": [inner, {"type": "null"}]}
    return inner


def _properties(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: _strict(schema) for name, schema in properties.items()}


@cache
def _registry() -> Registry:
    schemas = {name: _strict(schema, named=True) for name, schema in published()["components"]["schemas"].items()}
    document = Resource(contents={"components": {"schemas": schemas}}, specification=DRAFT202012)
    return Registry().with_resource("stripe:", document)


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"stripe:#/{reference}"}, registry=_registry())


@cache
def _answer_validator(method: str, path: str, status: str) -> Draft202012Validator:
    responses = published()["paths"][path][method]["responses"]
    schema = responses.get(status, responses["default"])["content"]["application/json"]["schema"]
    absolute = json.loads(json.dumps(_strict(schema)).replace('"#/', '"stripe:#/'))
    return Draft202012Validator(absolute, registry=_registry())


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # Names before parameters, so that /search is not taken for an id.
    paths = sorted(published()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path) + "$"), path) for path in paths]


def template_of(path: str) -> str:
    return next(template for pattern, template in _patterns() if pattern.match(path))


def hold_answer(method: str, path: str, status: int, body: Any) -> None:
    """Fail unless this is an answer that Stripe's schema allows here, and so is every object inside it."""
    validator = _answer_validator(method.lower(), template_of(path), str(status))
    _hold(validator, body, f"{method} {path} → {status}")
    hold_objects(body)


def hold_objects(body: Any) -> None:
    """Expandable fields are published as any object; whatever says what it is must be a proper one."""
    for found in _objects(body):
        name = "deleted_customer" if found.get("deleted") else found["object"]
        if name in published()["components"]["schemas"]:
            _hold(_validator(f"components/schemas/{name}"), found, name)


def _objects(body: Any) -> Any:
    if isinstance(body, dict):
        if isinstance(body.get("object"), str):
            yield body
        for value in body.values():
            yield from _objects(value)
    elif isinstance(body, list):
        for value in body:
            yield from _objects(value)


def _hold(validator: Draft202012Validator, body: Any, what: str) -> None:
    mistakes = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]
    assert not mistakes, f"{what} is not as published: {mistakes}"


def parameters(method: str, path: str) -> set[str]:
    """The names of the parameters that an endpoint is published to take, outside its path."""
    operation = published()["paths"][path][method.lower()]
    query = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
    content = operation.get("requestBody", {}).get("content", {})
    form = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
    return query | set(form.get("properties", {}))
