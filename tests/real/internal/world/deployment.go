package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/product"
)

// NautesNamespace is where the product's Cluster resources live.
const NautesNamespace = "nautes"

// token is a JSON web token in a text.
var token = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)

// followDeployment does what docs/deploy.md says about the management cluster, as it is written there, and returns
// the token that its commands print.
func (w *World) followDeployment(ctx context.Context) (string, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: NautesNamespace}}
	if _, err := w.Management.Client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return "", fmt.Errorf("making namespace %s, which has to exist: %w", NautesNamespace, err)
	}
	folder, err := w.editedManifests()
	if err != nil {
		return "", err
	}
	commands, err := w.documentedCommands("The management cluster")
	if err != nil {
		return "", err
	}
	var printed string
	for _, command := range commands {
		output, err := w.runDocumented(ctx, folder, w.Management, command)
		if err != nil {
			return "", fmt.Errorf("%s: %w: %s", command, err, output)
		}
		printed += output
	}
	found := token.FindString(printed)
	if found == "" {
		return "", errors.New("no command prints a token")
	}
	return found, nil
}

// runDocumented runs a command as somebody types it, once, and returns what it prints.
func (w *World) runDocumented(ctx context.Context, folder string, cluster *kubernetes.Cluster, command string) (string, error) {
	shell := exec.CommandContext(ctx, "bash", "-e", "-o", "pipefail", "-c", command)
	shell.Dir = folder
	shell.Env = append(os.Environ(), "KUBECONFIG="+cluster.Kubeconfig, "PATH="+w.Bin+":"+os.Getenv("PATH"))
	output, err := shell.CombinedOutput()
	return string(output) + "\n", err
}

// editedManifests is a copy of deploy/ in which the repository's credential is edited, as its comments say.
func (w *World) editedManifests() (string, error) {
	folder := filepath.Join(w.Dir, "deployment")
	if err := os.CopyFS(filepath.Join(folder, "deploy"), os.DirFS(filepath.Join(w.Workspace, "deploy"))); err != nil {
		return "", fmt.Errorf("copying deploy/: %w", err)
	}
	file := filepath.Join(folder, "deploy", "repository-credential.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("editing the repository's credential: %w", err)
	}
	edited := strings.NewReplacer(
		"https://gitlab.example.com/nautes/management.git", w.GitLab.RepositoryURL(),
		"DEPLOY-TOKEN-USER", "deploy",
		"DEPLOY-TOKEN", w.GitLab.Tokens["developer"],
		"tenant1", Tenant,
	).Replace(string(text))
	if !strings.Contains(edited, w.GitLab.URL+"/"+product.Project) {
		return "", errors.New("editing the repository's credential: its url is not the one that is documented")
	}
	return folder, os.WriteFile(file, []byte(edited), 0o600)
}

// Tenant is the tenant's name, the sandbox's default.
const Tenant = "tenant1"

// CleanUp does what docs/deploy.md says about a cluster where nothing is wanted any more of what stays after a removal.
func (w *World) CleanUp(ctx context.Context, cluster *kubernetes.Cluster) error {
	commands, err := w.documentedCommands("What stays after a removal")
	if err != nil {
		return err
	}
	for _, command := range commands {
		if output, err := w.runDocumented(ctx, w.Dir, cluster, command); err != nil {
			return fmt.Errorf("%s: %w: %s", command, err, output)
		}
	}
	return nil
}

// documentedCommands are the commands of the first block of a section of docs/deploy.md, a line each; lines that end
// with a backslash go on.
func (w *World) documentedCommands(section string) ([]string, error) {
	file := filepath.Join(w.Workspace, "docs", "deploy.md")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the commands: %w", err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+section+"\n")
	if !found {
		return nil, fmt.Errorf("%s has no section %q", file, section)
	}
	_, rest, _ = strings.Cut(rest, "\n```")
	_, rest, _ = strings.Cut(rest, "\n")
	block, _, found := strings.Cut(rest, "\n```")
	if !found {
		return nil, fmt.Errorf("section %q of %s has no block of commands", section, file)
	}
	block = strings.ReplaceAll(block, "\\\n", " ")
	var commands []string
	for line := range strings.Lines(block) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			commands = append(commands, line)
		}
	}
	return commands, nil
}
