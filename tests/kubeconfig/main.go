// Command reader says of each kubeconfig on its standard input whether Kubernetes' own client can log in with it, and if not,
// why.
//
// A line of input is the kubeconfig in Base64. A line of output is the reason, or an object with what the client has read. The client is taken as far as the
// connection: its request is written, and no name is looked up and nothing is dialled.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
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
		var loaded loaded
		if err == nil {
			err = use(content, &loaded)
		}
		var answer []byte
		if err == nil {
			answer, err = json.Marshal(loaded)
		}
		if err != nil {
			answer = []byte(strings.Join(strings.Fields(err.Error()), " "))
		}
		fmt.Println(string(answer))
	}
}

// What the client has read of a file that it can use, for whoever refuses that all the same.
type loaded struct {
	Context string        `json:"current-context"`
	Cluster *api.Cluster  `json:"cluster"`
	User    *api.AuthInfo `json:"user"`
	// The PEM blocks of each field, and how many beginnings of one it has.
	Blocks map[string][2]int `json:"blocks"`
	// What is wrong with the file where no key may stand twice.
	Strict string `json:"strict"`
}

func (loaded *loaded) read(content []byte, config *api.Config) {
	loaded.Context = config.CurrentContext
	if context := config.Contexts[config.CurrentContext]; context != nil {
		loaded.Cluster, loaded.User = config.Clusters[context.Cluster], config.AuthInfos[context.AuthInfo]
	}
	if _, err := yaml.YAMLToJSONStrict(content); err != nil {
		loaded.Strict = err.Error()
	}
	loaded.Blocks = map[string][2]int{}
	if cluster := loaded.Cluster; cluster != nil {
		loaded.Blocks["certificate-authority-data"] = blocks(cluster.CertificateAuthorityData)
	}
	if user := loaded.User; user != nil {
		loaded.Blocks["client-certificate-data"] = blocks(user.ClientCertificateData)
		loaded.Blocks["client-key-data"] = blocks(user.ClientKeyData)
	}
}

func blocks(data []byte) [2]int {
	found, begun := 0, bytes.Count(data, []byte("-----BEGIN"))
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		found++
	}
	return [2]int{found, begun}
}

func use(content []byte, loaded *loaded) error {
	config, err := clientcmd.Load(content)
	if err != nil {
		return err
	}
	overrides := &clientcmd.ConfigOverrides{ClusterInfo: api.Cluster{Server: server}}
	if config.CurrentContext == "" {
		config.Contexts[""] = firstOfEach(content)
	}
	loaded.read(content, config)
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
func firstOfEach(content []byte) *api.Context {
	var config clientcmdv1.Config
	first := api.NewContext()
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
