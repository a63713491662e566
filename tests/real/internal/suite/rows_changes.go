package suite

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

var changeRows = []Row{
	{Name: "the same request again commits nothing and changes nothing", Check: repeatsNothing},
	{Name: "a reader of the project removes no cluster, not by force either", Check: readersRemoveNothing},
	{Name: "new credentials replace the old ones in Argo CD's Secret, and the cluster's Applications stay healthy", Check: rotates},
	{Name: "a proposed change is installed after its merge and not before", Check: mergesFirst},
	{Name: "a developer does not get credentials installed that nobody approved", Check: approvesCredentials},
}

func repeatsNothing(ctx context.Context, r *Trial) error {
	registration, err := r.registered(ctx, world.Deployment)
	if err != nil {
		return err
	}
	if err := r.quiet(ctx); err != nil {
		return err
	}
	return r.nothingWritten(ctx, func() error {
		answer, err := r.Client().Save(ctx, world.Deployment, "", registration.body)
		if err := succeeded("repeating the request", answer, err); err != nil {
			return err
		}
		if answer.Body["commit"] != nil {
			return fmt.Errorf("it committed: %s", answer)
		}
		return nil
	})
}

func readersRemoveNothing(ctx context.Context, r *Trial) error {
	if _, err := r.registered(ctx, world.Deployment); err != nil {
		return err
	}
	if err := r.quiet(ctx); err != nil {
		return err
	}
	return r.nothingWritten(ctx, func() error {
		var problems []error
		for _, role := range readers {
			for _, query := range []string{"", "?force=true", "?delivery=merge-request"} {
				answer, err := r.ClientOf(role).Delete(ctx, world.Deployment, query)
				problems = append(problems, refusedBecause(role+" deletes"+query, answer, err, 403, "PERMISSION_DENIED"))
			}
		}
		return errors.Join(problems...)
	})
}

func rotates(ctx context.Context, r *Trial) error {
	body, err := r.rotated(ctx, world.Deployment, "rotated")
	if err != nil {
		return err
	}
	before, err := r.secretConfig(ctx, world.Deployment)
	if err != nil {
		return setUp(err)
	}
	saved := time.Now()
	answer, err := r.Client().Save(ctx, world.Deployment, "", body)
	if err := succeeded("rotating", answer, err); err != nil {
		return err
	}
	registration, err := r.registered(ctx, world.Deployment)
	if err != nil {
		return err
	}
	registration.body = body
	after, err := r.secretConfig(ctx, world.Deployment)
	if err != nil {
		return err
	}
	kubeconfig, err := base64.StdEncoding.DecodeString(fmt.Sprint(body["kubeconfig"]))
	if err != nil {
		return setUp(err)
	}
	certificate, _, _ := unstructured.NestedString(after, "tlsClientConfig", "certData")
	if reflect.DeepEqual(before, after) || certificate == "" || !strings.Contains(string(kubeconfig), certificate) {
		return errors.New("the Secret does not have the new credentials")
	}
	return eventually(ctx, removalLimit, func(ctx context.Context) error {
		if err := r.comparedSince(ctx, world.Deployment, saved); err != nil {
			return err
		}
		unfinished, err := r.unfinished(ctx, world.Deployment)
		if err == nil && len(unfinished) > 0 {
			return fmt.Errorf("Argo CD does not go on: %s", lines(unfinished))
		}
		return err
	})
}

// comparedSince holds that Argo CD has looked at every Application of a cluster after a time.
func (r *Trial) comparedSince(ctx context.Context, name string, begin time.Time) error {
	objects, err := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, object := range objects.Items {
		text, _, _ := unstructured.NestedString(object.Object, "status", "reconciledAt")
		compared, err := time.Parse(time.RFC3339, text)
		if isOf(object.GetName(), name) && (err != nil || compared.Before(begin)) {
			return fmt.Errorf("Argo CD has last looked at %s at %q", object.GetName(), text)
		}
	}
	return nil
}

func mergesFirst(ctx context.Context, r *Trial) error {
	change, err := r.newChange(ctx, "merged-product")
	if err != nil {
		return err
	}
	answer, err := change.send(ctx, r.ClientOf("developer"), "?delivery=merge-request")
	if err := succeeded("proposing it", answer, err); err != nil {
		return err
	}
	iid, err := mergeRequestOf(answer)
	if err != nil {
		return err
	}
	if applied, err := change.isApplied(ctx); err != nil || applied {
		return errors.Join(errors.New("the management cluster has it before the merge"), err)
	}
	if err := r.GitLab.Merge(ctx, iid); err != nil {
		return setUp(err)
	}
	// A maintainer's request would commit what the merge has not brought.
	answer, err = change.send(ctx, r.Client(), "")
	if err := succeeded("sending it after the merge", answer, err); err != nil {
		return err
	}
	if answer.Body["commit"] != nil {
		return fmt.Errorf("the merge has not brought the change: %s", answer)
	}
	applied, err := change.isApplied(ctx)
	if err == nil && !applied {
		return errors.New("the management cluster does not have it after the merge")
	}
	return err
}

// mergeRequestOf is the number of the merge request that an answer names.
func mergeRequestOf(answer product.Answer) (int, error) {
	request, _ := answer.Body["merge_request"].(map[string]any)
	iid, isNumber := request["iid"].(float64)
	if !isNumber {
		return 0, fmt.Errorf("no merge request is named: %s", answer)
	}
	return int(iid), nil
}

func approvesCredentials(ctx context.Context, r *Trial) error {
	body, err := r.rotated(ctx, world.Deployment, "brought-by-a-developer")
	if err != nil {
		return err
	}
	// The setting, not the query alone: only with it developers may have installed what was merged.
	settings := r.Settings
	settings.Variables = maps.Clone(settings.Variables)
	settings.Variables["delivery"] = "merge-request"
	functions, err := r.StartFunctions(ctx, "functions-merge-request", settings)
	if err != nil {
		return setUp(err)
	}
	defer functions.Stop()
	developer := &product.Client{URL: functions.URL, Token: r.GitLab.Tokens["developer"]}
	before, err := r.secretConfig(ctx, world.Deployment)
	if err != nil {
		return setUp(err)
	}
	proposed, err := developer.Save(ctx, world.Deployment, "", body)
	problem := succeeded("proposing them", proposed, err)
	if problem == nil {
		_, problem = mergeRequestOf(proposed)
	}
	// Nobody has merged that.
	problem = errors.Join(problem, r.nothingWritten(ctx, func() error {
		answer, err := developer.Save(ctx, world.Deployment, "?sync=true", body)
		return refusedBecause("POST ?sync=true", answer, err, 409, "CREDENTIALS_NOT_APPROVED")
	}))
	after, err := r.secretConfig(ctx, world.Deployment)
	if err != nil {
		return setUp(err)
	}
	if !reflect.DeepEqual(before, after) {
		problem = errors.Join(problem, errors.New("they are installed"))
	}
	return problem
}
