"""Live production traffic, mirrored by a reverse proxy that nobody has to wait for.

client ── proxy process ── production        the client's way: bytes as they are
              │ whole exchanges, bounded
         mirror process ── canary, baseline
              │ pairs, bounded
           parent ── PairSink
"""
