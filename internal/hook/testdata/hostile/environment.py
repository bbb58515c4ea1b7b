# A hostile hook sees no environment but its own, and no file that kpm has open.
allowed = """PATH LANG TERM HOME KUBE_NAME KUBE_VERSION KUBE_NAMESPACE KUBE_ACTION KUBE_VALUES KUBE_PREVIOUS""".split()


def environment(pid):
    return open(f"/proc/{pid}/environ").read()


def inherited():
    if set(os.environ) != set(allowed):
        return sorted(set(os.environ) ^ set(allowed))
    raise OSError("as it should be")


attempt("own", inherited)
attempt("of the parent", lambda: environment(os.getppid()))
attempt("of kpm", lambda: environment(target["pid"]))
attempt("memory of kpm", lambda: open(f"/proc/{target['pid']}/mem", "rb"))
attempt("command lines", lambda: open(f"/proc/{target['pid']}/cmdline").read())
attempt("open file", lambda: os.pread(target["fd"], 100, 0))
