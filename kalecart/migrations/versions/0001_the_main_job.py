"""The main job"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS vault")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("alert_pk")),
    )
    op.create_index(
        "alert_open_once", "alert", ["kind", "subject"], unique=True, postgresql_where=sa.text("resolved_at IS NULL")
    )
    op.create_table(
        "consent_words",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("consent_words_pk")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_customer_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("signed_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('sign_up')", name=op.f("customer_source_lawful")),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_pk")),
        sa.UniqueConstraint("email_index", name="customer_email_once"),
        sa.UniqueConstraint("stripe_customer_id", name=op.f("customer_stripe_customer_id_once")),
    )
    op.create_table(
        "delivery_window",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("cutoff_at <= starts_at AND starts_at < ends_at", name=op.f("delivery_window_in_order")),
        sa.CheckConstraint("taken <= capacity", name=op.f("delivery_window_not_overbooked")),
        sa.CheckConstraint("taken >= 0", name=op.f("delivery_window_taken_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_window_pk")),
        sa.UniqueConstraint("starts_at", name=op.f("delivery_window_starts_at_once")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("heartbeat_pk")),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("inbox_pk")),
    )
    op.create_table(
        "policy_version",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("policy_version_pk")),
        sa.UniqueConstraint("sha256", name=op.f("policy_version_sha256_once")),
    )
    op.create_table(
        "product",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aisle", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("unit_amount", sa.Numeric(precision=10, scale=3), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("tax_category", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.CheckConstraint("tax_category IN ('food', 'taxable')", name=op.f("product_tax_category_known")),
        sa.CheckConstraint(
            "unit IN ('g', 'kg', 'ml', 'l', 'each', 'oz', 'lb', 'fl oz')", name=op.f("product_unit_known")
        ),
        sa.CheckConstraint("price_cents > 0", name=op.f("product_price_positive")),
        sa.CheckConstraint("unit_amount > 0", name=op.f("product_unit_amount_positive")),
        sa.PrimaryKeyConstraint("sku", name=op.f("product_pk")),
    )
    op.create_index(
        "ix_product_active_position", "product", ["position"], unique=False, postgresql_where=sa.text("active")
    )
    op.create_index(
        "ix_product_search",
        "product",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('manager', 'orders')", name=op.f("staff_role_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pk")),
        sa.UniqueConstraint("email_index", name="staff_email_once"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushes", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'running') = (lease IS NOT NULL)", name=op.f("task_running_means_leased")),
        sa.CheckConstraint("state IN ('pending', 'running', 'done', 'dead')", name=op.f("task_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("task_pk")),
        sa.UniqueConstraint("key", name=op.f("task_key_once")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_task_dead", "task", ["topic"], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index("ix_task_ended", "task", ["ended_at"], unique=False, postgresql_where=sa.text("state = 'done'"))
    op.create_index("ix_task_pending", "task", ["due_at"], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index(
        "ix_task_running", "task", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_table(
        "timed_run",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("timed_run_pk")),
    )
    op.create_table(
        "data_key",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("data_key_pk")),
        schema="vault",
    )
    op.create_table(
        "index_key",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_key", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("index_key_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("index_key_pk")),
        schema="vault",
    )
    op.create_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("address_customer_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("address_pk")),
        sa.UniqueConstraint("id", "customer_id", name="address_of_customer"),
    )
    op.create_index("ix_address_customer_id", "address", ["customer_id"], unique=False)
    op.create_table(
        "cart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "lines", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("jsonb_typeof(lines) = 'object'", name=op.f("cart_lines_are_an_object")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("cart_customer_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_pk")),
        sa.UniqueConstraint("token_hash", name=op.f("cart_token_hash_once")),
        postgresql_with={"fillfactor": "60"},
    )
    op.create_index(
        "ix_cart_open_customer", "cart", ["customer_id"], unique=False, postgresql_where=sa.text("placed_at IS NULL")
    )
    op.create_index(
        "ix_cart_open_expires", "cart", ["expires_at"], unique=False, postgresql_where=sa.text("placed_at IS NULL")
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("words_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision IN ('given', 'withdrawn')", name=op.f("consent_decision_known")),
        sa.CheckConstraint(
            "purpose IN ('payment_and_delivery', 'improve_service')", name=op.f("consent_purpose_declared")
        ),
        sa.CheckConstraint("source IN ('sign_up', 'account_page')", name=op.f("consent_source_lawful")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="consent_customer_known"),
        sa.ForeignKeyConstraint(["policy_version"], ["policy_version.version"], name="consent_policy_known"),
        sa.ForeignKeyConstraint(["words_sha256"], ["consent_words.sha256"], name="consent_words_known"),
        sa.PrimaryKeyConstraint("id", name=op.f("consent_pk")),
    )
    op.create_index(
        "ix_consent_latest", "consent", ["customer_id", "purpose", sa.literal_column("decided_at DESC")], unique=False
    )
    op.create_table(
        "payment_method",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "brand IN ('visa', 'mastercard', 'amex', 'discover')", name=op.f("payment_method_brand_accepted")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("payment_method_customer_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_method_pk")),
        sa.UniqueConstraint("id", "customer_id", name="payment_method_of_customer"),
        sa.UniqueConstraint("stripe_id", name=op.f("payment_method_stripe_id_once")),
    )
    op.create_index("ix_payment_method_customer", "payment_method", ["customer_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("session_customer_id_known"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("session_pk")),
    )
    op.create_index("ix_session_customer_id", "session", ["customer_id"], unique=False)
    op.create_index("ix_session_expires_at", "session", ["expires_at"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("staff_session_staff_id_known"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("staff_session_pk")),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "staff_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("staff_view_customer_id_known")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("staff_view_staff_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_view_pk")),
    )
    op.create_index("ix_staff_view_customer", "staff_view", ["customer_id", "at"], unique=False)
    op.create_table(
        "stock",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("stock_on_hand_not_negative")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("stock_sku_known")),
        sa.PrimaryKeyConstraint("sku", name=op.f("stock_pk")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "customer_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), server_default="placed", nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("payment_method_id", sa.Uuid(), nullable=False),
        sa.Column("goods_cents", sa.Integer(), nullable=False),
        sa.Column("delivery_cents", sa.Integer(), nullable=False),
        sa.Column("tax_cents", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'placed' OR paid_at IS NOT NULL) OR status = 'cancelled'", name=op.f("customer_order_paid")
        ),
        sa.CheckConstraint(
            "status IN ('placed', 'paid', 'fulfilled', 'cancelled')", name=op.f("customer_order_status_known")
        ),
        sa.CheckConstraint(
            "total_cents = goods_cents + delivery_cents + tax_cents", name=op.f("customer_order_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["address_id", "customer_id"], ["address.id", "address.customer_id"], name="customer_order_address_own"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("customer_order_customer_id_known")),
        sa.ForeignKeyConstraint(
            ["payment_method_id", "customer_id"],
            ["payment_method.id", "payment_method.customer_id"],
            name="customer_order_payment_method_own",
        ),
        sa.ForeignKeyConstraint(["window_id"], ["delivery_window.id"], name=op.f("customer_order_window_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_order_pk")),
        sa.UniqueConstraint("cart_id", name="customer_order_cart_once"),
        sa.UniqueConstraint("customer_id", "idempotency_key", name="customer_order_key_once"),
        sa.UniqueConstraint("number", name="customer_order_number_once"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_customer_order_customer",
        "customer_order",
        ["customer_id", sa.literal_column("placed_at DESC")],
        unique=False,
    )
    op.create_index(
        "ix_customer_order_status", "customer_order", ["status", sa.literal_column("placed_at DESC")], unique=False
    )
    op.create_index("ix_customer_order_window", "customer_order", ["window_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind <> 'charge' OR amount_cents > 0", name=op.f("ledger_entry_charge_positive")),
        sa.CheckConstraint("kind IN ('charge')", name=op.f("ledger_entry_kind_known")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("ledger_entry_order_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_entry_pk")),
        sa.UniqueConstraint("kind", "stripe_id", name="ledger_entry_once"),
    )
    op.create_index(
        "ledger_entry_one_charge",
        "ledger_entry",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'charge'"),
    )
    op.create_table(
        "order_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("order_event_order_id_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("order_event_pk")),
    )
    op.create_index("ix_order_event_order", "order_event", ["order_id", "id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_cents", sa.Integer(), nullable=False),
        sa.Column("tax_category", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("order_line_quantity_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("order_line_order_id_known")),
        sa.PrimaryKeyConstraint("order_id", "sku", name=op.f("order_line_pk")),
    )
    op.create_table(
        "payment_intent",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="begun", nullable=False),
        sa.Column("server_errors", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('begun', 'created', 'processing', 'declined', 'succeeded', 'canceled')",
            name=op.f("payment_intent_status_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("payment_intent_amount_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("payment_intent_order_id_known")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("payment_intent_pk")),
        sa.UniqueConstraint("stripe_id", name=op.f("payment_intent_stripe_id_once")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("payment_method_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("server_errors", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("stripe_charge_id", sa.Text(), nullable=True),
        sa.Column("decline_code", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'unknown', 'succeeded', 'declined')", name=op.f("attempt_state_known")),
        sa.ForeignKeyConstraint(["order_id"], ["payment_intent.order_id"], name=op.f("attempt_order_id_known")),
        sa.ForeignKeyConstraint(
            ["payment_method_id"], ["payment_method.id"], name=op.f("attempt_payment_method_id_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("attempt_pk")),
        sa.UniqueConstraint("order_id", "number", name="attempt_number_once"),
        sa.UniqueConstraint("stripe_charge_id", name=op.f("attempt_stripe_charge_id_once")),
    )
    op.create_index(
        "attempt_open_once",
        "attempt",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'unknown')"),
    )
    # Customers and addresses need each other: the second constraint can only be made once both tables are there.
    op.create_foreign_key(
        "customer_address_own",
        "customer",
        "address",
        ["address_id", "id"],
        ["id", "customer_id"],
        deferrable=True,
        initially="DEFERRED",
    )
