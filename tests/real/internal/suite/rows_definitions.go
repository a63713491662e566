package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/world"
)

var definitionRows = []Row{
	{Name: "an API server with KEDA's and Traefik's own definitions takes what deploy/ has of their kinds", Check: takesForeignKinds},
	{Name: "an API server names the field that an older definition of Applications lacks", Check: namesLackingField},
	{Name: "an API server refuses to apply a Secret that was written since it was looked at", Check: refusesStaleSecret},
}

// The folders of the Go modules that bring the definitions, from tests/real/build.
const (
	kedaEnv    = "REAL_KEDA_MODULE"
	traefikEnv = "REAL_TRAEFIK_MODULE"
)

// foreignFiles are the files of deploy/ with objects of their kinds.
var foreignFiles = []string{"spinkube/keda.yaml", "gateways/traefik.yaml", "gateways/direct/traefik.yaml"}

func takesForeignKinds(ctx context.Context, r *Trial) error {
	cluster, err := r.cluster(ctx, world.Foreign)
	if err != nil {
		return err
	}
	definitions := []string{
		filepath.Join(os.Getenv(kedaEnv), "config", "crd", "bases"),
		filepath.Join(os.Getenv(traefikEnv), "docs", "content", "reference", "dynamic-configuration", "kubernetes-crd-definition-v1.yml"),
	}
	for _, arguments := range [][]string{
		{"apply", "--server-side", "--filename", strings.Join(definitions, ",")},
		{"wait", "--for=condition=Established", "--timeout=3m", "customresourcedefinitions", "--all"},
		{"create", "namespace", world.NautesNamespace},
	} {
		if err := r.kubectl(ctx, cluster, "", arguments...); err != nil {
			return setUp(err)
		}
	}
	var problems []error
	for _, name := range foreignFiles {
		text, err := os.ReadFile(filepath.Join(r.Workspace, "deploy", filepath.FromSlash(name)))
		if err != nil {
			return setUp(err)
		}
		if err := r.kubectl(ctx, cluster, string(text), "apply", "--server-side", "--validate=strict", "--filename=-"); err != nil {
			problems = append(problems, fmt.Errorf("deploy/%s: %w", name, err))
		}
		// An API server that takes anything proves nothing.
		misspelt := strings.NewReplacer("scaleTargetRef:", "scaleTarget:", "middlewares:", "middleware:", "match:", "matches:").Replace(string(text))
		err = r.kubectl(ctx, cluster, misspelt, "apply", "--server-side", "--validate=strict", "--dry-run=server", "--filename=-")
		if err == nil || !containsAny(err.Error(), "unknown field", "field not declared in schema") {
			problems = append(problems, fmt.Errorf("deploy/%s with a misspelt field is not refused for that: %w", name, err))
		}
	}
	return errors.Join(problems...)
}

// tried is what /readyz has the API server try (crates/service/src/ready.rs).
const tried = `{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "tried", "namespace": "default"},
	"spec": {"project": "", "destination": {}, "sources": [], "syncPolicy": {"retry": {"refresh": true}}}}`

func namesLackingField(ctx context.Context, r *Trial) error {
	cluster, err := r.cluster(ctx, world.Foreign)
	if err != nil {
		return err
	}
	current, err := os.ReadFile(filepath.Join(os.Getenv(argocd.ModuleEnv), "manifests", "crds", "application-crd.yaml"))
	if err != nil {
		return setUp(err)
	}
	definition := map[string]any{}
	if err := yaml.Unmarshal(current, &definition); err != nil {
		return setUp(err)
	}
	versions, _, _ := unstructured.NestedSlice(definition, "spec", "versions")
	for _, version := range versions {
		retry := []string{"schema", "openAPIV3Schema", "properties", "spec", "properties", "syncPolicy", "properties", "retry", "properties", "refresh"}
		unstructured.RemoveNestedField(version.(map[string]any), retry...)
	}
	if err := unstructured.SetNestedSlice(definition, versions, "spec", "versions"); err != nil {
		return setUp(err)
	}
	older, err := json.Marshal(definition)
	if err != nil {
		return setUp(err)
	}
	try := func() error {
		return r.kubectl(ctx, cluster, tried, "apply", "--server-side", "--validate=ignore", "--dry-run=server", "--filename=-")
	}
	for _, one := range []struct{ definition, says string }{
		{string(older), ".spec.syncPolicy.retry.refresh: field not declared in schema"},
		{string(current), ""},
	} {
		if err := r.kubectl(ctx, cluster, one.definition, "apply", "--server-side", "--force-conflicts", "--filename=-"); err != nil {
			return setUp(err)
		}
		// The API server takes a new definition in after a moment.
		err := eventually(ctx, installLimit, func(context.Context) error {
			err := try()
			if one.says == "" {
				return err
			}
			if err == nil || !strings.Contains(err.Error(), one.says) {
				return fmt.Errorf("it does not say %q: %w", one.says, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func refusesStaleSecret(ctx context.Context, r *Trial) error {
	cluster, err := r.cluster(ctx, world.Foreign)
	if err != nil {
		return err
	}
	secrets := cluster.Client.CoreV1().Secrets("default")
	looked, err := secrets.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "looked-at"}}, metav1.CreateOptions{})
	if err != nil {
		return setUp(err)
	}
	apply := func(value string) error {
		object := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": %q, "namespace": "default", "uid": %q, "resourceVersion": %q},
			"stringData": {"written": %q}}`, looked.Name, looked.UID, looked.ResourceVersion, value)
		_, err := secrets.Patch(ctx, looked.Name, types.ApplyPatchType, []byte(object), metav1.PatchOptions{FieldManager: "nautes-clusters"})
		return err
	}
	if err := apply("first"); err != nil {
		return fmt.Errorf("what nobody has written meanwhile: %w", err)
	}
	if err := apply("second"); !apierrors.IsConflict(err) {
		return fmt.Errorf("what was written meanwhile is answered with %w", err)
	}
	now, err := secrets.Get(ctx, looked.Name, metav1.GetOptions{})
	if err != nil {
		return setUp(err)
	}
	if written := string(now.Data["written"]); written != "first" {
		return fmt.Errorf("the Secret has %q", written)
	}
	return nil
}

// kubectl runs a command of a cluster's administrator.
func (r *Trial) kubectl(ctx context.Context, cluster *kubernetes.Cluster, input string, arguments ...string) error {
	command := exec.CommandContext(ctx, filepath.Join(r.Bin, "kubectl"), append([]string{"--kubeconfig", cluster.Kubeconfig}, arguments...)...)
	command.Stdin = strings.NewReader(input)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl %s: %w: %s", arguments[0], err, output)
	}
	return nil
}
