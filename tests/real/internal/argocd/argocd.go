// Package argocd runs Argo CD outside of the cluster that it belongs to: repo server, application controller
// and ApplicationSet controller, with a cache in memory. Nobody logs in, so its own API server is left out.
package argocd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/process"
)

// Namespace is where Argo CD lives.
const Namespace = "argocd"

// ModuleEnv names the folder of Argo CD's Go module, which brings its definitions and a script that it runs.
const ModuleEnv = "REAL_ARGOCD_MODULE"

// Resync is how often Argo CD looks at everything again: 120 s and jitter by default, which would be most of the suite's
// time.
const Resync = 15 * time.Second

// ArgoCD is a running Argo CD.
type ArgoCD struct {
	group    *process.Group
	bin, dir string
	ca       string
	redis    string
	repo     string

	running []*process.Process
}

// Start installs Argo CD's definitions and configuration into a cluster and starts it. ca is the path of the
// authorities that charts and manifests are fetched under.
func Start(ctx context.Context, group *process.Group, bin, dir, ca string, cluster *kubernetes.Cluster) (*ArgoCD, error) {
	argo := &ArgoCD{group: group, bin: bin, dir: filepath.Join(dir, "argocd"), ca: ca}
	if err := argo.prepare(); err != nil {
		return nil, fmt.Errorf("preparing Argo CD: %w", err)
	}
	if err := install(ctx, cluster, bin); err != nil {
		return nil, fmt.Errorf("installing Argo CD's objects: %w", err)
	}
	for _, account := range accounts {
		if err := makeAccount(ctx, cluster, account, argo.kubeconfig(account)); err != nil {
			return nil, fmt.Errorf("making account %s: %w", account, err)
		}
	}
	if _, err := argo.start("redis", "--listen", argo.redis); err != nil {
		return nil, err
	}
	return argo, argo.StartControllers(ctx)
}

// folders that Argo CD's image brings along.
var folders = []string{"tls", "ssh", "plugins", "bin", "tmp", "home"}

func (a *ArgoCD) prepare() error {
	for _, folder := range folders {
		if err := os.MkdirAll(filepath.Join(a.dir, folder), 0o755); err != nil {
			return err
		}
	}
	script, err := os.ReadFile(filepath.Join(os.Getenv(ModuleEnv), "hack", "git-verify-wrapper.sh"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(a.dir, "bin", "git-verify-wrapper.sh"), script, 0o755); err != nil {
		return err
	}
	for _, address := range []*string{&a.redis, &a.repo} {
		if *address, err = freeAddress(); err != nil {
			return err
		}
	}
	return nil
}

func freeAddress() (string, error) {
	port, err := process.FreePort()
	return fmt.Sprintf("127.0.0.1:%d", port), err
}

// StartControllers starts what Argo CD consists of, also again after StopControllers, and waits for it. Where it runs
// already nothing is started: two controllers of the same Applications write over each other, and an operation that one
// has ended stays `Running` by the other.
func (a *ArgoCD) StartControllers(ctx context.Context) error {
	if len(a.running) > 0 {
		return nil
	}
	_, port, err := net.SplitHostPort(a.repo)
	if err != nil {
		return err
	}
	metrics, err := process.FreePort()
	if err != nil {
		return err
	}
	arguments := []string{"--redis", a.redis, "--disable-tls", "--address", "127.0.0.1", "--port", port,
		"--metrics-address", "127.0.0.1", "--metrics-port", fmt.Sprint(metrics)}
	if a.authenticatesClients(ctx) {
		arguments = append(arguments, "--client-ca-path", "")
	}
	if _, err := a.startRunning("argocd-repo-server", arguments...); err != nil {
		return err
	}
	if err := a.startApplicationController(ctx); err != nil {
		return err
	}
	return a.startApplicationSetController(ctx)
}

// authenticatesClients says whether the repo server knows clients by certificates, which it does by default where it can
// (since 3.6), and which does not go without TLS.
func (a *ArgoCD) authenticatesClients(ctx context.Context) bool {
	help, err := exec.CommandContext(ctx, filepath.Join(a.bin, "argocd-repo-server"), "--help").CombinedOutput()
	return err == nil && strings.Contains(string(help), "--client-ca-path")
}

func (a *ArgoCD) startApplicationController(ctx context.Context) error {
	metrics, err := process.FreePort()
	if err != nil {
		return err
	}
	controller, err := a.startRunning("argocd-application-controller",
		"--kubeconfig", a.kubeconfig("argocd-application-controller"), "--namespace", Namespace, "--redis", a.redis,
		"--repo-server", a.repo, "--repo-server-plaintext",
		"--app-resync", fmt.Sprint(Resync.Seconds()), "--app-resync-jitter", "0", "--metrics-port", fmt.Sprint(metrics))
	if err != nil {
		return err
	}
	return healthy(ctx, controller, fmt.Sprintf("http://127.0.0.1:%d/healthz", metrics))
}

func (a *ArgoCD) startApplicationSetController(ctx context.Context) error {
	var addresses [3]string
	for i := range addresses {
		var err error
		if addresses[i], err = freeAddress(); err != nil {
			return err
		}
	}
	controller, err := a.startRunning("argocd-applicationset-controller",
		"--kubeconfig", a.kubeconfig("argocd-applicationset-controller"), "--namespace", Namespace,
		"--argocd-repo-server", a.repo, "--repo-server-plaintext",
		"--metrics-addr", addresses[0], "--probe-addr", addresses[1], "--webhook-addr", addresses[2])
	if err != nil {
		return err
	}
	return healthy(ctx, controller, "http://"+addresses[0]+"/metrics")
}

// StopControllers stops everything but the cache: Argo CD as it is while its node is down.
func (a *ArgoCD) StopControllers() {
	for _, running := range a.running {
		running.Stop()
	}
	a.running = nil
}

func (a *ArgoCD) startRunning(program string, args ...string) (*process.Process, error) {
	running, err := a.start(program, args...)
	if err == nil {
		a.running = append(a.running, running)
	}
	return running, err
}

func (a *ArgoCD) start(program string, args ...string) (*process.Process, error) {
	path := func(folder string) string { return filepath.Join(a.dir, folder) }
	return a.group.Start(process.Options{Env: []string{
		// Its own cluster is the kubeconfig's.
		"ARGOCD_FAKE_IN_CLUSTER=true",
		"ARGOCD_GPG_ENABLED=false",
		"ARGOCD_TLS_DATA_PATH=" + path("tls"),
		"ARGOCD_SSH_DATA_PATH=" + path("ssh"),
		"ARGOCD_PLUGINSOCKFILEPATH=" + path("plugins"),
		// Below /tmp by default, where the next run would take it away.
		"ARGOCD_ASK_PASS_SOCK=" + path("ask-pass.sock"),
		"KUBECONFIG=" + a.kubeconfig(program),
		"SSL_CERT_FILE=" + a.ca,
		"HOME=" + path("home"),
		"TMPDIR=" + path("tmp"),
		"PATH=" + path("bin") + ":" + a.bin + ":" + os.Getenv("PATH"),
	}}, filepath.Join(a.bin, program), args...)
}

// healthy waits until a program of Argo CD's answers: as long as for an API server, since it waits for its caches.
func healthy(ctx context.Context, running *process.Process, url string) error {
	return running.WaitUntil(ctx, func(ctx context.Context) error { return process.Probe(ctx, http.DefaultClient, url) })
}
