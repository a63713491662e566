package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/world"
)

var commandLineRows = []Row{
	{Name: "the command line waits for the guide's deployment worker, and tells of its components since when each is as it is", Check: waitsByCommandLine},
	{Name: "doctor finds of the management cluster what is there, and every right of the service", Check: doctorKnowsManagement},
	{Name: "a context that logs in by a program is added with an account of its own, is Ready, and delete takes both away again", Check: addsByCommandLine},
}

// accountName is what `add` calls the service account that it makes on a cluster, its role binding and its token.
const accountName = "nautes-clusters-manager"

// commandLine is the product's command line with an environment of its own: this run's service, and a kubeconfig.
type commandLine struct {
	program, home, kubeconfig, server, token string
	// secrets are what no output may have.
	secrets []string
}

func (r *Trial) commandLine(kubeconfig string, secrets ...string) (*commandLine, error) {
	home := filepath.Join(r.Dir, "command-line")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("making the command line's home: %w", err)
	}
	client := r.Client()
	return &commandLine{
		// tests/real/build has built it beside the sandbox.
		program: filepath.Join(filepath.Dir(r.Sandbox), "nautes-clusters"),
		home:    home, kubeconfig: kubeconfig,
		server: client.URL, token: client.Token, secrets: append(secrets, client.Token),
	}, nil
}

// run runs a command and returns its result; the error has what it said.
func (c *commandLine) run(ctx context.Context, code int, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, c.program, arguments...)
	command.Dir = c.home
	command.Env = []string{
		"HOME=" + c.home, "PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + c.kubeconfig,
		"NAUTES_SERVER=" + c.server, "NAUTES_TOKEN=" + c.token,
	}
	var result, said bytes.Buffer
	command.Stdout, command.Stderr = &result, &said
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return "", setUp(fmt.Errorf("running the command line: %w", err))
	}
	for _, secret := range c.secrets {
		if strings.Contains(result.String()+said.String(), secret) {
			return "", fmt.Errorf("%s shows a secret", strings.Join(arguments, " "))
		}
	}
	if found := command.ProcessState.ExitCode(); found != code {
		return "", fmt.Errorf("%s: exit code %d, not %d\n%s%s", strings.Join(arguments, " "), found, code, result.String(), said.String())
	}
	return result.String(), nil
}

// check is one line of `doctor`.
type check struct{ Area, Result, Message, Hint string }

func (c *commandLine) doctor(ctx context.Context, code int, arguments ...string) ([]check, error) {
	text, err := c.run(ctx, code, append([]string{"doctor", "-o", "json"}, arguments...)...)
	if err != nil {
		return nil, err
	}
	var answer struct{ Checks []check }
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, fmt.Errorf("reading doctor's checks %q: %w", text, err)
	}
	return answer.Checks, nil
}

// waitsByCommandLine holds that `wait` ends with what Argo CD says, and that ages are Argo CD's.
func waitsByCommandLine(ctx context.Context, r *Trial) error {
	if _, err := r.registered(ctx, world.Deployment); err != nil {
		return err
	}
	cli, err := r.commandLine(r.Management.Kubeconfig)
	if err != nil {
		return setUp(err)
	}
	if _, err := cli.run(ctx, 0, "wait", world.Deployment, "--for", "ready", "--timeout", "5m"); err != nil {
		return err
	}
	if _, err := cli.run(ctx, 124, "wait", world.Deployment, "--for", "removed", "--timeout", "3s"); err != nil {
		return err
	}
	if _, err := cli.run(ctx, 1, "wait", "nobody-is-called-so"); err != nil {
		return err
	}
	return r.agesAreArgoCDs(ctx, cli, world.Deployment)
}

// agesAreArgoCDs compares the times of `status` with those of the cluster's own Applications.
func (r *Trial) agesAreArgoCDs(ctx context.Context, cli *commandLine, name string) error {
	text, err := cli.run(ctx, 0, "status", name, "-o", "json")
	if err != nil {
		return err
	}
	var shown struct {
		Status struct {
			Phase      string
			Components []struct{ Name, Since string }
		}
	}
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		return fmt.Errorf("reading the status %q: %w", text, err)
	}
	objects, err := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return setUp(err)
	}
	times := map[string][]string{}
	for _, object := range objects.Items {
		status, _ := object.Object["status"].(map[string]any)
		health, _ := status["health"].(map[string]any)
		since, _ := health["lastTransitionTime"].(string)
		times[object.GetName()] = []string{since, object.GetCreationTimestamp().UTC().Format("2006-01-02T15:04:05Z")}
	}
	if shown.Status.Phase != "Ready" || len(shown.Status.Components) == 0 {
		return fmt.Errorf("it is not shown as ready: %s", text)
	}
	for _, component := range shown.Status.Components {
		// Applications that a set over all workers makes are called -runtime-initial and -runtime-argocd.
		own := append(times[name+"-"+component.Name], times[name+"-runtime-"+component.Name]...)
		if component.Since == "" || !slices.Contains(own, component.Since) {
			return fmt.Errorf("%s is said to be so since %q, and Argo CD says %v of its Application", component.Name, component.Since, own)
		}
	}
	tree, err := cli.run(ctx, 0, "status", name)
	if err == nil && !strings.Contains(tree, "Synced, Healthy  ") {
		err = fmt.Errorf("the tree has no age:\n%s", tree)
	}
	return err
}

// doctorKnowsManagement holds that a real authorizer and real definitions are understood. Argo CD's controllers run here
// without Deployments, and that is found as well.
func doctorKnowsManagement(ctx context.Context, r *Trial) error {
	cli, err := r.commandLine(r.Management.Kubeconfig, r.Management.Config.BearerToken)
	if err != nil {
		return setUp(err)
	}
	checks, err := cli.doctor(ctx, 1, "--management-context", r.Management.Name)
	if err != nil {
		return err
	}
	var wrong []string
	for _, expected := range []struct{ words, result string }{
		{"answers: nautes-clusters", "ok"},
		{"GitLab and the management cluster answer it", "ok"},
		{"the token may change the branch", "ok"},
		{"it answers: Kubernetes v1.", "ok"},
		{"applications.argoproj.io is defined", "ok"},
		{"applicationsets.argoproj.io is defined", "ok"},
		{"appprojects.argoproj.io is defined", "ok"},
		{"clusters.nautes.resource.nautes.io is defined", "ok"},
		{"have all", "ok"},
		{"there is no argocd-application-controller", "failure"},
	} {
		found := slices.IndexFunc(checks, func(made check) bool { return strings.Contains(made.Message, expected.words) })
		if found < 0 || checks[found].Result != expected.result {
			wrong = append(wrong, expected.words)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("these are not found as they are: %s\n%+v", strings.Join(wrong, ", "), checks)
	}
	// Of another account nobody has granted anything.
	checks, err = cli.doctor(ctx, 1, "--management-context", r.Management.Name, "--service-account", "nautes/somebody")
	if err != nil {
		return err
	}
	lacks := func(made check) bool { return strings.Contains(made.Message, "nautes/somebody may not") }
	if !slices.ContainsFunc(checks, lacks) {
		return fmt.Errorf("an account without rights is not found: %+v", checks)
	}
	return nil
}

// addsByCommandLine goes the way of somebody whose login is a program of a cloud: from a context to a cluster that is Ready, and
// back to a cluster on which nothing of it is left.
func addsByCommandLine(ctx context.Context, r *Trial) (err error) {
	cluster, err := r.cluster(ctx, world.Added)
	if err != nil {
		return err
	}
	kubeconfig, err := r.programKubeconfig(cluster)
	if err != nil {
		return setUp(err)
	}
	cli, err := r.commandLine(kubeconfig, cluster.Config.BearerToken)
	if err != nil {
		return setUp(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.remove(ctx, world.Added, ""))
		}
	}()
	checks, err := cli.doctor(ctx, 0, "--context", world.Added, "--api-server", cluster.Server)
	if err != nil {
		return err
	}
	for _, words := range []string{"the login is a cluster administrator", "its certificate has the name " + cluster.Host, "no component is there already"} {
		if !slices.ContainsFunc(checks, func(made check) bool { return made.Result == "ok" && strings.Contains(made.Message, words) }) {
			return fmt.Errorf("doctor does not find that %s: %+v", words, checks)
		}
	}
	_, err = cli.run(ctx, 0, "add", world.Added, "--api-server", cluster.Server, "--primary-domain", cluster.Host, "--yes", "--timeout", "15m", "-o", "json")
	if err != nil {
		return err
	}
	token, err := accountToken(ctx, cluster)
	if err != nil {
		return err
	}
	cli.secrets = append(cli.secrets, token)
	if err := r.isStored(ctx, token); err != nil {
		return err
	}
	if err := r.agesAreArgoCDs(ctx, cli, world.Added); err != nil {
		return err
	}
	if _, err := cli.run(ctx, 0, "delete", world.Added, "--yes", "--remove-access", "--context", world.Added, "--timeout", "5m"); err != nil {
		return err
	}
	if _, err := cli.run(ctx, 0, "wait", world.Added, "--for", "removed", "--timeout", "1m"); err != nil {
		return err
	}
	return errors.Join(accountIsGone(ctx, cluster), r.nothingLeft(ctx, world.Added))
}

// programKubeconfig is a kubeconfig whose user logs in by a program, as those of cloud providers do.
func (r *Trial) programKubeconfig(cluster *kubernetes.Cluster) (string, error) {
	credential, err := json.Marshal(map[string]any{
		"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
		"status": map[string]any{"token": cluster.Config.BearerToken},
	})
	if err != nil {
		return "", err
	}
	program := filepath.Join(r.Dir, "cloud-login")
	if err := os.WriteFile(program, fmt.Appendf(nil, "#!/bin/sh\ncat <<'END'\n%s\nEND\n", credential), 0o700); err != nil {
		return "", err
	}
	text := cluster.KubeconfigFor(cluster.Config.Host, map[string]any{"exec": map[string]any{
		"apiVersion": "client.authentication.k8s.io/v1", "command": program, "interactiveMode": "Never",
	}})
	file := filepath.Join(r.Dir, "cloud.kubeconfig")
	return file, os.WriteFile(file, text, 0o600)
}

// accountToken is the token of the account that `add` made, which has to be there with its role.
func accountToken(ctx context.Context, cluster *kubernetes.Cluster) (string, error) {
	core := cluster.Client.CoreV1()
	if _, err := core.ServiceAccounts(metav1.NamespaceSystem).Get(ctx, accountName, metav1.GetOptions{}); err != nil {
		return "", fmt.Errorf("the service account: %w", err)
	}
	binding, err := cluster.Client.RbacV1().ClusterRoleBindings().Get(ctx, accountName, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("the role binding: %w", err)
	}
	if len(binding.Subjects) != 1 || binding.Subjects[0].Name != accountName || binding.RoleRef.Name != "cluster-admin" {
		return "", fmt.Errorf("the role binding binds %+v to %s", binding.Subjects, binding.RoleRef.Name)
	}
	secret, err := core.Secrets(metav1.NamespaceSystem).Get(ctx, accountName, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("the token: %w", err)
	}
	return string(secret.Data[corev1.ServiceAccountTokenKey]), nil
}

// isStored holds that Argo CD logs in with the account's token.
func (r *Trial) isStored(ctx context.Context, token string) error {
	secrets, err := r.clusterSecrets(ctx, world.Added)
	if err != nil {
		return setUp(err)
	}
	if token == "" || len(secrets) != 1 || !strings.Contains(string(secrets[0].Data["config"]), token) {
		return errors.New("Argo CD does not log in with the account's token")
	}
	return nil
}

// accountIsGone holds that nothing of the account is left on the cluster.
func accountIsGone(ctx context.Context, cluster *kubernetes.Cluster) error {
	core := cluster.Client.CoreV1()
	_, ofAccount := core.ServiceAccounts(metav1.NamespaceSystem).Get(ctx, accountName, metav1.GetOptions{})
	_, ofBinding := cluster.Client.RbacV1().ClusterRoleBindings().Get(ctx, accountName, metav1.GetOptions{})
	_, ofToken := core.Secrets(metav1.NamespaceSystem).Get(ctx, accountName, metav1.GetOptions{})
	for what, err := range map[string]error{"service account": ofAccount, "role binding": ofBinding, "token": ofToken} {
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("the %s of `add` is left: %v", what, err)
		}
	}
	return nil
}
