package suite

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

var boundaryRows = []Row{
	{Name: "thirteen addresses that may lead to the management cluster are refused as api_server", Check: refusesAddresses},
	{Name: "a proxy on the loopback address in a kubeconfig is refused, and the same kubeconfig without it is not", Check: refusesProxy},
	{Name: "a reader of the project saves nothing", Check: readersSaveNothing},
	{Name: "a cluster Secret of somebody else is not taken over", Check: keepsForeignSecret},
}

// readers are the roles that may not write: of a guest GitLab shows no code, of a stranger not even the project.
var readers = []string{"reporter", "guest", "stranger"}

// nothingWritten runs something and holds that neither the branch nor the management cluster has changed. Nothing may be on its way
// to be installed meanwhile, but in the strict cluster, which never comes to rest.
func (r *Trial) nothingWritten(ctx context.Context, do func() error) error {
	head, err := r.GitLab.Head(ctx)
	if err != nil {
		return setUp(err)
	}
	before, err := TakeSnapshot(ctx, r.Management)
	if err != nil {
		return setUp(err)
	}
	problem := do()
	now, err := r.GitLab.Head(ctx)
	if err != nil {
		return setUp(err)
	}
	if now != head {
		problem = errors.Join(problem, errors.New("there is a new commit"))
	}
	after, err := TakeSnapshot(ctx, r.Management)
	if err != nil {
		return setUp(err)
	}
	return errors.Join(problem, before.Differs(after, func(key string) bool { return isApplication(key) && isOf(key, world.Strict) }))
}

// refusedWith holds that the API answered with one of the statuses.
func refusedWith(what string, answer product.Answer, err error, statuses ...int) error {
	if err != nil {
		return setUp(err)
	}
	for _, status := range statuses {
		if answer.Status == status {
			return nil
		}
	}
	return fmt.Errorf("%s: %s", what, answer)
}

func refusesAddresses(ctx context.Context, r *Trial) error {
	body, err := r.strictRequest(ctx)
	if err != nil {
		return setUp(err)
	}
	cluster, err := r.cluster(ctx, world.Strict)
	if err != nil {
		return err
	}
	addresses := []string{
		"https://kubernetes.default.svc", "https://KUBERNETES.default.svc.:443", "https://kubernetes.default.svc.cluster.local",
		"https://kubernetes", "https://127.0.0.1:6443", "https://localhost:6443", "https://[::1]:6443",
		"https://[::ffff:127.0.0.1]:6443", "https://2130706433:6443", "https://0x7f.1:6443", "https://169.254.169.254",
		"https://0.0.0.0:6443", r.Settings.KubernetesURL,
	}
	return r.nothingWritten(ctx, func() error {
		var problems []error
		for _, address := range addresses {
			request := maps.Clone(body)
			request["api_server"] = address
			kubeconfig := cluster.KubeconfigFor(address, map[string]any{"token": "made-up"})
			request["kubeconfig"] = base64.StdEncoding.EncodeToString(kubeconfig)
			// A dry run first: what is not refused would be installed into the management cluster.
			answer, err := r.Client().Save(ctx, "itself", "?dry_run=true", request)
			if err := refusedAddress(address, answer, err); err != nil {
				problems = append(problems, err)
				continue
			}
			answer, err = r.Client().Save(ctx, "itself", "", request)
			problems = append(problems, refusedAddress(address, answer, err))
		}
		return errors.Join(problems...)
	})
}

// refusedAddress holds that the address itself is what was refused.
func refusedAddress(address string, answer product.Answer, err error) error {
	return refusedField(address, answer, err, "/api_server", "")
}

// refusedField holds that the API answered 422 and names a field, with words of its message.
func refusedField(what string, answer product.Answer, err error, field, words string) error {
	if err := refusedWith(what, answer, err, 422); err != nil {
		return err
	}
	violations, _ := answer.Body["violations"].([]any)
	for _, violation := range violations {
		fields, _ := violation.(map[string]any)
		if message, _ := fields["message"].(string); fields["field"] == field && strings.Contains(message, words) {
			return nil
		}
	}
	return fmt.Errorf("%s is refused for another reason: %s", what, answer)
}

// refusedBecause holds that the API answered with a status and a reason.
func refusedBecause(what string, answer product.Answer, err error, status int, reason string) error {
	if err := refusedWith(what, answer, err, status); err != nil {
		return err
	}
	if answer.Reason() != reason {
		return fmt.Errorf("%s is refused for another reason: %s", what, answer)
	}
	return nil
}

func refusesProxy(ctx context.Context, r *Trial) error {
	body, err := r.strictRequest(ctx)
	if err != nil {
		return setUp(err)
	}
	cluster, err := r.cluster(ctx, world.Strict)
	if err != nil {
		return err
	}
	return r.nothingWritten(ctx, func() error {
		body["kubeconfig"] = base64.StdEncoding.EncodeToString(cluster.ProxyKubeconfig("http://127.0.0.1:3128"))
		answer, err := r.Client().Save(ctx, "by-proxy", "?dry_run=true", body)
		if err := refusedField("a proxy at 127.0.0.1", answer, err, "/kubeconfig", "`proxy-url` has a loopback host"); err != nil {
			return err
		}
		body["kubeconfig"] = base64.StdEncoding.EncodeToString(cluster.TokenKubeconfig(cluster.Config.BearerToken))
		answer, err = r.Client().Save(ctx, "by-proxy", "?dry_run=true", body)
		return succeeded("the same without the proxy", answer, err)
	})
}

func readersSaveNothing(ctx context.Context, r *Trial) error {
	body, err := r.strictRequest(ctx)
	if err != nil {
		return setUp(err)
	}
	return r.nothingWritten(ctx, func() error {
		var problems []error
		for _, role := range readers {
			for _, query := range []string{"", "?delivery=merge-request", "?sync=true"} {
				answer, err := r.ClientOf(role).Save(ctx, "of-a-reader", query, body)
				problems = append(problems, refusedBecause(role+" saves"+query, answer, err, 403, "PERMISSION_DENIED"))
			}
		}
		return errors.Join(problems...)
	})
}

func keepsForeignSecret(ctx context.Context, r *Trial) error {
	body, err := r.strictRequest(ctx)
	if err != nil {
		return setUp(err)
	}
	foreign := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "cluster-of-somebody", Labels: map[string]string{"argocd.argoproj.io/secret-type": "cluster"}},
		StringData: map[string]string{"name": "of-somebody", "server": fmt.Sprint(body["api_server"]), "config": "{}"},
	}
	secrets := r.Management.Client.CoreV1().Secrets(argocd.Namespace)
	if _, err := secrets.Create(ctx, foreign, metav1.CreateOptions{}); err != nil {
		return setUp(err)
	}
	problem := r.nothingWritten(ctx, func() error {
		answer, err := r.Client().Save(ctx, "taken-over", "", body)
		return refusedBecause("a server that is somebody else's", answer, err, 409, "API_SERVER_IN_USE")
	})
	if problem == nil {
		return secrets.Delete(ctx, foreign.Name, metav1.DeleteOptions{})
	}
	// Clean up what should not have been done.
	undo := r.remove(ctx, "taken-over", "?force=true")
	return errors.Join(problem, undo, secrets.Delete(ctx, foreign.Name, metav1.DeleteOptions{}))
}
