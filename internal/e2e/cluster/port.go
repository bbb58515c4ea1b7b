package cluster

import (
	"fmt"
	"net"
)

// freePort returns a TCP port of 127.0.0.1 that nobody listens on. In a network
// namespace of our own nobody takes it before we do.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
