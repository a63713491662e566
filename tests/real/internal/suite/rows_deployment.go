package suite

import (
	"context"
	"errors"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"nautes.io/clusters/tests/real/internal/argocd"
)

var deploymentRows = []Row{
	{Name: "the commands of docs/deploy.md work as written and print a token of the service account", Check: documentedToken},
	{Name: "the service account may do nothing outside of the namespaces of Argo CD and Nautes", Check: narrowRights},
	{Name: "the service account is refused to write a Secret that is no cluster's", Check: refusesPlainSecret},
	{Name: "the service account is refused to write a cluster Secret for the in-cluster address", Check: refusesInCluster},
	{Name: "the service account is refused to delete Argo CD's own Secret", Check: refusesDeletion},
	{Name: "the service account is refused to run a Job as another service account", Check: refusesJob},
}

// account is a client with the product's own token and nothing more.
func (r *Trial) account() (kubernetes.Interface, error) {
	config := rest.AnonymousClientConfig(r.Management.Config)
	config.BearerToken = r.Settings.KubernetesToken
	client, err := kubernetes.NewForConfig(config)
	return client, setUp(err)
}

func documentedToken(ctx context.Context, r *Trial) error {
	client, err := r.account()
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
	return nil
}

func narrowRights(ctx context.Context, r *Trial) error {
	client, err := r.account()
	if err != nil {
		return err
	}
	var problems []error
	for _, attributes := range []authorizationv1.ResourceAttributes{
		{Namespace: "kube-system", Verb: "get", Resource: "secrets"},
		{Namespace: "default", Verb: "create", Resource: "pods"},
		{Namespace: argocd.Namespace, Verb: "create", Resource: "pods"},
		{Namespace: argocd.Namespace, Verb: "create", Resource: "serviceaccounts", Subresource: "token"},
		{Namespace: argocd.Namespace, Verb: "update", Resource: "configmaps"},
		{Verb: "create", Resource: "namespaces"},
		{Verb: "create", Group: "rbac.authorization.k8s.io", Resource: "clusterrolebindings"},
		{Verb: "delete", Group: "admissionregistration.k8s.io", Resource: "validatingadmissionpolicybindings"},
		{Namespace: "nautes", Verb: "get", Resource: "secrets"},
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

// refused holds that the API server refuses, and undoes what it did not refuse.
func refused(err error, undo func() error) error {
	if apierrors.IsForbidden(err) || apierrors.IsInvalid(err) {
		return nil
	}
	if err != nil {
		return setUp(err)
	}
	return errors.Join(errors.New("the API server did it"), undo())
}

func refusesPlainSecret(ctx context.Context, r *Trial) error {
	return r.refusesSecret(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "planted", Labels: map[string]string{"argocd.argoproj.io/secret-type": "repository"}},
		StringData: map[string]string{"url": "https://attacker.test/repository.git"},
	})
}

func refusesInCluster(ctx context.Context, r *Trial) error {
	return r.refusesSecret(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "planted", Labels: map[string]string{
			"argocd.argoproj.io/secret-type": "cluster", "cluster.nautes.io/name": "planted",
		}},
		StringData: map[string]string{"name": "planted", "server": "https://kubernetes.default.svc", "config": "{}"},
	})
}

func (r *Trial) refusesSecret(ctx context.Context, secret *corev1.Secret) error {
	client, err := r.account()
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Secrets(argocd.Namespace).Create(ctx, secret, metav1.CreateOptions{})
	return refused(err, func() error {
		return r.Management.Client.CoreV1().Secrets(argocd.Namespace).Delete(ctx, secret.Name, metav1.DeleteOptions{})
	})
}

func refusesDeletion(ctx context.Context, r *Trial) error {
	client, err := r.account()
	if err != nil {
		return err
	}
	options := metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}}
	err = client.CoreV1().Secrets(argocd.Namespace).Delete(ctx, "argocd-secret", options)
	return refused(err, func() error { return nil })
}

func refusesJob(ctx context.Context, r *Trial) error {
	client, err := r.account()
	if err != nil {
		return err
	}
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: "planted"},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			ServiceAccountName: "argocd-application-controller",
			RestartPolicy:      corev1.RestartPolicyNever,
			Containers:         []corev1.Container{{Name: "planted", Image: "registry.test/planted:1"}},
		}}},
	}
	options := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	_, err = client.BatchV1().Jobs(argocd.Namespace).Create(ctx, job, options)
	return refused(err, func() error { return nil })
}
