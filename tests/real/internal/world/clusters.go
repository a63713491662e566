package world

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/process"
)

// Names of the clusters that can be registered. Virtual ones are reached, as in the guide, by the host's name and
// a node port.
const (
	Host              = "cluster-host"
	Deployment        = "physical-worker-deployment"
	Pipeline          = "physical-worker-pipeline"
	VirtualDeployment = "virtual-worker-deployment"
	VirtualPipeline   = "virtual-worker-pipeline"
	Strict            = "strict-worker"
	Moved             = "moved-worker"
	Limits            = "limits"
	Measured          = "measured-worker"
	Plain             = "plain-worker"
	MeasuredPipeline  = "measured-pipeline"
	PlainPipeline     = "plain-pipeline"
	MeasuredHost      = "measured-host"
	PlainHost         = "plain-host"
	Foreign           = "foreign-kinds"
	Added             = "added-worker"
	hostName          = "host.clusters.test"
)

// specs of the clusters. Strict has no Pods and asks its webhooks, as an API server does by default: nobody
// answers there.
var specs = map[string]kubernetes.Spec{
	Host:              {Host: hostName, Pods: true},
	Deployment:        {Host: "deployment.clusters.test", Pods: true},
	Pipeline:          {Host: "pipeline.clusters.test", Pods: true},
	VirtualDeployment: {Host: hostName, Pods: true},
	VirtualPipeline:   {Host: hostName, Pods: true},
	Strict:            {Host: "strict.clusters.test"},
	// For a second name.
	Moved: {Host: "moved.clusters.test", Pods: true},
	// For a host whose name is as long as it may be.
	Limits: {Host: "limits.clusters.test", Pods: true},
	// Each two are alike, to compare two ways.
	Measured:         {Host: "measured.clusters.test", Pods: true},
	Plain:            {Host: "plain.clusters.test", Pods: true},
	MeasuredPipeline: {Host: "measured-pipeline.clusters.test", Pods: true},
	PlainPipeline:    {Host: "plain-pipeline.clusters.test", Pods: true},
	MeasuredHost:     {Host: "measured-host.clusters.test", Pods: true},
	PlainHost:        {Host: "plain-host.clusters.test", Pods: true},
	// For definitions of projects that nobody installs: an API server is all they need.
	Foreign: {Host: "foreign.clusters.test", Bare: true},
	// For the command line.
	Added: {Host: "added.clusters.test", Pods: true},
}

// Names are all clusters that can be registered.
func Names() []string {
	names := slices.Sorted(maps.Keys(specs))
	return slices.DeleteFunc(names, func(name string) bool { return specs[name].Bare })
}

// Cluster is a cluster to register, which is started when it is asked for first.
func (w *World) Cluster(ctx context.Context, name string) (*kubernetes.Cluster, error) {
	w.mutex.Lock()
	starting, found := w.clusters[name]
	if !found {
		starting = &future{ready: make(chan struct{})}
		w.clusters[name] = starting
	}
	w.mutex.Unlock()
	if !found {
		starting.cluster, starting.err = w.startCluster(ctx, name)
		close(starting.ready)
	}
	select {
	case <-starting.ready:
		return starting.cluster, starting.err
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for cluster %s: %w", name, ctx.Err())
	}
}

func (w *World) startCluster(ctx context.Context, name string) (*kubernetes.Cluster, error) {
	spec, found := specs[name]
	if !found {
		return nil, fmt.Errorf("no cluster is called %s", name)
	}
	spec.Name = name
	if IsVirtual(name) {
		port, err := process.FreeNodePort()
		if err != nil {
			return nil, err
		}
		spec.Port = port
	}
	return kubernetes.Start(ctx, w.Group, w.Bin, w.Dir, w.database, spec)
}

// Lone starts a cluster without Pods and nothing else of the world.
func (w *World) Lone(ctx context.Context) (*kubernetes.Cluster, error) {
	database, err := kubernetes.StartEtcd(ctx, w.Group, w.Bin, w.Dir, "etcd")
	if err != nil {
		return nil, err
	}
	spec := kubernetes.Spec{Name: "lone", Host: "lone.clusters.test"}
	return kubernetes.Start(ctx, w.Group, w.Bin, w.Dir, database, spec)
}

// IsVirtual tells the clusters on a host from others.
func IsVirtual(name string) bool { return name == VirtualDeployment || name == VirtualPipeline }

// running are the clusters that have been started, by name.
func (w *World) running() map[string]*kubernetes.Cluster {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	clusters := map[string]*kubernetes.Cluster{}
	for name, starting := range w.clusters {
		select {
		case <-starting.ready:
			if starting.err == nil {
				clusters[name] = starting.cluster
			}
		default:
		}
	}
	return clusters
}
