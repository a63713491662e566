package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

var removalRows = append(append([]Row{
	{Name: "a host with virtual clusters is not removed", Check: keepsHost},
	{Name: "a server is registered under another name right after the removal, and stays registered", Check: renames},
	{Name: "a cluster whose API server is gone is removed by force", Check: removesByForce},
}, guideRemovals()...), []Row{
	{Name: "a host whose last virtual cluster is gone is Ready", Check: hostStaysReady},
	{Name: phraseOfRemoval(world.Host), Check: func(ctx context.Context, r *Trial) error { return removesCluster(ctx, r, world.Host) }},
	{Name: phraseOfRest(world.Host), Check: func(ctx context.Context, r *Trial) error { return leavesLittle(ctx, r, world.Host) }},
	{Name: "after the last removal the management cluster is as it was before the first request", Check: asBefore},
}...)

func phraseOfRemoval(name string) string {
	return "the removal of " + phrases[name] + " ends with 404, its watch with removed, and leaves nothing of it in the management cluster"
}

func phraseOfRest(name string) string {
	return phrases[name] + " keeps nothing of ours after its removal but what the documents name"
}

// guideRemovals are two rows for each cluster but the host, virtual ones first.
func guideRemovals() []Row {
	var rows []Row
	for _, name := range []string{world.VirtualPipeline, world.VirtualDeployment, world.Pipeline, world.Deployment} {
		rows = append(rows,
			Row{Name: phraseOfRemoval(name), Check: func(ctx context.Context, r *Trial) error { return removesCluster(ctx, r, name) }},
			Row{Name: phraseOfRest(name), Check: func(ctx context.Context, r *Trial) error { return leavesLittle(ctx, r, name) }})
	}
	return rows
}

func keepsHost(ctx context.Context, r *Trial) error {
	for _, name := range []string{world.VirtualDeployment, world.Host} {
		if _, err := r.registered(ctx, name); err != nil {
			return err
		}
	}
	if err := r.quiet(ctx); err != nil {
		return err
	}
	return r.nothingWritten(ctx, func() error {
		answer, err := r.Client().Delete(ctx, world.Host, "")
		return refusedBecause("removing the host", answer, err, 409, "CLUSTER_IN_USE")
	})
}

func removesCluster(ctx context.Context, r *Trial, name string) error {
	removal, err := r.removed(ctx, name)
	if err != nil {
		return err
	}
	if removal.err == nil {
		fmt.Printf("      %s is gone %s after the request\n", name, rounded(removal.took))
		return removal.tellsWhatIsLeft()
	}
	if removal.rescue != nil {
		// A removal that nobody can end is not the failure that is known.
		return setUp(fmt.Errorf("%w\nafter the finalizers were taken off by hand: %w", removal.err, removal.rescue))
	}
	return removal.err
}

// leavesLittle holds that what stays is what docs/deploy.md names, by kind, and that its commands take that away, too.
func leavesLittle(ctx context.Context, r *Trial, name string) error {
	registration, err := r.registered(ctx, name)
	if err != nil {
		return err
	}
	removal, err := r.removed(ctx, name)
	if err != nil {
		return err
	}
	if world.IsVirtual(name) {
		return r.hostKeepsLittle(ctx, name)
	}
	if err := registration.before.Differs(removal.after, func(key string) bool { return stays(key) || isVolume(name, key) }); err != nil {
		return err
	}
	if err := removal.tellsWhatStays(registration.before); err != nil {
		return err
	}
	cluster, err := r.cluster(ctx, name)
	if err != nil {
		return err
	}
	if err := r.CleanUp(ctx, cluster); err != nil {
		return err
	}
	return eventually(ctx, removalLimit, func(ctx context.Context) error {
		now, err := TakeSnapshot(ctx, cluster)
		if err != nil {
			return setUp(err)
		}
		return registration.before.Differs(now, func(key string) bool { return isVolume(name, key) || isEveryNamespaces(key) })
	})
}

// tellsWhatStays holds that the answer to the removal names every namespace that stays.
func (r *removal) tellsWhatStays(before Snapshot) error {
	told := strings.FieldsFunc(fmt.Sprint(r.first.Body["warnings"]), func(char rune) bool {
		return char != '-' && (char < 'a' || char > 'z') && (char < '0' || char > '9')
	})
	for _, key := range slices.Sorted(maps.Keys(r.after)) {
		name, isNamespace := strings.CutPrefix(key, "/Namespace /")
		if _, was := before[key]; isNamespace && !was && !slices.Contains(told, name) {
			return fmt.Errorf("namespace %s stays, and the answer does not tell: %s", name, r.first)
		}
	}
	return nil
}

// hostKeepsLittle looks on the host for everything with a virtual cluster's name in its own or in its namespace's, also for what lies in
// no namespace: with its workload gone there is no inside any more.
func (r *Trial) hostKeepsLittle(ctx context.Context, name string) error {
	host, err := r.cluster(ctx, world.Host)
	if err != nil {
		return err
	}
	// What the host's own Applications have for it goes with their next sync.
	return eventually(ctx, removalLimit, func(ctx context.Context) error {
		now, err := TakeSnapshot(ctx, host)
		if err != nil {
			return setUp(err)
		}
		left := slices.DeleteFunc(slices.Sorted(maps.Keys(now)), func(key string) bool {
			return !strings.Contains(key, name) || stays(key) || isVolume(world.Host, key)
		})
		if len(left) > 0 {
			return fmt.Errorf("on the host are left: %s", strings.Join(left, ", "))
		}
		return nil
	})
}

// togetherRows are run when nothing is registered any more.
var togetherRows = []Row{
	{Name: "the last two clusters, removed at the same moment, are both gone and leave nothing in the management cluster", Check: removesTogether},
}

// removesTogether needs clusters that are installed far enough to have something to uninstall, and not Ready ones.
func removesTogether(ctx context.Context, r *Trial) error {
	before, err := TakeSnapshot(ctx, r.Management)
	if err != nil {
		return setUp(err)
	}
	names := []string{world.Measured, world.Plain}
	for _, name := range names {
		body, err := r.requestLike(ctx, world.Deployment, name)
		if err != nil {
			return setUp(err)
		}
		answer, err := r.save(ctx, name, body)
		if err := succeeded("registering "+name, answer, err); err != nil {
			return err
		}
	}
	for _, name := range names {
		// A component of it is there.
		err := eventually(ctx, installLimit, func(ctx context.Context) error {
			all, err := r.applicationsOf(ctx, name)
			if err == nil && !slices.ContainsFunc(all, application.isDone) {
				err = fmt.Errorf("nothing of %s is installed: %s", name, lines(all))
			}
			return err
		})
		if err != nil {
			return setUp(err)
		}
	}
	ended := make(chan error, len(names))
	for _, name := range names {
		go func() { ended <- r.remove(ctx, name, "") }()
	}
	var problem error
	for range names {
		problem = errors.Join(problem, <-ended)
	}
	return errors.Join(problem, eventually(ctx, removalLimit, func(ctx context.Context) error {
		now, err := TakeSnapshot(ctx, r.Management)
		if err != nil {
			return setUp(err)
		}
		return before.Differs(now, nil)
	}))
}

// stays tells the kinds that stay in every cluster, as docs/deploy.md says.
func stays(key string) bool {
	kind, _, _ := strings.Cut(key, " ")
	return kind == "/Namespace" || kind == "apiextensions.k8s.io/CustomResourceDefinition" || isEveryNamespaces(key)
}

// isEveryNamespaces tells what Kubernetes makes in each namespace, some time after the namespace.
func isEveryNamespaces(key string) bool {
	kind, name, _ := strings.Cut(key, " ")
	return kind == "/ConfigMap" && strings.HasSuffix(name, "/kube-root-ca.crt") ||
		kind == "/ServiceAccount" && strings.HasSuffix(name, "/default")
}

// isVolume tells what may stay on the host alone: the volumes of its virtual clusters, and what the suite has given it for them.
func isVolume(cluster, key string) bool {
	kind, _, _ := strings.Cut(key, " ")
	isStorage := kind == "/PersistentVolumeClaim" || kind == "/PersistentVolume" || kind == "storage.k8s.io/StorageClass"
	return isStorage && cluster == world.Host
}

func hostStaysReady(ctx context.Context, r *Trial) error {
	for _, name := range []string{world.VirtualPipeline, world.VirtualDeployment} {
		if _, err := r.removed(ctx, name); err != nil {
			return err
		}
	}
	return eventually(ctx, removalLimit, func(ctx context.Context) error {
		answer, err := r.Client().Get(ctx, world.Host)
		if err != nil {
			return err
		}
		unfinished, err := r.unfinished(ctx, world.Host)
		if err != nil {
			return err
		}
		if answer.Phase() != "Ready" || len(unfinished) > 0 {
			return fmt.Errorf("it is %s, waiting for: %s\nunfinished: %s", answer.Phase(), answer.Waiting(), lines(unfinished))
		}
		return nil
	})
}

// renamed is the second name of the cluster that is moved: as long as a worker's may be. It is a pipeline worker, which has most
// components, so that all names that are made from it are seen to be taken.
var renamed = longName("renamed-worker-", 40)

// finding is what was found by something that is done once.
type finding struct{ problem error }

// judged waits for a finding.
func judged(ctx context.Context, entry *shared) error {
	found, err := wait[*finding](ctx, entry)
	if err != nil {
		return err
	}
	return found.problem
}

// beginMoved registers the cluster that is moved, waits for it and returns the request.
func (r *Trial) beginMoved() *shared {
	return r.begin("register "+world.Moved, func(ctx context.Context) (any, error) {
		if err := r.afterPhysical(ctx); err != nil {
			return nil, err
		}
		body, err := r.requestLike(ctx, world.Pipeline, world.Moved)
		if err != nil {
			return nil, err
		}
		answer, err := r.save(ctx, world.Moved, body)
		if err := succeeded("registering it", answer, err); err != nil {
			return nil, err
		}
		return body, r.settle(ctx, &registration{name: world.Moved}, time.Now())
	})
}

func renames(ctx context.Context, r *Trial) error {
	r.beginRemovals()
	return judged(ctx, r.beginRenaming())
}

// beginRenaming removes a cluster and registers its server under another name as soon as the API lets it.
func (r *Trial) beginRenaming() *shared {
	return r.begin("rename "+world.Moved, func(ctx context.Context) (any, error) {
		body, err := wait[map[string]any](ctx, r.beginMoved())
		if err != nil {
			return nil, err
		}
		problem := r.rename(ctx, body)
		// What hangs would show in every later row.
		cluster, err := r.Cluster(ctx, world.Moved)
		if err != nil {
			return nil, err
		}
		for _, name := range []string{world.Moved, renamed} {
			if err := r.remove(ctx, name, ""); err != nil {
				problem = errors.Join(problem, err, r.rescue(ctx, name, cluster))
			}
		}
		return &finding{problem}, nil
	})
}

func (r *Trial) rename(ctx context.Context, body map[string]any) error {
	answer, err := insist(ctx, func() (product.Answer, error) { return r.Client().Delete(ctx, world.Moved, "") })
	if err := succeeded("removing it", answer, err); err != nil {
		return err
	}
	// REMOVAL_IN_PROGRESS may be said until the removal has ended, for which it has to be asked again.
	err = eventually(ctx, removalLimit, func(ctx context.Context) error {
		answer, err := r.Client().Save(ctx, renamed, "", body)
		if answer.Status == 409 {
			_, _ = r.Client().Delete(ctx, world.Moved, "")
		}
		return succeeded("registering it again", answer, err)
	})
	if err != nil {
		return err
	}
	err = eventually(ctx, removalLimit, func(ctx context.Context) error { return r.applicationsGone(ctx, world.Moved) })
	if err != nil {
		return err
	}
	// Nothing but its name differs from what was installed there before.
	if err := r.installed(ctx, renamed); err != nil {
		return err
	}
	// The garbage collector comes after the last Application of the former name, long before the new ones are healthy.
	secrets, err := r.clusterSecrets(ctx, renamed)
	if err != nil {
		return setUp(err)
	}
	if len(secrets) != 1 {
		return fmt.Errorf("%d Secrets are %s's: the garbage collector took it", len(secrets), renamed)
	}
	return nil
}

func (r *Trial) applicationsGone(ctx context.Context, name string) error {
	rest, err := r.applicationsOf(ctx, name)
	if err == nil && len(rest) > 0 {
		return fmt.Errorf("Applications are left: %s", lines(rest))
	}
	return err
}

func removesByForce(ctx context.Context, r *Trial) error {
	r.beginRemovals()
	return judged(ctx, r.beginForce())
}

// beginForce removes a cluster whose API server is gone.
func (r *Trial) beginForce() *shared {
	return r.begin("remove "+world.Strict, func(ctx context.Context) (any, error) {
		cluster, err := wait[*kubernetes.Cluster](ctx, r.beginStrict())
		if err != nil {
			return nil, err
		}
		if r.everything {
			if _, err := wait[*brokenInstall](ctx, r.beginBroken()); err != nil {
				return nil, err
			}
		}
		cluster.APIServer.Kill()
		if err := r.remove(ctx, world.Strict, "?force=true"); err != nil {
			return &finding{err}, nil
		}
		return &finding{r.nothingLeft(ctx, world.Strict)}, nil
	})
}

// asBefore waits until the guide's clusters are removed, and in a run of the whole suite the others that rows remove, and compares
// all objects.
func asBefore(ctx context.Context, r *Trial) error {
	for _, name := range []string{world.VirtualPipeline, world.VirtualDeployment, world.Pipeline, world.Deployment, world.Host} {
		if _, err := r.removed(ctx, name); err != nil {
			return err
		}
	}
	if r.everything {
		for _, other := range []*shared{r.beginRenaming(), r.beginForce()} {
			if _, err := wait[*finding](ctx, other); err != nil {
				return err
			}
		}
	}
	return eventually(ctx, removalLimit, func(ctx context.Context) error {
		now, err := TakeSnapshot(ctx, r.Management)
		if err != nil {
			return setUp(err)
		}
		return r.before.Differs(now, nil)
	})
}
