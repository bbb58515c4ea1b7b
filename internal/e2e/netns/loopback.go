//go:build linux

package netns

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// LoopbackUp brings the loopback interface up; Linux then gives it 127.0.0.1.
// It needs CAP_NET_ADMIN, unless the interface is up already.
func LoopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening a socket: %w", err)
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	return up(fd, "lo")
}

// up brings an interface up, through any socket.
func up(fd int, name string) error {
	device, err := unix.NewIfreq(name)
	if err != nil {
		return fmt.Errorf("naming interface %q: %w", name, err)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, device); err != nil {
		return fmt.Errorf("reading the state of %s: %w", name, err)
	}
	if device.Uint16()&unix.IFF_UP != 0 {
		return nil
	}
	device.SetUint16(device.Uint16() | unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, device); err != nil {
		return fmt.Errorf("bringing %s up: %w", name, err)
	}
	return nil
}
