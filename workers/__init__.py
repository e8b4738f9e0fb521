"""Workers: a thin shell that performs the jobs promised in the task table."""
