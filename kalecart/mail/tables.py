"""Messages to people: that they were written and what became of them. No address, no words."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

mail: Final = sa.Table(
    "mail",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("occasion", sa.Text, nullable=False),
    # Whom it is for: a customer, a member of staff, or somebody without an account.
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id")),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("correspondent_id", sa.Uuid, sa.ForeignKey("correspondent.id")),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("customer_order.id")),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    # The mail server's last no, as a number.
    sa.Column("code", sa.Text),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    # When it came back, and the code of the report (RFC 3463). What was sent stays sent: it did not reach anybody.
    sa.Column("returned_at", sa.DateTime(timezone=True)),
    sa.Column("return_code", sa.Text),
    # For as long as the row lives the same message is written once, whatever became of its task.
    sa.UniqueConstraint("kind", "subject_id", "occasion", name="mail_once"),
    sa.CheckConstraint(
        "state IN ('waiting', 'held', 'sending', 'sent', 'failed', 'unknown', 'unneeded')", name="mail_state_known"
    ),
    sa.CheckConstraint("num_nonnulls(customer_id, staff_id, correspondent_id) = 1", name="mail_one_recipient"),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="mail_sent_has_its_time"),
    sa.Index(
        "ix_mail_open",
        "id",
        postgresql_where=sa.text("state IN ('waiting', 'sending', 'failed', 'unknown')"),
    ),
    sa.CheckConstraint("return_code IS NULL OR returned_at IS NOT NULL", name="mail_return_has_its_time"),
    sa.Index("ix_mail_returned", "id", postgresql_where=sa.text("returned_at IS NOT NULL")),
)
