"""Actors of the queue `privacy`: what needs the log-in that may read everything about a person."""

from kalecart import tasks
from kalecart.audits.watch import watch_audits
from kalecart.complaints.watch import watch_complaints
from kalecart.inbound.read_mail import read_mail
from kalecart.jobs import (
    CompleteRequest,
    DestroySource,
    DestroySources,
    EraseOther,
    ErasePerson,
    FinishErasures,
    ForgetAtStripe,
    FulfilRequest,
    KeepNoLonger,
    KeepTombstone,
    ProveRegister,
    ProveTrail,
    ReadMail,
    RemakePackage,
    WatchAudits,
    WatchComplaints,
    WatchPaper,
    WatchRequests,
    WatchTrail,
    WatchTraining,
)
from kalecart.paper.watch import watch_paper
from kalecart.privacy.erase import erase_person
from kalecart.privacy.erase_other import erase_other
from kalecart.privacy.finish_erasures import finish_erasures
from kalecart.privacy.forget_at_stripe import forget_at_stripe
from kalecart.privacy.fulfil import fulfil_request
from kalecart.privacy.give_way import giving_way
from kalecart.privacy.keep_no_longer import keep_no_longer
from kalecart.privacy.prove_register import prove_register
from kalecart.privacy.remake import complete_request, remake_package
from kalecart.privacy.subject import Person
from kalecart.privacy.watch import watch_requests
from kalecart.runtime import Runtime
from kalecart.sources.destroy import destroy_source, destroy_sources
from kalecart.sources.source import SourceId
from kalecart.staff.watch_training import watch_training
from kalecart.stones_file import keep_stones
from kalecart.trail.prove import prove_trail
from kalecart.trail.watch import watch_trail


async def fulfil(job: FulfilRequest, held: tasks.Held, runtime: Runtime) -> None:
    async with giving_way(db=runtime.db, clock=runtime.clock):
        await fulfil_request(
            job.request_id,
            held,
            db=runtime.db,
            vault=runtime.vault,
            clock=runtime.clock,
            gateway=runtime.gateway.in_background(),
        )


async def complete(job: CompleteRequest, held: tasks.Held, runtime: Runtime) -> None:
    behind = runtime.gateway.in_background()
    async with giving_way(db=runtime.db, clock=runtime.clock):
        await complete_request(
            job.request_id, held, db=runtime.db, vault=runtime.vault, clock=runtime.clock, gateway=behind
        )


async def remake(job: RemakePackage, held: tasks.Held, runtime: Runtime) -> None:
    behind = runtime.gateway.in_background()
    async with giving_way(db=runtime.db, clock=runtime.clock):
        await remake_package(
            job.request_id, held, db=runtime.db, vault=runtime.vault, clock=runtime.clock, gateway=behind
        )


async def keep_tombstone(_job: KeepTombstone, held: tasks.Held, runtime: Runtime) -> None:
    await keep_stones(held, db=runtime.db, clock=runtime.clock, file=runtime.settings.tombstone_file)


async def watch_audit_trail(_job: WatchTrail, held: tasks.Held, runtime: Runtime) -> None:
    await watch_trail(held, db=runtime.db, clock=runtime.clock)


async def prove_audit_trail(_job: ProveTrail, held: tasks.Held, runtime: Runtime) -> None:
    await prove_trail(held, db=runtime.db, clock=runtime.clock, anchor_file=runtime.settings.anchor_file)


async def prove_all_is_known(_job: ProveRegister, held: tasks.Held, runtime: Runtime) -> None:
    await prove_register(held, db=runtime.db, clock=runtime.clock)


async def watch(_job: WatchRequests, held: tasks.Held, runtime: Runtime) -> None:
    await watch_requests(held, db=runtime.db, clock=runtime.clock)


async def read_the_mail(_job: ReadMail, held: tasks.Held, runtime: Runtime) -> None:
    await read_mail(
        held,
        runtime.mailbox,
        ours=runtime.ours,
        db=runtime.db,
        vault=runtime.vault,
        clock=runtime.clock,
    )


async def escalate(_job: WatchComplaints, held: tasks.Held, runtime: Runtime) -> None:
    await watch_complaints(held, db=runtime.db, clock=runtime.clock)


async def look_after_training(_job: WatchTraining, held: tasks.Held, runtime: Runtime) -> None:
    await watch_training(held, db=runtime.db, clock=runtime.clock)


async def look_after_paper(_job: WatchPaper, held: tasks.Held, runtime: Runtime) -> None:
    await watch_paper(held, db=runtime.db, clock=runtime.clock)


async def look_after_audits(_job: WatchAudits, held: tasks.Held, runtime: Runtime) -> None:
    await watch_audits(held, db=runtime.db, clock=runtime.clock)


async def destroy_unconsented(_job: DestroySources, held: tasks.Held, runtime: Runtime) -> None:
    await destroy_sources(held, db=runtime.db, clock=runtime.clock)


async def destroy_one(job: DestroySource, held: tasks.Held, runtime: Runtime) -> None:
    await destroy_source(SourceId(job.source_id), held, db=runtime.db, clock=runtime.clock)


async def erase(job: ErasePerson, held: tasks.Held, runtime: Runtime) -> None:
    person = Person.customer(job.customer_id)
    await erase_person(person, held, request_id=job.request_id, db=runtime.db, clock=runtime.clock)


async def erase_no_customer(job: EraseOther, held: tasks.Held, runtime: Runtime) -> None:
    await erase_other(job.request_id, held, db=runtime.db, clock=runtime.clock)


async def forget(job: ForgetAtStripe, held: tasks.Held, runtime: Runtime) -> None:
    gateway = runtime.gateway.in_background()
    await forget_at_stripe(job.erasure_id, held, db=runtime.db, gateway=gateway, clock=runtime.clock)


async def finish(_job: FinishErasures, held: tasks.Held, runtime: Runtime) -> None:
    await finish_erasures(held, db=runtime.db, clock=runtime.clock)


async def let_go(_job: KeepNoLonger, held: tasks.Held, runtime: Runtime) -> None:
    await keep_no_longer(held, db=runtime.db, clock=runtime.clock)
