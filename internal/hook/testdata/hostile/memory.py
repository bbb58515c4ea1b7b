# A hostile hook cannot take all memory, descriptors or the disk.
import mmap

attempt("memory", lambda: mmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close())
attempt("shared memory", lambda: mmap.mmap(-1, 5 << 30).close())


def large():
    try:
        with open("large", "wb") as f:
            return f.truncate((64 << 20) + 1)
    finally:
        os.remove("large")


signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
attempt("large file", large)
attempt("descriptors", lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(1000)][-1])
