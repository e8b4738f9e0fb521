"""KaleCart's stand-in for Stripe: the part of the API the shop uses, on one machine, without the internet.

It knows nothing of the shop. It keeps what it is told in a journal, answers as Stripe documents, sends signed webhooks,
and can be asked to misbehave (`/_sim/…`), so that the shop's promises about money can be tested.
"""

API_VERSION = "2026-08-26.dahlia"
