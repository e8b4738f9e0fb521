from typer.testing import CliRunner

from commands.__main__ import assembled, found


def test_a_years_budget_is_printed_with_what_it_amounts_to() -> None:
    printed = CliRunner().invoke(assembled(found()), ["budget", "2026"])

    assert printed.exit_code == 0
    assert "products:2026-Q4     rho 0.04     renews on 2027-01-01" in printed.output
    assert "rho 0.28 for one customer, which is epsilon 3.77 at delta 1.4e-06" in printed.output
