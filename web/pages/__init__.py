"""Pages for shoppers: rendered on the server, complete without JavaScript but for the card field."""
