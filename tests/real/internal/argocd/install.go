package argocd

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"nautes.io/clusters/tests/real/internal/kubernetes"
)

// configMaps that Argo CD looks for; empty ones mean its defaults.
var configMaps = []string{
	"argocd-cm", "argocd-rbac-cm", "argocd-cmd-params-cm", "argocd-gpg-keys-cm", "argocd-ssh-known-hosts-cm",
	"argocd-tls-certs-cm",
}

// install makes what Argo CD's own manifests make, without the Pods: definitions from its module, and the
// objects that it is configured by.
func install(ctx context.Context, cluster *kubernetes.Cluster, bin string) error {
	definitions := filepath.Join(os.Getenv(ModuleEnv), "manifests", "crds")
	command := exec.CommandContext(ctx, filepath.Join(bin, "kubectl"), "--kubeconfig", cluster.Kubeconfig,
		"apply", "--server-side", "--kustomize", definitions)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("applying the definitions: %w: %s", err, output)
	}
	for _, resource := range []string{"applications", "applicationsets", "appprojects"} {
		if err := served(ctx, cluster, resource); err != nil {
			return err
		}
	}
	if err := makeConfiguration(ctx, cluster); err != nil {
		return err
	}
	return makeDefaultProject(ctx, cluster)
}

// makeConfiguration makes Argo CD's namespace and what it is configured by there.
func makeConfiguration(ctx context.Context, cluster *kubernetes.Cluster) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: Namespace}}
	if _, err := cluster.Client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("making its namespace: %w", err)
	}
	labels := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	for _, name := range configMaps {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
		if _, err := cluster.Client.CoreV1().ConfigMaps(Namespace).Create(ctx, object, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("making ConfigMap %s: %w", name, err)
		}
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Labels: labels},
		StringData: map[string]string{"server.secretkey": "not used: nobody logs in"},
	}
	if _, err := cluster.Client.CoreV1().Secrets(Namespace).Create(ctx, secret, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("making Secret argocd-secret: %w", err)
	}
	return nil
}

// makeDefaultProject makes the project that Argo CD's own API server makes when it starts.
func makeDefaultProject(ctx context.Context, cluster *kubernetes.Cluster) error {
	project := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1",
		"kind":       "AppProject",
		"metadata":   map[string]any{"name": "default", "namespace": Namespace},
		"spec": map[string]any{
			"sourceRepos":              []any{"*"},
			"destinations":             []any{map[string]any{"server": "*", "namespace": "*"}},
			"clusterResourceWhitelist": []any{map[string]any{"group": "*", "kind": "*"}},
		},
	}}
	kind := schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "appprojects"}
	if _, err := cluster.Dynamic.Resource(kind).Namespace(Namespace).Create(ctx, project, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("making the default project: %w", err)
	}
	return nil
}

// served waits until the API server serves a kind of Argo CD's: its controllers do not wait for that.
func served(ctx context.Context, cluster *kubernetes.Cluster, resource string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	kind := schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: resource}
	for {
		_, err := cluster.Dynamic.Resource(kind).List(ctx, metav1.ListOptions{})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s are served: %w", resource, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
