"""What each kind of alert means, and what to do about it."""

from dataclasses import dataclass
from typing import Final

from kalecart.payments.invariants import INVARIANTS


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """`title` names what happened, `words` what to do."""

    title: str
    words: str


REMEDIES: Final[dict[str, Remedy]] = {
    "dead_letter": Remedy(
        title="A task was given up",
        words="Look at its last error. Once the cause is gone, retry it; where nothing waits for it, discard it. "
        "Either closes this alert.",
    ),
    "foreign_payment": Remedy(
        title="Stripe told us of a payment that is none of ours",
        words="Look it up at Stripe. If another shop uses the same account, give it an account of its own; "
        "otherwise find out who took the money, and refund it there.",
    ),
    "payment_canceled": Remedy(
        title="A payment was cancelled at Stripe",
        words="Its order waits for money that will not come. Ask the customer to order again, and cancel this order.",
    ),
    "unpaid_goods": Remedy(
        title="An order that went ahead was not paid after all",
        words="Its bank sent the debit back while it was being picked or delivered. Its page asks the customer for "
        "another way to pay; write to them, and hold the goods back if you still can.",
    ),
    "wrong_amount": Remedy(
        title="Stripe collected another amount than the order's total",
        words="Compare the order with the payment at Stripe. Refund what is too much; never ask the customer for more.",
    ),
    "mismatch": Remedy(
        title="Stripe and our books do not say the same",
        words="Compare the order with what Stripe's dashboard shows under this id. A second charge is refunded there; "
        "anything else needs somebody who reads the ledger. The alert ends by itself once both agree.",
    ),
    "foreign_event": Remedy(
        title="Stripe told us of another account, or of test and real money mixed up",
        words="Nothing was done about it. Look up which endpoint and which keys Stripe's dashboard has for this shop.",
    ),
    "refund_failed": Remedy(
        title="A refund did not reach the customer",
        words="The bank sent the money back. Ask the customer for another way to pay them back, "
        "and refund again or outside Stripe.",
    ),
    "foreign_refund": Remedy(
        title="Stripe told us of a refund that is none of ours",
        words="Look it up at Stripe, and find out whose payment it belongs to.",
    ),
    "dispute": Remedy(
        title="A customer disputes a charge at their bank",
        words="Do not refund it as well. Send what proves the delivery to Stripe before the evidence is due, "
        "or accept the dispute there.",
    ),
    "foreign_dispute": Remedy(
        title="A dispute about a payment that is none of ours",
        words="Look it up at Stripe, and answer it there.",
    ),
    "repeat_sender": Remedy(
        title="Somebody sent personal information again after we told them to stop",
        words="What they sent is sealed and destroyed on time. Speak to them as the person responsible, and have their "
        "address or their access refused; resolve this when that is done.",
    ),
    "mail_away": Remedy(
        title="The mail server has not answered for a while",
        words="See that it runs and that its address and password are right. Letters wait and go out by themselves.",
    ),
    "review_overdue": Remedy(
        title="A review of who may do what is overdue",
        words="Decide about the lines that are left on the page Reviews. The manager's own are for whoever acts for "
        "him: designate somebody where nobody does. The alert ends by itself within the hour.",
    ),
    "audit_overdue": Remedy(
        title="An audit was not held when it was due",
        words="Hold it and write it down on the page Audits. The alert ends by itself within the hour.",
    ),
    "finding_overdue": Remedy(
        title="What an audit found was not put right by its day",
        words="Put it right, say how on the page Audits, and have it closed. The alert ends by itself within the hour.",
    ),
    "training_lapsed": Remedy(
        title="Somebody who works here has no training that counts",
        words="The console is closed to them. Train them and write it down on the page Training; the alert ends by "
        "itself then, or when they leave.",
    ),
    "request_review": Remedy(
        title="A package waits for a decision",
        words="Something in it is withheld for a reason that needs judgement. Look at it on the page Requests and "
        "release it, or refuse it with the reason (C11).",
    ),
    "package_incomplete": Remedy(
        title="A package still lacks a part after a day",
        words="A source did not answer when it was made: its person was told what is missing, and it is completed by "
        "itself once the source answers. See on the page Queue what the task complete_request waits for.",
    ),
    "request_due": Remedy(
        title="A request about somebody's data is due soon",
        words="It has to be answered by the end of the thirtieth day after it was received. The page Requests says "
        "what it waits for.",
    ),
    "request_late": Remedy(
        title="A request about somebody's data is late",
        words="Its thirty days are over. Answer it now, and say in the answer that it is late and why.",
    ),
    "complaint_late": Remedy(
        title="A complaint has no answer after thirty days",
        words="The page Complaints has it first. Answer it now, and then explain there how it came to be late; this "
        "closes once the answer is on its way (C13).",
    ),
    "acknowledgement_unposted": Remedy(
        title="Nobody has told somebody on paper that we have their complaint",
        words="They gave no e-mail address, and three days have passed since their letter reached us. Print the "
        "acknowledgement on the complaint's page, post it, and write the day down there; this closes then (C12).",
    ),
    "answer_unposted": Remedy(
        title="An answer on paper was signed and not posted",
        words="Three days have passed since somebody signed it, and it counts only once it is in the post. Print it on "
        "the complaint's page, post it, and write the day down there; this closes then (C13).",
    ),
    "complaint_unassigned": Remedy(
        title="A complaint about the manager has nobody to answer it",
        words="Whom it is about may not. Designate somebody for complaints on the page People: it is theirs within a "
        "minute, and this closes.",
    ),
    "paper_due": Remedy(
        title="Paper is to be shredded",
        words="The page Paper has it first. Take it out of its cabinet and shred it before a colleague within seven "
        "days, and write both names down there (C8).",
    ),
    "cabinet_unkept": Remedy(
        title="Nobody has the key of a cabinet with paper in it",
        words="Whoever had it works here no longer. Get the key, give it to somebody, and write that down on the page "
        "Paper; this closes then (C8).",
    ),
    "mail_failed": Remedy(
        title="A letter to a customer could not be delivered",
        words="The mail server refused it, or was away for days. Look at it in the outbox, and reach the customer "
        "another way where it matters.",
    ),
    "mail_returned": Remedy(
        title="A letter came back",
        words="Its address takes no mail. Look at it in the outbox and reach its person another way; what it says is "
        "on their page too.",
    ),
    "complaint_unreached": Remedy(
        title="The answer to a complaint came back",
        words="It is not answered, and its thirty days go on. Answer it another way: on paper, where there is a postal "
        "address, or ask by telephone for an address that works. This closes once an answer reached its person.",
    ),
    "complaint_replied": Remedy(
        title="Somebody wrote about a complaint that is answered",
        words="Read what was added to it. Where it says that the answer does not resolve it, write it down as "
        "of the day it came, with its number; otherwise resolve this.",
    ),
    "mail_unread": Remedy(
        title="A message waits for a person to read it",
        words="The shop could not tell what to do with it: it names no letter of ours, cannot be read, or its sender "
        "wrote very often. It lies in the mailbox, flagged, or in the folder 'unread'. A complaint is written "
        "down on the page Complaints as of when it came; then delete the message, and resolve this.",
    ),
    "mailbox_away": Remedy(
        title="The mailbox cannot be read",
        words="See that its server or folder is there, and that address and password are right. Complaints wait in it, "
        "and their thirty days run from when they arrived. This ends by itself once it answers.",
    ),
    "mail_unknown": Remedy(
        title="Nobody knows whether a letter arrived",
        words="The mail server had its text and never answered, so it is not sent again. Ask its log for the id in the "
        "outbox; what the letter says is on the order's page too.",
    ),
    "clock_silent": Remedy(
        title="No scheduler ticks",
        words="Start ./kale scheduler, or look into its log; ./kale doctor clock says whether one is frozen or its "
        "clock is wrong. Workers and the web promise the timed work meanwhile. This ends by itself once one ticks.",
    ),
    "safeguard_wrong": Remedy(
        title="A safeguard was not tried in time, or did not hold",
        words="backup: run ./kale backup, and see why the machine does not every night. restore_drill: run ./kale "
        "drill, which names what it found. This ends within an hour once the last run is young and held.",
    ),
    "trail_broken": Remedy(
        title="The audit trail is not as it was written",
        words="Somebody changed the record of who did what. Touch nothing: ./kale audit verify names every broken row. "
        "Keep the marks and last night's backup, and tell the accountable manager.",
    ),
    "trail_unsealed": Remedy(
        title="The audit trail is not being sealed",
        words="See that a scheduler runs and reaches the database. Lines are kept and sealed by themselves afterwards; "
        "one that stays was put among older ones, and ./kale audit verify names it.",
    ),
}

UNKNOWN: Final = Remedy(
    title="Something needs a person",
    words="Look at what it names, and at the log of the same moment. Resolve it when it is mended.",
)


# What must be true of money has an alert of its own kind: `invariant:NAME`, about the first exception.
_INVARIANTS: Final = {
    each.alert: Remedy(
        title=f"Not true at the moment: {each.sentence}",
        words="Nothing is lost by waiting, but find out why before more is done to what it names. "
        "./kale doctor money names every exception. The alert ends by itself once it is true again.",
    )
    for each in INVARIANTS
}


def remedy_of(kind: str) -> Remedy:
    return REMEDIES.get(kind) or _INVARIANTS.get(kind, UNKNOWN)
