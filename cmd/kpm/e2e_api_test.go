package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// apiServer is the control plane seen past kpm, as its administrator.
type apiServer struct {
	url, token string
	client     *http.Client
}

func newAPIServer(t *testing.T, kubeconfig string) *apiServer {
	t.Helper()
	text, err := os.ReadFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct{ User struct{ Token string } }
	}
	if err := yaml.Unmarshal(text, &config); err != nil || len(config.Clusters) != 1 || len(config.Users) != 1 {
		t.Fatalf("%s is not the kubeconfig of one user of one cluster: %v", kubeconfig, err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(config.Clusters[0].Cluster.CA)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &apiServer{config.Clusters[0].Cluster.Server, config.Users[0].User.Token, &http.Client{Transport: transport}}
}

// ask sends a request and reads the answer into into, unless that is nil. It
// returns the status of the answer.
func (a *apiServer) ask(t *testing.T, method, path string, body, into any) int {
	t.Helper()
	var sent bytes.Buffer
	if err := json.NewEncoder(&sent).Encode(body); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+path, &sent)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := a.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil && resp.StatusCode < http.StatusMultipleChoices {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return resp.StatusCode
}

// labelled are the objects of all kinds that carry a label, as "deployments
// web/nginx".
func (a *apiServer) labelled(t *testing.T, label string) []string {
	t.Helper()
	var found []string
	for _, kind := range a.kinds(t) {
		var list struct {
			Items []struct {
				Metadata struct{ Namespace, Name string }
			}
		}
		a.ask(t, http.MethodGet, kind+"?labelSelector="+url.QueryEscape(label), nil, &list)
		for _, item := range list.Items {
			found = append(found, fmt.Sprintf("%s %s/%s", kind[strings.LastIndex(kind, "/")+1:], item.Metadata.Namespace, item.Metadata.Name))
		}
	}
	return found
}

// kinds are the paths of all that can be listed.
func (a *apiServer) kinds(t *testing.T) []string {
	t.Helper()
	var groups struct {
		Groups []struct{ PreferredVersion struct{ GroupVersion string } }
	}
	a.ask(t, http.MethodGet, "/apis", nil, &groups)
	versions := []string{"/api/v1"}
	for _, g := range groups.Groups {
		versions = append(versions, "/apis/"+g.PreferredVersion.GroupVersion)
	}
	var kinds []string
	for _, version := range versions {
		var list struct {
			Resources []struct {
				Name  string
				Verbs []string
			}
		}
		a.ask(t, http.MethodGet, version, nil, &list)
		for _, r := range list.Resources {
			if strings.Contains(strings.Join(r.Verbs, " ")+" ", "list ") {
				kinds = append(kinds, version+"/"+r.Name)
			}
		}
	}
	if len(kinds) < 50 {
		t.Fatalf("the control plane has %d kinds: %v", len(kinds), kinds)
	}
	return kinds
}
