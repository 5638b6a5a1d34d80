"""What follows from measuring: canary verification, shadow traffic, rollout and rollback."""
