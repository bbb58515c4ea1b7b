# A hostile hook cannot write outside its copy, nor change how a file is there.
secret, outside = target["secret"], target["outside"]
attempt("create", lambda: open(outside + "/new", "w").write("x"))
attempt("make folder", lambda: os.mkdir(outside + "/folder"))
attempt("overwrite", lambda: open(secret, "r+").write("x"))
attempt("truncate", lambda: os.truncate(secret, 1))
attempt("mode", lambda: os.chmod(secret, 0o777))
attempt("times", lambda: os.utime(secret, (1, 1)))
attempt("attribute", lambda: os.setxattr(secret, "user.x", b"1"))
attempt("move in", lambda: os.rename(secret, "taken"))
attempt("move out", lambda: os.rename("K3.yaml", outside + "/K3.yaml"))
attempt("remove", lambda: os.remove(secret))
attempt("previous", lambda: open(os.environ["KUBE_PREVIOUS"] + "/hook-values.yaml", "w"))
attempt("mode of python", lambda: os.chmod(os.__file__, os.stat(os.__file__).st_mode))


def passing(name):
    open(name, "w").close()
    os.remove(name)


attempt("python", lambda: passing(os.__file__ + ".kpm-hook-test"))
attempt("shared memory", lambda: passing("/dev/shm/kpm-hook-test"))
attempt("temporary folder", lambda: passing("/tmp/kpm-hook-test"))
