// Package kubernetes runs Kubernetes clusters: API server, controllers, scheduler and kwok in the place of a
// kubelet. Nothing in it runs a container.
package kubernetes

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

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
	return etcd, waitUntil(ctx, running, func(ctx context.Context) error {
		return probe(ctx, http.DefaultClient, clientURL+"/health", "")
	})
}

// startTimeout is how long a server may take until it answers: twenty times what it takes on two free cores.
const startTimeout = 3 * time.Minute

// waitUntil repeats a look until it finds nothing wrong, or the program that is looked at has ended.
func waitUntil(ctx context.Context, running *process.Process, look func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := look(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-running.Ended():
			return running.Err()
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s (log: %s): %w", running.Name, running.Log, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// probe asks a health address once.
func probe(ctx context.Context, client *http.Client, url, token string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
