import ast
from pathlib import Path

from kalecart.payments.invariants import INVARIANTS
from kalecart.tending.remedies import REMEDIES, UNKNOWN, remedy_of

ROOT = Path(__file__).resolve().parents[3]
RAISING = ("raise_alert", "raise_alerts", "raise_only", "keep_alerts")


def raised_kinds() -> set[str]:
    """Every kind of alert the code raises by name."""
    calls = [
        node
        for path in (ROOT / "kalecart").rglob("*.py")
        if any(name in (text := path.read_text()) for name in RAISING)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(RAISING)
    ]
    return {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}


def test_every_kind_of_alert_says_what_to_do_about_it():
    assert {"dead_letter", "wrong_amount", "answer_unposted", "mailbox_away"} <= raised_kinds()
    assert raised_kinds() - set(REMEDIES) == set()


def test_an_unknown_kind_still_sends_somebody_to_look():
    assert remedy_of("something new") is UNKNOWN


def test_every_invariant_that_breaks_says_what_is_not_true():
    assert all(each.sentence in remedy_of(each.alert).title for each in INVARIANTS)
