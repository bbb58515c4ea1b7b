"""Renders the templates of a Kube with Python's own Jinja2, and compiles its hook.

It runs confined, as a hook does: templates are programs to Jinja2. It reads sets.json,
a list of values; manifests/; and subject.py, the hook, which is never run. It writes
twin.json. The filters are twins of kpm's (internal/render/kubefilters.go), and two
names over a mapping walk its pairs in order, as in kpm.
"""

import base64
import hashlib
import json
import os
import re

out = {"jinja": "", "hook": None, "rendered": []}

if os.path.exists("subject.py"):
    with open("subject.py", "rb") as f:
        try:
            compile(f.read(), "scripts/pre-install.py", "exec")
        except (SyntaxError, ValueError) as e:
            out["hook"] = {"line": getattr(e, "lineno", 0) or 0, "message": getattr(e, "msg", None) or str(e)}


class Unknown(Exception):
    """What cannot be compared here."""


def render():
    import jinja2
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

    out["jinja"] = jinja2.__version__

    class Environment(SandboxedEnvironment):
        def _parse(self, source, name, filename):
            tree = super()._parse(source, name, filename)
            for loop in tree.find_all(nodes.For):
                if isinstance(loop.target, nodes.Tuple) and len(loop.target.items) == 2:
                    loop.iter = nodes.Filter(loop.iter, "_pairs", [], [], None, None)
            return tree

    def required(value, message="a value is required"):
        if isinstance(value, jinja2.Undefined) or value is None or value == "":
            raise ValueError(message)
        return value

    def from_yaml(text):
        try:
            import yaml
        except ImportError:
            raise Unknown("from_yaml needs PyYAML") from None
        return yaml.safe_load(text)

    env = Environment(undefined=jinja2.StrictUndefined, loader=jinja2.FileSystemLoader("manifests"), keep_trailing_newline=True)
    env.filters.update({
        "_pairs": lambda v: sorted(v.items()) if isinstance(v, dict) else v,
        "to_yaml": lambda v: json.dumps(v, ensure_ascii=False),
        "to_json": lambda v: json.dumps(v, ensure_ascii=False),
        "from_yaml": from_yaml,
        "b64encode": lambda v: base64.b64encode(str(v).encode()).decode(),
        "b64decode": lambda v: base64.b64decode(str(v).strip(), validate=True).decode(),
        "quote": lambda v: json.dumps(str(v), ensure_ascii=False),
        "sha256": lambda v: hashlib.sha256(str(v).encode()).hexdigest(),
        "required": required,
        "ternary": lambda v, yes, no: yes if v else no,
        "regex_replace": lambda v, pattern, replacement="": re.sub(pattern, replacement, str(v)),
    })
    with open("sets.json", encoding="utf-8") as f:
        sets = json.load(f)
    for values in sets:
        given = {}
        for name in sorted(os.listdir("manifests")):
            if not name.endswith(".tmpl"):
                continue
            try:
                given[name] = {"text": env.get_template(name).render(values)}
            except Unknown as e:
                given[name] = {"unknown": str(e)}
            except Exception as e:  # whatever a template raises is its error
                given[name] = {"error": f"{type(e).__name__}: {e}"}
        out["rendered"].append(given)


if os.path.exists("sets.json"):
    try:
        render()
    except ImportError:
        pass

with open("twin.json", "w", encoding="utf-8") as f:
    json.dump(out, f)
