"""Measurements of the whole shop from outside: a load generator of its own, and one table of ratios from one run."""
