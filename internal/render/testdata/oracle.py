"""Renders templates as Jinja does: JSON lines in, JSON lines out. The first line holds the values that all templates see."""
import base64
import copy
import hashlib
import json
import signal
import sys

import jinja2


def required(value, message="a value is required"):
    if isinstance(value, jinja2.Undefined) or value is None or value == "":
        raise ValueError(message)
    return value


def quote(value):
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def to_json(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")


files = {}
env = jinja2.Environment(undefined=jinja2.StrictUndefined, loader=jinja2.FunctionLoader(lambda name: files.get(name)), cache_size=0,
    keep_trailing_newline=True)
env.filters.update({
    "required": required,
    "quote": quote,
    "to_json": to_json,
    "b64encode": lambda v: base64.b64encode(str(v).encode()).decode(),
    "b64decode": lambda v: base64.b64decode(str(v).strip(), validate=True).decode(),
    "sha256": lambda v: hashlib.sha256(str(v).encode()).hexdigest(),
    "ternary": lambda v, true_value, false_value: true_value if v else false_value,
})


class TooLong(BaseException):
    pass


def too_long(*_):
    raise TooLong()


def render(case, values):
    global files
    files = case.get("templates") or {}
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        return {"text": env.from_string(case["template"]).render(copy.deepcopy(values))}
    except TooLong:
        return {"error": "too long"}
    except Exception as error:  # whatever Python raises is a refusal
        return {"error": type(error).__name__ + ": " + str(error)[:200]}
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def main():
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, too_long)
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    values = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        print(json.dumps(render(json.loads(line), values), ensure_ascii=True), flush=False)


main()
