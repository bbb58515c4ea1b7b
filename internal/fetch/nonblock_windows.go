package fetch

// nonblock is nothing here: no FIFO has a name in a directory.
const nonblock = 0
