"""The slow path: a worker's load in Python, by uvloop's TLS and httptools.

For https:// where the interpreter's OpenSSL cannot be shared with the C engine. It writes the same
slot by the same rules; what it cannot do is refused at the start (`choice`).
"""
