"""Keep-alive GETs by aiohttp's client: URL CONNECTIONS SECONDS. Prints its counts as JSON."""

import asyncio
import json
import sys
import time

import aiohttp
import uvloop


async def ask(session: aiohttp.ClientSession, url: str, until_s: float) -> tuple[int, int]:
    """One user; returns how many answers were a success and how many were not."""
    succeeded = failed = 0
    while time.monotonic() < until_s:
        async with session.get(url) as answer:
            await answer.read()
        succeeded += answer.status < 400
        failed += answer.status >= 400
    return succeeded, failed


async def main(url: str, connections: int, seconds: float) -> None:
    """All users at once."""
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        until_s = time.monotonic() + seconds
        counts = await asyncio.gather(*(ask(session, url, until_s) for _ in range(connections)))
    succeeded, failed = (sum(column) for column in zip(*counts, strict=True))
    print(json.dumps({"completed": succeeded + failed, "failed": failed}))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
