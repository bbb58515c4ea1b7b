// Package oracle says of objects what an API server would refuse them for, without a
// server: it decodes them, and runs them through the registry strategies that the
// server's own storage runs on a create. Custom resources are judged by the
// definitions among the objects, CEL rules included.
//
// It knows nothing of what a server has: whether a namespace, a class or a name is
// there, admission plugins, quotas, or the ports of nodes.
package oracle
