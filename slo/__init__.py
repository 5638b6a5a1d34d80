"""slo: is a measurement good enough? Statistics and verdicts, pure: values in, values out."""
