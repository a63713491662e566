// Package kubernetes runs Kubernetes clusters: API server, controllers, scheduler and kwok in the place of a
// kubelet. Nothing in it runs a container.
package kubernetes

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"nautes.io/clusters/tests/real/internal/process"
)

// Etcd is a database that any number of clusters share, each below a prefix of its own.
type Etcd struct {
	*process.Process
	// URL is where it answers clients.
	URL string
}

// StartEtcd starts a database and waits until it answers.
func StartEtcd(ctx context.Context, group *process.Group, bin, dir, name string) (*Etcd, error) {
	client, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	peer, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	clientURL := fmt.Sprintf("http://127.0.0.1:%d", client)
	peerURL := fmt.Sprintf("http://127.0.0.1:%d", peer)
	running, err := group.Start(process.Options{Name: name}, filepath.Join(bin, "etcd"),
		"--name", name,
		"--data-dir", filepath.Join(dir, name),
		"--listen-client-urls", clientURL,
		"--advertise-client-urls", clientURL,
		"--listen-peer-urls", peerURL,
		"--initial-advertise-peer-urls", peerURL,
		"--initial-cluster", name+"="+peerURL,
		// The data are thrown away; on a slow disk every write would wait for it.
		"--unsafe-no-fsync",
		"--log-level", "warn",
	)
	if err != nil {
		return nil, err
	}
	etcd := &Etcd{Process: running, URL: clientURL}
	return etcd, running.WaitUntil(ctx, func(ctx context.Context) error {
		return process.Probe(ctx, http.DefaultClient, clientURL+"/health")
	})
}
