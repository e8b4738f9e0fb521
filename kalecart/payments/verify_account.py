"""Prove that a bank account is one's own: by what was sent to it."""

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.disclosures import Field
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.payments import store_methods
from kalecart.payments.bank_account import AccountUnusable, Proof
from kalecart.payments.gateway import Gateway
from kalecart.payments.note_told import note_told


async def verify_account(
    method_id: PaymentMethodId, proof: Proof, *, customer_id: CustomerId, db: Database, gateway: Gateway, clock: Clock
) -> None:
    """From now on orders may be paid from it; one that is verified stays so.

    Raises NotFound, WrongDeposit while there are tries left, AccountUnusable (and removes it) when there are none.
    """
    async with db.snapshot() as tx:
        account = await store_methods.method(tx, method_id, customer_id)
    if account.kind != "bank" or account.removed_at is not None:
        raise NotFound("You have no such bank account.")
    if account.verified_at is not None:
        return
    await note_told(customer_id, (Field.DEPOSIT_PROOF,), reference=method_id, db=db, clock=clock)
    verified = await gateway.verify_deposits(account.stripe_id, proof)
    async with db.transaction() as tx:
        await store_methods.end_waiting(tx, method_id, verified=verified, now=clock.now())
        account = await store_methods.method(tx, method_id, customer_id)
    if account.verified_at is None:
        raise AccountUnusable("It could not be confirmed and was removed. Add it again, or use a card.")
