package cluster

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

const (
	// className is the default StorageClass.
	className = "standard"
	// provisioner is the name under which we make and delete volumes.
	provisioner = "kpm.sh/e2e"
	// provisionedBy is the annotation that keeps the controller manager from
	// deleting a volume itself.
	provisionedBy = "pv.kubernetes.io/provisioned-by"
	// retry is how soon a volume that could not be made or deleted is tried again.
	retry = 2 * time.Second
)

// startVolumes makes the default StorageClass and does what its provisioner
// would: it makes a volume for each claim and deletes it after the claim.
// Kubernetes itself binds the two.
func startVolumes(ctx context.Context, client kubernetes.Interface, group *errgroup.Group) error {
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        className,
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner: provisioner,
	}
	if _, err := client.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, retry)
	claims := factory.Core().V1().PersistentVolumeClaims().Informer()
	if _, err := claims.AddEventHandler(onEvery(func(claim *corev1.PersistentVolumeClaim) { provision(ctx, client, claim) })); err != nil {
		return err
	}
	volumes := factory.Core().V1().PersistentVolumes().Informer()
	if _, err := volumes.AddEventHandler(onEvery(func(volume *corev1.PersistentVolume) { reclaim(ctx, client, volume) })); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	group.Go(func() error {
		<-ctx.Done()
		factory.Shutdown()
		return nil
	})
	return nil
}

// onEvery calls f with every object that is new, changed, or looked at again.
func onEvery[T any](f func(T)) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { f(obj.(T)) },
		UpdateFunc: func(_, obj any) { f(obj.(T)) },
	}
}

func provision(ctx context.Context, client kubernetes.Interface, claim *corev1.PersistentVolumeClaim) {
	class := claim.Spec.StorageClassName
	if class == nil || *class != className || claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil {
		return
	}
	_, err := client.CoreV1().PersistentVolumes().Create(ctx, volumeFor(claim), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		klog.ErrorS(err, "making a volume", "claim", klog.KObj(claim))
	}
}

// volumeFor returns the volume that a claim asks for: a folder in a place that
// is empty on each machine of package machine. Where KWOK pretends, no container
// sees it.
func volumeFor(claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "pvc-" + string(claim.UID),
			Annotations: map[string]string{provisionedBy: provisioner},
		},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:    corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes: claim.Spec.AccessModes,
			VolumeMode:  claim.Spec.VolumeMode,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			StorageClassName:              className,
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: "/run/volumes/" + string(claim.UID)},
			},
		},
	}
}

func reclaim(ctx context.Context, client kubernetes.Interface, volume *corev1.PersistentVolume) {
	ours := volume.Annotations[provisionedBy] == provisioner
	keep := volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete
	if !ours || keep || volume.Status.Phase != corev1.VolumeReleased || volume.DeletionTimestamp != nil {
		return
	}
	err := client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		klog.ErrorS(err, "deleting a volume", "volume", volume.Name)
	}
}
