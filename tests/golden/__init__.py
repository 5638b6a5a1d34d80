"""Expected numbers, and the programs that made them without the code under test."""
