package process

import (
	"fmt"
	"net"
	"sync"
)

var (
	portsMutex sync.Mutex
	portsGiven = map[int]bool{}
)

// FreePort is a port of 127.0.0.1 that nobody listens on and that was not given before.
func FreePort() (int, error) {
	portsMutex.Lock()
	defer portsMutex.Unlock()
	for range 100 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, fmt.Errorf("looking for a free port: %w", err)
		}
		port := listener.Addr().(*net.TCPAddr).Port
		listener.Close()
		if !portsGiven[port] {
			portsGiven[port] = true
			return port, nil
		}
	}
	return 0, fmt.Errorf("looking for a free port: none was found")
}

// FreeNodePort is a free port within the range that Kubernetes gives to Services of type NodePort: a virtual
// cluster's API server is reached by one.
func FreeNodePort() (int, error) {
	portsMutex.Lock()
	defer portsMutex.Unlock()
	// Not from 30000: those below 31000 are what people choose, and 30080 and 30443 the product's defaults.
	for port := 31000; port <= 32767; port++ {
		if portsGiven[port] {
			continue
		}
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		listener.Close()
		portsGiven[port] = true
		return port, nil
	}
	return 0, fmt.Errorf("looking for a free port from 31000 to 32767: none was found")
}
