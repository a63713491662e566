package kubernetes

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Settled waits until controllers have made the service account and the ConfigMap that every namespace gets: whoever compares a
// cluster's objects before and after would take them for something left behind.
func (c *Cluster) Settled(ctx context.Context) error {
	return c.APIServer.WaitUntil(ctx, func(ctx context.Context) error {
		namespaces, err := c.Client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		var failures []error
		for _, namespace := range namespaces.Items {
			_, err := c.Client.CoreV1().ServiceAccounts(namespace.Name).Get(ctx, "default", metav1.GetOptions{})
			failures = append(failures, err)
			_, err = c.Client.CoreV1().ConfigMaps(namespace.Name).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
			failures = append(failures, err)
		}
		if err := errors.Join(failures...); err != nil {
			return fmt.Errorf("the controllers have not made their own objects: %w", err)
		}
		return nil
	})
}

// waitForOwnObjects waits for what an API server makes for itself after it calls itself ready: whoever compares a
// cluster's objects before and after would take it for something left behind.
func (c *Cluster) waitForOwnObjects(ctx context.Context) error {
	return c.APIServer.WaitUntil(ctx, func(ctx context.Context) error {
		_, service := c.Client.CoreV1().Services(metav1.NamespaceDefault).Get(ctx, "kubernetes", metav1.GetOptions{})
		failures := []error{service}
		for _, name := range []string{metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic, "kube-node-lease"} {
			_, err := c.Client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
			failures = append(failures, err)
		}
		for _, name := range []string{"extension-apiserver-authentication", "kube-apiserver-legacy-service-account-token-tracking"} {
			_, err := c.Client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, name, metav1.GetOptions{})
			failures = append(failures, err)
		}
		if err := errors.Join(failures...); err != nil {
			return fmt.Errorf("the API server has not made its own objects: %w", err)
		}
		return nil
	})
}
