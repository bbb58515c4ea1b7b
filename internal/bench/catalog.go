package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

// pkg is one package of the generator.
type pkg struct {
	Name, Description, Details, Version, Home string
	Keywords, Maintainers                     []string
}

// generate makes n packages, of which some changed since.
func (b *bench) generate(ctx context.Context, n, changed int) ([]pkg, error) {
	out, err := exec.CommandContext(ctx, b.genpkgs, "-n", strconv.Itoa(n), "-mutate", strconv.Itoa(changed)).Output()
	if err != nil {
		return nil, err
	}
	var list struct{ Packages []pkg }
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, err
	}
	for i, p := range list.Packages {
		if list.Packages[i].Version, err = raised(p.Version); err != nil {
			return nil, err
		}
	}
	return list.Packages, nil
}

// raised is the next version in the place of one that ends in -rN: so the generator marks
// what changed, and nobody publishes a pre-release after its release.
func raised(version string) (string, error) {
	v, err := kube.ParseVersion(version)
	if err != nil || !strings.HasPrefix(v.Prerelease(), "r") {
		return version, err
	}
	next := v.IncPatch() // of a pre-release it is the release
	next = next.IncPatch()
	return next.String(), nil
}

// synthetic publishes packages as records alone: what a catalog needs, without
// an archive for each. The head of the first call has seq 1.
type synthetic struct {
	dir   string
	key   *signer.Key
	root  *trust.Document
	lines map[string]index.Line
	head  *index.Head
}

func newSynthetic(dir string) (*synthetic, error) {
	key, err := signer.GenerateKey()
	if err != nil {
		return nil, err
	}
	s := &synthetic{dir: dir, key: key, lines: map[string]index.Line{}}
	env, err := trust.Sign(indexer.FirstTrust("bench", key.Public(), key.Public(), trust.KeySigner(key.Public()), nil, time.Now().AddDate(1, 0, 0), 30), key)
	if err != nil {
		return nil, err
	}
	if s.root, err = trust.Open(trust.PinOf(1, env), env); err != nil {
		return nil, err
	}
	data, err := env.Encode()
	if err != nil {
		return nil, err
	}
	return s, s.write(index.TrustPath(1), data)
}

func (s *synthetic) pin() string {
	return trust.Pin{Version: 1, Digest: s.root.Digest()}.String()
}

func (s *synthetic) write(path string, data []byte) error {
	at := filepath.Join(s.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	return os.WriteFile(at, data, 0o644)
}

// publish lays the packages over what is published.
func (s *synthetic) publish(pkgs []pkg) error {
	now := time.Now()
	h := &index.Head{
		Schema: index.HeadSchema, Repository: "bench", Root: s.root.Digest(), Trust: 1, Epoch: 1, Seq: 1,
		Issued: index.At(now), Expires: index.At(now.AddDate(0, 0, 14)),
	}
	var listed []index.Segment
	if s.head != nil {
		h.Seq, listed = s.head.Seq+1, s.head.Segments
	}
	for _, p := range pkgs {
		if old, ok := s.lines[p.Name]; ok && old.Version == p.Version {
			continue
		}
		l, err := index.NewLine(record(p, h.Seq, now))
		if err != nil {
			return err
		}
		s.lines[p.Name] = l
	}
	var lines []index.Line
	for _, l := range s.lines {
		lines = append(lines, l)
	}
	segs, objects, err := index.Publish(listed, lines, h.Seq)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := s.write(index.ObjectPath(o.SHA256), o.Data); err != nil {
			return err
		}
	}
	tally := index.TallyOf(lines)
	h.Segments, h.Kubes, h.Sum = segs, tally.Kubes, tally.Sum()
	env, err := trust.SignHead(h, s.key)
	if err != nil {
		return err
	}
	data, err := env.Encode()
	if err != nil {
		return err
	}
	s.head = h
	return s.write(index.HeadPath, data)
}

func record(p pkg, rev int64, now time.Time) index.Record {
	return index.Record{
		Name: p.Name, Rev: rev, Version: p.Version, Description: p.Description, Details: p.Details, Home: p.Home,
		Keywords: p.Keywords, Maintainers: p.Maintainers, Built: index.At(now),
		Provides: []string{"deployment.yaml", "service.yaml"}, Kinds: []string{"Deployment", "Service"},
		Images: []string{fmt.Sprintf("docker.io/library/%s:%s", p.Name, p.Version)},
		Doc:    index.RefOf([]byte(p.Name + p.Version)),
	}
}
