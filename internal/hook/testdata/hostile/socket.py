# A hostile hook cannot open a socket.
address = ("127.0.0.1", target["port"])


def connect(family, kind, to):
    with socket.socket(family, kind) as s:
        s.connect(to)
        s.send(b"stolen")
        return "sent"


attempt("tcp", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, address))
attempt("udp", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", target["udp"])))
attempt("named", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, target["socket"]))
attempt("abstract", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + target["abstract"]))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
attempt("io_uring", lambda: checked(libc.syscall(425, 1, ctypes.create_string_buffer(120))))
