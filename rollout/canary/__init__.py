"""A canary verified before it gets traffic: shadow, load test, comparison, one verdict."""
