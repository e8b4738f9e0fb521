"""What makes one machine enough: PostgreSQL and Valkey out of wheels, a supervisor, and the demonstration shop."""
