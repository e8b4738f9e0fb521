"""What the shop says about its own interface."""

from openapi_spec_validator import validate

from tests.web.shop import Shop
from web.problems import kinds, name_of

PAGE = {"Accept": "text/html"}


async def test_the_specification_is_served_and_valid(shop: Shop) -> None:
    document = (await shop.get("/api/openapi.json")).body

    validate(document)
    assert "/api/v1/orders" in document["paths"]


async def test_its_reader_is_complete_and_runs_no_inline_script(shop: Shop) -> None:
    page = await shop.get("/api/docs")
    files = [await shop.get(f"/api/docs/{name}") for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js")]

    assert page.status == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "<script>" not in page.body
    assert [file.status for file in files] == [200, 200, 200]
    assert (await shop.get("/api/docs/../keys.py")).status == 404
    assert (await shop.get("/api/docs/LICENSE")).status == 404


async def test_every_kind_of_problem_is_explained_to_people_and_programs(shop: Shop) -> None:
    listed = (await shop.get("/problems")).body["problems"]

    assert {problem["type"] for problem in listed} == {f"/problems/{name_of(kind)}" for kind in kinds()}
    for problem in listed:
        assert (await shop.get(problem["type"])).body["title"] == problem["title"]
    page = await shop.get("/problems/price-changed", headers=PAGE)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "The total is no longer what you were shown." in page.body
    assert (await shop.get("/problems/no-such-kind", headers=PAGE)).status == 404


async def test_a_problem_leads_to_its_explanation(shop: Shop) -> None:
    refused = await shop.fill("unobtainium", 1)

    assert (await shop.get(refused.body["type"])).body["status"] == refused.status
