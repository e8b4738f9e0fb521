"""`./kale scheduler`."""


def scheduler() -> None:
    """Tick: promise what is due by the clock; settings come from the environment."""
    import runpy  # noqa: PLC0415  # the help of all commands should not wait for it

    runpy.run_module("scheduler", run_name="__main__", alter_sys=True)
