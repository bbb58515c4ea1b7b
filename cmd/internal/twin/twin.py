"""Renders the templates of a Kube with Python's own Jinja2, and compiles its hook.

It runs confined, as a hook does: templates are programs to Jinja2. It reads sets.json,
a list of values; manifests/; and scripts.json, the hook with what is beside it, which is
never run. It writes twin.json. The filters are twins of kpm's (internal/render/kubefilters.go), and two
names over a mapping walk its pairs in order, as in kpm.
"""

import ast
import base64
import decimal
import functools
import hashlib
import json
import os
import re
import signal
import time

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
    print("at", path, flush=True)
    try:
        compile(scripts[path], path, "exec")
        tree = ast.parse(scripts[path])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        out["hook"].append({"path": path, "line": getattr(e, "lineno", 0) or 0, "message": getattr(e, "msg", None) or str(e) or type(e).__name__})
        return
    for other in imported(tree, path):
        parse(other, seen)


parse("scripts/pre-install.py", set())


class YAML:
    """Writes a value as kpm's to_yaml does: as go.yaml.in/yaml/v3 with an indent of two.

    It follows that package's emitter step by step (emitterc.go, encode.go, resolve.go), for
    block style alone, so that texts are the same to the byte.
    """

    BREAKS = "\r\n\x85\u2028\u2029"
    ESCAPES = {0: "0", 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 27: "e", 34: '"', 92: "\\",
               0x85: "N", 0xA0: "_", 0x2028: "L", 0x2029: "P"}
    WORDS = set("""true True TRUE false False FALSE ~ null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF
        -.inf -.Inf -.INF << y Y yes Yes YES on On ON n N no No NO off Off OFF""".split()) | {""}
    TIME = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
                      r"(?:(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[+-]([0-9]{2}):([0-9]{2}))"
                      r"| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?))?")
    BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
    FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
    POINT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
    INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)|-?0b[-+]?[01]+|-?0o[-+]?[0-7]+")

    def __init__(self):
        self.out, self.column, self.white, self.fresh = [], 0, True, True

    def text(self, value):
        self.node(value, -1, "root", False)
        self.to(0)
        return "".join(self.out).removesuffix("\n")

    # What is written, and where it leaves the line.

    def put(self, text):
        self.out.append(text)
        self.column += len(text)

    def line(self, char="\n"):
        self.out.append(char)
        self.column, self.fresh = 0, True

    def to(self, indent):
        if not self.fresh or self.column > indent or (self.column == indent and not self.white):
            self.line()
        self.put(" " * (indent - self.column))
        self.white = True

    def mark(self, text, space=True, white=False, keeps=False):
        self.put(" " + text if space and not self.white else text)
        self.white, self.fresh = white, self.fresh and keeps

    # Values.

    @staticmethod
    def deeper(indent, inside, flow=False):
        if indent < 0:
            return 2 if flow else 0
        return indent + 2 if inside == "list" else 2 * ((indent + 2) // 2)

    def node(self, v, indent, inside, simple):
        if isinstance(v, dict):
            if not v:
                self.mark("{}")
                return
            indent = self.deeper(indent, inside)
            keyed = {str(k): value for k, value in v.items()}
            for key in sorted(keyed, key=functools.cmp_to_key(self.order)):
                self.to(indent)
                short = len(key.encode()) <= 128 and not any(c in self.BREAKS for c in key)
                if not short:
                    self.mark("?", keeps=True)
                self.node(key, indent, "mapping", short)
                if short:
                    self.mark(":", space=False)
                else:
                    self.to(indent)
                    self.mark(":", keeps=True)
                self.node(keyed[key], indent, "mapping", False)
        elif isinstance(v, (list, tuple)):
            if not v:
                self.mark("[]")
                return
            indent = self.deeper(indent, inside)
            for one in v:
                self.to(indent)
                self.mark("-", keeps=True)
                self.node(one, indent, "list", False)
        elif isinstance(v, str):
            self.string(str(v), self.deeper(indent, inside, flow=True), simple)
        elif v is None or isinstance(v, (bool, int, float)):
            self.plain(self.scalar(v))
        else:
            raise ValueError(f"{type(v).__name__} has no YAML")

    def scalar(self, v):
        if v is None:
            return "null"
        if isinstance(v, bool):
            return "true" if v else "false"
        if isinstance(v, int):
            return str(v)
        if v != v or v in (float("inf"), float("-inf")):
            return ".nan" if v != v else ".inf" if v > 0 else "-.inf"
        sign, digits, exponent = decimal.Decimal(repr(v)).as_tuple()
        text = "".join(map(str, digits)).lstrip("0")
        point = len(text) + exponent
        text = text.rstrip("0")
        sign = "-" if sign else ""
        if not text:
            return sign + "0"
        if not -4 <= point - 1 < 6:
            return f"{sign}{text[0]}{'.' if text[1:] else ''}{text[1:]}e{point - 1:+03d}"
        if point <= 0:
            return sign + "0." + "0" * -point + text
        rest = text[point:]
        return sign + text[:point].ljust(point, "0") + ("." + rest if rest else "")

    def order(self, a, b):
        """keyList of sorter.go: numbers in keys count as numbers."""
        if a == b:
            return 0
        digits = False
        for i, (x, y) in enumerate(zip(a, b)):
            if x == y:
                digits = x.isdecimal()
                continue
            if x.isalpha() and y.isalpha():
                less = x < y
            elif x.isalpha() or y.isalpha():
                less = x.isalpha() if digits else y.isalpha()
            else:
                less = self.numbered(a, b, i)
            return -1 if less else 1
        return -1 if len(a) < len(b) else 1

    @staticmethod
    def numbered(a, b, i):
        first = 0
        if a[i] == "0" or b[i] == "0":
            j = i - 1
            while j >= 0 and a[j].isdecimal():
                if a[j] != "0":
                    first = 1
                    break
                j -= 1

        def number(text):
            n, at = first, i
            while at < len(text) and text[at].isdecimal():
                n, at = n * 10 + ord(text[at]) - ord("0"), at + 1
            return (n + 2**63) % 2**64 - 2**63, at

        an, ai = number(a)
        bn, bi = number(b)
        return an < bn if an != bn else ai < bi if ai != bi else a[i] < b[i]

    # Texts.

    def string(self, s, indent, simple):
        facts = self.analyse(s)
        if "\n" in s:
            style = "literal"
        else:
            style = "plain" if self.means_text(s) else "double"
        if simple and facts["breaks"]:
            style = "double"
        if style == "plain" and not facts["plain"]:
            style = "single"
        if style == "single" and not facts["single"]:
            style = "double"
        if style == "literal" and (simple or not facts["block"]):
            style = "double"
        if style == "plain":
            self.plain(s)
        elif style == "single":
            self.single(s, indent)
        elif style == "double":
            self.mark('"' + "".join(self.escaped(c, s) for c in s) + '"')
        else:
            self.literal(s, indent)

    def plain(self, s):
        self.mark(s)

    def single(self, s, indent):
        self.mark("'")
        broken = False
        for c in s:
            if c in self.BREAKS:
                self.line(c)
                broken = True
                continue
            if c != " ":
                if broken:
                    self.to(indent)
                self.fresh = broken = False
            self.put("''" if c == "'" else c)
        self.mark("'", space=False)

    def literal(self, s, indent):
        hint = "2" if s[0] in " " + self.BREAKS else ""
        if s[-1] not in self.BREAKS:
            hint += "-"
        elif len(s) == 1 or s[-2] in self.BREAKS:
            hint += "+"
        self.mark("|" + hint)
        self.line()
        self.white = broken = True
        for c in s:
            if c in self.BREAKS:
                self.line(c)
                broken = True
                continue
            if broken:
                self.to(indent)
            self.put(c)
            self.fresh = broken = False

    @staticmethod
    def printable(c):
        n = ord(c)
        return c == "\n" or 0x20 <= n <= 0x7E or 0xA0 <= n < 0xD800 or 0xE000 <= n < 0xFFFE and n != 0xFEFF

    def escaped(self, c, s):
        n = ord(c)
        if self.printable(c) and c not in self.BREAKS and c not in '"\\' and not s.startswith("\ufeff"):
            return c
        if n in self.ESCAPES:
            return "\\" + self.ESCAPES[n]
        return f"\\x{n:02X}" if n <= 0xFF else f"\\u{n:04X}" if n <= 0xFFFF else f"\\U{n:08X}"

    def analyse(self, s):
        """yaml_emitter_analyze_scalar, of which flow style is left out."""
        if not s:
            return {"breaks": False, "plain": True, "single": True, "block": False}
        marks = s.startswith(("---", "..."))
        breaks = tabs = special = break_space = space_break = False
        before = ""
        for i, c in enumerate(s):
            ends = i + 1 == len(s) or s[i + 1] in " \t"
            if i == 0 and (c in "#,[]{}&*!|>'\"%@`" or c in "?:-" and ends):
                marks = True
            elif i > 0 and (c == ":" and ends or c == "#" and before in " \t\0" + self.BREAKS):
                marks = True
            tabs = tabs or c == "\t"
            special = special or c != "\t" and not self.printable(c)
            if c == " ":
                break_space = break_space or before != "" and before in self.BREAKS
            elif c in self.BREAKS:
                breaks = True
                space_break = space_break or before == " "
            before = c
        ends = any(c == " " or c in self.BREAKS for c in (s[0], s[-1]))
        odd = space_break or special
        return {
            "breaks": breaks,
            "plain": not (ends or break_space or odd or tabs or breaks or marks),
            "single": not (break_space or odd or tabs),
            "block": not (s[-1] == " " or odd),
        }

    def means_text(self, s):
        """Tells whether a text is read as one without quotes, by YAML 1.1 too."""
        if s in self.WORDS or self.BASE60.fullmatch(s):
            return False
        if s[0] == ".":
            return not (self.POINT.fullmatch(s) and abs(float(s)) != float("inf"))
        if s[0] not in "+-0123456789":
            return True
        number = s.replace("_", "")
        if self.TIME.fullmatch(s) and self.is_time(s):
            return False
        if self.INT.fullmatch(number) and self.fits(number):
            return False
        return not (self.FLOAT.fullmatch(number) and abs(float(number)) != float("inf"))

    @staticmethod
    def fits(number):
        """An integer of 64 bits, as Go reads it; without a sign it may be an unsigned one."""
        digits = number.lstrip("+-")
        if digits[:2].lower() in ("0x", "0o", "0b"):
            n = int(digits[2:], {"x": 16, "o": 8, "b": 2}[digits[1].lower()])
        else:
            n = int(digits, 8 if digits[0] == "0" else 10)
        if number[0] == "-" or digits[2:3] == "-":
            return n <= 2**63
        return n < 2**63 if number[0] == "+" else n < 2**64

    def is_time(self, s):
        year, month, day, h, m, sec, zh, zm, h2, m2, sec2 = (int(x) if x else 0 for x in self.TIME.fullmatch(s).groups())
        if not 1 <= month <= 12:
            return False
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return 1 <= day <= days and max(h, h2) < 24 and max(m, m2) < 60 and max(sec, sec2) < 60 and zh <= 24 and zm <= 60


class Late(BaseException):
    """A template takes too long: nothing that runs in between is to take it for its own."""


def late(*_):
    raise Late


# Seconds for one template, and for all of them.
ONE, ALL = 10, 45


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

    def as_json(value, **how):
        return json.dumps(value, ensure_ascii=False, **how).replace("\x7f", "\\u007f")

    def regex_replace(value, pattern, replacement=""):
        """As in Go, where only \\1 has a meaning, and nothing empty follows a match at once."""
        text, out, at, last = str(value), [], 0, -1
        for m in re.finditer(pattern, text):
            if m.start() == m.end() == last:
                continue
            out += text[at:m.start()], re.sub(r"\\([0-9]+)", lambda d: group(m, int(d[1])), replacement)
            at = last = m.end()
        return "".join(out) + text[at:]

    def group(m, n):
        return (m[n] or "") if n <= m.re.groups else ""

    env = Environment(undefined=jinja2.StrictUndefined, loader=jinja2.FileSystemLoader("manifests"), keep_trailing_newline=True)
    env.filters.update({
        "_pairs": lambda v: sorted(v.items()) if isinstance(v, dict) else v,
        "to_yaml": lambda v: YAML().text(v),
        "to_json": lambda v: as_json(v, sort_keys=True, allow_nan=False),
        "from_yaml": from_yaml,
        "b64encode": lambda v: base64.b64encode(str(v).encode()).decode(),
        "b64decode": lambda v: base64.b64decode(str(v).replace("\r", "").replace("\n", "").strip(), validate=True).decode(),
        "quote": lambda v: as_json(str(v)),
        "sha256": lambda v: hashlib.sha256(str(v).encode()).hexdigest(),
        "required": required,
        "ternary": lambda v, yes, no: yes if v else no,
        "regex_replace": regex_replace,
    })
    ends, passed = time.monotonic() + ALL, set()

    def rendered(name, values):
        print("at manifests/" + name, flush=True)
        seconds = max(0.1, min(ONE, ends - time.monotonic()))
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                return {"text": env.get_template(name).render(values)}
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except Late:
            passed.add(name)
            return {"late": round(seconds, 1)}
        except Unknown as e:
            return {"unknown": str(e)}
        except Exception as e:  # whatever a template raises is its error
            return {"error": f"{type(e).__name__}: {e}"}

    signal.signal(signal.SIGALRM, late)
    for values in sets:
        names = sorted(name for name in os.listdir("manifests") if name.endswith(".tmpl"))
        out["rendered"].append({name: {"passed": True} if name in passed else rendered(name, values) for name in names})


with open("sets.json", encoding="utf-8") as f:
    sets = json.load(f)
if sets:
    try:
        render()
    except ImportError:
        pass

with open("twin.json", "w", encoding="utf-8") as f:
    json.dump(out, f)
