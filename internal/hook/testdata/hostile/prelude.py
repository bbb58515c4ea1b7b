# Goes before each script beside it. A script tries what it must not be able to
# do: attempt(what, function) says DENIED if that raises an error, and BREACH,
# with what came of it, if not.
import ctypes, fcntl, json, os, resource, signal, socket, struct, sys, termios, time

target = json.loads(os.environ["KUBE_VALUES"])
libc = ctypes.CDLL(None, use_errno=True)


def attempt(what, function):
    try:
        result = function()
    except (OSError, MemoryError) as error:
        print("DENIED", what + ":", type(error).__name__)
        return None
    print("BREACH", what + ":", repr(result)[:60])
    return result


def checked(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


