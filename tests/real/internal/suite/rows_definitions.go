package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/world"
)

var definitionRows = []Row{
	{Name: "an API server with KEDA's and Traefik's own definitions takes what deploy/ has of their kinds", Check: takesForeignKinds},
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
		if r.kubectl(ctx, cluster, misspelt, "apply", "--server-side", "--validate=strict", "--dry-run=server", "--filename=-") == nil {
			problems = append(problems, fmt.Errorf("deploy/%s is taken with a misspelt field, too", name))
		}
	}
	return errors.Join(problems...)
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
