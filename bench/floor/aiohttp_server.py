"""The floor on the hub's own web stack: aiohttp on uvloop. `python -m bench.floor.aiohttp_server …`."""

import asyncio
import sys

import uvloop
from aiohttp import web

from bench.floor.answering import READY, ListAnswering, arguments
from bench.processes import HOST


async def _serve() -> None:
    options = arguments()
    answering = ListAnswering.load(options)

    async def post(request: web.Request) -> web.Response:
        body = await answering.answer(await request.read())
        return web.Response(body=body, headers={"Content-Type": "text/xml; charset=utf-8"})

    application = web.Application()
    application.router.add_post("/", post)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, options.port, reuse_port=True).start()
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())
