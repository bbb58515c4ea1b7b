// Package machine gives a process, and all that it starts, a machine of its own
// as far as a node of Kubernetes can tell, and takes it away again whatever
// happens:
//
//   - an empty network namespace (package netns);
//   - a PID namespace: with its first process end all others, containers too;
//   - a mount namespace: /run is empty, what is written below /var goes to memory,
//     and no mount outlives the last process;
//   - sysctls that a kubelet would set for the whole machine look as if it had.
//
// Cgroups belong to no namespace. The node is to make them below one name, and
// Sweeper removes what is left of them, and of what containerd makes besides.
//
// The package works on Linux only, and needs root.
package machine
