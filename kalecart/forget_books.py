"""The one way in which anything leaves the books: a function in the database, made anew by every `migrate`.

No log-in may delete an order or an entry of the ledger. This function may, for a person under a stone whose last order
and whose erasure are older than the law asks the books for, and who is under no hold; of who worked here or wrote
without an account it deletes what is left of them in the same way. It looks for itself, whoever
calls it, and what it deletes comes from the register.
"""

from collections.abc import Iterator
from typing import Final

from kalecart.grants import PRIVACY
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.retention import BOOKS
from kalecart.privacy.subject import PersonKind
from kalecart.schema import metadata

# What stays for good: the trail, and the stone that keeps a restored backup from bringing anybody back.
FOR_GOOD: Final = frozenset({"audit_entry"})
# People whose number what they did still carries; the row is empty and stays.
NUMBERED: Final = frozenset({"staff"})
_HEAD: Final = f"""
CREATE OR REPLACE FUNCTION vault.forget_books(person uuid, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE gone bigint := 0; deleted bigint; of_whom text;
BEGIN
    SELECT stone.scope INTO of_whom FROM vault.tombstone AS stone WHERE stone.person_id = $1 AND stone.erased_at < $2;
    IF before > now() - interval '{BOOKS.days} days' + interval '1 day' OR of_whom IS NULL
       OR EXISTS (SELECT FROM public.customer_order AS o WHERE o.customer_id = $1 AND o.placed_at >= $2)
       OR EXISTS (SELECT FROM public.legal_hold AS h WHERE h.customer_id = $1 AND h.lifted_at IS NULL) THEN
        RETURN 0;
    END IF;
"""  # noqa: S608  # a number of days


def statements() -> Iterator[str]:
    """The function, and who may call it."""
    branches = "".join(
        f"    IF of_whom = '{kind}' THEN\n{''.join(_deletions(kind))}    END IF;\n" for kind in PersonKind
    )
    yield _HEAD + branches + "    RETURN gone;\nEND $body$"
    yield "REVOKE ALL ON FUNCTION vault.forget_books(uuid, timestamptz) FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION vault.forget_books(uuid, timestamptz) TO {PRIVACY}"


def _deletions(kind: PersonKind) -> Iterator[str]:
    """What names other rows goes before them."""
    for table in reversed(metadata.sorted_tables):
        whose = about(REGISTER[table.fullname], kind)
        if whose is not None and table.fullname not in FOR_GOOD | NUMBERED:
            yield (
                f"    DELETE FROM {table.fullname} WHERE {whose.replace(':person', '$1')};\n"  # noqa: S608  # the register's
                "    GET DIAGNOSTICS deleted = ROW_COUNT;\n    gone := gone + deleted;\n"
            )
