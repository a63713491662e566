package suite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"nautes.io/clusters/tests/real/internal/argocd"
	"nautes.io/clusters/tests/real/internal/world"
)

var deploymentRows = []Row{
	{Name: "the commands of docs/deploy.md work as written and print a token of the service account", Check: documentedToken},
	{Name: "a token without an end works once deploy/endless-token.yaml is applied", Check: endlessToken},
	{Name: "an API server with SpinKube's definitions takes deploy/ as kubectl apply -k sends it", Check: takesKustomization},
	{Name: "outside of the namespaces of Argo CD and Nautes the service account may list the kinds of products, and nothing else", Check: narrowRights},
	{Name: "in the namespaces of Argo CD and Nautes the service account may make no Pod and no token, change no ConfigMap and read no Secret of Nautes", Check: narrowWithin},
	{Name: "the service account is refused to write a Secret that is no cluster's", Check: refusesPlainSecret},
	{Name: "the service account is refused to write a cluster Secret for the in-cluster address", Check: refusesInCluster},
	{Name: "the service account is refused to delete Argo CD's own Secret", Check: refusesDeletion},
	{Name: "the service account is refused to run a Job as another service account", Check: refusesJob},
}

// serviceAccount is what deploy/rbac.yaml calls the product's, in NautesNamespace.
const serviceAccount = "nautes-clusters"

// The messages of the rules of deploy/admission-policy.yaml that rows are about: an object that breaks another rule, or that
// RBAC refuses, says something else.
const (
	onlyLabelled     = "nautes-clusters writes and deletes only what has the label cluster.nautes.io/name"
	onlyClusters     = "nautes-clusters writes and deletes cluster Secrets only"
	notTheManagement = "nautes-clusters registers no cluster under an address of the management cluster itself"
	onlyItsAccount   = "nautes-clusters makes Jobs of the service account nautes-clusters-kubeconfig"
)

// serviceClient is a client with the product's own token and nothing more.
func (r *Trial) serviceClient() (kubernetes.Interface, error) {
	return r.tokenClient(r.Settings.KubernetesToken)
}

func (r *Trial) tokenClient(token string) (kubernetes.Interface, error) {
	config := rest.AnonymousClientConfig(r.Management.Config)
	config.BearerToken = token
	client, err := kubernetes.NewForConfig(config)
	return client, setUp(err)
}

func documentedToken(ctx context.Context, r *Trial) error {
	client, err := r.serviceClient()
	if err != nil {
		return err
	}
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: argocd.Namespace, Verb: "list", Resource: "secrets"},
	}}
	answer, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("the token that was printed is refused: %w", err)
	}
	if !answer.Status.Allowed {
		return errors.New("the token that was printed may not list Secrets of Argo CD's namespace")
	}
	self, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return setUp(err)
	}
	if name := self.Status.UserInfo.Username; name != "system:serviceaccount:"+world.NautesNamespace+":"+serviceAccount {
		return fmt.Errorf("the token that was printed is %s's", name)
	}
	return nil
}

// endlessToken holds that the token controller fills the Secret of deploy/endless-token.yaml, that its token has no end, and that it
// may list Argo CD's Secrets.
func endlessToken(ctx context.Context, r *Trial) (err error) {
	if err := r.kubectl(ctx, r.Management, "", "apply", "--filename", filepath.Join(r.Workspace, "deploy", "endless-token.yaml")); err != nil {
		return err
	}
	secrets := r.Management.Client.CoreV1().Secrets(world.NautesNamespace)
	const name = serviceAccount + "-token"
	// Later rows compare everything with what was there before.
	defer func() { err = errors.Join(err, setUp(secrets.Delete(ctx, name, metav1.DeleteOptions{}))) }()
	var token string
	err = eventually(ctx, time.Minute, func(ctx context.Context) error {
		secret, err := secrets.Get(ctx, name, metav1.GetOptions{})
		if err == nil && len(secret.Data[corev1.ServiceAccountTokenKey]) == 0 {
			return errors.New("the Secret has no token")
		}
		if err == nil {
			token = string(secret.Data[corev1.ServiceAccountTokenKey])
		}
		return err
	})
	if err != nil {
		return err
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		return setUp(err)
	}
	if end, ends := claims["exp"]; ends {
		return fmt.Errorf("the token ends: %v", end)
	}
	client, err := r.tokenClient(token)
	if err != nil {
		return err
	}
	if _, err := client.CoreV1().Secrets(argocd.Namespace).List(ctx, metav1.ListOptions{}); err != nil {
		return fmt.Errorf("listing Argo CD's Secrets with the token: %w", err)
	}
	return nil
}

// takesKustomization has all of deploy/ tried out, with SpinKube's definitions condensed to what an application can need: upstream's
// are in no registry.
func takesKustomization(ctx context.Context, r *Trial) (err error) {
	definitions := filepath.Join(r.Workspace, "tests", "cases", "crds", "spinkube.yaml")
	if err := r.kubectl(ctx, r.Management, "", "apply", "--filename", definitions); err != nil {
		return setUp(err)
	}
	// Later rows compare everything with what was there before.
	defer func() {
		err = errors.Join(err, setUp(r.kubectl(ctx, r.Management, "", "delete", "--filename", definitions)))
	}()
	if err := r.kubectl(ctx, r.Management, "", "wait", "--for=condition=Established", "--timeout=1m", "--filename", definitions); err != nil {
		return setUp(err)
	}
	return r.kubectl(ctx, r.Management, "", "apply", "--kustomize", filepath.Join(r.Workspace, "deploy"), "--dry-run=server")
}

// ofProducts is all that the service account may do in any namespace, by deploy/rbac.yaml: it looks for what depends on a cluster.
var ofProducts = []string{
	"list nautes.resource.nautes.io/deploymentruntimes",
	"list nautes.resource.nautes.io/environments",
	"list nautes.resource.nautes.io/projectpipelineruntimes",
}

// narrowRights compares, namespace by namespace, what the service account may do with what an account may that nobody has granted
// anything. Rights in the whole cluster are among those of every namespace.
func narrowRights(ctx context.Context, r *Trial) error {
	client, err := r.serviceClient()
	if err != nil {
		return err
	}
	nobody, err := r.nobodyClient()
	if err != nil {
		return err
	}
	namespaces, err := r.Management.Client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	if err != nil {
		return setUp(err)
	}
	var problems []error
	for _, namespace := range namespaces.Items {
		if namespace.Name == argocd.Namespace || namespace.Name == world.NautesNamespace {
			continue
		}
		everybodys, err := rightsIn(ctx, nobody, namespace.Name)
		if err != nil {
			return setUp(err)
		}
		rights, err := rightsIn(ctx, client, namespace.Name)
		if err != nil {
			return setUp(err)
		}
		own := slices.DeleteFunc(rights, func(right string) bool { return slices.Contains(everybodys, right) })
		if !slices.Equal(own, ofProducts) {
			problems = append(problems, fmt.Errorf("in namespace %s it may: %s", namespace.Name, strings.Join(own, ", ")))
		}
	}
	return errors.Join(problems...)
}

// nobodyClient acts as a service account of the same namespace that has no rights of its own.
func (r *Trial) nobodyClient() (kubernetes.Interface, error) {
	config := rest.CopyConfig(r.Management.Config)
	config.Impersonate = rest.ImpersonationConfig{
		UserName: "system:serviceaccount:" + world.NautesNamespace + ":somebody",
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:" + world.NautesNamespace, "system:authenticated"},
	}
	client, err := kubernetes.NewForConfig(config)
	return client, setUp(err)
}

// rightsIn lists what a client may do in a namespace, each `verb group/resource` with the names that it is limited to, in order.
func rightsIn(ctx context.Context, client kubernetes.Interface, namespace string) ([]string, error) {
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	answer, err := client.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	if answer.Status.Incomplete {
		return nil, fmt.Errorf("the API server does not know all rules of %s: %s", namespace, answer.Status.EvaluationError)
	}
	var rights []string
	for _, rule := range answer.Status.ResourceRules {
		for _, verb := range rule.Verbs {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					right := fmt.Sprintf("%s %s/%s %s", verb, group, resource, strings.Join(rule.ResourceNames, ","))
					rights = append(rights, strings.TrimSpace(right))
				}
			}
		}
	}
	for _, rule := range answer.Status.NonResourceRules {
		for _, verb := range rule.Verbs {
			for _, path := range rule.NonResourceURLs {
				rights = append(rights, verb+" "+path)
			}
		}
	}
	slices.Sort(rights)
	return slices.Compact(rights), nil
}

func narrowWithin(ctx context.Context, r *Trial) error {
	client, err := r.serviceClient()
	if err != nil {
		return err
	}
	var problems []error
	for _, attributes := range []authorizationv1.ResourceAttributes{
		{Namespace: argocd.Namespace, Verb: "create", Resource: "pods"},
		{Namespace: argocd.Namespace, Verb: "create", Resource: "serviceaccounts", Subresource: "token"},
		{Namespace: argocd.Namespace, Verb: "update", Resource: "configmaps"},
		{Namespace: argocd.Namespace, Verb: "patch", Resource: "configmaps"},
		{Namespace: world.NautesNamespace, Verb: "create", Resource: "pods"},
		{Namespace: world.NautesNamespace, Verb: "create", Resource: "serviceaccounts", Subresource: "token"},
		{Namespace: world.NautesNamespace, Verb: "update", Resource: "configmaps"},
		{Namespace: world.NautesNamespace, Verb: "patch", Resource: "configmaps"},
		{Namespace: world.NautesNamespace, Verb: "get", Resource: "secrets"},
		{Namespace: world.NautesNamespace, Verb: "list", Resource: "secrets"},
	} {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &attributes}}
		answer, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			return setUp(err)
		}
		if answer.Status.Allowed {
			problems = append(problems, fmt.Errorf("it may %s %s in namespace %q", attributes.Verb, attributes.Resource, attributes.Namespace))
		}
	}
	return errors.Join(problems...)
}

// refused holds that the API server refuses for the reason that is meant, and undoes what it did not refuse.
func refused(err error, says string, undo func() error) error {
	switch {
	case err == nil:
		return errors.Join(errors.New("the API server did it"), undo())
	case !apierrors.IsForbidden(err) && !apierrors.IsInvalid(err):
		return setUp(err)
	case !strings.Contains(err.Error(), says):
		return fmt.Errorf("it is not refused because %q, but: %w", says, err)
	}
	return nil
}

func refusesPlainSecret(ctx context.Context, r *Trial) error {
	return r.refusesSecret(ctx, onlyClusters, &corev1.Secret{
		// With a cluster's label, so that its type alone is wrong.
		ObjectMeta: metav1.ObjectMeta{Name: "planted", Labels: map[string]string{
			"argocd.argoproj.io/secret-type": "repository", "cluster.nautes.io/name": "planted",
		}},
		StringData: map[string]string{"url": "https://attacker.test/repository.git"},
	})
}

func refusesInCluster(ctx context.Context, r *Trial) error {
	return r.refusesSecret(ctx, notTheManagement, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "planted", Labels: map[string]string{
			"argocd.argoproj.io/secret-type": "cluster", "cluster.nautes.io/name": "planted",
		}},
		StringData: map[string]string{"name": "planted", "server": "https://kubernetes.default.svc", "config": "{}"},
	})
}

func (r *Trial) refusesSecret(ctx context.Context, says string, secret *corev1.Secret) error {
	client, err := r.serviceClient()
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Secrets(argocd.Namespace).Create(ctx, secret, metav1.CreateOptions{})
	return refused(err, says, func() error {
		return r.Management.Client.CoreV1().Secrets(argocd.Namespace).Delete(ctx, secret.Name, metav1.DeleteOptions{})
	})
}

func refusesDeletion(ctx context.Context, r *Trial) error {
	client, err := r.serviceClient()
	if err != nil {
		return err
	}
	options := metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}}
	err = client.CoreV1().Secrets(argocd.Namespace).Delete(ctx, "argocd-secret", options)
	return refused(err, onlyLabelled, func() error { return nil })
}

func refusesJob(ctx context.Context, r *Trial) error {
	client, err := r.serviceClient()
	if err != nil {
		return err
	}
	policies := r.Management.Client.AdmissionregistrationV1().ValidatingAdmissionPolicies()
	policy, err := policies.Get(ctx, "nautes-clusters", metav1.GetOptions{})
	if err != nil {
		return setUp(err)
	}
	image := permittedImage.FindString(fmt.Sprint(policy.Spec.Validations))
	if image == "" {
		return setUp(errors.New("the admission policy names no image"))
	}
	// With the label and the image that are permitted, so that its account alone is wrong.
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: "planted", Labels: map[string]string{"cluster.nautes.io/name": "planted"}},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			ServiceAccountName: "argocd-application-controller",
			RestartPolicy:      corev1.RestartPolicyNever,
			Containers:         []corev1.Container{{Name: "planted", Image: image}},
		}}},
	}
	options := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	_, err = client.BatchV1().Jobs(argocd.Namespace).Create(ctx, job, options)
	return refused(err, onlyItsAccount, func() error { return nil })
}

// permittedImage is an image by its digest in a rule of the admission policy.
var permittedImage = regexp.MustCompile(`[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}`)
