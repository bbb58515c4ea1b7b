"""Renders the templates of a Kube with Python's own Jinja2, and compiles its hook.

It runs confined, as a hook does: templates are programs to Jinja2. It reads sets.json,
a list of values; manifests/; and scripts.json, the hook with what is beside it, which is
never run. It writes twin.json. The filters are twins of kpm's (internal/render/kubefilters.go), and two
names over a mapping walk its pairs in order, as in kpm.
"""

import ast
import base64
import hashlib
import json
import os
import re

out = {"jinja": "", "hook": [], "rendered": []}

with open("scripts.json", encoding="utf-8") as f:
    scripts = {path: base64.b64decode(text) for path, text in json.load(f).items()}


def imported(tree, path):
    """The files beside the hook that a module may mean by what it imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [name.name.split(".") for name in node.names]
            at = "scripts"
        elif isinstance(node, ast.ImportFrom):
            base = node.module.split(".") if node.module else []
            names = [base + [name.name] for name in node.names]
            at = "scripts"
            if node.level:
                at = "/".join(path.split("/")[: -node.level])
        else:
            continue
        for parts in names:
            for n in range(1, len(parts) + 1):
                yield "/".join([at, *parts[:n]]) + ".py"
                yield "/".join([at, *parts[:n], "__init__.py"])


def parse(path, seen):
    """Compiles a module and, after it, what it imports of its own folder."""
    if path in seen or path not in scripts:
        return
    seen.add(path)
    try:
        compile(scripts[path], path, "exec")
        tree = ast.parse(scripts[path])
    except (SyntaxError, ValueError) as e:
        out["hook"].append({"path": path, "line": getattr(e, "lineno", 0) or 0, "message": getattr(e, "msg", None) or str(e)})
        return
    for other in imported(tree, path):
        parse(other, seen)


parse("scripts/pre-install.py", set())


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


with open("sets.json", encoding="utf-8") as f:
    sets = json.load(f)
if sets:
    try:
        render()
    except ImportError:
        pass

with open("twin.json", "w", encoding="utf-8") as f:
    json.dump(out, f)
