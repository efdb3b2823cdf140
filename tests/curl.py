"""The part of curl that the examples in the documents use, for machines without it."""

import argparse
import base64
import re
import sys
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-X", default=None)
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("-F", action="append", default=[])
    parser.add_argument("-o")
    parser.add_argument("-w", default="")
    parser.add_argument("-u")
    given = parser.parse_args()
    request = urllib.request.Request(given.url, method=given.X)
    if given.d is not None:
        request.data = given.d.encode()
    if given.F:
        kind, request.data = form(given.F)
        request.add_header("Content-Type", kind)
    for header in given.H:
        request.add_header(*header.split(": ", 1))
    if given.u is not None:
        basic = base64.b64encode(given.u.encode()).decode()
        request.add_header("Authorization", f"Basic {basic}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        answer = opener.open(request)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        body = answer.read()
    if given.o is None:
        sys.stdout.buffer.write(body)
    sys.stdout.write(written(given.w, answer.status, answer.headers))


def form(fields: list[str]) -> tuple[str, bytes]:
    """Content type and body of a form; a value ``@path`` is a file, ``<path`` its text."""
    parts = []
    for field in fields:
        name, _, value = field.partition("=")
        path = Path(value[1:]) if value[:1] in {"@", "<"} else None
        file = f'; filename="{path.name}"' if path and value[0] == "@" else ""
        content = path.read_bytes() if path else value.encode()
        head = f'--mark\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    return "multipart/form-data; boundary=mark", b"".join([*parts, b"--mark--\r\n"])


def written(wish: str, status: int, headers: Message) -> str:
    """What ``-w`` asks for: the status, or a header."""
    wish = wish.replace("%{http_code}", str(status))
    return re.sub(r"%header\{(.+?)\}", lambda named: headers.get(named[1], ""), wish)


if __name__ == "__main__":
    main()
