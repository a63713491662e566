package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/world"
)

// guide are the five clusters of the guide, hosts first.
var guide = []string{world.Host, world.Deployment, world.Pipeline, world.VirtualDeployment, world.VirtualPipeline}

// phrases name the guide's clusters in the names of rows.
var phrases = map[string]string{
	world.Host:              "the guide's host",
	world.Deployment:        "the guide's deployment worker",
	world.Pipeline:          "the guide's pipeline worker",
	world.VirtualDeployment: "the guide's virtual deployment worker",
	world.VirtualPipeline:   "the guide's virtual pipeline worker",
}

var registrationRows = append(guideRows(), []Row{
	{Name: "the guide's virtual pipeline worker brings no gateway of its own", Check: noOwnGateway},
	{Name: "a virtual cluster whose host has no default StorageClass says what it waits for", Check: storageIsNamed},
	{Name: "a webhook of HNC that nobody answers keeps nobody from making a namespace", Check: hncBlocksNobody},
}...)

func guideRows() []Row {
	var rows []Row
	for _, name := range guide {
		rows = append(rows,
			Row{Name: "nothing of " + phrases[name] + " is applied before its definitions are there",
				Check: func(ctx context.Context, r *Trial) error { return comesInOrder(ctx, r, name) }},
			Row{Name: phrases[name] + " becomes Ready, and Argo CD says of every Application that it is synced and healthy",
				Check: func(ctx context.Context, r *Trial) error { return becomesReady(ctx, r, name) }},
			Row{Name: "the watch of " + phrases[name] + " raises no false alarm on the way",
				Check: func(ctx context.Context, r *Trial) error { return raisesNoAlarm(ctx, r, name) }})
	}
	return rows
}

func becomesReady(ctx context.Context, r *Trial, name string) error {
	registration, err := r.registered(ctx, name)
	if err != nil {
		return err
	}
	// The time is known only where Applications were there, all of them done, and the status said so.
	if phase := registration.status.Phase(); phase != "Ready" || registration.ready == 0 {
		return fmt.Errorf("it is %s; %d Applications are unfinished: %s\nstatus: %s",
			phase, len(registration.unfinished), lines(registration.unfinished), registration.status)
	}
	fmt.Printf("      %s is ready %s after its request, and its Applications came into being after:%s\n",
		name, rounded(registration.ready), registration.levels)
	return nil
}

// comesInOrder holds that no Application failed first because its kinds were defined later.
func comesInOrder(ctx context.Context, r *Trial, name string) error {
	registration, err := r.registered(ctx, name)
	if err != nil {
		return err
	}
	var tooEarly error
	for _, application := range slices.Sorted(maps.Keys(registration.tooEarly)) {
		tooEarly = errors.Join(tooEarly, fmt.Errorf("%s failed first: %s", application, registration.tooEarly[application]))
	}
	return tooEarly
}

func lines(all []application) string {
	var text []string
	for _, one := range all {
		text = append(text, one.String())
	}
	return strings.Join(text, "\n")
}

// raisesNoAlarm holds that a watch ends with ready, and never says Degraded before.
func raisesNoAlarm(ctx context.Context, r *Trial, name string) error {
	registration, err := r.registered(ctx, name)
	if err != nil {
		return err
	}
	if len(registration.events) == 0 {
		return registration.watchErr
	}
	var phases []string
	var alarm error
	for _, event := range registration.events {
		if event.Name == "end" {
			phases = append(phases, fmt.Sprintf("end %v after %s", event.Data["reason"], rounded(event.After)))
			continue
		}
		if len(phases) == 0 || !strings.HasPrefix(phases[len(phases)-1], event.Phase()+" ") {
			phases = append(phases, fmt.Sprintf("%s %s", event.Phase(), rounded(event.After)))
		}
		if event.Phase() == "Degraded" || event.Name == "error" {
			alarm = errors.Join(alarm, fmt.Errorf("%s after %s: %.600v", event.Name, rounded(event.After), event.Data))
		}
	}
	alarm = errors.Join(alarm, registration.watchErr)
	last := registration.events[len(registration.events)-1]
	if reason := last.Data["reason"]; alarm != nil || reason != "ready" {
		return fmt.Errorf("the watch told: %s\n%w", strings.Join(phases, ", "), errors.Join(alarm, fmt.Errorf("it ended with %v", reason)))
	}
	return nil
}

func storageIsNamed(ctx context.Context, r *Trial) error {
	if _, err := r.registered(ctx, world.VirtualDeployment); err != nil {
		return err
	}
	return judged(ctx, r.beginStorage(world.VirtualDeployment))
}

// installed waits until Argo CD says of every Application of a cluster that it is synced and healthy.
func (r *Trial) installed(ctx context.Context, name string) error {
	return eventually(ctx, installLimit, func(ctx context.Context) error {
		unfinished, err := r.unfinished(ctx, name)
		if err == nil && len(unfinished) > 0 {
			return fmt.Errorf("not done: %s", lines(unfinished))
		}
		return err
	})
}

func hncBlocksNobody(ctx context.Context, r *Trial) error {
	cluster, err := wait[*kubernetes.Cluster](ctx, r.beginStrict())
	if err != nil {
		return err
	}
	hooks := cluster.Client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	err = eventually(ctx, installLimit, func(ctx context.Context) error {
		_, err := hooks.Get(ctx, "hnc-validating-webhook-configuration", metav1.GetOptions{})
		return err
	})
	if err != nil {
		return setUp(fmt.Errorf("waiting for the webhook: %w", err))
	}
	// Admission reads the webhooks by a watch of its own and tells nobody when it has: asked at once, it would not know of this one.
	sleep(ctx, 10*time.Second)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "of-somebody"}}
	options := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	_, err = cluster.Client.CoreV1().Namespaces().Create(ctx, namespace, options)
	return err
}

func noOwnGateway(ctx context.Context, r *Trial) error {
	virtual, err := r.registered(ctx, world.VirtualPipeline)
	if err != nil {
		return err
	}
	if len(virtual.unfinished) > 0 {
		return setUp(fmt.Errorf("it is not installed: %s", lines(virtual.unfinished)))
	}
	if _, err := r.registered(ctx, world.Pipeline); err != nil {
		return err
	}
	get := func(name string) error {
		_, err := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	}
	// So the gateway's Application is called where there is one.
	if err := get(world.Pipeline + "-traefik"); err != nil {
		return setUp(err)
	}
	switch err := get(world.VirtualPipeline + "-traefik"); {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return setUp(err)
	}
	return errors.New("it has an Application of a gateway")
}
