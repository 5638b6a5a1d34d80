"""loadgen.yml and the command line: from text to a Plan, every mistake with its place."""
