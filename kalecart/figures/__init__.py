"""Figures: what releases say in words and percentages, for staff, partners and anybody, and the files of it."""
