package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"nautes.io/clusters/tests/real/internal/world"
)

// up starts the world, says where everything is, and waits for the end.
func up(ctx context.Context, w *world.World, clusters bool) error {
	if err := w.Start(ctx); err != nil {
		return err
	}
	fmt.Printf(`
  API          %s/api/v1/clusters
  GitLab       %s
  repository   %s
  kubeconfig   %s   the management cluster's
  kubectl      %s

  export TOKEN=%s
`, w.Functions.URL, w.GitLab.URL, w.GitLab.Repository, w.Management.Kubeconfig, filepath.Join(w.Bin, "kubectl"), w.GitLab.Tokens["maintainer"])
	if clusters {
		for _, name := range world.Names() {
			cluster, err := w.Cluster(ctx, name)
			if err != nil {
				return err
			}
			kubeconfig, err := cluster.RegistrationKubeconfig("admin")
			if err != nil {
				return err
			}
			file := filepath.Join(w.Dir, name+".kubeconfig")
			if err := os.WriteFile(file, kubeconfig, 0o600); err != nil {
				return fmt.Errorf("writing a kubeconfig: %w", err)
			}
			fmt.Printf("\n  %s\n    api_server %s\n    kubeconfig to register with: %s\n    kubeconfig to look at it:    %s\n",
				name, cluster.Server, file, cluster.Kubeconfig)
		}
	}
	fmt.Println("\nCtrl-C stops everything.")
	<-ctx.Done()
	return nil
}
