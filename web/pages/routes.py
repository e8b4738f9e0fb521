"""Every page for shoppers, in one table."""

from typing import Final

from aiohttp import web

from web.pages import (
    account,
    bank,
    cart,
    catalogue,
    checkout,
    consents,
    correctness,
    data,
    disclosures,
    erasure,
    methods,
    order_acts,
    orders,
    people,
    policy,
    promises,
    public_requests,
    receipts,
)
from web.pages.assets import serve_asset, serve_favicon
from web.pages.pictures import serve_picture

SHOP: Final = (
    web.get("/", catalogue.shop),
    web.get("/products/{sku}", catalogue.product),
    web.get("/cart", cart.cart_page),
    web.post("/cart/lines", cart.fill_cart),
    web.get("/cookies", cart.cookie_kept),
    web.get("/cookies-off", cart.cookies_off),
    web.get("/sign-up", people.sign_up_page),
    web.post("/sign-up", people.signed_up),
    web.get("/log-in", people.log_in_page),
    web.post("/log-in", people.logged_in),
    web.post("/log-out", people.logged_out),
    web.post("/log-out-everywhere", people.logged_out_everywhere),
    web.get("/account", account.account_page),
    web.post("/account/details", account.details_saved),
    web.post("/account/still-right", correctness.confirmed),
    web.post("/account/password", account.password_changed),
    web.post("/account/consents", consents.chosen),
    web.post("/account/consents/agree", consents.agreed_again),
    web.get("/account/consents/receipt", consents.receipt_page),
    web.get("/account/consents/receipt.txt", consents.receipt_file),
    web.get("/account/disclosures", disclosures.disclosures_page),
    web.post("/account/refusals", consents.refused),
    web.post("/account/cards", account.card_added),
    web.post("/account/bank", bank.begun),
    web.get("/account/bank/{setup_id}", bank.bank_page),
    web.post("/account/bank/{setup_id}", bank.finished),
    web.post("/account/methods/{method_id}/confirm", bank.confirmed),
    web.post("/account/methods/{method_id}/default", methods.offered_first),
    web.post("/account/methods/{method_id}/remove", methods.removed),
    web.get("/account/data", data.data_page),
    web.post("/account/data", data.asked),
    web.post("/account/data/{request_id}/link", data.link_made),
    web.get("/account/data/{request_id}/package", data.package, allow_head=False),
    web.get("/privacy/erasures/{erasure_id}", erasure.certificate_page),
    web.get("/privacy/requests", public_requests.ask_page),
    web.post("/privacy/requests", public_requests.asked),
    web.get("/privacy/requests/{request_id}", public_requests.proof_page),
    web.post("/privacy/requests/{request_id}", public_requests.proved),
    web.post("/privacy/requests/{request_id}/package", public_requests.package),
    web.get("/checkout", checkout.checkout_page),
    web.post("/checkout", checkout.paid),
    web.post("/checkout/fit", checkout.cart_fitted),
    web.get("/orders", orders.orders_page),
    web.get("/orders/{order_id}", orders.order_page),
    web.get("/orders/{order_id}/receipt", receipts.receipt_page),
    web.post("/orders/{order_id}/payment", orders.paid_again),
    web.get("/orders/{order_id}/confirm", order_acts.sent_to_the_bank),
    web.get("/orders/{order_id}/return", order_acts.back_from_the_bank),
    web.get("/orders/{order_id}/cancel", order_acts.cancel_page),
    web.post("/orders/{order_id}/cancel", order_acts.cancelled),
    web.post("/orders/{order_id}/again", orders.bought_again),
    web.get("/policy", policy.policy_page),
    web.get("/policy/changes", policy.changes_page),
    web.post("/policy/acknowledgement", policy.acknowledged),
    web.get("/promises", promises.promises_page),
)

FILES: Final = (
    web.get("/static/{name:.+}", serve_asset),
    web.get("/favicon.ico", serve_favicon),
    web.get("/pictures/{name}", serve_picture),
)

ROUTES: Final = (*SHOP, *FILES)
