"""What moves live traffic, one small module for each kind, all behind `router.Router`."""
