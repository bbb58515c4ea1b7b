# A hostile hook cannot speak to the terminal in kpm's name, nor type on it.
def type_on(tty):
    for c in b"y\n":
        fcntl.ioctl(tty, termios.TIOCSTI, struct.pack("B", c))
    return "typed"


def write_to(path):
    with open(path, "w") as tty:
        return tty.write("kpm: all is well\n")


attempt("type on its terminal", lambda: type_on(0))
attempt("type on /dev/tty", lambda: type_on(open("/dev/tty")))
attempt("type on the user's", lambda: type_on(open(target["tty"])))
attempt("write to the user's", lambda: write_to(target["tty"]))
if not target["control"]:  # somebody may read it
    attempt("write to the console", lambda: write_to("/dev/console"))
