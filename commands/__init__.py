"""The command line: one file a subcommand, named like it."""
