"""What the shop itself sees of its sales"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_index(
        "ix_customer_order_paid_day",
        "customer_order",
        [sa.text("((paid_at AT TIME ZONE 'America/Los_Angeles')::date)")],
        unique=False,
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": "32"},
    )
    op.execute(
        """
        CREATE VIEW shelf_seen WITH (security_barrier) AS
        SELECT product.sku, product.name, product.aisle, product.position, stock.on_hand
          FROM product JOIN stock ON stock.sku = product.sku
         WHERE product.active
        """
    )
    # Sums and no lines: whoever reads it learns of no single order what was in it.
    op.execute(
        """
        CREATE VIEW sold_seen WITH (security_barrier) AS
        SELECT (customer_order.paid_at AT TIME ZONE 'America/Los_Angeles')::date AS day,
               delivery_window.starts_at, delivery_window.ends_at, order_line.sku, sum(order_line.quantity) AS units
          FROM customer_order
          JOIN delivery_window ON delivery_window.id = customer_order.window_id
          JOIN order_line ON order_line.order_id = customer_order.id
         WHERE customer_order.status IN ('paid', 'picking', 'fulfilled')
         GROUP BY 1, delivery_window.starts_at, delivery_window.ends_at, order_line.sku
        """
    )
    # What was refunded because it is not there is not looked for.
    op.execute(
        """
        CREATE VIEW to_pick_seen WITH (security_barrier) AS
        SELECT delivery_window.id AS window_id, delivery_window.starts_at, delivery_window.ends_at,
               customer_order.number AS order_number, customer_order.status = 'picking' AS begun,
               order_line.sku, order_line.name, coalesce(product.aisle, 'Elsewhere') AS aisle,
               coalesce(product.position, 0) AS position,
               order_line.quantity - missing.units AS units
          FROM delivery_window
          JOIN customer_order ON customer_order.window_id = delivery_window.id
                             AND (customer_order.status IN ('paid', 'picking')
                                  OR customer_order.status = 'placed' AND customer_order.goes_ahead)
          JOIN order_line ON order_line.order_id = customer_order.id
          LEFT JOIN product ON product.sku = order_line.sku
         CROSS JOIN LATERAL (SELECT coalesce(sum(refund_line.quantity), 0)::integer AS units
                               FROM refund JOIN refund_line ON refund_line.refund_id = refund.id
                              WHERE refund.order_id = customer_order.id AND refund_line.sku = order_line.sku
                                AND refund.reason = 'missing' AND refund.state <> 'failed') AS missing
         WHERE order_line.quantity > missing.units
        """
    )
