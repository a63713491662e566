package charts

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"nautes.io/clusters/tests/real/internal/pki"
)

// Server serves charts and manifests.
type Server struct {
	// Catalog is the product's catalog with the server's addresses in it, for the setting `catalog`.
	Catalog string
	server  *http.Server
	log     *os.File
}

// Start serves what the product's catalog names from the folder with charts and manifests of ours.
func Start(catalogFile, folder, logFile string, authority *pki.Authority) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving charts: %w", err)
	}
	server := new(Server)
	files, err := server.load(catalogFile, folder, "https://"+listener.Addr().String())
	if err != nil {
		listener.Close()
		return nil, err
	}
	if err := server.serve(listener, files, folder, logFile, authority); err != nil {
		listener.Close()
		return nil, fmt.Errorf("serving charts: %w", err)
	}
	return server, nil
}

// Stop ends the server.
func (s *Server) Stop() {
	s.server.Close()
	s.log.Close()
}

// load packs all charts and returns the repository's files.
func (s *Server) load(catalogFile, folder, base string) (map[string][]byte, error) {
	catalog, err := readCatalog(catalogFile)
	if err != nil {
		return nil, err
	}
	sources, err := readSources(folder)
	if err != nil {
		return nil, err
	}
	charts, err := catalog.rewrite(base, sources)
	if err != nil {
		return nil, err
	}
	archives := map[helmChart][]byte{}
	files := map[string][]byte{}
	for _, chart := range charts {
		archive, err := pack(filepath.Join(folder, "charts", chart.name), chart.version)
		if err != nil {
			return nil, err
		}
		archives[chart] = archive
		files[archiveName(chart)] = archive
	}
	if files["index.yaml"], err = index(archives); err != nil {
		return nil, fmt.Errorf("writing the index of charts: %w", err)
	}
	s.Catalog, err = catalog.text()
	return files, err
}

func (s *Server) serve(listener net.Listener, files map[string][]byte, folder, logFile string, authority *pki.Authority) error {
	pair, err := authority.Server("127.0.0.1")
	if err != nil {
		return err
	}
	certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		return err
	}
	if s.log, err = os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return err
	}
	logger := log.New(s.log, "", log.LstdFlags)
	routes := http.NewServeMux()
	routes.HandleFunc("GET /charts/{file}", func(answer http.ResponseWriter, request *http.Request) {
		content, found := files[request.PathValue("file")]
		if !found {
			http.NotFound(answer, request)
			return
		}
		answer.Write(content)
	})
	routes.Handle("GET /manifests/", http.FileServer(http.Dir(folder)))
	s.server = &http.Server{
		Handler: http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			logger.Println(request.Method, request.URL, request.UserAgent())
			routes.ServeHTTP(answer, request)
		}),
		ErrorLog:  logger,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
	}
	go func() {
		if err := s.server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			logger.Println("stopped:", err)
		}
	}()
	return nil
}
