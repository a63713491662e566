package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/standin"
	"nautes.io/clusters/tests/real/internal/world"
)

// isApplication tells Applications, which Argo CD writes all the time, from other objects.
func isApplication(key string) bool { return strings.HasPrefix(key, "argoproj.io/Application ") }

// isOf tells an object that is called after a cluster, or whose name begins with the cluster's: no name of a cluster here begins
// another's.
func isOf(key, cluster string) bool {
	// A name without a kind before it is taken as well.
	name := key[strings.LastIndex(key, "/")+1:]
	return name == cluster || strings.HasPrefix(name, cluster+"-")
}

// remove sends a removal again and again, as the documents say, until there is nothing left of a cluster, or what is
// left has stayed the same for a while.
func (r *Trial) remove(ctx context.Context, name, query string) error {
	last, changed := "", time.Now()
	for begin := time.Now(); ; sleep(ctx, time.Second) {
		answer, err := r.Client().Delete(ctx, name, query)
		if err != nil {
			return err
		}
		if answer.Status == 404 {
			return nil
		}
		if left := fmt.Sprint(answer.Status, answer.Body["uninstalling"]); left != last {
			last, changed = left, time.Now()
		}
		if time.Since(changed) > steadyLimit || time.Since(begin) > removalLimit {
			return fmt.Errorf("the removal of %s does not end: %s\nleft: %v", name, answer, answer.Body["uninstalling"])
		}
	}
}

// restLimit is how long objects may outlive the answer 404: what the garbage collector takes, and Argo CD with a finalizer that it
// has left to take off.
const restLimit = time.Minute

// nothingLeft holds that the management cluster soon has no object of any kind that is called after a cluster, and no Secret of it:
// those are called after API servers.
func (r *Trial) nothingLeft(ctx context.Context, name string) error {
	return eventually(ctx, restLimit, func(ctx context.Context) error {
		now, err := TakeSnapshot(ctx, r.Management)
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(slices.Sorted(maps.Keys(now)), func(key string) bool { return !isOf(key, name) })
		secrets, err := r.clusterSecrets(ctx, name)
		if err != nil {
			return err
		}
		for _, secret := range secrets {
			left = append(left, "/Secret "+secret.Namespace+"/"+secret.Name)
		}
		if len(left) > 0 {
			return fmt.Errorf("of %s are left: %s", name, strings.Join(left, ", "))
		}
		return nil
	})
}

// removal is how a cluster was removed.
type removal struct {
	// first is the answer to the first request.
	first product.Answer
	// took is the time from the request to the answer 404.
	took time.Duration
	// err is why it did not end with 404, or with something left.
	err error
	// rescue is why it did not end either after an operator took finalizers off.
	rescue error
	// after is the registered cluster afterwards.
	after Snapshot
	// events of the watch that began with the first answer, and how it ended.
	events   []product.Event
	watchErr error
}

// tellsWhatIsLeft holds that the watch tells of nothing but a removal, each time with what is left, and that it ends with removed.
func (r *removal) tellsWhatIsLeft() error {
	problem := r.watchErr
	for _, event := range r.events {
		if event.Name == "end" {
			continue
		}
		if phase, left := event.Phase(), event.Components(); phase != "Removing" || len(left) == 0 {
			problem = errors.Join(problem, fmt.Errorf("%s after %s: %.600v", event.Name, rounded(event.After), event.Data))
		}
	}
	if len(r.events) < 2 || r.events[len(r.events)-1].Data["reason"] != "removed" {
		problem = errors.Join(problem, fmt.Errorf("it does not end with removed after what is left: %.600v", r.events))
	}
	if problem != nil {
		return fmt.Errorf("the watch of the removal: %w", problem)
	}
	return nil
}

// removed waits until a cluster of the guide is removed.
func (r *Trial) removed(ctx context.Context, name string) (*removal, error) {
	if name != world.Host {
		r.beginRemovals()
	}
	return wait[*removal](ctx, r.beginRemoval(name))
}

// beginRemovals lets all removals run side by side in a run of the whole suite: but the host's, which comes after its
// virtual clusters.
func (r *Trial) beginRemovals() {
	if !r.everything {
		return
	}
	for _, name := range guide[1:] {
		r.beginRemoval(name)
	}
	r.beginRenaming()
	r.beginForce()
}

func (r *Trial) beginRemoval(name string) *shared {
	return r.begin("remove "+name, func(ctx context.Context) (any, error) {
		if _, err := r.registered(ctx, name); err != nil {
			return nil, err
		}
		if name == world.Host && r.everything {
			for _, virtual := range []string{world.VirtualPipeline, world.VirtualDeployment} {
				if _, err := r.removed(ctx, virtual); err != nil {
					return nil, err
				}
			}
		}
		begin := time.Now()
		removal := new(removal)
		var err error
		removal.first, err = r.Client().Delete(ctx, name, "")
		removal.err = succeeded("removing "+name, removal.first, err)
		if removal.err == nil {
			end := r.beginWatch(ctx, name, func(events []product.Event, err error) { removal.events, removal.watchErr = events, err })
			removal.err = r.remove(ctx, name, "")
			removal.took = time.Since(begin)
			end()
		}
		cluster, err := r.Cluster(ctx, name)
		if err != nil {
			return nil, err
		}
		if removal.err == nil {
			removal.err = r.nothingLeft(ctx, name)
		}
		if removal.after, err = TakeSnapshot(ctx, cluster); err != nil {
			return nil, err
		}
		if removal.err != nil {
			removal.rescue = r.rescue(ctx, name, cluster)
		}
		return removal, nil
	})
}

// rescue does what an operator does where a removal hangs: takes the finalizers off by hand, so that what comes
// after it can be judged.
func (r *Trial) rescue(ctx context.Context, name string, cluster *kubernetes.Cluster) error {
	if err := standin.Release(ctx, cluster); err != nil {
		return err
	}
	if err := r.remove(ctx, name, ""); err == nil {
		return nil
	}
	if err := r.releaseApplications(ctx, name); err != nil {
		return err
	}
	return r.remove(ctx, name, "?force=true")
}

// releaseApplications takes the finalizers off all Applications of a cluster: the removal has been asked for, so each is being
// deleted or about to be.
func (r *Trial) releaseApplications(ctx context.Context, cluster string) error {
	stuck, err := r.applicationsOf(ctx, cluster)
	if err != nil {
		return err
	}
	client := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace)
	for _, one := range stuck {
		patch := []byte(`{"metadata":{"finalizers":null}}`)
		_, err := client.Patch(ctx, one.name, types.MergePatchType, patch, metav1.PatchOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("releasing %s: %w", one.name, err)
		}
	}
	return nil
}
