package suite

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/world"
)

// realCharts is what the same components' real charts took as plain Applications: ours take a quarter of it. The product's
// way may take a tenth longer than that; what it takes longer are levels of Applications, which are the same for both.
const realCharts = 185 * time.Second

// paceLimit is how long the product's way may take where plain Applications of the same components take so long. A machine that does
// something else slows the levels as it slows the charts.
func paceLimit(plain time.Duration) time.Duration { return plain + max(plain, realCharts)/10 }

// twin is a cluster that the product registers, and one that is like it and gets the same Applications by hand.
type twin struct {
	measured, plain string
	// like is the guide's cluster whose request is sent.
	like string
	// folder of the repository, of a cluster's name, that has its Applications.
	folder string
	// generated are the ends of the names of those that ApplicationSets make.
	generated []string
}

// runtimeFolder is a worker's, of its name.
const runtimeFolder = "runtimes/%s-runtime/production"

var runtimeGenerated = []string{"-runtime-argocd", "-runtime-initial"}

// The kinds of clusters that are no guests: those have what these have, less their gateway and login, and wait for their hosts.
var (
	deploymentTwin = twin{world.Measured, world.Plain, world.Deployment, runtimeFolder, runtimeGenerated}
	pipelineTwin   = twin{world.MeasuredPipeline, world.PlainPipeline, world.Pipeline, runtimeFolder, runtimeGenerated}
	hostTwin       = twin{world.MeasuredHost, world.PlainHost, world.Host, "host-clusters/%s/production", nil}
)

var paceRows = []Row{
	{Name: "a deployment worker is Ready about as fast as its plain Applications, applied by hand, are healthy", Check: deploymentTwin.keepsPace},
	{Name: "a pipeline worker is Ready about as fast as its plain Applications, applied by hand, are healthy", Check: pipelineTwin.keepsPace},
	{Name: "a host is Ready about as fast as its plain Applications, applied by hand, are healthy", Check: hostTwin.keepsPace},
}

// keepsPace measures both side by side, each on a cluster that nothing was installed in: whatever else the machine does
// slows both.
func (t twin) keepsPace(ctx context.Context, r *Trial) (err error) {
	for _, name := range []string{t.measured, t.plain} {
		if _, err := r.cluster(ctx, name); err != nil {
			return err
		}
	}
	body, err := r.requestLike(ctx, t.like, t.measured)
	if err != nil {
		return setUp(err)
	}
	byHand := make(chan error, 1)
	var plain time.Duration
	measured := &registration{name: t.measured}
	begin := time.Now()
	// A later row uses the deployment worker's clusters.
	defer func() {
		err = errors.Join(err, setUp(errors.Join(r.removePlain(ctx, t.plain), r.remove(ctx, t.measured, ""))))
	}()
	answer, err := r.Client().Save(ctx, t.measured, "", body)
	if err := succeeded("registering", answer, err); err != nil {
		return err
	}
	go func() {
		var err error
		plain, err = r.measurePlain(ctx, t)
		byHand <- err
	}()
	err = r.settle(ctx, measured, begin)
	if err := errors.Join(err, <-byHand); err != nil {
		return setUp(err)
	}
	if measured.ready == 0 {
		return fmt.Errorf("it does not become Ready: %s", lines(measured.unfinished))
	}
	fmt.Printf("      by the product %s, by hand %s\n", rounded(measured.ready), rounded(plain))
	if err := r.printLevels(ctx, t, begin); err != nil {
		return setUp(err)
	}
	if limit := paceLimit(plain); measured.ready > limit {
		return fmt.Errorf("%s against %s, and at most %s", rounded(measured.ready), rounded(plain), rounded(limit))
	}
	return nil
}

// printLevels prints when the Applications of both ways came into being: what the product takes longer are its levels.
func (r *Trial) printLevels(ctx context.Context, t twin, begin time.Time) error {
	measured, err := r.levels(ctx, t.measured, begin)
	if err != nil {
		return err
	}
	plain, err := r.levels(ctx, t.plain, begin)
	if err != nil {
		return err
	}
	fmt.Printf("      by the product:%s\n      by hand:%s\n", measured, plain)
	return nil
}

// levels says when the Applications of a cluster came into being, in seconds after a moment. Kubernetes tells whole seconds.
func (r *Trial) levels(ctx context.Context, cluster string, begin time.Time) (string, error) {
	objects, err := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", fmt.Errorf("listing Applications: %w", err)
	}
	var levels strings.Builder
	for _, object := range objects.Items {
		if isOf(object.GetName(), cluster) {
			part := strings.TrimPrefix(strings.TrimPrefix(object.GetName(), cluster), "-")
			if part == "" {
				part = "itself"
			}
			fmt.Fprintf(&levels, " %s %.0f", part, object.GetCreationTimestamp().Sub(begin.Truncate(time.Second)).Seconds())
		}
	}
	return levels.String(), nil
}

// measurePlain applies the like Applications by hand, to another cluster and all at once, and returns how long it took until all
// were done.
func (r *Trial) measurePlain(ctx context.Context, t twin) (time.Duration, error) {
	cluster, err := r.Cluster(ctx, t.plain)
	if err != nil {
		return 0, err
	}
	templates, err := r.templates(ctx, t)
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := errors.Join(r.plainSecret(ctx, cluster), r.plainProject(ctx, t.plain)); err != nil {
		return 0, err
	}
	client := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace)
	for _, template := range templates {
		if _, err := client.Create(ctx, t.plainLike(template), metav1.CreateOptions{}); err != nil {
			return 0, fmt.Errorf("applying %s by hand: %w", template.GetName(), err)
		}
	}
	err = r.installed(ctx, t.plain)
	return time.Since(begin), err
}

// templates are the Applications that install something into the measured cluster: those in its folder of the repository,
// and those that ApplicationSets have made.
func (r *Trial) templates(ctx context.Context, t twin) ([]*unstructured.Unstructured, error) {
	folder := fmt.Sprintf(t.folder, t.measured)
	files, err := r.git(ctx, "ls-tree", "--name-only", "main", folder+"/")
	if err != nil {
		return nil, err
	}
	var templates []*unstructured.Unstructured
	for _, file := range strings.Fields(files) {
		text, err := r.git(ctx, "show", "main:"+file)
		if err != nil {
			return nil, err
		}
		template := new(unstructured.Unstructured)
		if err := yaml.Unmarshal([]byte(text), &template.Object); err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		// Beside them are the kustomization, and of a host its AppProject and the ApplicationSet of its virtual clusters.
		if template.GetKind() == "Application" {
			templates = append(templates, template)
		}
	}
	if len(templates) == 0 {
		return nil, fmt.Errorf("no Application is in %s", folder)
	}
	for _, suffix := range t.generated {
		err := eventually(ctx, installLimit, func(ctx context.Context) error {
			client := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace)
			template, err := client.Get(ctx, t.measured+suffix, metav1.GetOptions{})
			if err == nil {
				templates = append(templates, template)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return templates, nil
}

func (r *Trial) git(ctx context.Context, arguments ...string) (string, error) {
	output, err := exec.CommandContext(ctx, "git", append([]string{"-C", r.GitLab.Repository}, arguments...)...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", arguments[0], err)
	}
	return string(output), nil
}

// plainLike is an Application as somebody writes it who has no clusters' folders, for the other cluster.
func (t twin) plainLike(template *unstructured.Unstructured) *unstructured.Unstructured {
	copied := template.DeepCopy()
	annotations := map[string]any{}
	for key, value := range copied.GetAnnotations() {
		annotations[key] = value
	}
	spec := copied.Object["spec"].(map[string]any)
	spec["destination"].(map[string]any)["name"] = t.plain
	spec["project"] = t.plain
	name := t.plain + strings.TrimPrefix(copied.GetName(), t.measured)
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": copied.GetAPIVersion(),
		"kind":       copied.GetKind(),
		"metadata":   map[string]any{"name": name, "namespace": argocd.Namespace, "annotations": annotations},
		"spec":       spec,
	}}
}

var projects = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "appprojects"}

// plainProject makes the AppProject that they belong to: `default` is closed, as the documents say.
func (r *Trial) plainProject(ctx context.Context, name string) error {
	project := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1",
		"kind":       "AppProject",
		"metadata":   map[string]any{"name": name, "namespace": argocd.Namespace},
		"spec": map[string]any{
			"sourceRepos":              []any{"*"},
			"destinations":             []any{map[string]any{"name": name, "namespace": "*"}},
			"clusterResourceWhitelist": []any{map[string]any{"group": "*", "kind": "*"}},
		},
	}}
	_, err := r.Management.Dynamic.Resource(projects).Namespace(argocd.Namespace).Create(ctx, project, metav1.CreateOptions{})
	return err
}

// plainSecret tells Argo CD of a cluster as its documents say.
func (r *Trial) plainSecret(ctx context.Context, cluster *kubernetes.Cluster) error {
	pair, err := cluster.Authority.Client("by-hand", "system:masters")
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString
	config, err := json.Marshal(map[string]any{"tlsClientConfig": map[string]any{
		"caData": text(cluster.Authority.PEM), "certData": text(pair.Certificate), "keyData": text(pair.Key),
	}})
	if err != nil {
		return err
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: cluster.Name, Labels: map[string]string{"argocd.argoproj.io/secret-type": "cluster"}},
		StringData: map[string]string{"name": cluster.Name, "server": cluster.Server, "config": string(config)},
	}
	_, err = r.Management.Client.CoreV1().Secrets(argocd.Namespace).Create(ctx, secret, metav1.CreateOptions{})
	return err
}

// removePlain takes away what was applied by hand; what it installed stays.
func (r *Trial) removePlain(ctx context.Context, name string) error {
	namespace := r.Management.Dynamic.Resource(applications).Namespace(argocd.Namespace)
	all, err := r.applicationsOf(ctx, name)
	for _, one := range all {
		err = errors.Join(err, namespace.Delete(ctx, one.name, metav1.DeleteOptions{}))
	}
	project := r.Management.Dynamic.Resource(projects).Namespace(argocd.Namespace)
	err = errors.Join(err, project.Delete(ctx, name, metav1.DeleteOptions{}))
	secrets := r.Management.Client.CoreV1().Secrets(argocd.Namespace)
	return errors.Join(err, secrets.Delete(ctx, name, metav1.DeleteOptions{}))
}
