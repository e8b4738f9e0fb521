"""What a person does with their account: sign up, log in and out, correct their details (C7)."""
