package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/world"
)

var pushedRows = []Row{
	{Name: "whoever pushes objects of Kubernetes to the tenant's folder brings none into the management cluster", Check: bringsNoObjects},
	{Name: "whoever pushes Argo CD's objects to the tenant's folder gets no further into the management cluster", Check: getsNoFurther},
	{Name: "whoever pushes the tenant's own AppProject to its folder does not widen it", Check: widensNothing},
}

// pushedFile is in the folder that the tenant's root Application reads.
const pushedFile = "tenant/production/by-hand.yaml"

// pushedLimit is for Argo CD to see a commit and to try it.
const pushedLimit = 3 * time.Minute

// pushedObjects are of kinds that the AppProject does not permit.
const pushedObjects = `
apiVersion: v1
kind: Secret
metadata:
  name: by-hand
  namespace: argocd
  labels: {argocd.argoproj.io/secret-type: cluster}
stringData: {name: by-hand, server: "https://kubernetes.default.svc", config: "{}"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: by-hand}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:authenticated"}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: by-hand, namespace: kube-system}
data: {by: hand}
`

// pushedProject is of a kind that the AppProject permits; the admission policy looks into what would change.
const pushedProject = `
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: TENANT, namespace: argocd}
spec:
  sourceRepos: ["*"]
  destinations: [{server: "https://kubernetes.default.svc", namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
`

// The AppProject permits these kinds; the admission policy looks into what would be made.
const pushedApplications = `
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: by-hand, namespace: argocd}
spec:
  sourceRepos: ["*"]
  destinations: [{server: "*", namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: by-hand-default, namespace: argocd}
spec:
  project: default
  source: {repoURL: "https://git.example.com/by/hand.git", path: ".", targetRevision: main}
  destination: {server: "https://kubernetes.default.svc", namespace: kube-system}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: by-hand-tenant, namespace: argocd}
spec:
  project: TENANT
  source: {repoURL: "https://git.example.com/by/hand.git", path: ".", targetRevision: main}
  destination: {server: "https://kubernetes.default.svc", namespace: kube-system}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: by-hand-runtime, namespace: argocd}
spec:
  project: by-hand-runtime-project
  source: {repoURL: "https://git.example.com/by/hand.git", path: ".", targetRevision: main}
  destination: {name: in-cluster, namespace: kube-system}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: by-hand, namespace: argocd}
spec:
  generators: [{list: {elements: [{name: by-hand}]}}]
  template:
    metadata: {name: by-hand-of-set}
    spec:
      project: default
      source: {repoURL: "https://git.example.com/by/hand.git", path: ".", targetRevision: main}
      destination: {server: "https://kubernetes.default.svc", namespace: kube-system}
`

func bringsNoObjects(ctx context.Context, r *Trial) error {
	return r.pushedReachesNothing(ctx, pushedObjects, everyObject("is not permitted in project"))
}

func getsNoFurther(ctx context.Context, r *Trial) error {
	return r.pushedReachesNothing(ctx, strings.ReplaceAll(pushedApplications, "TENANT", world.Tenant), everyObject("denied request"))
}

func widensNothing(ctx context.Context, r *Trial) error {
	return r.pushedReachesNothing(ctx, strings.ReplaceAll(pushedProject, "TENANT", world.Tenant), comparison("denied request"))
}

// pushedReachesNothing pushes a file, waits until Argo CD has tried it and been refused, and compares the management cluster; then the
// file goes again, and Argo CD is content.
func (r *Trial) pushedReachesNothing(ctx context.Context, content string, isRefused func(*unstructured.Unstructured, string) error) error {
	if _, err := r.registered(ctx, world.Host); err != nil {
		return err
	}
	if err := r.rootIsSynced(ctx); err != nil {
		return setUp(err)
	}
	before, err := TakeSnapshot(ctx, r.Management)
	if err != nil {
		return setUp(err)
	}
	if err := r.GitLab.Push(ctx, pushedFile, []byte(content)); err != nil {
		return setUp(err)
	}
	problem := eventually(ctx, pushedLimit, func(ctx context.Context) error {
		root, err := r.refreshedRoot(ctx)
		if err != nil {
			return err
		}
		return isRefused(root, content)
	})
	after, err := TakeSnapshot(ctx, r.Management)
	if err != nil {
		return setUp(err)
	}
	// Applications of clusters change by themselves; none of these is one.
	isOthers := func(key string) bool { return isApplication(key) && !strings.Contains(key, "by-hand") }
	problem = errors.Join(problem, before.Differs(after, isOthers))
	if err := r.GitLab.Push(ctx, pushedFile, nil); err != nil {
		return setUp(errors.Join(problem, err))
	}
	return errors.Join(problem, r.rootIsSynced(ctx))
}

// everyObject holds that each object of a file was refused with these words by the last operation.
func everyObject(refusal string) func(*unstructured.Unstructured, string) error {
	return func(root *unstructured.Unstructured, content string) error {
		results, _, _ := unstructured.NestedSlice(root.Object, "status", "operationState", "syncResult", "resources")
		refused, objects := 0, strings.Count(content, "\nkind: ")
		for _, result := range results {
			if strings.Contains(fmt.Sprint(result), refusal) {
				refused++
			}
		}
		if refused < objects {
			return fmt.Errorf("%d of %d objects were refused with %q: %.3000s", refused, objects, refusal, fmt.Sprint(root.Object["status"]))
		}
		return nil
	}
}

// comparison holds that the comparison with what is there failed with these words: it asks the API server what an apply would make.
func comparison(refusal string) func(*unstructured.Unstructured, string) error {
	return func(root *unstructured.Unstructured, _ string) error {
		conditions, _, _ := unstructured.NestedSlice(root.Object, "status", "conditions")
		for _, condition := range conditions {
			if told := fmt.Sprint(condition); strings.Contains(told, "ComparisonError") && strings.Contains(told, refusal) {
				return nil
			}
		}
		return fmt.Errorf("no comparison failed with %q: %.3000s", refusal, fmt.Sprint(root.Object["status"]))
	}
}

// rootIsSynced waits until the tenant's root Application has what the newest commit says, and no operation goes on with an older one.
func (r *Trial) rootIsSynced(ctx context.Context) error {
	return eventually(ctx, pushedLimit, func(ctx context.Context) error {
		head, err := r.GitLab.Head(ctx)
		if err != nil {
			return err
		}
		root, err := r.refreshedRoot(ctx)
		if err != nil {
			return err
		}
		revision, _, _ := unstructured.NestedString(root.Object, "status", "sync", "revision")
		operation, _, _ := unstructured.NestedString(root.Object, "status", "operationState", "phase")
		if told := verdict(root); told.sync != "Synced" || revision != head || operation != "Succeeded" {
			return fmt.Errorf("%s at %s instead of %s, operation %s", told, revision, head, operation)
		}
		return nil
	})
}

// refreshedRoot is the tenant's root Application, which is asked to look at the repository again.
func (r *Trial) refreshedRoot(ctx context.Context) (*unstructured.Unstructured, error) {
	refresh := []byte(`{"metadata":{"annotations":{"argocd.argoproj.io/refresh":"normal"}}}`)
	name := world.Tenant + "-management"
	roots := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace)
	return roots.Patch(ctx, name, types.MergePatchType, refresh, metav1.PatchOptions{})
}
