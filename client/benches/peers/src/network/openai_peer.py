"""The calls of the network benchmark by Python's `openai`: prints microseconds as `sequential.rs` does."""

import asyncio
import sys
from time import perf_counter

from openai import AsyncOpenAI, OpenAI

client, kind, base, number = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
options = {"base_url": base + "/v1", "api_key": "sk-example-0123456789", "max_retries": 0}
request = {
    "model": "your-model-id",
    "messages": [{"role": "user", "content": "Say what this is, in five sentences."}],
}


def chat(completions):
    called = perf_counter()
    completions.create(**request)
    return called, perf_counter(), perf_counter()


def stream(completions):
    called, events = perf_counter(), []
    for _ in completions.create(stream=True, **request):
        events.append(perf_counter())
    return called, events[0], events[-1]


async def chat_async(completions):
    called = perf_counter()
    await completions.create(**request)
    return called, perf_counter(), perf_counter()


async def stream_async(completions):
    called, events = perf_counter(), []
    async for _ in await completions.create(stream=True, **request):
        events.append(perf_counter())
    return called, events[0], events[-1]


def show(times):
    before = None
    for called, first, last in times:
        print(round((first - called) * 1e6), round((first - (before or called)) * 1e6))
        before = last


def run():
    completions = OpenAI(**options).chat.completions
    call = stream if kind == "stream" else chat
    return [call(completions) for _ in range(number)]


async def run_async():
    completions = AsyncOpenAI(**options).chat.completions
    call = stream_async if kind == "stream" else chat_async
    return [await call(completions) for _ in range(number)]


show(asyncio.run(run_async()) if client == "openai-python-async" else run())
