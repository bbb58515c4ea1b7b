// Package cluster is a Kubernetes control plane in one process: etcd,
// kube-apiserver, kube-controller-manager and kube-scheduler, all real, on nodes
// that KWOK pretends to run, or beside a real one (type Node).
//
// What is real: the API with admission, defaults, validation, server-side apply
// and RBAC; every controller; garbage collection; scheduling; the binding of
// volumes.
//
// What is not, without a real node: a pod is Running and Ready as soon as it is scheduled, and a Job's
// pod then succeeds, whatever image it names; logs and exec do not work; Services
// lead nowhere; there is no DNS. A claim of the class "standard", the default, is
// bound to a volume that no disk is behind. Services and DNS lack with a real node,
// too; all else is as anywhere.
//
// All components share one process, so managedFields carries the name of the
// binary where a real cluster has kube-controller-manager; do not assert on it.
// Kubernetes keeps state in package variables: a process can start one cluster.
//
// Nothing here dials anything but 127.0.0.1, except on behalf of an object in the
// cluster, such as a webhook: run it in an empty network namespace.
package cluster
