package suite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"nautes.io/clusters/tests/real/internal/kubernetes"
)

// Snapshot is every object of a cluster but the passing ones: `group/Kind namespace/name` → its digest.
type Snapshot map[string]string

// passing kinds come and go by themselves.
var passing = map[string]bool{
	"Event": true, "Lease": true, "EndpointSlice": true, "Endpoints": true, "APIService": true, "ControllerRevision": true,
	"Pod": true, "Node": true, "CSINode": true, "ComponentStatus": true, "FlowSchema": true, "PriorityLevelConfiguration": true,
	"IPAddress": true, "ReplicaSet": true, "ClusterTrustBundle": true, "ServiceCIDR": true,
}

// TakeSnapshot lists the objects of every kind that a cluster serves, in all namespaces, but of the passing kinds. A kind that is gone
// by then, or whose API does not answer the list of kinds, has none.
func TakeSnapshot(ctx context.Context, cluster *kubernetes.Cluster) (Snapshot, error) {
	resources, err := cluster.Client.Discovery().ServerPreferredResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("listing the kinds of %s: %w", cluster.Name, err)
	}
	snapshot := Snapshot{}
	for _, group := range resources {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, resource := range group.APIResources {
			if passing[resource.Kind] || !slices.Contains(resource.Verbs, "list") {
				continue
			}
			if err := snapshot.add(ctx, cluster, version.WithResource(resource.Name), resource.Kind); err != nil {
				return nil, err
			}
		}
	}
	return snapshot, nil
}

func (s Snapshot) add(ctx context.Context, cluster *kubernetes.Cluster, resource schema.GroupVersionResource, kind string) error {
	objects, err := cluster.Dynamic.Resource(resource).List(ctx, metav1.ListOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listing %s of %s: %w", resource.Resource, cluster.Name, err)
	}
	for _, object := range objects.Items {
		key := fmt.Sprintf("%s/%s %s/%s", resource.Group, kind, object.GetNamespace(), object.GetName())
		s[key] = digest(&object)
	}
	return nil
}

// digest is of what people and controllers want of an object: all of it but its status and what servers count, such as its
// generation. Argo CD writes operations, refreshes and finalizers into Applications and ApplicationSets all the time, so of their
// metadata the labels alone are taken.
func digest(object *unstructured.Unstructured) string {
	content := map[string]any{}
	for key, value := range object.Object {
		if key != "status" && key != "metadata" {
			content[key] = value
		}
	}
	if content["aggregationRule"] != nil {
		delete(content, "rules")
	}
	content["labels"] = object.GetLabels()
	switch object.GetKind() {
	case "Application", "ApplicationSet":
		delete(content, "operation")
	default:
		content["annotations"] = object.GetAnnotations()
		content["finalizers"] = object.GetFinalizers()
		content["owners"] = object.GetOwnerReferences()
	}
	text, err := json.Marshal(content)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Differs says which objects are left behind, changed or gone since the snapshot was taken; nil where none is but those that expected
// is true of. Without expected every difference counts.
func (s Snapshot) Differs(now Snapshot, expected func(key string) bool) error {
	var differences []string
	for _, key := range slices.Sorted(maps.Keys(now)) {
		was, found := s[key]
		switch {
		case expected != nil && expected(key):
		case !found:
			differences = append(differences, "left behind: "+key)
		case was != now[key]:
			differences = append(differences, "changed: "+key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if _, found := now[key]; !found && (expected == nil || !expected(key)) {
			differences = append(differences, "gone: "+key)
		}
	}
	if len(differences) == 0 {
		return nil
	}
	return errors.New(strings.Join(differences, "\n"))
}
