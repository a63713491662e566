package suite

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/world"
)

var (
	applications = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"}
	clusters     = schema.GroupVersionResource{Group: "nautes.resource.nautes.io", Version: "v1alpha1", Resource: "clusters"}
)

// application is Argo CD's verdict on an Application.
type application struct {
	name, sync, health, message string
	// undefined is what Argo CD says where an operation failed since a definition was not there yet; empty otherwise.
	undefined string
}

func (a application) isDone() bool { return a.sync == "Synced" && a.health == "Healthy" }

func (a application) String() string {
	return fmt.Sprintf("%s %s %s %s", a.name, a.sync, a.health, a.message)
}

// applicationsOf are the Applications that install something into a cluster, or belong to it in the management
// cluster: those whose names begin with its name. All where it is empty.
func (r *Trial) applicationsOf(ctx context.Context, cluster string) ([]application, error) {
	objects, err := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing Applications: %w", err)
	}
	var found []application
	for _, object := range objects.Items {
		if cluster == "" || isOf(object.GetName(), cluster) {
			found = append(found, verdict(&object))
		}
	}
	return found, nil
}

func verdict(object *unstructured.Unstructured) application {
	text := func(fields ...string) string {
		value, _, _ := unstructured.NestedString(object.Object, fields...)
		return value
	}
	message := text("status", "operationState", "message")
	if conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions"); len(conditions) > 0 {
		message += fmt.Sprint(conditions)
	}
	return application{
		name:      object.GetName(),
		sync:      text("status", "sync", "status"),
		health:    text("status", "health", "status"),
		message:   fmt.Sprintf("%.2000s", message),
		undefined: undefined(object),
	}
}

// undefined looks for a kind that the cluster did not know when Argo CD applied something.
func undefined(object *unstructured.Unstructured) string {
	message, _, _ := unstructured.NestedString(object.Object, "status", "operationState", "message")
	messages := []string{message}
	resources, _, _ := unstructured.NestedSlice(object.Object, "status", "operationState", "syncResult", "resources")
	for _, resource := range resources {
		fields, _ := resource.(map[string]any)
		if fields["status"] == "SyncFailed" {
			messages = append(messages, fmt.Sprint(fields["kind"], " ", fields["name"], ": ", fields["message"]))
		}
	}
	for _, message := range messages {
		for _, sign := range []string{"CRD is installed", "no matches for kind", "could not find the requested resource"} {
			if strings.Contains(message, sign) {
				return message
			}
		}
	}
	return ""
}

// unfinished are the Applications that are not Synced and Healthy; an error where there is none at all.
func (r *Trial) unfinished(ctx context.Context, cluster string) ([]application, error) {
	all, err := r.applicationsOf(ctx, cluster)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no Application", cluster)
	}
	var unfinished []application
	for _, one := range all {
		if !one.isDone() {
			unfinished = append(unfinished, one)
		}
	}
	return unfinished, nil
}

// clusterObject is the product's Cluster resource in the management cluster.
func (r *Trial) clusterObject(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	return r.Management.Dynamic.Resource(clusters).Namespace(world.NautesNamespace).Get(ctx, name, metav1.GetOptions{})
}
