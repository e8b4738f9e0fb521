"""The console's pages, in one table."""

from typing import Final

from aiohttp import web

from web.console import alerts, mail, money, order_acts, orders, policy, queue, receipts, requests, session, sources

ROUTES: Final = (
    web.get("/staff", session.console),
    web.get("/staff/log-in", session.log_in_page),
    web.post("/staff/log-in", session.logged_in),
    web.post("/staff/log-out", session.logged_out),
    web.get("/staff/orders", orders.orders_page),
    web.get("/staff/orders/{order_id}", orders.order_page),
    web.get("/staff/orders/{order_id}/receipt", receipts.receipt_page),
    web.post("/staff/orders/{order_id}/customer", orders.customer_revealed),
    web.post("/staff/orders/{order_id}/picking", order_acts.picking_started),
    web.post("/staff/orders/{order_id}/fulfilled", order_acts.fulfilled),
    web.post("/staff/orders/{order_id}/undelivered", order_acts.undelivered),
    web.post("/staff/orders/{order_id}/cancel", order_acts.cancelled),
    web.post("/staff/orders/{order_id}/refunds", order_acts.refunded),
    web.get("/staff/payments", money.payments_page),
    web.post("/staff/payments/{order_id}/ask", money.stripe_asked),
    web.get("/staff/webhooks", money.webhooks_page),
    web.get("/staff/mail", mail.outbox_page),
    web.get("/staff/mail/{message_id}", mail.message_page),
    web.post("/staff/mail/{message_id}", mail.letter_shown),
    web.get("/staff/queue", queue.queue_page),
    web.get("/staff/queue/stream", queue.queue_stream, allow_head=False),  # a stream has no end
    web.post("/staff/queue/topics/{topic}/pause", queue.topic_paused),
    web.post("/staff/queue/topics/{topic}/resume", queue.topic_resumed),
    web.get("/staff/queue/tasks", queue.tasks_page),
    web.get("/staff/queue/tasks/all/{act}", queue.all_asked),
    web.post("/staff/queue/tasks/all/{act}", queue.all_acted),
    web.get("/staff/queue/tasks/{task_id}", queue.task_page),
    web.post("/staff/queue/tasks/{task_id}/{act}", queue.task_acted),
    web.get("/staff/policy", policy.policy_page),
    web.post("/staff/policy/acknowledgement", policy.acknowledged),
    web.get("/staff/sources", sources.sources_page),
    web.post("/staff/sources", sources.recorded),
    web.get("/staff/requests", requests.board_page),
    web.post("/staff/requests", requests.entered),
    web.get("/staff/requests/{request_id}", requests.request_page),
    web.post("/staff/requests/{request_id}/proofs", requests.proofs_checked),
    web.post("/staff/requests/{request_id}/release", requests.released),
    web.post("/staff/requests/{request_id}/refusal", requests.refused),
    web.post("/staff/requests/{request_id}/cost", requests.cost_told),
    web.get("/staff/alerts", alerts.alerts_page),
    web.post("/staff/alerts/{alert_id}/resolve", alerts.alert_resolved),
)
