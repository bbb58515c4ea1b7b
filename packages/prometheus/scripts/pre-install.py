#!/usr/bin/env python3
"""Tells the templates which namespace prometheus is installed into.

A role binding has to name the namespace of its service account, and only the
moment of installing knows it. kpm runs this script before an install or an
upgrade, in a private copy of the Kube:

    KUBE_NAMESPACE     the namespace
    hook-values.yaml   values for the templates, beside K3.yaml
"""

import json
import os
from pathlib import Path

KUBE = Path(__file__).resolve().parent.parent


def main():
    # JSON is YAML as well, and the standard library can write it.
    text = json.dumps({"ownNamespace": os.environ["KUBE_NAMESPACE"]})
    (KUBE / "hook-values.yaml").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
