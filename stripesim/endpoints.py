"""What an endpoint is: a route, the parameters it takes, and a plain function that answers inside one transaction."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from stripesim.forms import Form
from stripesim.world import Object, Transaction

Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read and checked."""

    tx: Transaction
    form: Form
    path: Mapping[str, str]
    url: str
    base: str
    publishable: bool
    ip: str = ""
    agent: str = ""

    def pointed(self, kind: str, name: str) -> Object | None:
        """The object that a parameter names, if it names one."""
        ident = self.form.text(name)
        return None if ident is None else self.tx.require(kind, ident, param=self.form.param(name), status=400)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`publishable` endpoints may be called from a browser, with the publishable key."""

    method: str
    path: str
    run: Callable[[Call], Answer]
    takes: Collection[str] = ()
    publishable: bool = False
