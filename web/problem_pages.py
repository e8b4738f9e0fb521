"""What each kind of problem means: the pages behind `type`, generated from the errors themselves."""

import inspect
from dataclasses import dataclass
from functools import cache

from aiohttp import web
from pydantic_core import to_json

from kalecart.errors import KaleCartError, NotFound
from web.pages.rendering import render
from web.problems import kinds, name_of, status_of


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One kind of problem."""

    type: str
    title: str
    status: int
    explanation: str


@cache
def explained() -> dict[str, Explained]:
    """Every kind by its name in the address."""
    return {name_of(kind): _explained(kind) for kind in kinds()}


async def list_problems(request: web.Request) -> web.Response:
    problems = list(explained().values())
    if _wants_json(request):
        return web.Response(body=to_json({"problems": problems}), content_type="application/json")
    return render("problems.html", problems=problems)


async def get_problem(request: web.Request) -> web.Response:
    problem = explained().get(request.match_info["name"])
    if problem is None:
        raise NotFound("There is no such kind of problem.")
    if _wants_json(request):
        return web.Response(body=to_json(problem), content_type="application/json")
    return render("problems.html", problems=[problem])


def _explained(kind: type[KaleCartError]) -> Explained:
    _, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n")
    return Explained(
        type=f"/problems/{name_of(kind)}", title=kind.title(), status=status_of(kind), explanation=rest.strip()
    )


def _wants_json(request: web.Request) -> bool:
    return "text/html" not in request.headers.get("Accept", "")
