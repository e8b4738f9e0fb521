"""`./kale budget`: what may be told of people in a year, and what that amounts to."""

import typer


def budget(year: int = typer.Argument(help="The year, such as 2026.", min=2000, max=2999)) -> None:
    """Print a year's privacy budget: every envelope, and the whole year in epsilon and delta, as the library has it."""
    from kalecart.analytics.budget import (  # noqa: PLC0415  # the help of all commands should not wait for it
        MICRO,
        QUESTIONS_A_YEAR,
        TYPED_DELTA,
        WORDS_DELTA,
        YEARLY_MICRORHO,
        envelopes_of,
    )
    from kalecart.analytics.noise import epsilon_of  # noqa: PLC0415

    for envelope in envelopes_of(year):
        print(f"{envelope.id:20} rho {envelope.cap_microrho / MICRO:<8} renews on {envelope.renews_on}")
    epsilon, delta = epsilon_of(YEARLY_MICRORHO, delta=WORDS_DELTA), WORDS_DELTA + 4 * TYPED_DELTA
    print(
        f"A year together: rho {YEARLY_MICRORHO / MICRO} for one customer, which is epsilon {epsilon:.2f} at delta"
        f" {delta:.1e}. Staff may ask {QUESTIONS_A_YEAR} questions."
    )
