package standin

import (
	"context"
	"fmt"
	"log"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/kubernetes"
)

// PlayVirtualClusters plays vcluster on a host: where its Pod runs, another API server is the virtual cluster, and
// the Secret with its credentials is written. find starts the cluster of a name.
func PlayVirtualClusters(ctx context.Context, logger *log.Logger, host *kubernetes.Cluster, find func(context.Context, string) (*kubernetes.Cluster, error)) {
	play(ctx, logger, "vcluster", func(ctx context.Context) error {
		options := metav1.ListOptions{LabelSelector: "app=vcluster"}
		workloads, err := host.Client.AppsV1().StatefulSets("").List(ctx, options)
		if err != nil {
			return err
		}
		for _, workload := range workloads.Items {
			if workload.DeletionTimestamp != nil || workload.Status.ReadyReplicas == 0 {
				continue
			}
			// The namespace is called after the virtual cluster.
			virtual, err := find(ctx, workload.Namespace)
			if err != nil {
				return err
			}
			if err := exportKubeconfig(ctx, host, virtual, &workload); err != nil {
				return err
			}
		}
		return nil
	})
}

// exportKubeconfig writes the Secret, which goes with the workload: vcluster makes itself the owner of what it makes.
func exportKubeconfig(ctx context.Context, host, virtual *kubernetes.Cluster, workload *appsv1.StatefulSet) error {
	secrets := host.Client.CoreV1().Secrets(workload.Namespace)
	name := "vc-" + workload.Name
	if _, err := secrets.Get(ctx, name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return err
	}
	pair, err := virtual.Authority.Client("kubernetes-super-admin", "system:masters")
	if err != nil {
		return fmt.Errorf("making credentials of %s: %w", virtual.Name, err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: name, OwnerReferences: []metav1.OwnerReference{
			*metav1.NewControllerRef(workload, appsv1.SchemeGroupVersion.WithKind("StatefulSet")),
		}},
		Data: map[string][]byte{
			"certificate-authority": virtual.Authority.PEM,
			"client-certificate":    pair.Certificate,
			"client-key":            pair.Key,
		},
	}
	_, err = secrets.Create(ctx, secret, metav1.CreateOptions{})
	return err
}
