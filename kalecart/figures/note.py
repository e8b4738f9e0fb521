"""The plain words that go with every figure that leaves the shop."""

from typing import Final

from kalecart.analytics.question import PAIRS_EACH_MAX, PRODUCTS_EACH_MAX

NOTE: Final = (
    (
        "These are shares of customers who agreed to be counted and bought something in the period. Customers who "
        "did not agree are not in them."
    ),
    (
        "A little noise was added to every figure on purpose, so that nobody, KaleCart included, can tell from it "
        "whether one person was counted. The range says how far off a figure may be because of it: at least 95 of "
        "100 such ranges hold what the figure would be without the noise."
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
        f"Of one customer at most {PRODUCTS_EACH_MAX} different products count in a quarter, and {PAIRS_EACH_MAX} "
        "pairs of products, drawn by chance. Where many customers buy more, the shares in those two lists are too low, "
        "and their ranges do not say so. Aisles, single products our staff asked about, and surveys are not concerned."
    ),
    (
        "The noise is discrete Gaussian, with a proof in zero-concentrated differential privacy; the unit is one "
        "customer. What a release cost of the year's budget is told in rho."
    ),
)
LICENSE: Final = "You may quote these figures together with their range and this note."
