from datetime import UTC, datetime, timedelta

import pytest

from kalecart.ids import RequestId, new_id
from kalecart.privacy.package import WHY
from kalecart.privacy.register import REGISTER
from kalecart.privacy.register.entry import Reason, WithheldWhile
from kalecart.privacy.restriction import (
    ANSWER_WITHIN,
    ARROWS,
    GROUNDS,
    SEARCHES,
    Ground,
    Restriction,
    RestrictionMovedOn,
    Step,
    require_arrow,
    restrictable,
)
from kalecart.privacy.tables import privacy_restriction

NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)


def a_restriction(step: Step, **but: object) -> Restriction:
    facts = {"request_id": RequestId(new_id()), "number": 1, "what": "paper", "ground": Ground.COST, "step": step}
    facts |= {"at": NOW, "staff_id": None, "estimate_cents": 9_900, "told_at": NOW}
    return Restriction(**(facts | but))  # ty: ignore[invalid-argument-type]


def test_every_reason_of_the_policy_has_a_ground_and_the_database_knows_the_same_grounds_and_steps() -> None:
    assert {because.reason for because in GROUNDS.values()} == set(Reason) == set(WHY)
    rules = {str(rule.name): str(getattr(rule, "sqltext", "")) for rule in privacy_restriction.constraints}
    for column, words in (("ground", Ground), ("step", Step), ("reason", Reason)):
        assert all(f"'{word}'" in rules[f"privacy_restriction_{column}_known"] for word in words)


def test_cost_is_in_force_only_once_it_is_signed_and_the_rest_once_it_is_decided() -> None:
    """E62."""
    assert [step for step in Step if a_restriction(step).in_force] == [Step.DECIDED, Step.SIGNED]
    assert [step for step in Step if a_restriction(step).undecided] == [Step.PROPOSED, Step.ACCEPTED, Step.NARROWED]


def test_a_signature_waits_for_the_answer_or_for_a_week() -> None:
    proposed = a_restriction(Step.PROPOSED)
    assert not proposed.may_be_signed(NOW + ANSWER_WITHIN - timedelta(seconds=1))
    assert proposed.may_be_signed(NOW + ANSWER_WITHIN)
    assert a_restriction(Step.ACCEPTED).may_be_signed(NOW)
    assert not a_restriction(Step.LIFTED).may_be_signed(NOW + ANSWER_WITHIN)


@pytest.mark.parametrize("step", Step)
def test_a_restriction_moves_along_its_arrows_and_no_other_way(step: Step) -> None:
    for to in Step:
        if to in ARROWS[step]:
            require_arrow(a_restriction(step), to)
        else:
            with pytest.raises(RestrictionMovedOn):
                require_arrow(a_restriction(step), to)


def test_who_asks_for_less_is_told_that_only_the_rest_is_left_out() -> None:
    assert a_restriction(Step.SIGNED, narrowed=True).title.endswith("all but the last twelve months")


def test_what_a_request_came_to_and_whose_data_it_is_can_not_be_kept_back() -> None:
    tables = set(restrictable())
    assert {"order_line", "staff_view", "dispute"} <= tables <= set(REGISTER)
    assert not tables & {"customer", "erasure", "privacy_request", "privacy_restriction", "vault.data_key"}
    assert not tables & set(SEARCHES)


def test_only_what_the_law_asks_for_is_kept_back_by_the_register_itself_and_never_for_cost_or_a_partner() -> None:
    automatic = {
        entry.disclose.reason
        for table in REGISTER.values()
        for entry in table.personal().values()
        if isinstance(entry.disclose, WithheldWhile)
    }
    assert automatic == {Reason.LEGAL}
