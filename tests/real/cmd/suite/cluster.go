package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"nautes.io/clusters/tests/real/internal/world"
)

// withCluster runs a command beside a cluster of its own, without Pods, whose administrator it is.
func withCluster(ctx context.Context, w *world.World, command []string) error {
	if len(command) == 0 {
		return errors.New("say which command is to be run")
	}
	cluster, err := w.Lone(ctx)
	if err != nil {
		return err
	}
	running := exec.CommandContext(ctx, command[0], command[1:]...)
	running.Stdin, running.Stdout, running.Stderr = os.Stdin, os.Stdout, os.Stderr
	running.Env = append(os.Environ(),
		"KUBECONFIG="+cluster.Kubeconfig,
		"KUBECTL="+w.Bin+"/kubectl",
		"NAUTES_TEST_CLUSTER_KUBECONFIG="+cluster.Kubeconfig,
		"NAUTES_TEST_KUBERNETES_URL="+cluster.Config.Host,
		"NAUTES_TEST_KUBERNETES_TOKEN="+cluster.Config.BearerToken,
		"NAUTES_TEST_KUBERNETES_CA_FILE="+cluster.AuthorityFile(),
	)
	if err := running.Run(); err != nil {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	return nil
}
