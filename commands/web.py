"""`./kale web`."""


def web() -> None:
    """Serve the shop over HTTP; settings come from the environment."""
    import runpy  # noqa: PLC0415  # the help of all commands should not wait for it

    runpy.run_module("web", run_name="__main__", alter_sys=True)
