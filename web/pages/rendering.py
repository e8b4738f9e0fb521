"""Templates: compiled once, everything escaped, a name that was not given is an error and not a blank."""

from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kalecart.chance import new_token
from kalecart.clock import SHOP_ZONE
from kalecart.money import dollars
from web.pages.assets import static_url

TEMPLATES: Final = Path(__file__).parents[1] / "templates"


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.filters |= {"dollars": dollars, "moment": moment, "known": known, "dated": dated, "day": day}
    env.filters |= {"hour": hour, "plural": plural, "calendar": calendar}
    env.globals["new_key"] = new_token  # ty: ignore[invalid-assignment]  # as below
    env.globals["static"] = static_url  # ty: ignore[invalid-assignment]  # any callable may be one
    return env


def render(template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any) -> web.Response:
    """A page, or a part of one. Pages show who is logged in and what is in the cart, so nobody else may keep them."""
    body = environment().get_template(template).render(context)
    response = web.Response(text=body, status=status, content_type="text/html", headers=headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def moment(instant: datetime) -> Markup:
    """`Sun, Nov 22, 4:05 PM` in the shop's zone, exact to the second for machines and on hover."""
    local = instant.astimezone(SHOP_ZONE)
    words = f"{local:%a, %b} {local.day}, {clock_time(local)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(timespec="seconds"), f"{local:%A, %B} {local.day}, {local:%Y, %H:%M:%S %Z}", words
    )


def known(instant: datetime, *, year: bool = False) -> Markup:
    """`Sun, Nov 22` for what came or went by post: known by its day, it is written down as the beginning of that."""
    local = instant.astimezone(SHOP_ZONE)
    if local.time() != time.min:
        return dated(instant) if year else moment(instant)
    words = calendar(local) if year else f"{local:%a, %b} {local.day}"
    return Markup('<time datetime="{}">{}</time>').format(f"{local:%Y-%m-%d}", words)


def day(instant: datetime) -> Markup:
    """`Sunday, November 22`."""
    local = instant.astimezone(SHOP_ZONE)
    return Markup('<time datetime="{}">{}</time>').format(f"{local:%Y-%m-%d}", f"{local:%A, %B} {local.day}")


def dated(instant: datetime) -> Markup:
    """`November 22, 2026, 4:05 PM`: for what is kept longer than a year."""
    local = instant.astimezone(SHOP_ZONE)
    words = f"{local:%B} {local.day}, {local.year}, {clock_time(local)}"
    return Markup('<time datetime="{}">{}</time>').format(instant.isoformat(timespec="seconds"), words)


def calendar(on: date) -> str:
    """`December 1, 2026`."""
    return f"{on:%B} {on.day}, {on.year}"


def hour(instant: datetime) -> str:
    """`5:00 AM` in the shop's zone."""
    return clock_time(instant.astimezone(SHOP_ZONE))


def clock_time(local: datetime) -> str:
    return f"{local:%I:%M %p}".lstrip("0")


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 item`, `2 items`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
