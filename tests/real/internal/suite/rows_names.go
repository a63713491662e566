package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/process"
	"nautes.io/clusters/tests/real/internal/world"
)

var nameRows = []Row{
	{Name: "a host and a virtual cluster with names as long as they may be are installed, and longer ones are refused", Check: takesLongNames},
}

// The longest names of the kinds; a worker's is that of the cluster that gets a second name.
var (
	longHost    = longName("long-host-", 38)
	longVirtual = longName("long-guest-", 39)
)

// longName is a name that begins with a word and has a length.
func longName(word string, length int) string { return word + strings.Repeat("x", length-len(word)) }

func takesLongNames(ctx context.Context, r *Trial) error { return judged(ctx, r.beginLongNames()) }

// beginLongNames registers a host and a virtual cluster on it, looks at what becomes of them, and removes both.
func (r *Trial) beginLongNames() *shared {
	return r.begin("register long names", func(ctx context.Context) (any, error) {
		if err := r.afterPhysical(ctx); err != nil {
			return nil, err
		}
		host, err := r.Cluster(ctx, world.Limits)
		if err != nil {
			return nil, err
		}
		if err := host.AddStorage(ctx); err != nil {
			return nil, err
		}
		problem := r.installLongNames(ctx, host)
		for _, name := range []string{longVirtual, longHost} {
			if err := r.remove(ctx, name, ""); err != nil {
				problem = errors.Join(problem, err, r.rescue(ctx, name, host))
			}
		}
		return &finding{problem}, nil
	})
}

func (r *Trial) installLongNames(ctx context.Context, host *kubernetes.Cluster) error {
	body, err := r.requestLike(ctx, world.Host, world.Limits)
	if err != nil {
		return setUp(err)
	}
	if err := r.registerLong(ctx, longHost, body); err != nil {
		return err
	}
	body, err = r.guideRequest(world.VirtualPipeline)
	if err != nil {
		return setUp(err)
	}
	port, err := process.FreeNodePort()
	if err != nil {
		return setUp(err)
	}
	body["host_cluster"], body["primary_domain"] = longHost, host.Host
	body["api_server"] = fmt.Sprintf("https://%s:%d", host.Host, port)
	body["vcluster"] = map[string]any{"https_node_port": fmt.Sprint(port)}
	if err := r.registerLong(ctx, longVirtual, body); err != nil {
		return err
	}
	// Nobody plays its inside, so its own Applications do not begin: what its host has for it is all there is.
	if err := r.installed(ctx, longHost); err != nil {
		return err
	}
	return eventually(ctx, installLimit, func(ctx context.Context) error { return r.hostsLongVirtual(ctx, host) })
}

// registerLong registers a cluster, after the same with a name of one character more was refused for its length.
func (r *Trial) registerLong(ctx context.Context, name string, body map[string]any) error {
	tooLong := name + "x"
	answer, err := r.Client().Save(ctx, tooLong, "?dry_run=true", body)
	if err := refusedWith(tooLong, answer, err, 422); err != nil {
		return err
	}
	if text := answer.String(); !containsAll(text, "/cluster_name", "is too long") {
		return fmt.Errorf("%s is refused for another reason: %s", tooLong, text)
	}
	answer, err = r.save(ctx, name, body)
	return succeeded("registering "+name, answer, err)
}

// hostsLongVirtual holds that everything with the virtual cluster's name is there: Applications and the Job in the
// management cluster, the StatefulSet with its Pod and the Services on the host.
func (r *Trial) hostsLongVirtual(ctx context.Context, host *kubernetes.Cluster) error {
	done := map[string]bool{}
	all, err := r.applicationsOf(ctx, longVirtual)
	if err != nil {
		return err
	}
	for _, one := range all {
		done[one.name] = one.isDone()
	}
	workload := longVirtual + "-vcluster-app"
	for _, name := range []string{longVirtual, longVirtual + "-vcluster-initial", workload} {
		if !done[name] {
			return fmt.Errorf("Application %s is not done: %s", name, lines(all))
		}
	}
	if _, err := r.Management.Client.BatchV1().Jobs(argocd.Namespace).Get(ctx, longVirtual+"-kubeconfig", metav1.GetOptions{}); err != nil {
		return err
	}
	set, err := host.Client.AppsV1().StatefulSets(longVirtual).Get(ctx, workload, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if set.Status.ReadyReplicas != 1 {
		return fmt.Errorf("StatefulSet %s has no Pod", workload)
	}
	for _, service := range []string{workload, "svc-" + longVirtual} {
		if _, err := host.Client.CoreV1().Services(longVirtual).Get(ctx, service, metav1.GetOptions{}); err != nil {
			return err
		}
	}
	return nil
}
