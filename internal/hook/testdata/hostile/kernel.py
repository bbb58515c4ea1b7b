# A hostile hook cannot outlive kpm, nor ask the kernel about the host.
def forget_parent():
    return checked(libc.prctl(1, 0, 0, 0, 0))


def mounts(number):
    request = struct.pack("=IIQQQ", 24, 0, 0xFFFFFFFFFFFFFFFF, 0, 0)
    result = libc.syscall(number, request, ctypes.create_string_buffer(1 << 16), 8192, 0)
    if result < 0 and ctypes.get_errno() in (22, 38):  # an older kernel
        if not target["control"]:
            raise OSError("the filter lets it through")
    return checked(result)


attempt("outlive kpm", forget_parent)
attempt("list mounts", lambda: mounts(458))
if not target["control"]:
    attempt("kernel log", lambda: checked(libc.klogctl(10, 0, 0)))
