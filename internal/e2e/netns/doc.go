// Package netns keeps a process in an empty network namespace: one where
// nothing but loopback exists, so that no packet can leave the machine.
//
// A namespace is empty when
//
//   - every interface is loopback, or one of the tunnel devices that Linux puts
//     into each new namespace, and that device is down;
//   - no IPv4 or IPv6 route leads through anything but loopback.
//
// The package works on Linux only.
package netns
