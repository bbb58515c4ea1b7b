package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"
)

// TestKubelet runs whole sessions on a real node, each in a namespace of its own,
// $NS. Their images are those of internal/e2e/images.
func TestKubelet(t *testing.T) {
	socket := os.Getenv("KPM_E2E_CONTAINERD")
	if socket == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_CONTAINERD is not set")
		}
		t.Skip("no real node: KPM_E2E_CONTAINERD is not set (make e2e-kubelet)")
	}
	p := params(t, "testdata/kubelet")
	config := controlPlane(t)
	forger := &forger{t, newAPIServer(t, config)}
	p.Cmds["patch"], p.Cmds["make"], p.Cmds["erase"] = forger.patch, forger.make, forger.erase
	p.Cmds["certificate"] = certificate
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("KUBECONFIG", config)
		env.Setenv("SERVER", forger.api.url)
		env.Setenv("KPM_NAMESPACE", namespace())
		env.Setenv("NS", env.Getenv("KPM_NAMESPACE"))
		bin, err := filepath.Abs("../../bin")
		if err != nil {
			return err
		}
		env.Setenv("PATH", env.Getenv("PATH")+string(os.PathListSeparator)+bin) // kpm-indexer's
		return setup(env)
	}
	p.Cmds["screen"] = screen
	g := &gap{t: t, socket: socket}
	p.Cmds["near"], p.Cmds["gone"], p.Cmds["serve"], p.Cmds["mirrored"] = g.near, g.gone, g.serve, g.mirrored
	p.Cmds["containers"] = func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) > 1 {
			ts.Fatalf("usage: containers [IMAGE]")
		}
		containers(ts, socket, strings.Join(args, ""))
	}
	testscript.Run(t, p)
}

// certificate makes a key and a certificate for a name, signed by itself, and writes both as
// values: certificate NAME FILE
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate NAME FILE")
	}
	cert, key := newCertificate(ts, args[0])
	text, err := yaml.Marshal(map[string]string{"cert": string(cert), "key": string(key)})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o600))
}

// newCertificate makes a certificate for a name or an address, signed by itself, and its
// key, in PEM.
func newCertificate(ts *testscript.TestScript, name string) (cert, private []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	facts := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		facts.DNSNames, facts.IPAddresses = nil, []net.IP{ip}
	}
	signed, err := x509.CreateCertificate(rand.Reader, facts, facts, key.Public(), key)
	ts.Check(err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// screen wants the error output of the last command to fit on one, but for the
// lines that were there while it was at work.
func screen(ts *testscript.TestScript, _ bool, _ []string) {
	const lines = 40
	left := 0
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		if !strings.HasPrefix(line, "---> ") {
			left++
		}
	}
	if left > lines {
		ts.Fatalf("%d lines of standard error are more than a screen of %d", left, lines)
	}
}

// containers waits until the containers of the namespace $NS are all of one
// image, or until there are none: a kubelet takes a minute to tidy up.
func containers(ts *testscript.TestScript, socket, image string) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for {
		images := imagesOf(ctx, ts, socket)
		others := slices.ContainsFunc(images, func(i string) bool { return !strings.Contains(i, image) })
		if image == "" && len(images) == 0 || image != "" && len(images) > 0 && !others {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("the containers are of %v, want %q", images, image)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// imagesOf lists the images of the containers of the namespace $NS. Those that
// hold a pod together count only where nothing else is left.
func imagesOf(ctx context.Context, ts *testscript.TestScript, socket string) []string {
	ctr := exec.CommandContext(ctx, "ctr", "--address", socket, "--namespace", "k8s.io",
		"containers", "list", `labels."io.kubernetes.pod.namespace"==`+ts.Getenv("NS"))
	out, err := ctr.Output()
	if ctx.Err() == nil {
		ts.Check(err)
	}
	var all, programs []string
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Fields(line)
		if i == 0 || len(fields) < 2 {
			continue
		}
		all = append(all, fields[1])
		if !strings.Contains(fields[1], "/pause:") {
			programs = append(programs, fields[1])
		}
	}
	if len(programs) == 0 {
		return all
	}
	return programs
}
