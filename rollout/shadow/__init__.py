"""Production traffic beside the canary: mirrored or replayed in pairs, compared, judged."""
