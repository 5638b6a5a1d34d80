"""What verifications, shadow tests and rollouts came to, for people: Markdown, terminal, HTML."""
