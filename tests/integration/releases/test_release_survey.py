"""Answers to a survey are told of many people and of nobody, and are paid for once (C6)."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa

from kalecart.analytics import reads, reads_surveys
from kalecart.analytics.answer_question import Forgotten
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Kind as Released
from kalecart.analytics.release_survey import BudgetNotOpen, release_survey
from kalecart.analytics.share import Held
from kalecart.figures.reads import of_quarter
from kalecart.ids import QuestionId, SurveyId, new_id
from kalecart.surveys.survey import Kind, SurveyState
from kalecart.surveys.tables import survey, survey_question
from tests.told import QUARTER, Shop

CHOICES = ("Daily", "Weekly", "Hardly ever")


async def closed_survey(shop: Shop, *kinds: Kind, quarter: Quarter = QUARTER) -> tuple[SurveyId, list[QuestionId]]:
    survey_id, ids = SurveyId(new_id()), [QuestionId(new_id()) for _ in kinds]
    now = shop.clock.now()
    row = {"id": survey_id, "title": "Cooking", "state": "closed", "quarter": str(quarter), "closed_at": now}
    days = {"opens_on": quarter.first_day, "closes_on": quarter.next.first_day - timedelta(days=1)}
    async with shop.db.transaction() as tx:
        await tx.execute(sa.insert(survey).values(**row, **days, composed_by=shop.manager, composed_at=now))
        for position, (kind, question_id) in enumerate(zip(kinds, ids, strict=True), 1):
            asked = {"id": question_id, "survey_id": survey_id, "position": position, "kind": kind, "words": "?"}
            offered = list(CHOICES) if kind is Kind.CHOICE else []
            await tx.execute(sa.insert(survey_question).values(**asked, why="To stock it.", choices=offered))
    return survey_id, ids


_PLANT = sa.text("""
    WITH said AS (
        SELECT * FROM unnest(CAST(:people AS uuid[]), CAST(:answers AS text[])) AS said (person, answer)
    ), held AS (
        INSERT INTO pseudonym (id, customer_id, purpose, period, made_at)
        SELECT person, person, 'additional_information', 'survey:' || CAST(:survey AS text), now() FROM said
            ON CONFLICT DO NOTHING
    ), agreed AS (
        INSERT INTO consent (id, customer_id, purpose, decision, policy_version, words_sha256, source, decided_at)
        SELECT gen_random_uuid(), person, 'additional_information', 'given', '1', '\\x00', 'account_page', now()
          FROM said
            ON CONFLICT DO NOTHING
    )
    INSERT INTO survey_answer (pseudonym, question_id, asked, value)
    SELECT person, :question, '?', answer FROM said
""").bindparams(sa.bindparam("question", type_=sa.Uuid))


async def answered(shop: Shop, survey_id: SurveyId, question: QuestionId, answers: list[str]) -> None:
    """By as many people; the same ones answer each question, as far as there are enough of them."""
    chance = Random(0)
    people = [UUID(int=chance.getrandbits(128), version=4) for _ in answers]
    async with shop.db.transaction() as tx:
        await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
        rows = {"people": people, "answers": answers, "survey": str(survey_id), "question": question}
        await tx.execute(_PLANT, rows)


async def releases(shop: Shop, survey_id: SurveyId) -> list[reads_surveys.Answered]:
    await release_survey(survey_id, None, db=shop.counting, clock=shop.clock)
    async with shop.web.snapshot() as tx:
        return list(await reads_surveys.of_survey(tx, survey_id))


async def test_a_closed_survey_is_told_once_and_asking_again_tells_the_same(shop: Shop) -> None:
    await shop.opens(QUARTER)
    survey_id, (often, missed, short) = await closed_survey(shop, Kind.CHOICE, Kind.TEXT, Kind.SENSITIVE)
    await answered(shop, survey_id, often, ["Daily"] * 1_500 + ["Weekly"] * 1_500)
    await answered(shop, survey_id, missed, ["okra"] * 400 + ["what only i would write"])
    await answered(shop, survey_id, short, ["yes"] * 1_125 + ["no"] * 1_875)

    told = await releases(shop, survey_id)
    again = await releases(shop, survey_id)

    assert told == again
    choices, typed, sensitive = told
    assert (choices.title, choices.words, choices.kind) == ("Cooking", "?", Kind.CHOICE)
    assert [option for option, _ in choices.shares] == list(CHOICES)
    assert choices.shares[0][1].bounds[0] - 0.05 < 0.5 < choices.shares[0][1].bounds[1] + 0.05
    assert [text for text, _ in typed.typed] == ["okra"]
    assert abs(typed.typed[0][1].count - 400) < 6 * 13.7
    # 1,125 of 3,000 say yes where a quarter would: behind them are a quarter.
    assert abs(dict(sensitive.shares)["yes"].about - 25) < 8
    assert await shop.debits() == {"survey:2026-Q4": 7_998}
    async with shop.web.snapshot() as tx:
        kept = await reads.of_survey(tx, survey_id)
    assert {each.kind for each in kept.values()} == {Released.SURVEY}
    assert [kept[str(each)].delta for each in (often, missed, short)] == [0, 1e-7, 0]
    (state,) = await shop.asks("SELECT state FROM survey")
    assert state.state == SurveyState.RELEASED


async def test_a_survey_with_twelve_answers_is_not_told(shop: Shop) -> None:
    """E78: everything is paid for and kept, and nothing of it is shown."""
    await shop.opens(QUARTER)
    survey_id, (often, missed) = await closed_survey(shop, Kind.CHOICE, Kind.TEXT)
    await answered(shop, survey_id, often, ["Daily"] * 12)
    await answered(shop, survey_id, missed, ["okra"] * 3 + [f"{number} figs" for number in range(9)])

    choices, typed = await releases(shop, survey_id)

    assert {share.held for _, share in choices.shares} <= {Held.TOO_FEW, Held.TOO_UNSURE}
    assert list(typed.typed) == []


async def test_a_survey_closed_before_its_year_begins_waits_for_that_years_budget(shop: Shop) -> None:
    await shop.opens(QUARTER)
    survey_id, _ = await closed_survey(shop, Kind.SCALE, quarter=QUARTER.next)

    with pytest.raises(BudgetNotOpen):
        await releases(shop, survey_id)

    assert await shop.debits() == {}


@pytest.mark.parametrize("kind", [Kind.SCALE, Kind.TEXT])
async def test_answers_that_are_deleted_are_not_told_as_if_nobody_had_answered(shop: Shop, kind: Kind) -> None:
    await shop.opens(QUARTER)
    survey_id, _ = await closed_survey(shop, kind)
    shop.clock.advance(days=60)

    with pytest.raises(Forgotten):
        await releases(shop, survey_id)

    assert await shop.asks("SELECT key FROM release_answer") == []


async def test_what_was_answered_stands_beside_the_quarters_other_figures(shop: Shop) -> None:
    await shop.opens(QUARTER)
    survey_id, (often, missed) = await closed_survey(shop, Kind.CHOICE, Kind.TEXT)
    await answered(shop, survey_id, often, ["Daily"] * 2_000)
    await answered(shop, survey_id, missed, ["okra"] * 400)
    await shop.sold([])
    await shop.releases()
    await releases(shop, survey_id)

    async with shop.web.snapshot() as tx:
        choices, typed = (await of_quarter(tx, QUARTER)).of(Released.SURVEY)

    assert (choices.title, choices.among) == ("?", "customers who answered this question")
    assert [line.name for line in choices.lines] == list(CHOICES)
    assert [line.name for line in typed.lines] == ["okra"]
    assert typed.lines[0].words.startswith("About ")
