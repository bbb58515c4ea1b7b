#!/usr/bin/env python3
"""Makes the password of one rabbitmq installation, once.

kpm runs this script before an install or an upgrade, in a private copy of the
Kube. It reads two things from its environment and writes one file:

    KUBE_VALUES        all values, as JSON
    KUBE_PREVIOUS      the folder with what this script wrote last time, if any
    hook-values.yaml   values for the templates, beside K3.yaml

What the user set wins, else what was made last time stays, else it is made
now. So an upgrade never changes the password by itself.
"""

import json
import os
import secrets
import string
from pathlib import Path

# The values to fill, and how long the text made for each of them is.
LENGTHS = {"password": 32}
ALPHABET = string.ascii_letters + string.digits
OUTPUT = "hook-values.yaml"
KUBE = Path(__file__).resolve().parent.parent


def previous_values(folder):
    """Returns what the last run wrote; nothing if this is the first."""
    if not folder:
        return {}
    path = Path(folder) / OUTPUT
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def new_secret(length):
    """Returns random letters and digits: they need no quotes anywhere."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def main():
    values = json.loads(os.environ.get("KUBE_VALUES") or "{}")
    previous = previous_values(os.environ.get("KUBE_PREVIOUS"))
    chosen = {}
    for name, length in LENGTHS.items():
        chosen[name] = values.get(name) or previous.get(name)
        if not chosen[name]:
            chosen[name] = new_secret(length)
            print(f"made a new {name}; it is kept in the Secret rabbitmq")
    # JSON is YAML as well, and the standard library can write it.
    text = json.dumps(chosen, indent=2, sort_keys=True)
    (KUBE / OUTPUT).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
