"""Customers, staff, their log-ins and keys."""

from typing import Final

from kalecart.privacy.register.entry import (
    ANYBODY,
    AsItIs,
    Category,
    Described,
    Erasure,
    NotPersonal,
    Number,
    Opened,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.register.factors import FACTORS
from kalecart.privacy.subject import Part

_HASH: Final = Described("A password is kept as a hash from which it cannot be read, and is never given out.")
_FINGERPRINT: Final = Described("A keyed fingerprint by which an e-mail address that is typed in is found again.")
_TOKEN: Final = Described("A log-in is kept as the hash of a random number in your browser's cookie.")


def _sealed(
    says: str, category: Category, *, source: Source = Source.PERSON, row: str = "id", retention: str = "account"
) -> Personal:
    return Personal(
        says=says,
        category=category,
        source=source,
        retention=retention,
        disclose=Opened(row),
        erase=Erasure.SHREDDED,
    )


def _account(says: str, category: Category, source: Source = Source.SHOP, *, retention: str = "account") -> Personal:
    return Personal(
        says=says, category=category, source=source, retention=retention, disclose=AsItIs(), erase=Erasure.KEPT
    )


def _secret(says: str, disclose: Described, erase: Erasure, retention: str = "account") -> Personal:
    return Personal(
        says=says,
        category=Category.SECURITY,
        source=Source.PERSON,
        retention=retention,
        disclose=disclose,
        erase=erase,
    )


def _log_in(says: str) -> Personal:
    return Personal(
        says=says,
        category=Category.SECURITY,
        source=Source.SHOP,
        retention="log_ins",
        disclose=AsItIs(),
        erase=Erasure.DELETED,
    )


TABLES: Final = (
    Table(
        name="customer",
        says="Your account",
        columns={
            "id": Number(names="customer", part=Part.SUBJECT),
            "email_sealed": _sealed("E-mail address", Category.CONTACT),
            "email_index": _secret("Fingerprint of your e-mail address", _FINGERPRINT, Erasure.RANDOM),
            "name_sealed": _sealed("Name", Category.IDENTITY),
            "phone_sealed": _sealed("Phone number", Category.CONTACT),
            "password_hash": _secret("Password", _HASH, Erasure.EMPTIED),
            "address_id": Number(names="address"),
            "stripe_customer_id": Personal(
                says="What Stripe calls you",
                category=Category.PAYMENT_MEANS,
                source=Source.STRIPE,
                retention="account",
                disclose=AsItIs(),
                erase=Erasure.EMPTIED,
            ),
            "source": _account("Where your details came from", Category.CONSENT),
            "signed_up_at": _account("Signed up", Category.IDENTITY),
            "delivery_ends_at": _account("Delivery ends", Category.CONSENT),
            "email_changed_at": _account("E-mail address last changed", Category.CONTACT),
            "details_confirmed_at": _account("You last said that all of it is right", Category.IDENTITY),
        },
    ),
    Table(
        name="address",
        says="Your addresses, the latest last",
        columns={
            "id": Number(names="address"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "sealed": _sealed("Address", Category.ADDRESS),
            "written_at": _account("Written down", Category.ADDRESS),
        },
    ),
    Table(
        name="past_detail",
        acts=("field", "changed_at"),
        did="Details of customers that you corrected",
        says="What was corrected, as it was before",
        columns={
            "id": Number(names="past_detail"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "field": _account("What", Category.IDENTITY),
            "sealed": _sealed("What it said", Category.IDENTITY),
            "why": _account("Why it was changed", Category.IDENTITY),
            "staff_id": Number(names="staff", part=Part.ACTOR),
            "changed_at": _account("Changed", Category.IDENTITY),
        },
    ),
    Table(
        name="correction_effect",
        says="Where your corrections went",
        columns={
            "id": Number(names="correction_effect"),
            "past_detail_id": Number(names="past_detail", through=True),
            "place": _account("Where", Category.IDENTITY),
            "order_id": Number(names="customer_order"),
            "outcome": _account("What became of it", Category.IDENTITY),
            "at": _account("When", Category.IDENTITY),
        },
    ),
    Table(
        name="detail_check",
        says="When we asked whether your details are still right",
        columns={
            "id": Number(names="detail_check"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "why": _account("Why we asked", Category.IDENTITY),
            "raised_at": _account("Asked", Category.IDENTITY),
            "answered_at": _account("Answered", Category.IDENTITY),
            "answer": _account("Your answer", Category.IDENTITY, Source.PERSON),
        },
    ),
    Table(
        name="session",
        says="Your log-ins",
        key="token_hash",
        columns={
            "token_hash": _secret("Cookie", _TOKEN, Erasure.DELETED, retention="log_ins"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "started_at": _log_in("Logged in"),
            "expires_at": _log_in("Ends"),
        },
    ),
    Table(
        name="staff",
        says="You, as somebody who works here",
        columns={
            "id": Number(names="staff", part=Part.SUBJECT),
            "email_sealed": _sealed("E-mail address", Category.CONTACT, source=Source.STAFF, retention="employment"),
            "email_index": _secret("Fingerprint of the e-mail address", _FINGERPRINT, Erasure.RANDOM, "employment"),
            "name_sealed": _sealed("Name", Category.IDENTITY, source=Source.STAFF, retention="employment"),
            "password_hash": _secret("Password", _HASH, Erasure.EMPTIED, "employment"),
            "role": _account("Role", Category.IDENTITY, Source.STAFF, retention="employment"),
            "joined_at": _account("Joined", Category.IDENTITY, retention="employment"),
            "left_at": _account("Left", Category.IDENTITY, retention="employment"),
        },
    ),
    Table(
        name="designation",
        says="What you are designated for",
        acts=("scope", "starts_at", "ends_at", "revoked_at", "made_at"),
        did="Designations that you made",
        columns={
            "id": Number(names="designation"),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "scope": _account("For what", Category.IDENTITY, Source.STAFF, retention="books"),
            "starts_at": _account("From", Category.IDENTITY, Source.STAFF, retention="books"),
            "ends_at": _account("Until", Category.IDENTITY, Source.STAFF, retention="books"),
            "revoked_at": _account("Taken back", Category.IDENTITY, Source.STAFF, retention="books"),
            "made_by": Number(names="staff", part=Part.ACTOR),
            "made_at": _account("Made", Category.IDENTITY, retention="books"),
        },
    ),
    Table(
        name="training",
        says="Your training",
        acts=("held_on", "expires_at", "recorded_at"),
        did="Training that you wrote down",
        columns={
            "id": Number(names="training"),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "held_on": _account("Day", Category.IDENTITY, Source.STAFF, retention="books"),
            "expires_at": _account("Counts until", Category.IDENTITY, retention="books"),
            "recorded_by": Number(names="staff", part=Part.ACTOR),
            "recorded_at": _account("Written down", Category.IDENTITY, retention="books"),
        },
    ),
    Table(
        name="staff_session",
        says="Your log-ins at the console",
        key="token_hash",
        columns={
            "token_hash": _secret("Cookie", _TOKEN, Erasure.DELETED, retention="log_ins"),
            "id": Number(names="staff_session"),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "started_at": _log_in("Logged in"),
            "last_seen_at": _log_in("Last used"),
            "expires_at": _log_in("Ends"),
            "proof": _log_in("Let in by"),
        },
    ),
    *FACTORS,
    Table(
        name="correspondent",
        says="You, as somebody who wrote to us without an account",
        columns={
            "id": Number(names="correspondent", part=Part.SUBJECT),
            "email_sealed": _sealed("E-mail address", Category.CONTACT, retention="correspondence"),
            "email_index": _secret(
                "Fingerprint of your e-mail address", _FINGERPRINT, Erasure.RANDOM, "correspondence"
            ),
            "name_sealed": _sealed("Name", Category.IDENTITY, retention="correspondence"),
            "source": _account("Where your details came from", Category.CONSENT, retention="correspondence"),
            "added_at": _account("First written down", Category.CORRESPONDENCE, retention="correspondence"),
        },
    ),
    Table(
        name="vault.data_key",
        says="The key your details are sealed with",
        key="customer_id",
        columns={
            "customer_id": Number(names=ANYBODY, part=Part.SUBJECT),
            "wrapped": _secret(
                "Your key",
                Described("The key that opens your details, itself sealed. Destroying it is what erasing you means."),
                Erasure.DELETED,
            ),
            "master_key": NotPersonal("names the shop's key, the same for everybody"),
            "created_at": NotPersonal("when a key was made; the account says when somebody signed up"),
        },
    ),
    Table(
        name="vault.tombstone",
        says="That somebody was erased",
        key="person_id",
        columns={
            "person_id": Number(names=ANYBODY),
            "erased_at": NotPersonal("when a number became one that leads to nobody"),
            "scope": NotPersonal("in which table the number was"),
        },
    ),
    Table(
        name="vault.master_key",
        says="The shop's keys, by name",
        key="name",
        columns={
            "name": NotPersonal("names the shop's key"),
            "added_at": NotPersonal("when the shop began to use it"),
        },
    ),
    Table(
        name="vault.restore_run",
        says="Restored backups",
        columns={
            "id": Number(names="vault.restore_run"),
            "backup": NotPersonal("names a backup"),
            "begun_at": NotPersonal("when it was restored"),
            "replayed_at": NotPersonal("when everybody erased since was erased again"),
        },
    ),
    Table(
        name="vault.index_key",
        says="The key of the fingerprints",
        columns={
            "id": NotPersonal("there is one row"),
            "wrapped": NotPersonal("a key of the shop's, sealed"),
            "master_key": NotPersonal("names the shop's key"),
        },
    ),
)
