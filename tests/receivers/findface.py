"""The receiver of the FindFace Security pages, with aiohttp. It prints the id and the section of each notification.

The pages show `pprint(await request.json())` and an answer with the status 200.
"""

import asyncio
import sys

from aiohttp import web


async def handle(request):
    assert request.content_type == "application/json", request.content_type
    body = await request.json()
    assert isinstance(body, list), "the body is an array"
    for notification in body:
        # What a receiver of these systems reads.
        print("got", notification["id"], notification.get("webhook_type", "-"), flush=True)
        if "scores" in notification:
            float(notification["confidence"]), notification["matched_lists"][0]
    return web.Response(status=200)


async def main():
    app = web.Application()
    app.add_routes([web.post("/", handle)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print("port", site._server.sockets[0].getsockname()[1], flush=True)
    # It ends when the script closes the pipe.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


asyncio.run(main())
