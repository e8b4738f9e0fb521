"""`./kale worker`."""


def worker() -> None:
    """Perform promised work, such as charging orders; settings come from the environment."""
    import runpy  # noqa: PLC0415  # the help of all commands should not wait for it

    runpy.run_module("workers", run_name="__main__", alter_sys=True)
