"""Webhooks are signed by Stripe's published scheme."""

import pytest
import stripe

from stripesim.webhooks import signature

BODY, SECRET, AT = b'{"object":"event"}', "whsec_house", 1_793_642_400


def test_the_official_package_makes_the_same_signature() -> None:
    made = stripe.WebhookSignature.generate_signature_header(BODY.decode(), SECRET, AT)

    assert signature(BODY, SECRET, AT) == made


def test_the_official_package_refuses_another_secret() -> None:
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(BODY.decode(), signature(BODY, "whsec_other", AT), SECRET)
