package argocd

import (
	"context"
	"os"
	"path/filepath"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/kubernetes"
)

// accounts that Argo CD's programs have in its own manifests: admission policies know them by their names.
var accounts = []string{"argocd-application-controller", "argocd-applicationset-controller", "argocd-repo-server"}

// kubeconfig is the path of a program's connection to the cluster that Argo CD belongs to.
func (a *ArgoCD) kubeconfig(program string) string {
	return filepath.Join(a.dir, program+".kubeconfig")
}

// makeAccount makes the service account of a program, with what it may do, and writes its kubeconfig.
func makeAccount(ctx context.Context, cluster *kubernetes.Cluster, name, kubeconfig string) error {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}
	accounts := cluster.Client.CoreV1().ServiceAccounts(Namespace)
	if _, err := accounts.Create(ctx, account, metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := bind(ctx, cluster, name); err != nil {
		return err
	}
	lasting := int64(24 * 60 * 60)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &lasting}}
	token, err := accounts.CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	user := map[string]any{"token": token.Status.Token}
	return os.WriteFile(kubeconfig, cluster.KubeconfigFor(cluster.Config.Host, user), 0o600)
}

// bind gives the application controller the cluster, the ApplicationSet controller its namespace, and the repo server
// nothing, as Argo CD's manifests do.
func bind(ctx context.Context, cluster *kubernetes.Cluster, name string) error {
	subjects := []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: Namespace, Name: name}}
	role := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"}
	meta := metav1.ObjectMeta{Name: name}
	var err error
	switch name {
	case "argocd-application-controller":
		binding := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: role, Subjects: subjects}
		_, err = cluster.Client.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{})
	case "argocd-applicationset-controller":
		binding := &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: role, Subjects: subjects}
		_, err = cluster.Client.RbacV1().RoleBindings(Namespace).Create(ctx, binding, metav1.CreateOptions{})
	}
	return err
}
