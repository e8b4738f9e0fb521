"""Delivery windows: spans of time with room for so many orders."""

from typing import Final

import sqlalchemy as sa

from kalecart.tables import metadata

delivery_window: Final = sa.Table(
    "delivery_window",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False, unique=True),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("taken <= capacity", name="delivery_window_not_overbooked"),
    sa.CheckConstraint("taken >= 0", name="delivery_window_taken_not_negative"),
    sa.CheckConstraint("cutoff_at <= starts_at AND starts_at < ends_at", name="delivery_window_in_order"),
    postgresql_with={"fillfactor": "50"},
)
