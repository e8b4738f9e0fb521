"""Addresses and how to reach people, as Stripe's objects carry them."""

from typing import Any

from stripesim.forms import Form

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def address(form: Form | None) -> dict[str, str | None] | None:
    if form is None:
        return None
    form.allow(ADDRESS)
    return {name: form.text(name) for name in ADDRESS}


def billing_details(form: Form | None) -> dict[str, Any]:
    """Always there, with whatever is not known as null."""
    if form is None:
        return {"address": dict.fromkeys(ADDRESS), "email": None, "name": None, "phone": None, "tax_id": None}
    form.allow(("address", "email", "name", "phone", "tax_id"))
    details: dict[str, Any] = {name: form.text(name) for name in ("email", "name", "phone", "tax_id")}
    return {"address": address(form.hash("address")) or dict.fromkeys(ADDRESS), **details}


def shipping(form: Form | None) -> dict[str, Any] | None:
    if form is None:
        return None
    form.allow(("address", "carrier", "name", "phone", "tracking_number"))
    details: dict[str, Any] = {name: form.text(name) for name in ("carrier", "phone", "tracking_number")}
    return {"address": address(form.hash("address")), "name": form.required("name"), **details}
