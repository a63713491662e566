package kubernetes

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"nautes.io/clusters/tests/real/internal/pki"
	"nautes.io/clusters/tests/real/internal/process"
)

// Spec says what a cluster is to be.
type Spec struct {
	// Name tells the cluster from others, in logs and below etcd's prefix.
	Name string
	// Host is the name that its API server is reached by.
	Host string
	// Port of its API server; a free one where 0.
	Port int
	// Pods starts the scheduler and kwok, which lets Pods run that nobody runs. Nobody answers webhooks then
	// either, so the API server is told not to ask them.
	Pods bool
	// Bare leaves the controllers out: an API server alone.
	Bare bool
}

// Cluster is a running Kubernetes cluster.
type Cluster struct {
	Spec
	// Server is the URL of its API server.
	Server string
	// Authority signs its certificates, and those of its users.
	Authority *pki.Authority
	// Config is the administrator's connection, by 127.0.0.1.
	Config *rest.Config
	// Kubeconfig is the path of the same, as a file.
	Kubeconfig string
	// Client and Dynamic are the administrator's.
	Client  kubernetes.Interface
	Dynamic dynamic.Interface
	// APIServer is the process, to be paused or killed.
	APIServer *process.Process

	group     *process.Group
	bin, dir  string
	etcd      string
	signer    *ecdsa.PrivateKey
	arguments []string
}

// Start starts a cluster and waits until its API server is ready.
func Start(ctx context.Context, group *process.Group, bin, dir string, etcd *Etcd, spec Spec) (*Cluster, error) {
	cluster := &Cluster{Spec: spec, group: group, bin: bin, dir: filepath.Join(dir, spec.Name), etcd: etcd.URL}
	if err := cluster.prepare(); err != nil {
		return nil, fmt.Errorf("preparing cluster %s: %w", spec.Name, err)
	}
	if err := cluster.StartAPIServer(ctx); err != nil {
		return nil, fmt.Errorf("starting cluster %s: %w", spec.Name, err)
	}
	if err := cluster.waitForOwnObjects(ctx); err != nil {
		return nil, fmt.Errorf("starting cluster %s: %w", spec.Name, err)
	}
	if err := cluster.startRest(ctx); err != nil {
		return nil, fmt.Errorf("starting the controllers of cluster %s: %w", spec.Name, err)
	}
	return cluster, nil
}

func (c *Cluster) prepare() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	var err error
	if c.Port == 0 {
		if c.Port, err = process.FreePort(); err != nil {
			return err
		}
	}
	c.Server = fmt.Sprintf("https://%s:%d", c.Host, c.Port)
	if c.Authority, err = pki.NewAuthority("authority of " + c.Name); err != nil {
		return err
	}
	if c.signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	if err := c.writeCredentials(); err != nil {
		return err
	}
	return c.connect()
}

// writeCredentials writes what the API server reads: certificates, the key of service accounts, and the
// administrator's token.
func (c *Cluster) writeCredentials() error {
	server, err := c.Authority.Server(c.Host, "127.0.0.1", "localhost", "kubernetes.default.svc")
	if err != nil {
		return err
	}
	key, err := pki.EncodeKey(c.signer)
	if err != nil {
		return err
	}
	token := make([]byte, 16)
	if _, err := rand.Read(token); err != nil {
		return err
	}
	c.Config = &rest.Config{
		Host:            fmt.Sprintf("https://127.0.0.1:%d", c.Port),
		BearerToken:     hex.EncodeToString(token),
		TLSClientConfig: rest.TLSClientConfig{CAData: c.Authority.PEM},
		QPS:             -1,
	}
	files := map[string][]byte{
		"ca.crt":     c.Authority.PEM,
		"server.crt": server.Certificate,
		"server.key": server.Key,
		"sa.key":     key,
		"tokens.csv": []byte(c.Config.BearerToken + ",admin,admin,system:masters\n"),
	}
	for name, content := range files {
		if err := os.WriteFile(c.file(name), content, 0o600); err != nil {
			return err
		}
	}
	c.Kubeconfig = c.file("admin.kubeconfig")
	return os.WriteFile(c.Kubeconfig, c.AdminKubeconfig(), 0o600)
}

func (c *Cluster) connect() (err error) {
	if c.Client, err = kubernetes.NewForConfig(c.Config); err != nil {
		return err
	}
	c.Dynamic, err = dynamic.NewForConfig(c.Config)
	return err
}

// AuthorityFile is the path of the authority that its API server is checked by.
func (c *Cluster) AuthorityFile() string { return c.file("ca.crt") }

func (c *Cluster) file(name string) string { return filepath.Join(c.dir, name) }
