"""Renders the output of the command line as an SVG picture for the README.

Run it from the repository's root after a build: python3 client/cli/docs/render.py
"""

import html
import shlex
import subprocess
import textwrap

COMMANDS = [
    "cometapi --mock models --type audio",
    'cometapi --mock chat your-model-id "Say hello."',
    "cometapi chat your-model-id Hello",
]
COLUMNS = 96
LINE = 19
PADDING = 16


def output(command: str) -> list[str]:
    words = shlex.split(command)
    words[0] = "target/debug/cometapi"
    environment = {"COLUMNS": str(COLUMNS), "NO_COLOR": "1", "PATH": "/usr/bin:/bin"}
    run = subprocess.run(words, capture_output=True, text=True, env=environment)
    lines = (run.stdout.rstrip() + "\n" + run.stderr.rstrip()).strip().split("\n")
    lines = [line.expandtabs(20) for line in lines if not line.startswith("note:")]
    return [part for line in lines for part in wrapped(line)]


def wrapped(line: str) -> list[str]:
    if len(line) <= COLUMNS:
        return [line]
    return textwrap.wrap(line, COLUMNS, subsequent_indent="       ")


lines = []
for command in COMMANDS:
    lines.append(("prompt", "$ " + command))
    lines.extend(("text", line) for line in output(command))
    lines.append(("text", ""))
lines.pop()

width = COLUMNS * 8 + 2 * PADDING
height = len(lines) * LINE + 2 * PADDING
rows = []
for number, (kind, line) in enumerate(lines):
    y = PADDING + (number + 1) * LINE - 5
    fill = {"prompt": "#7ee787", "text": "#e6edf3"}[kind]
    if line.startswith("error:"):
        fill = "#ff7b72"
    text = html.escape(line)
    rows.append(f'<text x="{PADDING}" y="{y}" fill="{fill}" xml:space="preserve">{text}</text>')
picture = f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>The command line: models of a type, a chat reply, and an error with its help</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">
{chr(10).join(rows)}
</g>
</svg>
"""
with open("client/cli/docs/terminal.svg", "w", encoding="utf-8") as file:
    file.write(picture)
