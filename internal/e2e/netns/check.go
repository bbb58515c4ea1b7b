//go:build linux

package netns

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
)

// fallback reports whether Linux itself makes the device in every new
// namespace, as soon as the module behind it is loaded.
func fallback(device string) bool {
	return slices.Contains([]string{
		"tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6_vti0",
	}, device)
}

// Check returns nil when the network namespace of the process is empty, or else
// an error that names every way out.
func Check() error {
	devices, err := net.Interfaces()
	if err != nil {
		return fmt.Errorf("listing network interfaces: %w", err)
	}
	errs := []error{checkDevices(devices)}
	for _, table := range []struct {
		path   string
		device func(fields []string) string
	}{
		{"/proc/net/route", ipv4Device},
		{"/proc/net/ipv6_route", ipv6Device},
	} {
		f, err := os.Open(table.path)
		if errors.Is(err, os.ErrNotExist) {
			continue // a kernel without this protocol
		}
		if err != nil {
			return err
		}
		errs = append(errs, checkRoutes(f, table.device))
		if err := f.Close(); err != nil {
			return err
		}
	}
	return errors.Join(errs...)
}

func checkDevices(devices []net.Interface) error {
	var errs []error
	for _, d := range devices {
		loopback := d.Flags&net.FlagLoopback != 0
		asleep := fallback(d.Name) && d.Flags&net.FlagUp == 0
		if !loopback && !asleep {
			errs = append(errs, fmt.Errorf("network interface %s exists", d.Name))
		}
	}
	return errors.Join(errs...)
}

// checkRoutes reads a routing table as /proc/net prints it.
func checkRoutes(table io.Reader, device func(fields []string) string) error {
	var errs []error
	seen := map[string]bool{"": true, "lo": true}
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		d := device(strings.Fields(lines.Text()))
		if !seen[d] {
			errs = append(errs, fmt.Errorf("a route leads through %s", d))
		}
		seen[d] = true
	}
	return errors.Join(append(errs, lines.Err())...)
}

// ipv4Device is the first column of /proc/net/route; its first line is a title.
func ipv4Device(fields []string) string {
	if len(fields) == 0 || fields[0] == "Iface" {
		return ""
	}
	return fields[0]
}

// ipv6Device is the last column of /proc/net/ipv6_route.
func ipv6Device(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1]
}
