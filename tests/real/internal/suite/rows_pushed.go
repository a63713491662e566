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
}

// pushedFile is in the folder that the tenant's root Application reads.
const pushedFile = "tenant/production/by-hand.yaml"

// pushedLimit is for Argo CD to see a commit and to try it.
const pushedLimit = 3 * time.Minute

// The AppProject permits none of these kinds.
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

// The AppProject permits these kinds; the admission policy looks into them.
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
kind: AppProject
metadata: {name: TENANT, namespace: argocd}
spec:
  sourceRepos: ["*"]
  destinations: [{server: "https://kubernetes.default.svc", namespace: "*"}]
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
	return r.pushedReachesNothing(ctx, pushedObjects, "is not permitted in project")
}

func getsNoFurther(ctx context.Context, r *Trial) error {
	return r.pushedReachesNothing(ctx, strings.ReplaceAll(pushedApplications, "TENANT", world.Tenant), "denied request")
}

// pushedReachesNothing pushes a file, waits until Argo CD has tried it and been refused with these words, and compares the
// management cluster; then the file goes again, and Argo CD is content.
func (r *Trial) pushedReachesNothing(ctx context.Context, content, refusal string) error {
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
		if told := fmt.Sprint(root.Object["status"]); !strings.Contains(told, refusal) {
			return fmt.Errorf("Argo CD does not say %q: %.2000s", refusal, told)
		}
		return nil
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

// rootIsSynced waits until the tenant's root Application has what the newest commit says.
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
		if told := verdict(root); told.sync != "Synced" || revision != head {
			return fmt.Errorf("%s at %s instead of %s", told, revision, head)
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
