"""The plain words that go with every figure that leaves the shop."""

from typing import Final

NOTE: Final = (
    (
        "These are shares of customers who agreed to be counted and bought something in the period. Customers who "
        "did not agree are not in them."
    ),
    (
        "A little noise was added to every figure on purpose, so that nobody, KaleCart included, can tell from it "
        "whether one person was counted. The range says how far off a figure may be because of it: at least 95 of "
        "100 such ranges hold the true share."
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
        "At most 40 different products of one customer count in a quarter, drawn by chance, so shares of rare "
        "products of very large households are a little low."
    ),
    (
        "The noise is discrete Gaussian, with a proof in zero-concentrated differential privacy; the unit is one "
        "customer. What a release cost of the year's budget is told in rho."
    ),
)
LICENSE: Final = "You may quote these figures together with their range and this note."
