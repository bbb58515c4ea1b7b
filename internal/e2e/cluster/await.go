package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// await asks again and again until check returns nil; after patience it returns
// what check said last, and when ctx ends, why it did.
func await(ctx context.Context, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		err := check(ctx)
		if err != nil && ctx.Err() == nil {
			last = err
		}
		return err == nil, nil
	})
	if err == nil {
		return nil
	}
	return errors.Join(context.Cause(ctx), last)
}

func awaitReady(ctx context.Context, client kubernetes.Interface) error {
	return await(ctx, func(ctx context.Context) error {
		if err := nodesReady(ctx, client); err != nil {
			return err
		}
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

func nodesReady(ctx context.Context, client kubernetes.Interface) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	if len(nodes.Items) == 0 {
		return errors.New("there is no node")
	}
	for _, n := range nodes.Items {
		if !ready(&n) {
			return fmt.Errorf("node %s is not ready", n.Name)
		}
	}
	return nil
}

// ready reports whether pods can be scheduled to the node: the controller manager
// takes its taint away some time after its kubelet has called it Ready.
func ready(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue && len(node.Spec.Taints) == 0
		}
	}
	return false
}
