package kubernetes

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// StagesEnv names the folder of kwok's stages, which its module brings along.
const StagesEnv = "REAL_KWOK_STAGES"

// stages of kwok: what becomes of nodes and Pods, at once.
var stages = []string{
	"node/fast/node-initialize.yaml",
	"node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
	"pod/fast/pod-ready.yaml",
	"pod/fast/pod-complete.yaml",
	"pod/fast/pod-delete.yaml",
}

// startNode starts kwok with one node that any number of Pods fit on.
func (c *Cluster) startNode(ctx context.Context) error {
	arguments := []string{"--kubeconfig", c.Kubeconfig, "--manage-all-nodes=true", "--node-lease-duration-seconds", "40"}
	for _, stage := range stages {
		path := filepath.Join(os.Getenv(StagesEnv), stage)
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("looking for a stage of kwok: %w", err)
		}
		arguments = append(arguments, "--config", path)
	}
	if _, err := c.start("kwok", arguments...); err != nil {
		return err
	}
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("64"),
		corev1.ResourceMemory: resource.MustParse("256Gi"),
		corev1.ResourcePods:   resource.MustParse("500"),
	}
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "kwok",
			Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
			Labels:      map[string]string{"kubernetes.io/hostname": "kwok", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"},
		},
		Status: corev1.NodeStatus{Capacity: capacity, Allocatable: capacity},
	}
	nodes := c.Client.CoreV1().Nodes()
	created, err := nodes.Create(ctx, node, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("making the node: %w", err)
	}
	// Admission taints every new node, and the controller that would take the taint off is left out.
	created.Spec.Taints = nil
	if _, err := nodes.Update(ctx, created, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("taking the taint off the node: %w", err)
	}
	return nil
}

// AddStorage gives the cluster a default StorageClass with a few volumes that claims are bound to.
func (c *Cluster) AddStorage(ctx context.Context) error {
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "standard",
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner: "kubernetes.io/no-provisioner",
	}
	if _, err := c.Client.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("making a StorageClass on %s: %w", c.Name, err)
	}
	for i := range 6 {
		volume := &corev1.PersistentVolume{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("volume-%d", i)},
			Spec: corev1.PersistentVolumeSpec{
				Capacity:         corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("10Gi")},
				AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
				StorageClassName: class.Name,
				PersistentVolumeSource: corev1.PersistentVolumeSource{
					HostPath: &corev1.HostPathVolumeSource{Path: "/nowhere"},
				},
			},
		}
		if _, err := c.Client.CoreV1().PersistentVolumes().Create(ctx, volume, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("making a volume on %s: %w", c.Name, err)
		}
	}
	return nil
}
