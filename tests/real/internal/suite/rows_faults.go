package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nautes.io/clusters/tests/real/internal/product"
	"nautes.io/clusters/tests/real/internal/world"
)

var faultRows = []Row{
	{Name: "a save in whose middle the API server restarts tells so, and the same request finishes it", Check: apiServerRestartsInSave},
	{Name: "a watch outlives a restart of the API server", Check: apiServerRestartsInWatch},
	{Name: "a save while Argo CD stands still for a minute is installed when it is back", Check: argoStandsStill},
	{Name: "a token that has expired is told from other failures, and functions with a renewed one finish the save", Check: tokenExpires},
	{Name: "a save while etcd stands still for five seconds is not lost", Check: etcdIsSlow},
	{Name: "a save whose host is killed between commit and installation is finished by the same request", Check: hostIsKilled},
}

// answered is an answer that comes while something else is done.
type answered struct {
	answer product.Answer
	err    error
}

func (c *change) sendAside(ctx context.Context, client *product.Client) <-chan answered {
	channel := make(chan answered, 1)
	go func() {
		answer, err := c.send(ctx, client, "")
		channel <- answered{answer, err}
	}()
	return channel
}

// committed waits until the branch has moved on from a commit.
func (r *Trial) committed(ctx context.Context, head string) error {
	// As long as a request to the API may take.
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		now, err := r.GitLab.Head(ctx)
		if err != nil {
			return err
		}
		if now != head {
			return nil
		}
		sleep(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			return errors.New("nothing was committed")
		}
	}
}

func apiServerRestartsInSave(ctx context.Context, r *Trial) error {
	change, err := r.newChange(ctx, "restarted-api-server")
	if err != nil {
		return err
	}
	head, err := r.GitLab.Head(ctx)
	if err != nil {
		return setUp(err)
	}
	// GitLab answers the commit late, so that the API server is gone when the answer comes; within the product's patience.
	if err := r.GitLab.Delay(ctx, 8*time.Second); err != nil {
		return setUp(err)
	}
	sent := change.sendAside(ctx, r.Client())
	if err := r.committed(ctx, head); err != nil {
		return setUp(err)
	}
	r.Management.APIServer.Kill()
	first := <-sent
	if err := r.Management.StartAPIServer(ctx); err != nil {
		return setUp(err)
	}
	if first.err != nil {
		return first.err
	}
	if first.answer.Status != 502 || first.answer.Reason() != "INSTALL_TRIGGER_FAILED" {
		return fmt.Errorf("while the API server was gone: %s", first.answer)
	}
	return change.finishes(ctx)
}

func apiServerRestartsInWatch(ctx context.Context, r *Trial) error {
	// While Argo CD stands still the new commit is not installed, so that there is something to watch.
	return r.withoutArgo(ctx, "watched-product", func(ctx context.Context) error {
		type watched struct {
			events []product.Event
			err    error
		}
		channel := make(chan watched, 1)
		begun := make(chan struct{})
		begin := sync.OnceFunc(func() { close(begun) })
		go func() {
			events, err := watchToEnd(ctx, r.Client(), world.Deployment, func(product.Event) { begin() })
			channel <- watched{events, err}
		}()
		select {
		case <-begun:
		case early := <-channel:
			return errors.Join(fmt.Errorf("the watch did not begin: %v", early.events), early.err)
		}
		// Its first look is over; what it follows from then on needs another moment.
		sleep(ctx, 2*time.Second)
		r.Management.APIServer.Kill()
		sleep(ctx, 5*time.Second)
		if err := r.Management.StartAPIServer(ctx); err != nil {
			return setUp(err)
		}
		select {
		case early := <-channel:
			return errors.Join(fmt.Errorf("the watch ended: %v", early.events), early.err)
		case <-time.After(10 * time.Second):
		}
		if err := r.Argo.StartControllers(ctx); err != nil {
			return setUp(err)
		}
		end := <-channel
		if end.err != nil {
			return end.err
		}
		last := end.events[len(end.events)-1]
		if reason := last.Data["reason"]; reason != "ready" {
			return fmt.Errorf("the watch ended with %v: %v", reason, end.events)
		}
		return nil
	})
}

// withoutArgo stops Argo CD, makes a change that has to be installed, and does something; Argo CD runs afterwards.
func (r *Trial) withoutArgo(ctx context.Context, domain string, do func(context.Context) error) (err error) {
	registration, err := r.registered(ctx, world.Deployment)
	if err != nil {
		return err
	}
	r.Argo.StopControllers()
	defer func() { err = errors.Join(err, setUp(r.Argo.StartControllers(context.WithoutCancel(ctx)))) }()
	registration.body["primary_domain"] = domain + ".clusters.test"
	answer, err := r.Client().Save(ctx, world.Deployment, "", registration.body)
	if err := succeeded("saving without Argo CD", answer, err); err != nil {
		return err
	}
	return do(ctx)
}

func argoStandsStill(ctx context.Context, r *Trial) error {
	return r.withoutArgo(ctx, "standing-still", func(ctx context.Context) error {
		sleep(ctx, time.Minute)
		answer, err := r.Client().Get(ctx, world.Deployment)
		if err != nil {
			return err
		}
		if phase := answer.Phase(); phase == "Ready" || phase == "Degraded" {
			return fmt.Errorf("after a minute without Argo CD it is %s", phase)
		}
		if err := r.Argo.StartControllers(ctx); err != nil {
			return setUp(err)
		}
		return eventually(ctx, installLimit, func(ctx context.Context) error {
			answer, err := r.Client().Get(ctx, world.Deployment)
			if err == nil && answer.Phase() != "Ready" {
				return fmt.Errorf("it is %s: %s", answer.Phase(), answer)
			}
			return err
		})
	})
}

// leeway is how much the API server lets clocks differ when it looks at the end of a token.
const leeway = time.Minute

// expiringFunctions are the product's functions with a token that expires.
type expiringFunctions struct {
	*product.Functions
	client *product.Client
	// end is when the API server takes the token no more.
	end time.Time
}

// startExpiring starts functions with a token that is good for a while from now on.
func (r *Trial) startExpiring(ctx context.Context, span time.Duration) (*expiringFunctions, error) {
	settings := r.Settings
	end := time.Now().Add(span)
	var err error
	if settings.KubernetesToken, err = r.Management.Expiring(r.Settings.KubernetesToken, end.Add(-leeway)); err != nil {
		return nil, err
	}
	functions, err := r.StartFunctions(ctx, "functions-expiring", settings)
	if err != nil {
		return nil, err
	}
	client := &product.Client{URL: functions.URL, Token: r.GitLab.Tokens["maintainer"]}
	return &expiringFunctions{Functions: functions, client: client, end: end}, nil
}

// lifetime is how long the token is good that expires: time enough to start the functions and to save once. A machine
// that is busy gets twice as much, and twice that.
const lifetime = 30 * time.Second

func tokenExpires(ctx context.Context, r *Trial) error {
	before, err := r.newChange(ctx, "before-expiry")
	if err != nil {
		return err
	}
	var expiring *expiringFunctions
	for span := lifetime; ; span *= 2 {
		if expiring, err = r.startExpiring(ctx, span); err != nil {
			return setUp(err)
		}
		// Whichever way the row ends; to stop it twice does no harm.
		defer expiring.Stop()
		answer, err := before.send(ctx, expiring.client, "")
		err = succeeded("with a token that is about to expire", answer, err)
		if err == nil {
			break
		}
		if time.Now().Before(expiring.end) || span >= 4*lifetime {
			return setUp(err)
		}
	}
	sleep(ctx, time.Until(expiring.end.Add(2*time.Second)))
	change, err := r.newChange(ctx, "expired-token")
	if err != nil {
		return err
	}
	answer, err := change.send(ctx, expiring.client, "")
	if err != nil {
		return err
	}
	if answer.Status != 502 || !containsAny(answer.String(), "kubernetes_token") {
		return fmt.Errorf("with an expired token: %s", answer)
	}
	if applied, err := change.isApplied(ctx); err != nil || applied {
		return errors.Join(errors.New("the management cluster has the change"), err)
	}
	expiring.Stop()
	renewed, err := r.startExpiring(ctx, time.Hour)
	if err != nil {
		return setUp(err)
	}
	defer renewed.Stop()
	return change.finishesBy(ctx, renewed.client)
}

func etcdIsSlow(ctx context.Context, r *Trial) error {
	change, err := r.newChange(ctx, "slow-etcd")
	if err != nil {
		return err
	}
	r.Etcd.Pause()
	sent := change.sendAside(ctx, r.Client())
	sleep(ctx, 5*time.Second)
	r.Etcd.Resume()
	first := <-sent
	if first.err != nil {
		return first.err
	}
	// Within the product's patience of 15 s: it waits and succeeds. Where it does not, it has to say so.
	if first.answer.Status != 200 && first.answer.Status != 502 && first.answer.Status != 504 {
		return fmt.Errorf("while etcd stood still: %s", first.answer)
	}
	if first.answer.Status == 200 {
		if applied, err := change.isApplied(ctx); err != nil || !applied {
			return errors.Join(fmt.Errorf("it was answered 200, and the management cluster has nothing of the change: %s", first.answer), err)
		}
	}
	return change.finishes(ctx)
}

func hostIsKilled(ctx context.Context, r *Trial) error {
	change, err := r.newChange(ctx, "killed-host")
	if err != nil {
		return err
	}
	head, err := r.GitLab.Head(ctx)
	if err != nil {
		return setUp(err)
	}
	if err := r.GitLab.Hang(ctx); err != nil {
		return setUp(err)
	}
	sent := change.sendAside(ctx, r.Client())
	if err := r.committed(ctx, head); err != nil {
		return setUp(err)
	}
	r.Functions.Kill()
	<-sent
	if err := r.GitLab.ClearFaults(ctx); err != nil {
		return setUp(err)
	}
	if r.Functions, err = r.StartFunctions(ctx, "functions", r.Settings); err != nil {
		return setUp(err)
	}
	if applied, err := change.isApplied(ctx); err != nil || applied {
		return setUp(errors.Join(errors.New("it was installed before the kill"), err))
	}
	return change.finishes(ctx)
}
