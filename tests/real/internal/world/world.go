// Package world is everything that a run consists of: a management cluster with Argo CD, clusters to register,
// charts, GitLab and the product, in a folder of its own.
package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/charts"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/pki"
	"nautes.io/clusters/tests/real/internal/process"
	"nautes.io/clusters/tests/real/internal/product"
)

// Paths are what a run is made from.
type Paths struct {
	// Workspace is the project's folder.
	Workspace string
	// Bin has the servers under their names, kwok and Helm.
	Bin string
	// Sandbox is the program of `cargo run`.
	Sandbox string
	// Catalog is the product's component catalog.
	Catalog string
	// Dir is the run's folder; it has to be empty.
	Dir string
}

// World is a running world.
type World struct {
	Paths
	Group *process.Group
	// Management is the management cluster, with Argo in it.
	Management *kubernetes.Cluster
	Argo       *argocd.ArgoCD
	GitLab     *product.GitLab
	Functions  *product.Functions
	// Settings are those of Functions; others are started with the like.
	Settings product.Settings
	// Etcd is the management cluster's database, which it shares with nobody.
	Etcd *kubernetes.Etcd

	charts   *charts.Server
	database *kubernetes.Etcd
	mutex    sync.Mutex
	clusters map[string]*future
	standIns context.CancelFunc
	playing  sync.WaitGroup
}

// future is a cluster that is being started.
type future struct {
	ready   chan struct{}
	cluster *kubernetes.Cluster
	err     error
}

// New makes an empty world.
func New(paths Paths) (*World, error) {
	group, err := process.NewGroup(filepath.Join(paths.Dir, "logs"))
	if err != nil {
		return nil, err
	}
	return &World{Paths: paths, Group: group, clusters: map[string]*future{}}, nil
}

// Start starts all that every row of the suite needs; clusters to register are started when they are asked for.
// Whatever it returns, Stop has to follow.
func (w *World) Start(ctx context.Context) error {
	authority, ca, err := w.startCharts()
	if err != nil {
		return err
	}
	err = inParallel(
		func() (err error) {
			w.GitLab, err = product.StartGitLab(ctx, w.Group, w.Sandbox, w.Dir)
			return err
		},
		func() (err error) {
			w.database, err = kubernetes.StartEtcd(ctx, w.Group, w.Bin, w.Dir, "etcd-clusters")
			return err
		},
		func() error { return w.startManagement(ctx, ca) },
	)
	if err != nil {
		return err
	}
	token, err := w.followDeployment(ctx)
	if err != nil {
		return fmt.Errorf("following docs/deploy.md: %w", err)
	}
	w.startStandIns()
	return w.startFunctions(ctx, authority, token)
}

func (w *World) startCharts() (*pki.Authority, string, error) {
	authority, err := pki.NewAuthority("authority of charts")
	if err != nil {
		return nil, "", err
	}
	ca := filepath.Join(w.Dir, "charts-ca.crt")
	if err := os.WriteFile(ca, authority.PEM, 0o644); err != nil {
		return nil, "", fmt.Errorf("writing the authority of charts: %w", err)
	}
	folder := filepath.Join(w.Workspace, "tests", "real")
	w.charts, err = charts.Start(w.Catalog, folder, filepath.Join(w.Group.Logs(), "charts.log"), authority)
	return authority, ca, err
}

func (w *World) startManagement(ctx context.Context, ca string) error {
	var err error
	if w.Etcd, err = kubernetes.StartEtcd(ctx, w.Group, w.Bin, w.Dir, "etcd-management"); err != nil {
		return err
	}
	spec := kubernetes.Spec{Name: "management", Host: "management.clusters.test"}
	if w.Management, err = kubernetes.Start(ctx, w.Group, w.Bin, w.Dir, w.Etcd, spec); err != nil {
		return err
	}
	w.Argo, err = argocd.Start(ctx, w.Group, w.Bin, w.Dir, ca, w.Management)
	return err
}

func (w *World) startFunctions(ctx context.Context, authority *pki.Authority, token string) error {
	ca := filepath.Join(w.Dir, "management-ca.crt")
	if err := os.WriteFile(ca, w.Management.Authority.PEM, 0o644); err != nil {
		return fmt.Errorf("writing the authority of the management cluster: %w", err)
	}
	w.Settings = product.Settings{
		KubernetesURL:   w.Management.Config.Host,
		KubernetesToken: token,
		CAFile:          ca,
		Variables: map[string]string{
			"catalog": w.charts.Catalog,
			// Names of nobody: what asks them is a Pod that does not run. With them all objects are rendered.
			"vault_url":       "https://vault.services.test:8200",
			"oidc_issuer_url": "https://issuer.services.test",
			"ca_bundle":       string(authority.PEM),
		},
	}
	var err error
	w.Functions, err = w.StartFunctions(ctx, "functions", w.Settings)
	return err
}

// BrokenCatalog is the catalog of this run with charts of some components that are broken on purpose.
func (w *World) BrokenCatalog(components ...string) (string, error) {
	return charts.Broken(w.charts.Catalog, components...)
}

// StartFunctions starts a host of the product's components with settings of its own.
func (w *World) StartFunctions(ctx context.Context, name string, settings product.Settings) (*product.Functions, error) {
	return product.StartFunctions(ctx, w.Group, w.Sandbox, w.Dir, name, w.GitLab, settings)
}

// Client is the API for a person who may push.
func (w *World) Client() *product.Client { return w.ClientOf("maintainer") }

// ClientOf is the API for a person with a role in GitLab's project.
func (w *World) ClientOf(role string) *product.Client {
	return &product.Client{URL: w.Functions.URL, Token: w.GitLab.Tokens[role]}
}

// Stop ends everything.
func (w *World) Stop() {
	if w.standIns != nil {
		w.standIns()
		w.playing.Wait()
	}
	w.Group.Stop()
	if w.charts != nil {
		w.charts.Stop()
	}
}

// inParallel does all of it at the same time and returns what failed.
func inParallel(steps ...func() error) error {
	problems := make([]error, len(steps))
	var all sync.WaitGroup
	for i, step := range steps {
		all.Go(func() { problems[i] = step() })
	}
	all.Wait()
	return errors.Join(problems...)
}
