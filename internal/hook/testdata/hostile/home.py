# A hostile hook cannot read the home directory.
secret, home = target["secret"], target["home"]
attempt("read", lambda: open(secret).read())
attempt("list", lambda: os.listdir(home))
attempt("climb", lambda: open("../" * 20 + secret).read())
attempt("real home", lambda: os.listdir(os.path.expanduser("~root")))


def follow():
    os.symlink(secret, "link")
    try:
        return open("link").read()
    finally:
        os.unlink("link")


def hard():
    os.link(secret, "hard")
    try:
        return open("hard").read()
    finally:
        os.unlink("hard")


attempt("symbolic link", follow)
attempt("hard link", hard)
attempt("password file", lambda: open("/etc/passwd").read())
