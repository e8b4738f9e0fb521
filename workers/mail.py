"""Actors of the queue `mail`."""

from kalecart import tasks
from kalecart.jobs import SendMail
from kalecart.mail.send import send_mail
from kalecart.runtime import Runtime


async def send(job: SendMail, held: tasks.Held, runtime: Runtime) -> None:
    await send_mail(
        job,
        held,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
        postman=runtime.postman,
        public_url=runtime.settings.public_url,
    )
