package standin

import (
	"context"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/kubernetes"
)

// publishIngresses gives Ingresses the address of the gateway, as Traefik does by the setting `ingressEndpoint`.
// Those of a virtual cluster are served by its host's.
func publishIngresses(ctx context.Context, cluster, gateway *kubernetes.Cluster) error {
	serves, err := isAvailable(ctx, gateway, "traefik")
	if err != nil || !serves {
		return err
	}
	ingresses, err := cluster.Client.NetworkingV1().Ingresses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, ingress := range ingresses.Items {
		if len(ingress.Status.LoadBalancer.Ingress) > 0 || ingress.DeletionTimestamp != nil {
			continue
		}
		ingress.Status.LoadBalancer.Ingress = []networkingv1.IngressLoadBalancerIngress{{Hostname: gateway.Host}}
		_, err := cluster.Client.NetworkingV1().Ingresses(ingress.Namespace).UpdateStatus(ctx, &ingress, metav1.UpdateOptions{})
		if err != nil {
			return err
		}
	}
	return nil
}
