"""loadgen: an HTTP load generator that measures truthfully and acts on what it measured.

    from loadgen import LoadTestEngine, Plan

    measurement = LoadTestEngine(Plan(target="http://localhost:8000", duration_s=10)).run()
    print(measurement.total.latency.p99_ms)
"""
