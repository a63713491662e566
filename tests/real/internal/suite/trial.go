package suite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

// Trial is one run of the suite: the world, and what rows share.
type Trial struct {
	*world.World
	// ctx is the run's: what rows share outlives the row that asked for it first.
	ctx context.Context
	// before is the management cluster before anything was registered.
	before Snapshot
	// everything says that the whole suite runs.
	everything bool

	mutex  sync.Mutex
	shared map[string]*shared
}

// shared is something that is done once, by whichever row needs it first.
type shared struct {
	once  sync.Once
	done  chan struct{}
	value any
	err   error
}

func newTrial(ctx context.Context, w *world.World, everything bool) (*Trial, error) {
	if err := w.Management.Settled(ctx); err != nil {
		return nil, fmt.Errorf("waiting for the management cluster: %w", err)
	}
	before, err := TakeSnapshot(ctx, w.Management)
	if err != nil {
		return nil, fmt.Errorf("looking at the management cluster: %w", err)
	}
	return &Trial{World: w, ctx: ctx, before: before, everything: everything, shared: map[string]*shared{}}, nil
}

// begin starts something that is done once.
func (r *Trial) begin(key string, do func(context.Context) (any, error)) *shared {
	r.mutex.Lock()
	entry, found := r.shared[key]
	if !found {
		entry = &shared{done: make(chan struct{})}
		r.shared[key] = entry
	}
	r.mutex.Unlock()
	entry.once.Do(func() {
		go func() {
			entry.value, entry.err = do(r.ctx)
			close(entry.done)
		}()
	})
	return entry
}

// wait waits for something that is done once.
func wait[T any](ctx context.Context, entry *shared) (T, error) {
	var none T
	select {
	case <-entry.done:
		if entry.err != nil {
			return none, setUp(entry.err)
		}
		return entry.value.(T), nil
	case <-ctx.Done():
		return none, setUp(ctx.Err())
	}
}

// eventually looks until nothing is wrong, at most for a time, and returns what is wrong in the end.
func eventually(ctx context.Context, limit time.Duration, look func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var last error
	for {
		err := look(ctx)
		if err == nil {
			return nil
		}
		// A look that was cut short by the end tells nothing.
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %s: %w", limit, last)
		case <-time.After(time.Second):
		}
	}
}

// sleep waits, or not if the context ends.
func sleep(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}

// succeeded is nil where the API answered 200.
func succeeded(what string, answer product.Answer, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if answer.Status != 200 {
		return fmt.Errorf("%s: %s", what, answer)
	}
	return nil
}

// insist sends a request again where others who wrote at the same time were faster each time, as the answer says.
func insist(ctx context.Context, send func() (product.Answer, error)) (product.Answer, error) {
	for {
		answer, err := send()
		if err != nil || answer.Reason() != "CONCURRENT_CHANGE" || ctx.Err() != nil {
			return answer, err
		}
	}
}

// save registers a cluster, or changes it.
func (r *Trial) save(ctx context.Context, name string, body any) (product.Answer, error) {
	return insist(ctx, func() (product.Answer, error) { return r.Client().Save(ctx, name, "", body) })
}

// cluster is a cluster to register; rows can't judge anything without it.
func (r *Trial) cluster(ctx context.Context, name string) (*kubernetes.Cluster, error) {
	cluster, err := r.Cluster(ctx, name)
	return cluster, setUp(err)
}

func containsAny(text string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
