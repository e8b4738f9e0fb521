"""Everything the shop answers to, in one table."""

from typing import Final

from aiohttp import web

from web import problem_pages, signal, upkeep
from web.api import (
    bank_accounts,
    cart,
    consents,
    customers,
    delivery_windows,
    disclosures,
    documents,
    me,
    order_events,
    orders,
    payment_methods,
    policy,
    privacy,
    products,
    promises,
    staff_order_acts,
    staff_orders,
    staff_queue,
    staff_requests,
    staff_restrictions,
    staff_session,
    staff_sources,
    staff_stock,
    webhook,
)
from web.console.routes import ROUTES as CONSOLE
from web.pages.routes import ROUTES as PAGES

API: Final = (
    web.post("/api/v1/customers", customers.post_customer),
    web.post("/api/v1/session", customers.post_session),
    web.delete("/api/v1/session", customers.delete_session),
    web.get("/api/v1/me", me.get_me),
    web.patch("/api/v1/me", me.patch_me),
    web.put("/api/v1/me/password", me.put_password),
    web.get("/api/v1/me/disclosures", disclosures.list_disclosures),
    web.post("/api/v1/me/confirmation", me.post_confirmation),
    web.get("/api/v1/me/corrections", me.get_corrections),
    web.get("/api/v1/consents", consents.get_consents),
    web.put("/api/v1/consents", consents.put_consents),
    web.get("/api/v1/consents/receipt", consents.get_receipt),
    web.post("/api/v1/consents/refusals", consents.post_refusal),
    web.get("/api/v1/privacy/requests", privacy.list_requests),
    web.post("/api/v1/privacy/requests", privacy.post_request),
    web.get("/api/v1/privacy/requests/{request_id}", privacy.get_request),
    web.post("/api/v1/privacy/requests/{request_id}/link", privacy.post_link),
    web.post("/api/v1/privacy/requests/{request_id}/restrictions/{what}/answer", privacy.post_answer),
    web.get(
        "/api/v1/privacy/requests/{request_id}/package", privacy.get_package, allow_head=False
    ),  # a link opens once
    web.get("/api/v1/promises", promises.list_promises),
    web.post("/api/v1/policy/acknowledgement", policy.post_acknowledgement),
    web.get("/api/v1/products", products.list_products),
    web.get("/api/v1/products/{sku}", products.get_product),
    web.get("/api/v1/cart", cart.get_cart),
    web.put("/api/v1/cart/lines/{sku}", cart.put_line),
    web.delete("/api/v1/cart/lines/{sku}", cart.delete_line),
    web.get("/api/v1/payment-methods", payment_methods.list_methods),
    web.post("/api/v1/payment-methods", payment_methods.add_card),
    web.get("/api/v1/bank-accounts/mandate", bank_accounts.get_mandate),
    web.post("/api/v1/bank-accounts", bank_accounts.add_account),
    web.post("/api/v1/payment-methods/{method_id}/verification", bank_accounts.post_verification),
    web.put("/api/v1/payment-methods/{method_id}/default", payment_methods.put_default),
    web.delete("/api/v1/payment-methods/{method_id}", payment_methods.delete_method),
    web.get("/api/v1/delivery-windows", delivery_windows.list_windows),
    web.post("/api/v1/orders", orders.post_order),
    web.get("/api/v1/orders", orders.list_orders),
    web.get("/api/v1/orders/{order_id}", orders.get_order),
    web.get("/api/v1/orders/{order_id}/events", order_events.order_events, allow_head=False),  # a stream has no end
    web.post("/api/v1/orders/{order_id}/payment", orders.post_payment),
    web.post("/api/v1/orders/{order_id}/cancel", orders.post_cancel),
    web.post("/api/v1/staff/session", staff_session.post_staff_session),
    web.delete("/api/v1/staff/session", staff_session.delete_staff_session),
    web.get("/api/v1/staff/orders", staff_orders.list_staff_orders),
    web.get("/api/v1/staff/orders/{order_id}", staff_orders.get_staff_order),
    web.get("/api/v1/staff/queue", staff_queue.get_queue),
    web.get("/api/v1/staff/queue/tasks", staff_queue.list_tasks),
    web.get("/api/v1/staff/queue/tasks/{task_id}", staff_queue.get_task),
    web.post("/api/v1/staff/queue/tasks/all/{act}", staff_queue.post_all_act),
    web.post("/api/v1/staff/queue/tasks/{task_id}/{act}", staff_queue.post_task_act),
    web.put("/api/v1/staff/queue/topics/{topic}/pause", staff_queue.put_pause),
    web.delete("/api/v1/staff/queue/topics/{topic}/pause", staff_queue.delete_pause),
    web.get("/api/v1/staff/alerts", staff_queue.list_alerts),
    web.post("/api/v1/staff/alerts/{alert_id}/resolution", staff_queue.post_resolution),
    web.post("/api/v1/staff/orders/{order_id}/picking", staff_order_acts.post_picking),
    web.post("/api/v1/staff/orders/{order_id}/fulfilled", staff_order_acts.post_fulfilled),
    web.post("/api/v1/staff/orders/{order_id}/undelivered", staff_order_acts.post_undelivered),
    web.post("/api/v1/staff/orders/{order_id}/cancel", staff_order_acts.post_staff_cancel),
    web.post("/api/v1/staff/orders/{order_id}/refunds", staff_order_acts.post_refund),
    web.post("/api/v1/staff/policy/acknowledgement", policy.post_staff_acknowledgement),
    web.get("/api/v1/staff/privacy/requests", staff_requests.list_staff_requests),
    web.post("/api/v1/staff/privacy/requests", staff_requests.post_staff_request),
    web.get("/api/v1/staff/privacy/requests/{request_id}", staff_requests.get_staff_request),
    web.post("/api/v1/staff/privacy/requests/{request_id}/release", staff_requests.post_request_release),
    web.post("/api/v1/staff/privacy/requests/{request_id}/refusal", staff_requests.post_request_refusal),
    web.post("/api/v1/staff/privacy/requests/{request_id}/restrictions", staff_restrictions.post_restriction),
    web.delete(
        "/api/v1/staff/privacy/requests/{request_id}/restrictions/{what}", staff_restrictions.delete_restriction
    ),
    web.post(
        "/api/v1/staff/privacy/requests/{request_id}/restrictions/{what}/signature",
        staff_restrictions.post_restriction_signature,
    ),
    web.post(
        "/api/v1/staff/privacy/requests/{request_id}/restrictions/{what}/answer",
        staff_restrictions.post_restriction_answer,
    ),
    web.get("/api/v1/staff/sources", staff_sources.list_sources),
    web.post("/api/v1/staff/sources", staff_sources.post_source),
    web.get("/api/v1/staff/stock", staff_stock.get_stock),
    web.get("/api/v1/staff/stock/windows", staff_stock.get_sales),
    web.get("/api/v1/staff/picking", staff_stock.list_picking),
    web.get("/api/v1/staff/picking/{window_id}", staff_stock.get_picking),
    web.post("/stripe/webhook", webhook.stripe_event),
)

REST: Final = (
    web.get("/api/openapi.json", documents.get_specification),
    web.get("/api/docs", documents.get_documentation),
    web.get("/api/docs/{file}", documents.get_documentation),
    web.get("/problems", problem_pages.list_problems),
    web.get("/problems/{name}", problem_pages.get_problem),
    web.get("/.well-known/gpc.json", signal.get_support),
    web.get("/healthz", upkeep.get_health),
    web.get("/readyz", upkeep.get_readiness),
    web.get("/metrics", upkeep.get_metrics),
)

ROUTES: Final = (*API, *REST, *PAGES, *CONSOLE)
