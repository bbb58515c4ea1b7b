//go:build linux

package netns

import (
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Bridge makes a bridge with an IPv4 address, for a node and its pods. It leads
// to nothing but what is plugged into it.
func Bridge(name string, address netip.Prefix) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening a socket: %w", err)
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	for _, step := range []struct {
		request uint
		value   []byte
	}{
		{unix.SIOCBRADDBR, nil},
		{unix.SIOCSIFADDR, address.Addr().AsSlice()},
		{unix.SIOCSIFNETMASK, net.CIDRMask(address.Bits(), address.Addr().BitLen())},
	} {
		bridge, err := unix.NewIfreq(name)
		if err != nil {
			return fmt.Errorf("naming a bridge: %w", err)
		}
		if step.value != nil {
			if err := bridge.SetInet4Addr(step.value); err != nil {
				return fmt.Errorf("addressing bridge %s: %w", name, err)
			}
		}
		if err := unix.IoctlIfreq(fd, step.request, bridge); err != nil {
			return fmt.Errorf("making bridge %s (%v): %w", name, address, err)
		}
	}
	return up(fd, name)
}
