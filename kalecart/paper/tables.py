"""The register of paper: cabinets, who has their keys, what lies in them, and what was shredded before a witness."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

cabinet: Final = sa.Table(
    "cabinet",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("added_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("name", name="cabinet_name_once"),
)

# Who got the key from when on; added to and never changed. The last one has it, as long as they work here: a trigger
# sees to it that whoever is given it does.
cabinet_key: Final = sa.Table(
    "cabinet_key",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("cabinet_id", sa.Uuid, sa.ForeignKey("cabinet.id"), nullable=False),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("given_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_cabinet_key_cabinet", "cabinet_id", "at"),
    sa.Index("ix_cabinet_key_staff", "staff_id"),
)

# A trigger has the last word on shredding: two different people who work here, nobody under a legal hold, and nothing
# changes afterwards.
paper_item: Final = sa.Table(
    "paper_item",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("cabinet_id", sa.Uuid, sa.ForeignKey("cabinet.id"), nullable=False),
    # Whom it is about, where that is known.
    sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customer.id")),
    sa.Column("correspondent_id", sa.Uuid, sa.ForeignKey("correspondent.id")),
    sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("filed_by", sa.Uuid, sa.ForeignKey("staff.id"), nullable=False),
    # The first instant at which it is to be shredded.
    sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("shredded_at", sa.DateTime(timezone=True)),
    sa.Column("shredded_by", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("witness", sa.Uuid, sa.ForeignKey("staff.id")),
    sa.Column("early", sa.Text),
    sa.UniqueConstraint("number", name="paper_item_number_once"),
    sa.CheckConstraint(
        "what IN ('complaint', 'request', 'identity', 'delivery', 'bank', 'staff', 'law', 'other')",
        name="paper_item_what_known",
    ),
    sa.CheckConstraint("num_nonnulls(customer_id, correspondent_id, staff_id) <= 1", name="paper_item_of_one_person"),
    sa.CheckConstraint(
        "keep_until >= filed_at AND keep_until <= filed_at + interval '3661 days'", name="paper_item_kept_not_for_good"
    ),
    sa.CheckConstraint("shredded_at >= filed_at", name="paper_item_shredded_after_filed"),
    sa.CheckConstraint("(shredded_by IS NULL) = (witness IS NULL)", name="paper_item_shredded_before_witness"),
    sa.CheckConstraint("shredded_by IS NULL OR shredded_at IS NOT NULL", name="paper_item_shredded_when"),
    sa.CheckConstraint("shredded_by <> witness", name="paper_item_witness_is_another"),
    sa.CheckConstraint("early IN ('done', 'mistake', 'scanned', 'ordered')", name="paper_item_early_known"),
    sa.CheckConstraint(
        "shredded_by IS NULL OR shredded_at >= keep_until OR early IS NOT NULL", name="paper_item_not_early"
    ),
    sa.Index("ix_paper_item_lying", "keep_until", postgresql_where=sa.text("shredded_at IS NULL")),
    sa.Index("ix_paper_item_cabinet", "cabinet_id", postgresql_where=sa.text("shredded_at IS NULL")),
    sa.Index("ix_paper_item_shredded", "shredded_at", postgresql_where=sa.text("shredded_at IS NOT NULL")),
    sa.Index("ix_paper_item_customer", "customer_id", postgresql_where=sa.text("customer_id IS NOT NULL")),
    sa.Index(
        "ix_paper_item_correspondent", "correspondent_id", postgresql_where=sa.text("correspondent_id IS NOT NULL")
    ),
    sa.Index("ix_paper_item_staff", "staff_id", postgresql_where=sa.text("staff_id IS NOT NULL")),
)
