"""Surveys: what is asked, what was answered under pseudonyms, and who is not reminded any more (C6)."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.tables import metadata

# Days are the shop's, the last one included. `quarter` is the one it closes in: of each there is one budget.
survey: Final = sa.Table(
    "survey",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="draft"),
    sa.Column("opens_on", sa.Date, nullable=False),
    sa.Column("closes_on", sa.Date, nullable=False),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("composed_by", sa.Uuid, sa.ForeignKey("staff.id", name="survey_composed_by_known"), nullable=False),
    sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("char_length(title) BETWEEN 1 AND 120", name="survey_titled"),
    sa.CheckConstraint("state IN ('draft', 'open', 'closed', 'released')", name="survey_state_known"),
    sa.CheckConstraint("(state IN ('closed', 'released')) = (closed_at IS NOT NULL)", name="survey_closed"),
    sa.CheckConstraint("closes_on >= opens_on", name="survey_opens_before_it_closes"),
    sa.CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name="survey_quarter_named"),
    sa.Index("survey_once_a_quarter", "quarter", unique=True, postgresql_where=sa.text("state <> 'draft'")),
)

survey_question: Final = sa.Table(
    "survey_question",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("survey_id", sa.Uuid, sa.ForeignKey("survey.id", name="survey_question_survey_known"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("choices", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.CheckConstraint("position BETWEEN 1 AND 5", name="survey_question_at_most_five"),
    sa.CheckConstraint("kind IN ('choice', 'scale', 'text', 'sensitive')", name="survey_question_kind_known"),
    sa.CheckConstraint("char_length(words) BETWEEN 1 AND 300", name="survey_question_asks"),
    sa.CheckConstraint("char_length(why) BETWEEN 1 AND 300", name="survey_question_says_why"),
    sa.CheckConstraint("(kind = 'choice') = (cardinality(choices) > 0)", name="survey_question_offers"),
    sa.UniqueConstraint("survey_id", "position", name="survey_question_once"),
)

# Under a pseudonym, and without the hour: the order of rows tells nothing. `asked` are the words that were answered.
# To a sensitive question `value` is what chance made of the answer, which is kept nowhere.
survey_answer: Final = sa.Table(
    "survey_answer",
    metadata,
    sa.Column("pseudonym", sa.Uuid, primary_key=True),
    sa.Column("question_id", sa.Uuid, primary_key=True),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.CheckConstraint("char_length(asked) BETWEEN 1 AND 300", name="survey_answer_asked"),
    sa.CheckConstraint("char_length(value) BETWEEN 1 AND 60", name="survey_answer_short"),
    sa.ForeignKeyConstraint(["pseudonym"], ["pseudonym.id"], name="survey_answer_pseudonym_known", ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["question_id"], ["survey_question.id"], name="survey_answer_question_known"),
    sa.Index("ix_survey_answer_question", "question_id"),
)

# Whoever has a row here gets no reminder any more: they had their one, or said that they skip the survey (E48).
survey_reminder: Final = sa.Table(
    "survey_reminder",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("survey_id", sa.Uuid, sa.ForeignKey("survey.id", name="survey_reminder_survey_known"), nullable=False),
    sa.Column(
        "customer_id", sa.Uuid, sa.ForeignKey("customer.id", name="survey_reminder_customer_known"), nullable=False
    ),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("why IN ('reminded', 'skipped')", name="survey_reminder_why_known"),
    sa.UniqueConstraint("survey_id", "customer_id", name="survey_reminder_once"),
)
