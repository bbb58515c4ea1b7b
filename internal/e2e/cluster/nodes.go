package cluster

import (
	"context"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/clock"
	nodestages "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	podstages "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/controllers"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/client"
)

// nodeCount is enough for three members that must not share a node.
const nodeCount = 3

// pretendNodes creates the nodes and lets KWOK play the part of their kubelets.
// Their address is loopback: kube-apiserver dials it for logs and exec.
func pretendNodes(ctx context.Context, clientset *kubernetes.Clientset, kubeconfig string, logs io.Writer) error {
	kwok, err := newKWOK(clientset, kubeconfig)
	if err != nil {
		return err
	}
	if err := kwok.Start(log.NewContext(ctx, log.NewLogger(logs, log.LevelWarn))); err != nil {
		return err
	}
	for i := range nodeCount {
		name := fmt.Sprintf("node-%d", i+1)
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			corev1.LabelHostname:     name,
			corev1.LabelOSStable:     "linux",
			corev1.LabelArchStable:   "amd64",
			corev1.LabelTopologyZone: fmt.Sprintf("zone-%d", i+1),
		}}}
		if _, err := clientset.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func newKWOK(clientset *kubernetes.Clientset, kubeconfig string) (*controllers.Controller, error) {
	set, err := client.NewClientset("", kubeconfig)
	if err != nil {
		return nil, err
	}
	dynamicClient, err := set.ToDynamicClient()
	if err != nil {
		return nil, err
	}
	mapper, err := set.ToRESTMapper()
	if err != nil {
		return nil, err
	}
	stages, err := stages()
	if err != nil {
		return nil, err
	}
	return controllers.NewController(controllers.Config{
		Clock:                      clock.RealClock{},
		DynamicClient:              dynamicClient,
		RESTClient:                 clientset.RESTClient(),
		RESTMapper:                 mapper,
		TypedClient:                clientset,
		ImpersonatingDynamicClient: set.ToImpersonatingDynamicClient(),
		ImpersonatingTypedClient:   set.ToImpersonatingTypedClient(),
		ManageAllNodes:             true,
		CIDR:                       "10.0.0.0/16",
		NodeIP:                     "127.0.0.1",
		LocalStages:                stages,
		PodPlayStageParallelism:    4,
		NodePlayStageParallelism:   4,
		PodsOnNodeSyncParallelism:  1,
		NodeLeaseDurationSeconds:   40,
		NodeLeaseParallelism:       4,
		ID:                         "kpm-cluster",
	})
}

// stages are the lives of nodes and pods, as KWOK ships them.
func stages() (map[internalversion.StageResourceRef][]*internalversion.Stage, error) {
	byKind := map[internalversion.StageResourceRef][]*internalversion.Stage{}
	for _, text := range []string{
		nodestages.DefaultNodeInit, podstages.DefaultPodReady, podstages.DefaultPodComplete, podstages.DefaultPodDelete,
	} {
		s, err := config.UnmarshalWithType[*internalversion.Stage](text)
		if err != nil {
			return nil, fmt.Errorf("reading KWOK's stages: %w", err)
		}
		byKind[s.Spec.ResourceRef] = append(byKind[s.Spec.ResourceRef], s)
	}
	return byKind, nil
}
