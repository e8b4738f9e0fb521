"""The audit trail as evidence: its lines are chained, and the chain is held against marks kept outside the database."""
