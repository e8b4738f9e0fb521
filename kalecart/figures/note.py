"""The plain words that go with every figure that leaves the shop."""

from typing import Final

from kalecart.analytics.breadth import STEPS
from kalecart.analytics.question import PAIRS_EACH_MAX

NOTE: Final = (
    (
        "These are shares of customers who agreed to be counted and bought something in the period. Customers who "
        "did not agree are not in them."
    ),
    (
        "A little noise was added to every figure on purpose, so that nobody, KaleCart included, can tell from it "
        "whether one person was counted. The range says how far off a figure may be: at least 95 of 100 such ranges "
        "hold the true share of those customers."
    ),
    (
        "Where too few people would be behind a figure it is held back: it says so, and has no number. Held back "
        "does not mean zero."
    ),
    (
        "Each figure was drawn once and stays as it is. Asking again, or counting again after somebody left, gives "
        "no second figure to compare it with."
    ),
    (
        f"Of one customer only so many different products count in a quarter, {STEPS[0]} to {STEPS[-1]}, drawn by "
        "chance; the list says how many. What that may leave out is in a product's range, which may therefore reach "
        f"further up than down. Of pairs of products {PAIRS_EACH_MAX} of one customer count: where many buy more, "
        "pairs are too low, and their ranges do not say so. Everything else counts each customer in full."
    ),
    (
        "The noise is discrete Gaussian, with a proof in zero-concentrated differential privacy; the unit is one "
        "customer. What a release cost of the year's budget is told in rho."
    ),
)
LICENSE: Final = "You may quote these figures together with their range and this note."
