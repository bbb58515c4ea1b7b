package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// finalizer is what an operator does before its objects may go.
const finalizer = "kpm.sh/play"

// account is where a pod finds who it is for the API server.
const account = "/var/run/secrets/kubernetes.io/serviceaccount"

// pause lies between two looks.
const pause = 200 * time.Millisecond

// operator looks after all objects of a path, as "/apis/GROUP/VERSION/namespaces/NS/PLURAL".
type operator struct {
	client *http.Client
	server string
	path   string
	token  string
}

type custom struct {
	Metadata struct {
		Name       string
		Deleted    *time.Time `json:"deletionTimestamp"`
		Finalizers []string
		Generation int64
	}
	Status struct{ ObservedGeneration int64 }
}

// operate gives each object a finalizer and the condition Ready, and takes the finalizer
// off what is being deleted. What the server does not answer is asked again.
func operate(args []string) {
	if len(args) != 2 {
		fail("say which server, and where the objects are")
	}
	o, err := newOperator(args[0], args[1])
	if err != nil {
		fail(err.Error())
	}
	endAtOnce()
	for {
		if err := o.look(); err != nil {
			fmt.Println(err)
		}
		time.Sleep(pause)
	}
}

func newOperator(server, path string) (*operator, error) {
	token, err := os.ReadFile(filepath.Join(account, "token"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(account, "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	return &operator{client: client, server: server, path: path, token: string(token)}, nil
}

func (o *operator) look() error {
	var list struct{ Items []custom }
	if err := o.ask(http.MethodGet, "", nil, &list); err != nil {
		return err
	}
	for _, c := range list.Items {
		if err := o.serve(c); err != nil {
			return err
		}
	}
	return nil
}

func (o *operator) serve(c custom) error {
	name, has := "/"+c.Metadata.Name, slices.Contains(c.Metadata.Finalizers, finalizer)
	switch {
	case c.Metadata.Deleted != nil && has:
		fmt.Println("lets go of", c.Metadata.Name)
		return o.ask(http.MethodPatch, name, map[string]any{"metadata": map[string]any{"finalizers": nil}}, nil)
	case c.Metadata.Deleted == nil && !has:
		fmt.Println("takes", c.Metadata.Name)
		return o.ask(http.MethodPatch, name, map[string]any{"metadata": map[string]any{"finalizers": []string{finalizer}}}, nil)
	case c.Metadata.Deleted == nil && c.Status.ObservedGeneration != c.Metadata.Generation:
		fmt.Println("makes ready", c.Metadata.Name)
		return o.ask(http.MethodPatch, name+"/status", map[string]any{"status": map[string]any{
			"observedGeneration": c.Metadata.Generation,
			"conditions":         []map[string]string{{"type": "Ready", "status": "True", "reason": "Made", "lastTransitionTime": "2026-01-01T00:00:00Z"}},
		}}, nil)
	}
	return nil
}

// ask sends a merge patch, or asks for what is there.
func (o *operator) ask(method, name string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(method, o.server+o.path+name, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+o.token)
	r.Header.Set("Content-Type", "application/merge-patch+json")
	answer, err := o.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, name, answer.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
