#!/usr/bin/env python3
"""Chooses a color and makes a password for one ponycorn installation.

kpm runs this script before an install or an upgrade, in a private copy of the
Kube. It reads three things from its environment and writes one file:

    KUBE_NAMESPACE     the namespace that the ponycorn will live in
    KUBE_VALUES        all values, as JSON
    KUBE_PREVIOUS      the folder with what this script wrote last time, if any
    hook-values.yaml   values for the templates, beside K3.yaml

The color follows from the namespace alone. The password is the user's, else
that of last time, else a new one: an upgrade never changes it by itself.
"""

import hashlib
import json
import os
import secrets
from pathlib import Path

COLORS = ["blue", "gold", "green", "pink", "purple", "red", "silver", "white"]
OUTPUT = "hook-values.yaml"
KUBE = Path(__file__).resolve().parent.parent


def color_of(namespace):
    """Returns the color of all ponycorns in this namespace."""
    digest = hashlib.sha256(namespace.encode("utf-8")).digest()
    return COLORS[digest[0] % len(COLORS)]


def previous_values(folder):
    """Returns what the last run wrote; nothing if this is the first."""
    if not folder:
        return {}
    path = Path(folder) / OUTPUT
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def main():
    values = json.loads(os.environ.get("KUBE_VALUES") or "{}")
    previous = previous_values(os.environ.get("KUBE_PREVIOUS"))
    password = values.get("password") or previous.get("password")
    if not password:
        password = secrets.token_hex(16)
        print("made a new password; it is kept in the Secret ponycorn")
    color = color_of(os.environ.get("KUBE_NAMESPACE", ""))
    print(f"your ponycorn is {color}")
    # JSON is YAML as well, and the standard library can write it.
    text = json.dumps({"color": color, "password": password}, indent=2)
    (KUBE / OUTPUT).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
