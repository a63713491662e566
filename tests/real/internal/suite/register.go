package suite

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

const (
	// installLimit ends what goes on for ever: all five installs take five minutes on two free cores and have taken 15 on a
	// busy machine. An install that stands still ends after steadyLimit.
	installLimit = 40 * time.Minute
	// steadyLimit is how long nothing may change before nobody waits any more: six looks of Argo CD at everything, and a moment.
	// A sync that fails is repeated after up to 3 minutes: nobody waits for the last attempts where nothing else happens.
	steadyLimit = 6*argocd.Resync + 10*time.Second
	// watchLag is how much later than the status a watch may tell something: it is told at once, and looks every five
	// seconds where it can't be; on a machine that is busy six times that.
	watchLag = 30 * time.Second
	// removalLimit is ten times what a removal took with the real charts.
	removalLimit = 5 * time.Minute
)

// registration is how a cluster was registered and what became of it.
type registration struct {
	name string
	body map[string]any
	// events of the watch that began with the answer, and how it ended.
	events   []product.Event
	watchErr error
	// unfinished Applications in the end; none where everything is installed.
	unfinished []application
	// tooEarly is what failed on the way since its definitions came later, by Application.
	tooEarly map[string]string
	// status as the API told in the end.
	status product.Answer
	// ready is when Argo CD had nothing left to do.
	ready time.Duration
	// levels says when its Applications came into being.
	levels string
	// before is the cluster before it was registered.
	before Snapshot
}

// request is the guide's request of a cluster, for the addresses of this run.
func (r *Trial) request(ctx context.Context, name string) (map[string]any, error) {
	return r.requestLike(ctx, name, name)
}

// requestLike is the guide's request of a cluster for another one of its kind.
func (r *Trial) requestLike(ctx context.Context, guides, name string) (map[string]any, error) {
	body, err := r.guideRequest(guides)
	if err != nil {
		return nil, err
	}
	return body, r.address(ctx, name, body)
}

// guideRequest is the guide's request as it is written.
func (r *Trial) guideRequest(name string) (map[string]any, error) {
	file := filepath.Join(r.Workspace, "tests", "cases", "requests", "v0.4", name+".json")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the guide's request: %w", err)
	}
	body := map[string]any{}
	if err := json.Unmarshal(text, &body); err != nil {
		return nil, fmt.Errorf("reading the guide's request %s: %w", file, err)
	}
	return body, nil
}

// address puts a cluster's API server into a request, and its credentials where it is a physical one.
func (r *Trial) address(ctx context.Context, name string, body map[string]any) error {
	cluster, err := r.Cluster(ctx, name)
	if err != nil {
		return err
	}
	body["api_server"] = cluster.Server
	body["primary_domain"] = cluster.Host
	if world.IsVirtual(name) {
		body["vcluster"] = map[string]any{"https_node_port": fmt.Sprint(cluster.Port)}
		return nil
	}
	kubeconfig, err := cluster.RegistrationKubeconfig("registered-by-a-person")
	body["kubeconfig"] = base64.StdEncoding.EncodeToString(kubeconfig)
	return err
}

// registered waits until a cluster of the guide is registered and has become what it becomes. In a run of the
// whole suite all of them are registered at the same time, and those of later rows as well.
func (r *Trial) registered(ctx context.Context, name string) (*registration, error) {
	if world.IsVirtual(name) {
		r.beginRegistration(world.Host)
	}
	if r.everything {
		for _, other := range guide {
			r.beginRegistration(other)
		}
		r.beginStrict()
		r.beginBroken()
		r.beginMoved()
		r.beginLongNames()
	}
	return wait[*registration](ctx, r.beginRegistration(name))
}

func (r *Trial) beginRegistration(name string) *shared {
	return r.begin("register "+name, func(ctx context.Context) (any, error) { return r.register(ctx, name) })
}

// register sends the guide's request, watches, and waits until Argo CD has nothing left to do or gets no further.
func (r *Trial) register(ctx context.Context, name string) (*registration, error) {
	body, err := r.request(ctx, name)
	if err != nil {
		return nil, err
	}
	registration := &registration{name: name, body: body}
	cluster, err := r.Cluster(ctx, name)
	if err != nil {
		return nil, err
	}
	if registration.before, err = TakeSnapshot(ctx, cluster); err != nil {
		return nil, err
	}
	if world.IsVirtual(name) {
		// A virtual cluster needs its host to be registered, not to be ready.
		if err := r.hostIsKnown(ctx); err != nil {
			return nil, err
		}
	}
	begin := time.Now()
	answer, err := r.save(ctx, name, body)
	if err := succeeded("registering "+name, answer, err); err != nil {
		return nil, err
	}
	if world.IsVirtual(name) {
		r.beginStorage(name)
	}
	end := r.beginWatch(ctx, name, func(events []product.Event, err error) { registration.events, registration.watchErr = events, err })
	defer end()
	if err := r.settle(ctx, registration, begin); err != nil {
		return nil, err
	}
	if registration.levels, err = r.levels(ctx, name, begin); err != nil {
		return nil, err
	}
	registration.status, err = r.Client().Get(ctx, name)
	return registration, err
}

// beginWatch watches a cluster of the guide beside what happens to it, and hands over what the watch told when it has ended. What it
// returns waits for that: where nobody waits any more, the watch does not either, and what it says is judged later.
func (r *Trial) beginWatch(ctx context.Context, name string, told func([]product.Event, error)) func() {
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		told(r.watch(watching, name))
	}()
	return func() {
		select {
		case <-watched:
		case <-time.After(watchLag):
		}
		stop()
		<-watched
	}
}

// watch watches a cluster of the guide.
func (r *Trial) watch(ctx context.Context, name string) ([]product.Event, error) {
	client := r.Client()
	if strings.HasSuffix(name, "pipeline") {
		// One token has four watches at a time, and five clusters are installed at once: a second person looks on.
		client = r.ClientOf("developer")
	}
	return watchToEnd(ctx, client, name, nil)
}

// watchToEnd watches until a cluster is Ready or is said to have failed: after a time limit the same request is sent again,
// as the documents say.
func watchToEnd(ctx context.Context, client *product.Client, name string, tell func(product.Event)) ([]product.Event, error) {
	var all []product.Event
	begin := time.Now()
	for {
		offset := time.Since(begin)
		events, err := client.Watch(ctx, name, tell)
		for _, event := range events {
			event.After += offset
			all = append(all, event)
		}
		if err != nil || all[len(all)-1].Data["reason"] != "time_limit" {
			return all, err
		}
		all = all[:len(all)-1]
	}
}

// beginStorage gives the host a StorageClass once the volume of a virtual cluster, whichever asks first, waits for one. Its value is what
// the product says meanwhile: nil where its status names the reason.
func (r *Trial) beginStorage(name string) *shared {
	return r.begin("storage", func(ctx context.Context) (any, error) {
		host, err := r.Cluster(ctx, world.Host)
		if err != nil {
			return nil, err
		}
		err = eventually(ctx, installLimit, func(ctx context.Context) error {
			claims, err := host.Client.CoreV1().PersistentVolumeClaims(name).List(ctx, metav1.ListOptions{})
			if err == nil && len(claims.Items) == 0 {
				return fmt.Errorf("%s claims no volume", name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		// Argo CD looks after argocd.Resync where nothing else has to be done, the product when it is asked.
		named := eventually(ctx, 3*time.Minute, func(ctx context.Context) error {
			answer, err := r.Client().Get(ctx, name)
			if err != nil {
				return err
			}
			if !strings.Contains(answer.Waiting(), "StorageClass") {
				return fmt.Errorf("its status does not name the reason; it waits for: %s", answer.Waiting())
			}
			return nil
		})
		return &finding{named}, host.AddStorage(ctx)
	})
}

// strictRequest is the guide's request of a deployment worker for the strict cluster.
func (r *Trial) strictRequest(ctx context.Context) (map[string]any, error) {
	return r.requestLike(ctx, world.Deployment, world.Strict)
}

// othersAtWork is what Argo CD makes of everything: as long as that changes, what has not begun may still have to wait
// its turn. The strict cluster never comes to rest.
func (r *Trial) othersAtWork(ctx context.Context) string {
	all, err := r.applicationsOf(ctx, "")
	if err != nil {
		return ""
	}
	var state strings.Builder
	for _, one := range all {
		if !strings.HasPrefix(one.name, world.Strict) {
			state.WriteString(one.name + one.sync + one.health)
		}
	}
	return state.String()
}

// afterPhysical waits, in a run of the whole suite, until the guide's physical clusters are done: everything at once would
// take longer than one part after the other, and be less likely to end.
func (r *Trial) afterPhysical(ctx context.Context) error {
	if !r.everything {
		return nil
	}
	for _, name := range []string{world.Host, world.Deployment, world.Pipeline} {
		if _, err := wait[*registration](ctx, r.beginRegistration(name)); err != nil {
			return err
		}
	}
	return nil
}

// quiet waits until nothing is being registered any more: for rows that compare everything before and after, or stop
// servers.
func (r *Trial) quiet(ctx context.Context) error {
	if !r.everything {
		return nil
	}
	for _, name := range guide {
		if _, err := r.registered(ctx, name); err != nil {
			return err
		}
	}
	if _, err := wait[map[string]any](ctx, r.beginMoved()); err != nil {
		return err
	}
	if _, err := wait[*finding](ctx, r.beginLongNames()); err != nil {
		return err
	}
	_, err := wait[*kubernetes.Cluster](ctx, r.beginStrict())
	return err
}

func (r *Trial) hostIsKnown(ctx context.Context) error {
	return eventually(ctx, 3*time.Minute, func(ctx context.Context) error {
		answer, err := r.Client().Get(ctx, world.Host)
		return succeeded("looking for the host", answer, err)
	})
}

// settle waits until all Applications are done, or nothing has changed for a while.
func (r *Trial) settle(ctx context.Context, registration *registration, begin time.Time) error {
	last, changed := "", time.Now()
	for {
		unfinished, err := r.unfinished(ctx, registration.name)
		state := fmt.Sprint(unfinished, err, r.othersAtWork(ctx))
		if err == nil {
			answer, getErr := r.Client().Get(ctx, registration.name)
			state += answer.Phase()
			if len(unfinished) == 0 && getErr == nil && answer.Phase() == "Ready" {
				registration.ready = time.Since(begin)
				registration.unfinished = nil
				return nil
			}
		}
		registration.unfinished = unfinished
		for _, one := range unfinished {
			if one.undefined != "" {
				if registration.tooEarly == nil {
					registration.tooEarly = map[string]string{}
				}
				registration.tooEarly[one.name] = one.undefined
			}
		}
		if state != last {
			last, changed = state, time.Now()
		}
		if time.Since(changed) > steadyLimit || time.Since(begin) > installLimit {
			return nil
		}
		sleep(ctx, time.Second)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
