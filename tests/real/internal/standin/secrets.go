package standin

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"nautes.io/clusters/tests/real/internal/kubernetes"
)

// finalizer that External Secrets puts on every ExternalSecret, and that it alone takes off.
const finalizer = "externalsecrets.external-secrets.io/externalsecret-cleanup"

// reaction is how long the controller takes to let an object go: it asks its store first, which may be slow. What goes
// right only where the controller is faster than its own removal must not pass by luck, and all Applications of a
// cluster are deleted within ten seconds.
const reaction = 20 * time.Second

var (
	externalSecrets = schema.GroupVersionResource{Group: "external-secrets.io", Version: "v1", Resource: "externalsecrets"}
	secretStores    = schema.GroupVersionResource{Group: "external-secrets.io", Version: "v1", Resource: "clustersecretstores"}
)

// syncSecrets is External Secrets' controller: it makes Secrets from ExternalSecrets, and lets those go that are
// being deleted.
func syncSecrets(ctx context.Context, cluster *kubernetes.Cluster) error {
	runs, err := isAvailable(ctx, cluster, "external-secrets")
	if err != nil || !runs {
		return err
	}
	for _, resource := range []schema.GroupVersionResource{secretStores, externalSecrets} {
		objects, err := cluster.Dynamic.Resource(resource).List(ctx, metav1.ListOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		for _, object := range objects.Items {
			if err := syncObject(ctx, cluster, resource, &object); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
				return err
			}
		}
	}
	return nil
}

func syncObject(ctx context.Context, cluster *kubernetes.Cluster, resource schema.GroupVersionResource, object *unstructured.Unstructured) error {
	client := cluster.Dynamic.Resource(resource).Namespace(object.GetNamespace())
	finalizers := object.GetFinalizers()
	held := slices.Contains(finalizers, finalizer)
	switch {
	case object.GetDeletionTimestamp() != nil:
		if !held || time.Since(object.GetDeletionTimestamp().Time) < reaction {
			return nil
		}
		object.SetFinalizers(slices.DeleteFunc(finalizers, func(name string) bool { return name == finalizer }))
		_, err := client.Update(ctx, object, metav1.UpdateOptions{})
		return err
	case resource == externalSecrets && !held:
		object.SetFinalizers(append(finalizers, finalizer))
		_, err := client.Update(ctx, object, metav1.UpdateOptions{})
		return err
	case isReady(object):
		return nil
	}
	if resource == externalSecrets {
		if err := makeSecret(ctx, cluster, object); err != nil {
			return err
		}
	}
	conditions := []any{map[string]any{
		"type": "Ready", "status": "True", "reason": "Valid", "lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
	}}
	if err := unstructured.SetNestedSlice(object.Object, conditions, "status", "conditions"); err != nil {
		return err
	}
	_, err := client.UpdateStatus(ctx, object, metav1.UpdateOptions{})
	return err
}

func isReady(object *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return len(conditions) > 0
}

// makeSecret makes what an ExternalSecret asks for, with values of nobody.
func makeSecret(ctx context.Context, cluster *kubernetes.Cluster, object *unstructured.Unstructured) error {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name:      object.GetName(),
			Namespace: object.GetNamespace(),
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: object.GetAPIVersion(), Kind: object.GetKind(), Name: object.GetName(), UID: object.GetUID(),
			}},
		},
		StringData: map[string]string{"client-secret": "of nobody", "cookie-secret": "of nobody"},
	}
	_, err := cluster.Client.CoreV1().Secrets(secret.Namespace).Create(ctx, secret, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// Release takes External Secrets' finalizer off everything that is being deleted, as an operator does by hand.
func Release(ctx context.Context, cluster *kubernetes.Cluster) error {
	objects, err := cluster.Dynamic.Resource(externalSecrets).List(ctx, metav1.ListOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, object := range objects.Items {
		if object.GetDeletionTimestamp() == nil {
			continue
		}
		object.SetFinalizers(nil)
		client := cluster.Dynamic.Resource(externalSecrets).Namespace(object.GetNamespace())
		if _, err := client.Update(ctx, &object, metav1.UpdateOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}
