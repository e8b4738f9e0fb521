"""Surveys and their answers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("composed_by", sa.Uuid(), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 120", name=op.f("survey_titled")),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed', 'released')", name=op.f("survey_state_known")),
        sa.CheckConstraint("(state IN ('closed', 'released')) = (closed_at IS NOT NULL)", name=op.f("survey_closed")),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("survey_opens_before_it_closes")),
        sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name=op.f("survey_quarter_named")),
        sa.ForeignKeyConstraint(["composed_by"], ["staff.id"], name=op.f("survey_composed_by_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_pk")),
    )
    op.create_index(
        "survey_once_a_quarter", "survey", ["quarter"], unique=True, postgresql_where=sa.text("state <> 'draft'")
    )
    op.create_table(
        "survey_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 5", name=op.f("survey_question_at_most_five")),
        sa.CheckConstraint("kind IN ('choice', 'scale', 'text', 'sensitive')", name=op.f("survey_question_kind_known")),
        sa.CheckConstraint("char_length(words) BETWEEN 1 AND 300", name=op.f("survey_question_asks")),
        sa.CheckConstraint("char_length(why) BETWEEN 1 AND 300", name=op.f("survey_question_says_why")),
        sa.CheckConstraint("(kind = 'choice') = (cardinality(choices) > 0)", name=op.f("survey_question_offers")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("survey_question_survey_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_question_pk")),
        sa.UniqueConstraint("survey_id", "position", name=op.f("survey_question_once")),
    )
    op.create_table(
        "survey_answer",
        sa.Column("pseudonym", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint("char_length(asked) BETWEEN 1 AND 300", name=op.f("survey_answer_asked")),
        sa.CheckConstraint("char_length(value) BETWEEN 1 AND 60", name=op.f("survey_answer_short")),
        sa.ForeignKeyConstraint(
            ["pseudonym"], ["pseudonym.id"], name=op.f("survey_answer_pseudonym_known"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["question_id"], ["survey_question.id"], name=op.f("survey_answer_question_known")),
        sa.PrimaryKeyConstraint("pseudonym", "question_id", name=op.f("survey_answer_pk")),
    )
    op.create_index("ix_survey_answer_question", "survey_answer", ["question_id"], unique=False)
    op.create_table(
        "survey_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("why IN ('reminded', 'skipped')", name=op.f("survey_reminder_why_known")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("survey_reminder_survey_known")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("survey_reminder_customer_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_reminder_pk")),
        sa.UniqueConstraint("survey_id", "customer_id", name=op.f("survey_reminder_once")),
    )
    op.execute(
        """
        CREATE VIEW answer_seen WITH (security_barrier) AS
        SELECT survey.id AS survey, survey_answer.question_id AS question, pseudonym.id AS pseudonym,
               survey_answer.value AS answer
          FROM survey
          JOIN survey_question ON survey_question.survey_id = survey.id
          JOIN survey_answer ON survey_answer.question_id = survey_question.id
          JOIN pseudonym ON pseudonym.id = survey_answer.pseudonym
                        AND pseudonym.purpose = 'additional_information'
                        AND pseudonym.period = 'survey:' || survey.id
         WHERE survey.state = 'closed'
           AND (SELECT consent.decision = 'given'
                  FROM consent
                 WHERE consent.customer_id = pseudonym.customer_id AND consent.purpose = 'additional_information'
                 ORDER BY consent.decided_at DESC, consent.decision DESC
                 LIMIT 1)
        """
    )
