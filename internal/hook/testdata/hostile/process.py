# A hostile hook reaches no other process, and gains no privilege.
pid = target["pid"]
attempt("signal kpm", lambda: os.kill(pid, 0))
attempt("trace kpm", lambda: checked(libc.ptrace(0x4206, pid, 0, 0)))
attempt("limit kpm", lambda: resource.prlimit(pid, resource.RLIMIT_CORE))
attempt("slow kpm", lambda: os.sched_setaffinity(pid, os.sched_getaffinity(0)))
attempt("user namespace", lambda: checked(libc.unshare(0x10000000)))


def clone():
    number = 56 if os.uname().machine == "x86_64" else 220
    if checked(libc.syscall(number, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)) == 0:
        os._exit(0)


attempt("clone into namespaces", clone)
if not target["control"]:  # unconfined, these would do harm
    attempt("mount", lambda: checked(libc.mount(b"x", b".", b"tmpfs", 0, None)))
    attempt("change root", lambda: os.chroot("."))
    attempt("device", lambda: os.mknod("device", 0o600 | 0o060000, os.makedev(7, 0)))
attempt("become root", lambda: os.setresuid(0, 0, 0) if os.getuid() else os.listdir("/root"))
attempt("keyring", lambda: checked(libc.syscall(250 if os.uname().machine == "x86_64" else 219, 0, -3, 0)))
