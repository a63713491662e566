package suite

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

// change is a small change of a registered cluster that shows in the management cluster: another product that may
// use its reserved namespaces.
type change struct {
	run     *Trial
	cluster string
	product string
	body    map[string]any
}

// newChange makes a change of the guide's deployment worker; the product's name tells it from others.
func (r *Trial) newChange(ctx context.Context, product string) (*change, error) {
	registration, err := r.registered(ctx, world.Deployment)
	if err != nil {
		return nil, err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	body := maps.Clone(registration.body)
	allowed, _ := body["product_allowed_cluster_resources"].(map[string]any)
	allowed = maps.Clone(allowed)
	allowed[product] = []any{map[string]any{"kind": "ClusterRole", "group": "rbac.authorization.k8s.io"}}
	body["product_allowed_cluster_resources"] = allowed
	// Later changes come on top, so that each is a commit.
	registration.body = body
	return &change{run: r, cluster: world.Deployment, product: product, body: body}, nil
}

// send sends the change as a request to save its cluster; query begins with a question mark, or is empty.
func (c *change) send(ctx context.Context, client *product.Client, query string) (product.Answer, error) {
	return client.Save(ctx, c.cluster, query, c.body)
}

// isApplied says whether the Cluster resource in the management cluster names the change's product.
func (c *change) isApplied(ctx context.Context) (bool, error) {
	object, err := c.run.clusterObject(ctx, c.cluster)
	if err != nil {
		return false, err
	}
	allowed, _, err := unstructured.NestedMap(object.Object, "spec", "productAllowedClusterResources")
	_, found := allowed[c.product]
	return found, err
}

// finishes sends the change again and holds that it is applied then.
func (c *change) finishes(ctx context.Context) error { return c.finishesBy(ctx, c.run.Client()) }

// finishesBy sends the change again by a client and holds that it is applied then.
func (c *change) finishesBy(ctx context.Context, client *product.Client) error {
	answer, err := c.send(ctx, client, "")
	if err := succeeded("sending the same request again", answer, err); err != nil {
		return err
	}
	applied, err := c.isApplied(ctx)
	if err == nil && !applied {
		return fmt.Errorf("the same request was answered 200, and the management cluster has nothing of the change: %s", answer)
	}
	return err
}

// clusterSecrets are the Secrets that bear a cluster's name, in Argo CD's namespace.
func (r *Trial) clusterSecrets(ctx context.Context, name string) ([]corev1.Secret, error) {
	options := metav1.ListOptions{LabelSelector: "cluster.nautes.io/name=" + name}
	secrets, err := r.Management.Client.CoreV1().Secrets(argocd.Namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	return secrets.Items, nil
}

// secretConfig is what Argo CD connects to a cluster with.
func (r *Trial) secretConfig(ctx context.Context, name string) (map[string]any, error) {
	secrets, err := r.clusterSecrets(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(secrets) != 1 {
		return nil, fmt.Errorf("%s has %d Secrets", name, len(secrets))
	}
	config := map[string]any{}
	return config, json.Unmarshal(secrets[0].Data["config"], &config)
}

// rotated is a request with new credentials.
func (r *Trial) rotated(ctx context.Context, name, user string) (map[string]any, error) {
	registration, err := r.registered(ctx, name)
	if err != nil {
		return nil, err
	}
	cluster, err := r.cluster(ctx, name)
	if err != nil {
		return nil, err
	}
	kubeconfig, err := cluster.RegistrationKubeconfig(user)
	if err != nil {
		return nil, setUp(err)
	}
	body := maps.Clone(registration.body)
	body["kubeconfig"] = base64.StdEncoding.EncodeToString(kubeconfig)
	return body, nil
}
