package admit

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Addresses that servers have taken since the first versions of Kubernetes may be written
// with leading zeros, and ranges with bits set beyond their prefix
// (k8s.io/utils/net, ParseIPSloppy and ParseCIDRSloppy); newer servers take neither.

// address reads an address as all servers do.
func address(s string) (netip.Addr, bool) {
	groups := strings.Split(s, ":")
	for i, group := range groups {
		parts := strings.Split(group, ".")
		for j, part := range parts {
			if len(parts) == 4 || len(part) > 4 {
				parts[j] = unpadded(part)
			}
		}
		groups[i] = strings.Join(parts, ".")
	}
	a, err := netip.ParseAddr(strings.Join(groups, ":"))
	return a, err == nil && a.Zone() == ""
}

// unpadded is a number without leading zeros.
func unpadded(s string) string {
	if s == "" {
		return ""
	}
	return strings.TrimLeft(s[:len(s)-1], "0") + s[len(s)-1:]
}

// ipRange reads a range of addresses as all servers do.
func ipRange(s string) (netip.Prefix, bool) {
	text, bits, _ := strings.Cut(s, "/")
	a, ok := address(text)
	n, err := strconv.ParseUint(bits, 10, 16)
	if !ok || err != nil || int(n) > a.BitLen() {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, int(n)), true
}

func ip(s string) string {
	if _, ok := address(s); !ok {
		return fmt.Sprintf("is %s, which is no IP address", short(s))
	}
	return ""
}

// strictIP is what is wrong with an address that ip takes.
func strictIP(s string) string {
	known, ok := address(s)
	a, err := netip.ParseAddr(s)
	switch {
	case !ok:
	case err != nil:
		return fmt.Sprintf("is %s, which has leading zeros: write %s", short(s), known)
	case a.Is4In6():
		return fmt.Sprintf("is %s, an IPv4 address as IPv6: write %s", short(s), a.Unmap())
	}
	return ""
}

func cidr(s string) string {
	if _, ok := ipRange(s); !ok {
		return fmt.Sprintf("is %s, which is no range of IP addresses such as 10.0.0.0/8", short(s))
	}
	return ""
}

// strictCIDR is what is wrong with a range that cidr takes.
func strictCIDR(s string) string {
	known, ok := ipRange(s)
	p, err := netip.ParsePrefix(s)
	switch {
	case !ok:
	case err != nil:
		return fmt.Sprintf("is %s, which has leading zeros: write %s", short(s), known.Masked())
	case p.Addr().Is4In6():
		return fmt.Sprintf("is %s, an IPv4 address as IPv6", short(s))
	case p.Addr() != p.Masked().Addr():
		return fmt.Sprintf("is %s, which has bits set beyond its prefix: write %s", short(s), p.Masked())
	}
	return ""
}

// padded takes blanks around what is judged.
func padded(says func(string) string) func(string) string {
	return func(s string) string { return says(strings.TrimSpace(s)) }
}

// endpointIP refuses addresses that no other host can reach.
func endpointIP(s string) string {
	a, ok := address(s)
	a = a.Unmap()
	switch {
	case !ok:
		return fmt.Sprintf("is %s, which is no IP address", short(s))
	case a.IsUnspecified(), a.IsLoopback(), a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast():
		return fmt.Sprintf("is %s, and must not be the unspecified, a loopback or a link-local address", short(s))
	}
	return ""
}

// network is a range whose address has no bits beyond its prefix.
func network(s string) string {
	if p, err := netip.ParsePrefix(s); err != nil || p.Masked().String() != s {
		return fmt.Sprintf("is %s, and has to be a range such as 10.0.0.0/24, with no bits set beyond its prefix", short(s))
	}
	return ""
}
