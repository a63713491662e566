package kubernetes

import (
	"context"
	"fmt"
	"path/filepath"

	"k8s.io/client-go/rest"

	"nautes.io/clusters/tests/real/internal/process"
)

// issuer of the tokens of service accounts: the name that the API server has inside of any cluster.
const issuer = "https://kubernetes.default.svc"

// StartAPIServer starts the API server, also again after it was killed, and waits until it is ready.
func (c *Cluster) StartAPIServer(ctx context.Context) error {
	arguments := []string{
		"--etcd-servers", c.etcd,
		"--etcd-prefix", "/" + c.Name,
		"--bind-address", "127.0.0.1",
		"--secure-port", fmt.Sprint(c.Port),
		// Written nowhere, since endpoints are not reconciled; without it a network interface is looked for.
		"--advertise-address", "192.0.2.1",
		"--endpoint-reconciler-type", "none",
		"--tls-cert-file", c.file("server.crt"),
		"--tls-private-key-file", c.file("server.key"),
		"--client-ca-file", c.file("ca.crt"),
		"--token-auth-file", c.file("tokens.csv"),
		"--authorization-mode", "RBAC",
		"--service-account-issuer", issuer,
		"--service-account-key-file", c.file("sa.key"),
		"--service-account-signing-key-file", c.file("sa.key"),
		"--service-cluster-ip-range", "10.96.0.0/16",
		"--allow-privileged",
		"--profiling=false",
	}
	if c.Pods {
		arguments = append(arguments, "--disable-admission-plugins=ValidatingAdmissionWebhook,MutatingAdmissionWebhook")
	}
	var err error
	c.APIServer, err = c.start("kube-apiserver", arguments...)
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(c.Config)
	if err != nil {
		return err
	}
	return c.APIServer.WaitUntil(ctx, func(ctx context.Context) error {
		return process.Probe(ctx, client, c.Config.Host+"/readyz")
	})
}

// startRest starts the controllers, and for Pods the scheduler and a node: nothing for a bare cluster.
func (c *Cluster) startRest(ctx context.Context) error {
	if c.Bare {
		return nil
	}
	_, err := c.start("kube-controller-manager",
		"--kubeconfig", c.Kubeconfig,
		"--service-account-private-key-file", c.file("sa.key"),
		"--root-ca-file", c.file("ca.crt"),
		// The first needs an API that is off by default; the second would find that no kubelet reports.
		"--controllers", "*,-storage-version-migrator-controller,-node-lifecycle-controller",
		"--leader-elect=false",
		"--secure-port", "0",
	)
	if err != nil || !c.Pods {
		return err
	}
	_, err = c.start("kube-scheduler", "--kubeconfig", c.Kubeconfig, "--leader-elect=false", "--secure-port", "0")
	if err != nil {
		return err
	}
	return c.startNode(ctx)
}

// start starts one of the cluster's servers; its log is called after both.
func (c *Cluster) start(program string, args ...string) (*process.Process, error) {
	return c.group.Start(process.Options{Name: c.Name + "-" + program}, filepath.Join(c.bin, program), args...)
}
