"""Tries to break a whole shop of real processes, and counts the cents afterwards."""
