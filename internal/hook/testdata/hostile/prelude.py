# Goes before each script beside it. A script tries what it must not be able to
# do: attempt(what, function) says DENIED if that raises an error, and BREACH if
# not. What came of it is not shown: in the control it is the tester's own.
import ctypes, fcntl, json, os, resource, signal, socket, struct, sys, termios, time

target = json.loads(os.environ["KUBE_VALUES"])
libc = ctypes.CDLL(None, use_errno=True)


def attempt(what, function):
    try:
        result = function()
    except (OSError, MemoryError) as error:
        print("DENIED", what + ":", type(error).__name__, getattr(error, "errno", ""))
        return None
    print("BREACH", what + ":", type(result).__name__)
    return result


def checked(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


