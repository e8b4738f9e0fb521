"""What the business is: the order pipeline of a grocery shop that delivers (policy clauses C1-C15)."""
