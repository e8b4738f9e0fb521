"""Staff at the counter: they refund, look at payments, and pick."""

import asyncio
import secrets
import uuid
from dataclasses import dataclass
from typing import Any, Final

from chaos.history import History
from chaos.shopper import BROKEN, PATIENCE_S, note
from local.visitor import Answer, Visitor

LOG_IN_AGAIN: Final = 401


@dataclass(kw_only=True)
class Counter:
    """One member of staff with a log-in of the demonstration's manager."""

    visitor: Visitor
    log_in: dict[str, Any]
    history: History

    @classmethod
    def at(cls, url: str, log_in: dict[str, Any], history: History) -> "Counter":
        return cls(visitor=Visitor.at(url, patience_s=PATIENCE_S), log_in=log_in, history=history)

    async def close(self) -> None:
        await self.visitor.session.close()

    async def order(self, order_id: str) -> dict[str, Any]:
        return (await self._ask("GET", f"/api/v1/staff/orders/{order_id}")).require(200, step="staff")

    async def refund(self, order_id: str, *, amount_cents: int | None, at_once: int = 1) -> None:
        """The same refund asked for `at_once` times together is one refund."""
        refund_id = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
        wanted = {"whole": True} if amount_cents is None else {"amount_cents": amount_cents}
        asked = {"refund_id": refund_id, "reason": "goodwill", **wanted}

        async def ask() -> None:
            async with self.history.operation("refund", key=refund_id, order_id=order_id) as operation:
                answer = await self._ask("POST", f"/api/v1/staff/orders/{order_id}/refunds", json=asked)
                note(operation, answer, order_id)

        await asyncio.gather(*(ask() for _ in range(at_once)))

    async def pick(self, order_id: str) -> None:
        async with self.history.operation("pick", key=order_id, order_id=order_id) as operation:
            note(operation, await self._ask("POST", f"/api/v1/staff/orders/{order_id}/picking"), order_id)

    async def _ask(self, method: str, path: str, **more: Any) -> Answer:
        answer = await self.visitor.ask(method, path, **more)
        if answer.status == LOG_IN_AGAIN:
            who = {"email": self.log_in["email"], "password": self.log_in["password"]}
            (await self.visitor.ask("POST", "/api/v1/staff/session", json=who)).require(201, step="staff log-in")
            answer = await self.visitor.ask(method, path, **more)
        if answer.status >= BROKEN:
            self.history.broken.append(f"{method} {path} was answered {answer.status}")
        return answer
