package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"time"

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
	if reflect.DeepEqual(before, after) {
		return errors.New("the Secret still has the old credentials")
	}
	// Two rounds, and a moment.
	sleep(ctx, 2*argocd.Resync+5*time.Second)
	return eventually(ctx, removalLimit, func(ctx context.Context) error {
		unfinished, err := r.unfinished(ctx, world.Deployment)
		if err == nil && len(unfinished) > 0 {
			return fmt.Errorf("Argo CD does not go on: %s", lines(unfinished))
		}
		return err
	})
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
	return change.finishes(ctx)
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
	answer, err := developer.Save(ctx, world.Deployment, "?sync=true", body)
	problem = errors.Join(problem, refusedBecause("POST ?sync=true", answer, err, 409, "CREDENTIALS_NOT_APPROVED"))
	after, err := r.secretConfig(ctx, world.Deployment)
	if err != nil {
		return setUp(err)
	}
	if !reflect.DeepEqual(before, after) {
		problem = errors.Join(problem, errors.New("they are installed"))
	}
	return problem
}
