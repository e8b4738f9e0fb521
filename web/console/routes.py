"""The console's pages, in one table."""

from typing import Final

from aiohttp import web

from web.console import mail, orders, session

ROUTES: Final = (
    web.get("/staff", session.console),
    web.get("/staff/log-in", session.log_in_page),
    web.post("/staff/log-in", session.logged_in),
    web.post("/staff/log-out", session.logged_out),
    web.get("/staff/orders", orders.orders_page),
    web.get("/staff/orders/{order_id}", orders.order_page),
    web.post("/staff/orders/{order_id}/customer", orders.customer_revealed),
    web.get("/staff/mail", mail.outbox_page),
    web.get("/staff/mail/{message_id}", mail.message_page),
    web.post("/staff/mail/{message_id}", mail.letter_shown),
)
