//go:build linux

package smoke

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

// TestCluster runs itself once more, beside a cluster, and there does its work.
func TestCluster(t *testing.T) {
	if kubeconfig := os.Getenv("KPM_E2E_KUBECONFIG"); kubeconfig != "" {
		testCluster(t, kubeconfig)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary(t), "run", "--", self, "-test.run=^TestCluster$", "-test.v").CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

func testCluster(t *testing.T, kubeconfig string) {
	c := connect(t, kubeconfig)
	t.Run("version", c.testVersion)
	t.Run("Deployment", c.testDeployment)
	t.Run("claim", c.testClaim)
	t.Run("Job", c.testJob)
	t.Run("CRD", c.testCRD)
	t.Run("namespace", c.testNamespace)
	t.Run("users", func(t *testing.T) { testUsers(t, filepath.Dir(kubeconfig)) })
}

type client struct {
	typed   *kubernetes.Clientset
	dynamic *dynamic.DynamicClient
}

func connect(t *testing.T, kubeconfig string) client {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	cfg.WarningHandler = rest.NoWarnings{}
	typed, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dyn, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client{typed, dyn}
}

// create makes the object that text describes.
func create(t *testing.T, in dynamic.ResourceInterface, text string) {
	t.Helper()
	var obj map[string]any
	if err := yaml.Unmarshal([]byte(text), &obj); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Create(t.Context(), &unstructured.Unstructured{Object: obj}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (c client) in(namespace, group, resource string) dynamic.ResourceInterface {
	return c.dynamic.Resource(schema.GroupVersionResource{Group: group, Version: "v1", Resource: resource}).Namespace(namespace)
}

// await waits until a field of an object has the value want.
func await(t *testing.T, in dynamic.ResourceInterface, name string, want any, field ...string) {
	t.Helper()
	var got any
	until(t, func(ctx context.Context) (bool, error) {
		obj, err := in.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		got, _, err = unstructured.NestedFieldNoCopy(obj.Object, field...)
		return got == want, err
	}, func() { t.Fatalf("%s of %s: got %v, want %v", field, name, got, want) })
}

// until waits for a condition, and calls otherwise when it does not come.
func until(t *testing.T, condition wait.ConditionWithContextFunc, otherwise func()) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, condition)
	if wait.Interrupted(err) {
		otherwise()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (c client) testVersion(t *testing.T) {
	v, err := c.typed.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if want := "v1.36.3"; v.GitVersion != want {
		t.Errorf("got %s, want %s", v.GitVersion, want)
	}
}

func (c client) testDeployment(t *testing.T) {
	deployments := c.in("default", "apps", "deployments")
	create(t, deployments, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: example.com/web:1, ports: [{containerPort: 80}]}]
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: web}}`)
	await(t, deployments, "web", int64(3), "status", "readyReplicas")
	pods, err := c.typed.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]bool{}
	for _, p := range pods.Items {
		nodes[p.Spec.NodeName] = true
	}
	if len(nodes) != 3 {
		t.Errorf("the pods are on nodes %v, want three", nodes)
	}
}

func (c client) testClaim(t *testing.T) {
	claims := c.in("default", "", "persistentvolumeclaims")
	create(t, claims, `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}`)
	await(t, claims, "data", "Bound", "status", "phase")
	await(t, claims, "data", "1Gi", "status", "capacity", "storage")
	if err := claims.Delete(t.Context(), "data", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, func(ctx context.Context) (bool, error) {
		volumes, err := c.typed.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
		return err == nil && len(volumes.Items) == 0, err
	}, func() { t.Fatal("the volume outlives its claim") })
}

func (c client) testJob(t *testing.T) {
	jobs := c.in("default", "batch", "jobs")
	create(t, jobs, `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: example.com/once:1}]`)
	await(t, jobs, "once", int64(1), "status", "succeeded")
	until(t, func(ctx context.Context) (bool, error) {
		job, err := c.typed.BatchV1().Jobs("default").Get(ctx, "once", metav1.GetOptions{})
		return err == nil && job.Status.CompletionTime != nil, err
	}, func() { t.Fatal("the Job does not complete") })
}

func (c client) testCRD(t *testing.T) {
	crds := c.dynamic.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	create(t, crds, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: cups.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: cups, singular: cup, kind: Cup}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer, maximum: 9}}}}}}`)
	until(t, func(ctx context.Context) (bool, error) {
		crd, err := crds.Get(ctx, "cups.example.com", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		conditions, _, err := unstructured.NestedSlice(crd.Object, "status", "conditions")
		for _, condition := range conditions {
			if m, ok := condition.(map[string]any); ok && m["type"] == "Established" && m["status"] == "True" {
				return true, err
			}
		}
		return false, err
	}, func() { t.Fatal("the CRD is not established") })
	cups := c.in("default", "example.com", "cups")
	create(t, cups, "{apiVersion: example.com/v1, kind: Cup, metadata: {name: small}, spec: {size: 3}}")
	big := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.com/v1", "kind": "Cup",
		"metadata": map[string]any{"name": "big"}, "spec": map[string]any{"size": int64(10)},
	}}
	if _, err := cups.Create(t.Context(), big, metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
		t.Errorf("a Cup of size 10: got %v, want it to be invalid", err)
	}
}

func (c client) testNamespace(t *testing.T) {
	namespaces := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"})
	create(t, namespaces, "{apiVersion: v1, kind: Namespace, metadata: {name: short}}")
	maps := c.in("short", "", "configmaps")
	create(t, maps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}")
	if err := namespaces.Delete(t.Context(), "short", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, func(ctx context.Context) (bool, error) {
		_, err := namespaces.Get(ctx, "short", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	}, func() { t.Fatal("the namespace stays") })
}

// testUsers checks the default users: dev may do nothing, viewer may look.
func testUsers(t *testing.T, dir string) {
	for user, may := range map[string]bool{"dev": false, "viewer": true} {
		c := connect(t, filepath.Join(dir, user+".kubeconfig"))
		_, err := c.typed.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
		if may && err != nil || !may && !apierrors.IsForbidden(err) {
			t.Errorf("%s lists pods: got %v, want it allowed: %v", user, err, may)
		}
		err = c.typed.CoreV1().Pods("default").Delete(t.Context(), "none", metav1.DeleteOptions{})
		if !apierrors.IsForbidden(err) {
			t.Errorf("%s deletes a pod: got %v, want it forbidden", user, err)
		}
	}
}
