package suite

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

var brokenRows = []Row{
	{Name: "the watch of a worker with a chart that can't be rendered ends with failed, in Helm's own words", Check: failsInHelmsWords},
	{Name: "an object that no API server takes is told in the API server's own words", Check: failsInServersWords},
	{Name: "a Deployment that does not become healthy is named where Argo CD names it, and otherwise what makes Argo CD name it", Check: namesDeployment},
}

// brokenLimit is how long a failure may take to be called one: two minutes of an error, five attempts of an object that is
// refused, and what a busy machine takes.
const brokenLimit = 10 * time.Minute

// brokenInstall is what became of the strict cluster, of whose charts three are broken.
type brokenInstall struct {
	events   []product.Event
	watchErr error
	// refused is nil where the status names the object that is refused.
	refused error
	// unhealthy is nil where the status names the Deployment that does not become healthy, as far as Argo CD does.
	unhealthy error
}

// beginStrict registers the cluster that has no Pods and asks its webhooks, as a deployment worker, by a host of the
// components whose catalog has charts that are broken; and does not wait for what becomes of it.
func (r *Trial) beginStrict() *shared {
	return r.begin("register "+world.Strict, func(ctx context.Context) (any, error) {
		cluster, err := r.Cluster(ctx, world.Strict)
		if err != nil {
			return nil, err
		}
		body, err := r.strictRequest(ctx)
		if err != nil {
			return nil, err
		}
		settings := r.Settings
		if settings.Variables, err = r.brokenCatalog(); err != nil {
			return nil, err
		}
		functions, err := r.StartFunctions(ctx, "functions-broken", settings)
		if err != nil {
			return nil, err
		}
		defer functions.Stop()
		client := &product.Client{URL: functions.URL, Token: r.GitLab.Tokens["maintainer"]}
		answer, err := insist(ctx, func() (product.Answer, error) { return client.Save(ctx, world.Strict, "", body) })
		return cluster, succeeded("registering "+world.Strict, answer, err)
	})
}

func (r *Trial) brokenCatalog() (map[string]string, error) {
	variables := maps.Clone(r.Settings.Variables)
	var err error
	variables["catalog"], err = r.BrokenCatalog("argo-rollouts", "vault", "oauth2-proxy")
	return variables, err
}

// beginBroken watches what becomes of it, as a person who did not register it.
func (r *Trial) beginBroken() *shared {
	return r.begin("watch "+world.Strict, func(ctx context.Context) (any, error) {
		if _, err := wait[any](ctx, r.beginStrict()); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, brokenLimit)
		defer cancel()
		client := r.ClientOf("developer")
		broken := new(brokenInstall)
		broken.events, broken.watchErr = watchToEnd(ctx, client, world.Strict, nil)
		broken.refused = eventually(ctx, brokenLimit, func(ctx context.Context) error {
			answer, err := client.Get(ctx, world.Strict)
			if err == nil {
				err = isDegradedBy(answer, "vault", "Service", "broken-on-purpose", "is invalid", "70000")
			}
			return err
		})
		broken.unhealthy = eventually(ctx, brokenLimit, func(ctx context.Context) error { return r.tellsUnhealthy(ctx, client) })
		return broken, nil
	})
}

// tellsUnhealthy holds that the status names the Deployment of which Argo CD says that the Application is Degraded for it. Before 3.6
// Argo CD keeps nothing of it in the Application: then the status says how it can be made to.
func (r *Trial) tellsUnhealthy(ctx context.Context, client *product.Client) error {
	name := world.Strict + "-oauth2-proxy"
	object, err := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	message, _, _ := unstructured.NestedString(object.Object, "status", "health", "message")
	words := "Deployment oauth2-proxy/oauth2-proxy made it Degraded"
	if message == "" {
		words = "controller.resource.health.persist"
	}
	answer, err := client.Get(ctx, world.Strict)
	if err != nil {
		return err
	}
	return isDegradedBy(answer, "oauth2-proxy", words)
}

// isDegradedBy holds that a cluster is Degraded, and that the message of a component has all these parts.
func isDegradedBy(answer product.Answer, component string, parts ...string) error {
	if answer.Phase() != "Degraded" {
		return fmt.Errorf("it is %s, waiting for: %s", answer.Phase(), answer.Waiting())
	}
	for line := range strings.Lines(answer.Waiting()) {
		if rest, found := strings.CutPrefix(line, component+" "); found && containsAll(rest, parts...) {
			return nil
		}
	}
	return fmt.Errorf("%s does not say %q: %s", component, parts, answer.Waiting())
}

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func failsInHelmsWords(ctx context.Context, r *Trial) error {
	broken, err := wait[*brokenInstall](ctx, r.beginBroken())
	if err != nil {
		return err
	}
	if broken.watchErr != nil || len(broken.events) < 2 {
		return fmt.Errorf("after %d events: %w", len(broken.events), broken.watchErr)
	}
	end := broken.events[len(broken.events)-1]
	if end.Data["reason"] != "failed" {
		return fmt.Errorf("it ended with %v", end.Data["reason"])
	}
	event := broken.events[len(broken.events)-2]
	last := product.Answer{Body: map[string]any{"status": event.Data}}
	if event.Name == "cluster" {
		last.Body = event.Data
	}
	fmt.Printf("      told %s after the request\n", rounded(end.After))
	return isDegradedBy(last, "argo-rollouts", "this chart is broken on purpose")
}

func namesDeployment(ctx context.Context, r *Trial) error {
	broken, err := wait[*brokenInstall](ctx, r.beginBroken())
	if err != nil {
		return err
	}
	return broken.unhealthy
}

func failsInServersWords(ctx context.Context, r *Trial) error {
	broken, err := wait[*brokenInstall](ctx, r.beginBroken())
	if err != nil {
		return err
	}
	return broken.refused
}
