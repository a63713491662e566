package suite

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/world"
)

// paceLimit is how much longer the product's way may take than plain Applications of the same components.
const paceLimit = 1.1

var paceRows = []Row{
	{Name: "a deployment worker is Ready about as fast as its plain Applications, applied by hand, are healthy", Slow: true, Check: keepsPace},
}

// keepsPace measures both in the same run, one after the other, each on a cluster that nothing was installed in.
func keepsPace(ctx context.Context, r *Trial) error {
	ours, templates, err := r.measureProduct(ctx)
	if err != nil {
		return err
	}
	plain, err := r.measurePlain(ctx, templates)
	if err != nil {
		return err
	}
	fmt.Printf("      by the product %s, by hand %s\n", rounded(ours), rounded(plain))
	if ours > time.Duration(float64(plain)*paceLimit) {
		return fmt.Errorf("%s against %s: more than %.1f times as long", rounded(ours), rounded(plain), paceLimit)
	}
	return nil
}

// measureProduct registers a cluster, and returns how long it took and the Applications that installed something
// into it.
func (r *Trial) measureProduct(ctx context.Context) (time.Duration, []*unstructured.Unstructured, error) {
	body, err := r.request(ctx, world.Deployment)
	if err != nil {
		return 0, nil, setUp(err)
	}
	if err := r.address(ctx, world.Measured, body); err != nil {
		return 0, nil, setUp(err)
	}
	registration := &registration{name: world.Measured}
	begin := time.Now()
	answer, err := r.Client().Save(ctx, world.Measured, "", body)
	if err := succeeded("registering", answer, err); err != nil {
		return 0, nil, err
	}
	if err := r.settle(ctx, registration, begin); err != nil {
		return 0, nil, setUp(err)
	}
	if registration.ready == 0 {
		return 0, nil, fmt.Errorf("it does not become Ready: %s", lines(registration.unfinished))
	}
	objects, err := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0, nil, setUp(err)
	}
	var templates []*unstructured.Unstructured
	for _, object := range objects.Items {
		if name, _, _ := unstructured.NestedString(object.Object, "spec", "destination", "name"); name == world.Measured {
			templates = append(templates, &object)
		}
	}
	return registration.ready, templates, r.remove(ctx, world.Measured, "")
}

// measurePlain applies the like Applications by hand, to another cluster and all at once.
func (r *Trial) measurePlain(ctx context.Context, templates []*unstructured.Unstructured) (time.Duration, error) {
	cluster, err := r.cluster(ctx, world.Plain)
	if err != nil {
		return 0, err
	}
	if err := r.plainSecret(ctx, cluster); err != nil {
		return 0, setUp(err)
	}
	client := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace)
	begin := time.Now()
	for _, template := range templates {
		name := world.Plain + template.GetName()[len(world.Measured):]
		spec := maps.Clone(template.Object["spec"].(map[string]any))
		destination := maps.Clone(spec["destination"].(map[string]any))
		destination["name"] = world.Plain
		spec["destination"], spec["project"] = destination, "default"
		plain := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": template.GetAPIVersion(), "kind": template.GetKind(),
			"metadata": map[string]any{"name": name, "namespace": argocd.Namespace, "annotations": anyMap(template.GetAnnotations())},
			"spec":     spec,
		}}
		if _, err := client.Create(ctx, plain, metav1.CreateOptions{}); err != nil {
			return 0, setUp(fmt.Errorf("applying %s by hand: %w", name, err))
		}
	}
	err = eventually(ctx, installLimit, func(ctx context.Context) error {
		unfinished, err := r.unfinished(ctx, world.Plain)
		if err == nil && len(unfinished) > 0 {
			return fmt.Errorf("not healthy: %s", lines(unfinished))
		}
		return err
	})
	took := time.Since(begin)
	for _, template := range templates {
		name := world.Plain + template.GetName()[len(world.Measured):]
		err = errors.Join(err, client.Delete(ctx, name, metav1.DeleteOptions{}))
	}
	secrets := r.Management.Client.CoreV1().Secrets(argocd.Namespace)
	return took, setUp(errors.Join(err, secrets.Delete(ctx, world.Plain, metav1.DeleteOptions{})))
}

// plainSecret tells Argo CD of a cluster as its documents say.
func (r *Trial) plainSecret(ctx context.Context, cluster *kubernetes.Cluster) error {
	pair, err := cluster.Authority.Client("by-hand", "system:masters")
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString
	config, err := json.Marshal(map[string]any{"tlsClientConfig": map[string]any{
		"caData": text(cluster.Authority.PEM), "certData": text(pair.Certificate), "keyData": text(pair.Key),
	}})
	if err != nil {
		return err
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: world.Plain, Labels: map[string]string{"argocd.argoproj.io/secret-type": "cluster"}},
		StringData: map[string]string{"name": world.Plain, "server": cluster.Server, "config": string(config)},
	}
	_, err = r.Management.Client.CoreV1().Secrets(argocd.Namespace).Create(ctx, secret, metav1.CreateOptions{})
	return err
}

func anyMap(annotations map[string]string) map[string]any {
	all := map[string]any{}
	for key, value := range annotations {
		all[key] = value
	}
	return all
}
