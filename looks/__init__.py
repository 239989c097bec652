"""What things look like and how they read, whoever shows them: a page, a memo, a command."""
