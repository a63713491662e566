// Package product runs nautes-clusters as its users do: the components in the project's host, in a process of
// their own, with the sandbox's GitLab in another one. It knows of the API what docs/api.md says.
package product

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"nautes.io/clusters/tests/real/internal/process"
)

// startTimeout allows for compiling the components to machine code, once.
const startTimeout = 5 * time.Minute

// GitLab is the sandbox's GitLab: its REST API and the repository over smart HTTP.
type GitLab struct {
	*process.Process
	// URL of GitLab.
	URL string `json:"gitlab"`
	// Repository is the path of the bare repository.
	Repository string `json:"repository"`
	// Tokens by role: maintainer, developer, reporter, guest, stranger, and those of each scope.
	Tokens map[string]string `json:"tokens"`
}

// Project is the path of the tenant's configuration repository.
const Project = "nautes/management"

// RepositoryURL is where Argo CD reads the repository.
func (g *GitLab) RepositoryURL() string { return g.URL + "/" + Project + ".git" }

// StartGitLab starts the sandbox's services alone. Its Kubernetes API comes along and is not used.
func StartGitLab(ctx context.Context, group *process.Group, sandbox, dir string) (*GitLab, error) {
	data := filepath.Join(dir, "gitlab")
	gitlab := new(GitLab)
	running, err := start(ctx, group, "gitlab", sandbox, data, nil, gitlab, "--services-only")
	gitlab.Process = running
	return gitlab, err
}

// Settings are what the functions are started with.
type Settings struct {
	// KubernetesURL and KubernetesToken lead to the management cluster.
	KubernetesURL, KubernetesToken string
	// CAFile has the authority of the management cluster's API server.
	CAFile string
	// Variables are all other settings, by their names in docs/settings.md.
	Variables map[string]string
}

// Functions is a running host with the product's components.
type Functions struct {
	*process.Process
	// URL of the API.
	URL string `json:"api"`
}

// StartFunctions starts the host under a name that logs are called after.
func StartFunctions(ctx context.Context, group *process.Group, sandbox, dir, name string, gitlab *GitLab, settings Settings) (*Functions, error) {
	arguments := []string{
		"--no-build",
		"--listen", "127.0.0.1:0",
		"--gitlab-url", gitlab.URL,
		"--gitlab-project", Project,
		"--kubernetes-url", settings.KubernetesURL,
		"--ca-file", settings.CAFile,
	}
	for _, variable := range slices.Sorted(maps.Keys(settings.Variables)) {
		arguments = append(arguments, "--variable", variable+"="+settings.Variables[variable])
	}
	functions := new(Functions)
	env := []string{"NAUTES_KUBERNETES_TOKEN=" + settings.KubernetesToken}
	running, err := start(ctx, group, name, sandbox, filepath.Join(dir, name), env, functions, arguments...)
	functions.Process = running
	return functions, err
}

// start starts the sandbox and reads what its ready file says.
func start(ctx context.Context, group *process.Group, name, sandbox, data string, env []string, ready any, args ...string) (*process.Process, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of %s: %w", name, err)
	}
	file := filepath.Join(data, "ready.json")
	if err := os.RemoveAll(file); err != nil {
		return nil, fmt.Errorf("removing an earlier ready file of %s: %w", name, err)
	}
	args = append(args, "--data", data, "--ready-file", file)
	env = append(env, "RUST_LOG=info,wasmtime=warn,cranelift=warn")
	running, err := group.Start(process.Options{Name: name, Env: env}, sandbox, args...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if text, err := os.ReadFile(file); err == nil {
			if err := json.Unmarshal(text, ready); err != nil {
				return running, fmt.Errorf("reading the ready file of %s: %w", name, err)
			}
			return running, nil
		}
		select {
		case <-running.Ended():
			return running, running.Err()
		case <-ctx.Done():
			return running, fmt.Errorf("waiting for %s (log: %s): %w", name, running.Log, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
