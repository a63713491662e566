// Package standin plays what Pods would do that nobody runs, as little of it as others wait for: Traefik's address
// of an Ingress, External Secrets' finalizers and conditions, vcluster's Secret, the kubeconfig Job.
//
// Each acts only while its workload is there and available, so that what is missing without it is missing here too.
package standin

import (
	"context"
	"log"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/kubernetes"
)

// interval is how long a part rests between two looks at everything.
const interval = time.Second

// act is one part that is played again and again.
type act func(context.Context) error

// play plays until the context ends. What fails is tried again: API servers are stopped and slowed in tests.
func play(ctx context.Context, logger *log.Logger, name string, part act) {
	for {
		if err := part(ctx); err != nil && ctx.Err() == nil {
			logger.Printf("%s: %v", name, err)
		}
		pause(ctx)
		if ctx.Err() != nil {
			return
		}
	}
}

// pause waits for the interval, or until the context ends.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(interval):
	}
}

// PlayPods plays the Pods of a registered cluster. gateway is the cluster whose Traefik serves its Ingresses.
func PlayPods(ctx context.Context, logger *log.Logger, cluster, gateway *kubernetes.Cluster) {
	play(ctx, logger, cluster.Name, func(ctx context.Context) error {
		if err := publishIngresses(ctx, cluster, gateway); err != nil {
			return err
		}
		return syncSecrets(ctx, cluster)
	})
}

// isAvailable says whether a Deployment with a label `app.kubernetes.io/name` runs anywhere in a cluster.
func isAvailable(ctx context.Context, cluster *kubernetes.Cluster, name string) (bool, error) {
	options := metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=" + name}
	deployments, err := cluster.Client.AppsV1().Deployments("").List(ctx, options)
	if err != nil {
		return false, err
	}
	for _, deployment := range deployments.Items {
		if available(&deployment) {
			return true, nil
		}
	}
	return false, nil
}

func available(deployment *appsv1.Deployment) bool {
	return deployment.DeletionTimestamp == nil && deployment.Status.AvailableReplicas > 0
}
