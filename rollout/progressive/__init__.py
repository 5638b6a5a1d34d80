"""Progressive rollout: stages, judges, a journal that survives any crash, a way back."""
