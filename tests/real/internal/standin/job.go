package standin

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nautes.io/clusters/tests/real/internal/kubernetes"
	"nautes.io/clusters/tests/real/internal/process"
)

// Jobs runs the Pods of Jobs of the management cluster as processes on this machine: the container's own command
// and environment, its volumes as folders, and the token of its service account.
type Jobs struct {
	Group      *process.Group
	Management *kubernetes.Cluster
	Bin, Dir   string
	Namespace  string

	seen map[string]bool
}

// Play runs every Pod of a Job once, and tells Kubernetes how it ended.
func (j *Jobs) Play(ctx context.Context, logger *log.Logger) {
	j.seen = map[string]bool{}
	var running sync.WaitGroup
	defer running.Wait()
	play(ctx, logger, "jobs", func(ctx context.Context) error {
		options := metav1.ListOptions{LabelSelector: "batch.kubernetes.io/job-name"}
		pods, err := j.Management.Client.CoreV1().Pods(j.Namespace).List(ctx, options)
		if err != nil {
			return err
		}
		for _, pod := range pods.Items {
			if pod.DeletionTimestamp != nil || !j.first(string(pod.UID)) {
				continue
			}
			running.Go(func() {
				if err := j.run(ctx, &pod); err != nil && ctx.Err() == nil {
					logger.Printf("job %s: %v", pod.Name, err)
				}
			})
		}
		return nil
	})
}

func (j *Jobs) first(uid string) bool {
	seen := j.seen[uid]
	j.seen[uid] = true
	return !seen
}

func (j *Jobs) run(ctx context.Context, pod *corev1.Pod) error {
	dir := filepath.Join(j.Dir, "pods", pod.Name)
	env, err := j.prepare(ctx, pod, dir)
	if err != nil {
		return err
	}
	container := pod.Spec.Containers[0]
	// /bin/sh of the image; the rest is as the Job has it.
	running, err := j.Group.Start(process.Options{Name: "pod-" + pod.Name, Dir: dir, Env: env},
		container.Command[0], append(container.Command[1:], container.Args...)...)
	if err != nil {
		return err
	}
	// A Job that is deleted or replaced takes its Pod along.
	for ended := false; !ended; {
		select {
		case <-running.Ended():
			ended = true
		case <-ctx.Done():
			running.Kill()
			return ctx.Err()
		default:
			_, err := j.Management.Client.CoreV1().Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				running.Kill()
				return nil
			}
			pause(ctx)
		}
	}
	return j.report(ctx, pod, running.Succeeded())
}

// prepare makes the Pod's volumes and returns the container's environment.
func (j *Jobs) prepare(ctx context.Context, pod *corev1.Pod, dir string) ([]string, error) {
	env := []string{"INTERVAL_SECONDS=2", "PATH=" + j.Bin + ":" + os.Getenv("PATH")}
	for _, variable := range pod.Spec.Containers[0].Env {
		env = append(env, variable.Name+"="+variable.Value)
	}
	folders := map[string]string{"host": "HOST_DIR", "work": "WORK_DIR"}
	for _, volume := range pod.Spec.Volumes {
		folder := filepath.Join(dir, volume.Name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("making volume %s: %w", volume.Name, err)
		}
		if variable, found := folders[volume.Name]; found {
			env = append(env, variable+"="+folder)
		}
		if volume.Secret == nil {
			continue
		}
		if err := j.writeSecret(ctx, pod.Namespace, volume.Secret, folder); err != nil {
			return nil, fmt.Errorf("making volume %s: %w", volume.Name, err)
		}
	}
	kubeconfig, err := j.kubeconfig(ctx, pod, dir)
	return append(env, "HOME="+dir, "KUBECONFIG="+kubeconfig), err
}

func (j *Jobs) writeSecret(ctx context.Context, namespace string, source *corev1.SecretVolumeSource, folder string) error {
	secret, err := j.Management.Client.CoreV1().Secrets(namespace).Get(ctx, source.SecretName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for _, item := range source.Items {
		if err := os.WriteFile(filepath.Join(folder, item.Path), secret.Data[item.Key], 0o600); err != nil {
			return err
		}
	}
	return nil
}

// kubeconfig is what a Pod finds below /var/run/secrets: a token of its service account.
func (j *Jobs) kubeconfig(ctx context.Context, pod *corev1.Pod, dir string) (string, error) {
	accounts := j.Management.Client.CoreV1().ServiceAccounts(pod.Namespace)
	// As a kubelet asks for one: it names the Pod, which the admission policy looks at.
	bound := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod.Name, UID: pod.UID},
	}}
	token, err := accounts.CreateToken(ctx, pod.Spec.ServiceAccountName, bound, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("asking for a token of %s: %w", pod.Spec.ServiceAccountName, err)
	}
	file := filepath.Join(dir, "in-cluster.kubeconfig")
	return file, os.WriteFile(file, j.Management.TokenKubeconfig(token.Status.Token), 0o600)
}

// report tells how the Pod ended. The Job controller draws its own conclusions.
func (j *Jobs) report(ctx context.Context, pod *corev1.Pod, succeeded bool) error {
	pods := j.Management.Client.CoreV1().Pods(pod.Namespace)
	current, err := pods.Get(ctx, pod.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	current.Status.Phase = corev1.PodFailed
	if succeeded {
		current.Status.Phase = corev1.PodSucceeded
	}
	_, err = pods.UpdateStatus(ctx, current, metav1.UpdateOptions{})
	return err
}
