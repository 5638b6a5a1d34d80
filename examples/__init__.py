"""Programs that show the whole at work; `make demo` and `make demo-rollout` run them."""
