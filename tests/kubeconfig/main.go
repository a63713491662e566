// Command reader says of each kubeconfig on its standard input whether Kubernetes' own client can log in with it, and if not,
// why.
//
// A line of input is the kubeconfig in Base64, a line of output is empty or the reason. The client is taken as far as the
// connection: its request is written, and no name is looked up and nothing is dialled.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	clientcmdv1 "k8s.io/client-go/tools/clientcmd/api/v1"
	"sigs.k8s.io/yaml"
)

// The address that a save puts in the place of the kubeconfig's own.
const server = "https://cluster.example.com:6443"

var errDialled = errors.New("the connection would be made now")

func main() {
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		content, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err == nil {
			err = use(content)
		}
		reason := ""
		if err != nil {
			reason = strings.Join(strings.Fields(err.Error()), " ")
		}
		fmt.Println(reason)
	}
}

func use(content []byte) error {
	config, err := clientcmd.Load(content)
	if err != nil {
		return err
	}
	overrides := &clientcmd.ConfigOverrides{ClusterInfo: api.Cluster{Server: server}}
	if config.CurrentContext == "" {
		overrides.Context = firstOfEach(content)
	}
	client, err := clientcmd.NewNonInteractiveClientConfig(*config, "", overrides, nil).ClientConfig()
	if err != nil {
		return err
	}
	if !hasLogin(client) {
		return errors.New("nobody would log in")
	}
	// Programs are not run here.
	client.ExecProvider = nil
	client.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errDialled }
	transport, err := rest.HTTPClientFor(client)
	if err != nil {
		return err
	}
	response, err := transport.Get(client.Host + "/version")
	switch {
	case errors.Is(err, errDialled):
		return nil
	case err == nil:
		response.Body.Close()
		return errors.New("there was an answer")
	default:
		return err
	}
}

func hasLogin(client *rest.Config) bool {
	return client.BearerToken != "" || client.BearerTokenFile != "" || client.Username != "" ||
		len(client.CertData) > 0 || client.CertFile != "" || client.ExecProvider != nil || client.AuthProvider != nil
}

// The API of this product takes the first cluster and user where no context is named, which kubectl does not.
func firstOfEach(content []byte) api.Context {
	var config clientcmdv1.Config
	var first api.Context
	if yaml.Unmarshal(content, &config) != nil {
		return first
	}
	if len(config.Clusters) > 0 {
		first.Cluster = config.Clusters[0].Name
	}
	if len(config.AuthInfos) > 0 {
		first.AuthInfo = config.AuthInfos[0].Name
	}
	return first
}
