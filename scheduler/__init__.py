"""The scheduler: a metronome. What is due, and what was done, is in PostgreSQL."""
