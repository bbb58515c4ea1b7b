# A fork bomb is bounded: at most a few dozen processes.
def bomb():
    for n in range(300):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    return n


attempt("bomb", bomb)
