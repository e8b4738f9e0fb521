"""`./kale openapi`."""


def openapi() -> None:
    """Print the specification of the JSON API (OpenAPI 3.1)."""
    import json  # noqa: PLC0415  # the help of all commands should not wait for it

    from web.api.openapi import specification  # noqa: PLC0415  # see above
    from web.routes import API  # noqa: PLC0415  # see above

    print(json.dumps(specification(API), indent=2, ensure_ascii=False))
