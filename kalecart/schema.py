"""Every table there is: importing this completes `kalecart.tables.metadata`."""

from typing import Final

from kalecart import audit, controls, disclosures, restores, scheduling, tasks, tombstones, vault
from kalecart.analytics import tables as analytics
from kalecart.audits import tables as audits
from kalecart.carts import tables as carts
from kalecart.catalogue import tables as catalogue
from kalecart.complaints import tables as complaints
from kalecart.consent import tables as consent
from kalecart.correspondents import tables as correspondents
from kalecart.customers import tables as customers
from kalecart.figures import tables as figures
from kalecart.inbound import tables as inbound
from kalecart.mail import tables as mail
from kalecart.orders import tables as orders
from kalecart.paper import tables as paper
from kalecart.payments import tables as payments
from kalecart.policy import tables as policy
from kalecart.privacy import erasure_tables
from kalecart.privacy import tables as privacy
from kalecart.sources import tables as sources
from kalecart.staff import factor_tables
from kalecart.staff import tables as staff
from kalecart.surveys import tables as surveys
from kalecart.tables import metadata
from kalecart.trail import tables as trail
from kalecart.windows import tables as windows

TABLE_MODULES: Final = (
    analytics,
    audit,
    audits,
    carts,
    catalogue,
    complaints,
    consent,
    controls,
    correspondents,
    customers,
    disclosures,
    erasure_tables,
    factor_tables,
    figures,
    inbound,
    mail,
    orders,
    paper,
    payments,
    policy,
    privacy,
    restores,
    scheduling,
    sources,
    staff,
    surveys,
    tasks,
    tombstones,
    trail,
    vault,
    windows,
)

__all__ = ["TABLE_MODULES", "metadata"]
