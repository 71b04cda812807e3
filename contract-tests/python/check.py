"""The `openai` client in front of the mock: what works there works with the real service's shapes.

Usage: check.py URL
"""

import sys
import tempfile
from pathlib import Path

import openai
from openai import OpenAI

MODEL = "your-model-id"
QUESTION = [{"role": "user", "content": "Say hello."}]


def models(client: OpenAI) -> None:
    ids = [model.id for model in client.models.list()]
    assert "your-model-id" in ids, ids


def chat(client: OpenAI) -> None:
    reply = client.chat.completions.create(model=MODEL, messages=QUESTION, temperature=0.5)
    assert reply.choices[0].message.content, reply
    called = client.chat.completions.create(
        model=MODEL,
        messages=QUESTION,
        tools=[{"type": "function", "function": {"name": "get_weather"}}],
        tool_choice="auto",
        extra_headers={"Prefer": "example=tool_calls"},
    )
    assert called.choices[0].message.tool_calls[0].function.name == "get_weather", called


def stream(client: OpenAI) -> None:
    chunks = client.chat.completions.create(
        model=MODEL,
        messages=QUESTION,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert len(chunks) > 2, chunks
    assert "".join(chunks) == "Hello, wörld. 👋", chunks


def speech_and_back(client: OpenAI) -> None:
    text = "Said in Python."
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.mp3"
        with client.audio.speech.with_streaming_response.create(
            model=MODEL, voice="alloy", input=text, response_format="mp3"
        ) as speech:
            assert speech.headers["content-type"] == "audio/mpeg", speech.headers
            speech.stream_to_file(file)
        heard = client.audio.transcriptions.create(model=MODEL, file=file, language="en")
        assert heard.text == text, heard
        verbose = client.audio.transcriptions.create(
            model=MODEL,
            file=file,
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
            temperature=0.2,
        )
        assert verbose.text == text and verbose.segments, verbose
        subtitles = client.audio.transcriptions.create(model=MODEL, file=file, response_format="srt")
        assert text in subtitles, subtitles
        english = client.audio.translations.create(model=MODEL, file=file)
        assert english.text == text, english


def errors(client: OpenAI) -> None:
    def ask(headers: dict, **fields: object) -> openai.APIStatusError:
        request = {"model": MODEL, "messages": QUESTION, **fields}
        try:
            client.chat.completions.create(extra_headers=headers, **request)
        except openai.APIStatusError as error:
            return error
        raise AssertionError(f"no error: {headers} {fields}")

    wrong_model = ask({"Prefer": "code=404, example=model_not_found"})
    assert isinstance(wrong_model, openai.NotFoundError), wrong_model
    assert wrong_model.code == "model_not_found", wrong_model.body
    busy = ask({"Prefer": "code=429"})
    assert isinstance(busy, openai.RateLimitError), busy
    assert busy.code == "rate_limit_exceeded", busy.body
    unavailable = ask({"Prefer": "code=503"})
    assert isinstance(unavailable, openai.InternalServerError), unavailable
    invalid = ask({}, temperature=3)
    assert isinstance(invalid, openai.BadRequestError), invalid
    assert invalid.param == "temperature", invalid.body
    keyless = ask({"Authorization": openai.Omit()})
    assert isinstance(keyless, openai.AuthenticationError), keyless


def main() -> None:
    # An error is to be seen, and not to be tried again.
    client = OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="sk-anything", max_retries=0, timeout=30)
    for check in (models, chat, stream, speech_and_back, errors):
        check(client)
        print(f"ok: {check.__name__}")


if __name__ == "__main__":
    main()
