"""Makes what no file of a Kube can hold: here a name for this installation.

It runs on the machine of who installs, confined: without network, and with nothing but a
copy of the Kube that it may write. What it wrote the last time is in KUBE_PREVIOUS.
"""

import json
import os
import pathlib
import secrets

previous = os.environ["KUBE_PREVIOUS"]
if previous:
    instance = json.loads((pathlib.Path(previous) / "hook-values.yaml").read_text())["instance"]
else:
    instance = secrets.token_hex(4)
pathlib.Path("hook-values.yaml").write_text(json.dumps({"instance": instance}))
