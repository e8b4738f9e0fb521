"""A shop that lives a year in minutes: the real verbs and the real database, on a clock that leaps."""
