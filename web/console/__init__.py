"""Pages for the people who work for the shop."""
