package kubernetes

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"sigs.k8s.io/yaml"
)

// AdminKubeconfig is the administrator's connection as a file: by token, to 127.0.0.1.
func (c *Cluster) AdminKubeconfig() []byte {
	return c.KubeconfigFor(c.Config.Host, map[string]any{"token": c.Config.BearerToken})
}

// RegistrationKubeconfig is what somebody registers the cluster with: by the name of its API server, with a
// client certificate of an administrator who is called user.
func (c *Cluster) RegistrationKubeconfig(user string) ([]byte, error) {
	pair, err := c.Authority.Client(user, "system:masters")
	if err != nil {
		return nil, err
	}
	return c.KubeconfigFor(c.Server, map[string]any{
		"client-certificate-data": base64.StdEncoding.EncodeToString(pair.Certificate),
		"client-key-data":         base64.StdEncoding.EncodeToString(pair.Key),
	}), nil
}

// TokenKubeconfig is a kubeconfig of the cluster for any token, by the name of its API server.
func (c *Cluster) TokenKubeconfig(token string) []byte {
	return c.KubeconfigFor(c.Server, map[string]any{"token": token})
}

// ProxyKubeconfig is a kubeconfig that leads through a proxy.
func (c *Cluster) ProxyKubeconfig(proxy string) []byte {
	return c.write(map[string]any{"server": c.Server, "proxy-url": proxy}, map[string]any{"token": c.Config.BearerToken})
}

// KubeconfigFor is a kubeconfig for any address and user, under the cluster's authority.
func (c *Cluster) KubeconfigFor(server string, user map[string]any) []byte {
	return c.write(map[string]any{"server": server}, user)
}

func (c *Cluster) write(cluster, user map[string]any) []byte {
	cluster["certificate-authority-data"] = base64.StdEncoding.EncodeToString(c.Authority.PEM)
	text, err := yaml.Marshal(map[string]any{
		"apiVersion":      "v1",
		"kind":            "Config",
		"clusters":        []any{map[string]any{"name": c.Name, "cluster": cluster}},
		"users":           []any{map[string]any{"name": "user", "user": user}},
		"contexts":        []any{map[string]any{"name": c.Name, "context": map[string]any{"cluster": c.Name, "user": "user"}}},
		"current-context": c.Name,
	})
	if err != nil {
		panic(err) // maps of strings are always written
	}
	return text
}

// Expiring is a token of a service account that says the same as another one, and ends at a moment. The API
// server gives none that end within ten minutes, so the key that it signs with signs this one.
func (c *Cluster) Expiring(token string, end time.Time) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", fmt.Errorf("shortening a token: it is no JSON web token")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", fmt.Errorf("shortening a token: %w", err)
	}
	claims := jwt.MapClaims{}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return "", fmt.Errorf("shortening a token: %w", err)
	}
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return "", fmt.Errorf("shortening a token: %w", err)
	}
	shorter := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	if err := json.Unmarshal(header, &shorter.Header); err != nil {
		return "", fmt.Errorf("shortening a token: %w", err)
	}
	claims["exp"] = end.Unix()
	return shorter.SignedString(c.signer)
}
