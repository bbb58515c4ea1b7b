package docs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/docs"
	"github.com/kpm-sh/kpm/signing/signingtest"
)

// maxLines is how many lines a recipe may have.
const maxLines = 6

// recipes are the blocks of operate.md, by their headings.
func recipes(t *testing.T) map[string]string {
	t.Helper()
	text, err := docs.Files.ReadFile("operate.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		_, block, ok := strings.Cut(body, "\n```sh\n")
		if !ok {
			continue
		}
		block, rest, _ := strings.Cut(block, "\n```\n")
		if strings.Contains(rest, "\n```") {
			t.Errorf("%s has two blocks", heading)
		}
		if n := strings.Count(block, "\n") + 1; n > maxLines {
			t.Errorf("%s has %d lines, at most %d are allowed", heading, n, maxLines)
		}
		all[heading] = block
	}
	return all
}

// session is what is wrong before a recipe is run, and what must be right after it.
// Both are scripts in the packages repository; see prelude for what they have.
type session struct {
	heading string
	ago     int // days since the repository was made, and since its last publish
	before  string
	after   string
	rotated string // run after before, when Sigstore has changed its keys; "" where it does not
}

// works is what every recipe leaves: a client that was there before goes on, old
// releases can be had, and so does a client that begins now.
const works = `
kpm update
kpm get acme/pony@1.0.0 -y
export KPM_HOME=$PWD/late
kpm repo add acme "$PWD/site" --trust "$(kpm-indexer trust show site | sed -n 's/.*Pin: //p')"
kpm update
kpm get acme/pony@1.0.0 -y
`

// keyless makes the repository one whose CI signs without a key.
const keyless = `
kpm-indexer trust add-signer ci --role index --identity "$SAN" --source-repository "$REPO" --issuer "$ISSUER" --sigstore ours --trusted-root trusted_root.json
kpm-indexer trust remove-signer index
kpm-indexer trust sign --key keys/trust.key
kpm-indexer trust publish
kpm-indexer build --out site --trust trust --keyless --signing-config signing_config.json
kpm update
`

var sessions = []session{
	{heading: "Once a year: renew", after: `said 'trust document 2, signed by trust' kpm update; kpm-indexer audit site` + works},
	{heading: "Once a year: renew", ago: 400, before: `
code 1 kpm-indexer build --out site --key keys/index.key
said 'the trust document expires' cat out
code 3 kpm update
said TRUST_EXPIRED cat out`, after: works},
	{heading: "CI signs without a key", after: `
said 'came: ci (index, provenance, tests), '"$SAN" kpm update
sed -i 's/^version: .*/version: 1.3.0/' packages/pony/K3.yaml
code 3 env SIGSTORE_ID_TOKEN="$OTHER_TOKEN" kpm-indexer build --out site --keyless --signing-config signing_config.json
said WRONG_SIGNER cat out
said 'https://github.com/evil/packages' cat out
code 3 kpm-indexer build --out site --key keys/index.key
kpm-indexer build --out site --keyless --signing-config signing_config.json
kpm-indexer audit site
kpm update
said "$SAN" kpm verify pony
said "$SAN" kpm repo show acme
kpm get acme/pony@1.3.0 -y` + works},
	{heading: "Sigstore changed its keys", before: keyless + `
sed -i 's/^version: .*/version: 1.3.0/' packages/pony/K3.yaml
kpm-indexer build --out site --keyless --signing-config signing_config.json
kpm update`, rotated: `
code 3 kpm-indexer build --out site --keyless --signing-config signing_config.json
said UNCHECKED cat out
said 'kpm-indexer trust update-sigstore' cat out
sed -i 's/^version: .*/version: 1.4.0/' packages/pony/K3.yaml
code 3 kpm-indexer build --out site --keyless --signing-config signing_config.json
kpm-indexer audit site
kpm update; kpm get pony@1.3.0 -y
cp -a "$KPM_HOME" old-home`, after: `
said 'sigstore instance ours: trusted root' kpm update
kpm get acme/pony@1.3.0 -y; kpm get acme/pony@1.4.0 -y
kpm-indexer audit site
code 1 kpm-indexer trust update-sigstore --sigstore ours --trusted-root trusted_root.json
said 'has this trusted root of ours already' cat out` + works},
	{heading: "A second index key", after: `said 'came: index-2 (index, provenance, tests)' kpm update
kpm-indexer build --out site --key keys/index.key` + works},
	{heading: "The index key goes to another CI", before: `rm keys/index.key`, after: `said 'went: index ' kpm update` + works},
	{heading: "The index key was stolen", before: `
cp keys/index.key thief.key
sed -i 's/^version: .*/version: 6.6.6/' packages/pony/K3.yaml
kpm-indexer build --out site --key thief.key
kpm-indexer restore site --key thief.key --seq 1099511627776
kpm update
cp -a site thiefs
sed -i 's/^version: .*/version: 1.2.0/' packages/pony/K3.yaml`, after: `
said 'epoch 2, not 1' kpm update
said 'went: index ' cat out
code 4 kpm info pony@6.6.6
mv site healed; cp -a thiefs site
code 3 kpm update
rm -r site; mv healed site` + works},
	{heading: "A trust key was stolen", before: `cp keys/trust.key thief.key`, after: works + `
kpm-indexer trust renew
code 3 kpm-indexer trust sign --key thief.key`},
	{heading: "A trust key was lost", before: `rm keys/trust.key`, after: works + `
kpm-indexer trust renew
kpm-indexer trust sign --key keys/trust-2.key
kpm-indexer trust publish`},
	{heading: "All trust keys were lost", before: `rm keys/trust.key keys/trust-spare.key`, after: `
kpm update
kpm repo add acme-2 "$PWD/site-new" --trust "$(kpm-indexer trust show site-new | sed -n 's/.*Pin: //p')"
kpm repo remove acme
kpm update
kpm get pony -y`},
	{heading: "Nobody published for two weeks", ago: 20, before: `code 3 kpm update; said FROZEN cat out`, after: works},
	{heading: "The site moves to another host", after: `
pin=$(kpm-indexer trust show site | sed -n 's/.*Pin: //p')
mv site gone
kpm repo remove acme
kpm repo add acme "$PWD/new-host" --trust "$pin"
kpm update
kpm get pony@1.0.0 -y`},
	{heading: "The site was lost", before: `mv site lost; code 8 kpm update`, after: works},
	{heading: "The site was lost, and there is no copy", before: `rm -r site backup`, after: `
said 'number 4' kpm repo show acme && exit 99
kpm update
said 'number 4' kpm repo show acme
kpm get pony@1.2.0 -y`},
	{heading: "The head was lost, and the objects are there", before: `rm site/v1/index.json; code 8 kpm update`, after: works},
	{heading: "Somebody started again at number 1", before: `
rm -r site
kpm-indexer build --out site --key keys/index.key --trust trust --first
code 3 kpm update
said ROLLBACK cat out`, after: `kpm update; kpm get pony@1.2.0 -y`},
	{heading: "The packages folder is empty or the wrong one", before: `
git init -q . && git add packages && git -c user.name=a -c user.email=a@example.org commit -qm packages
rm -r packages/pony
code 1 kpm-indexer build --out site --key keys/index.key
said pony cat out`, after: works},
	{heading: "A version was used twice", before: `
echo '# other' >> packages/pony/manifests/pony.yaml
code 1 kpm-indexer build --out site --key keys/index.key
said '1.2.0' cat out`, after: works + `kpm get acme/pony@1.2.1 -y`},
	{heading: "A release is bad", before: `kpm get pony -y`, after: `
said 'revoked: pony 1.2.0: deletes data' kpm update
code 3 kpm get pony@1.2.0 -y` + works},
	{heading: "Two publishers ran at once", before: `
cp -a site other
kpm-indexer build --out other --key keys/index.key
SOURCE_DATE_EPOCH=$(( $(date +%s) - 3600 )) kpm-indexer build --out site --key keys/index.key
kpm update
mv site first; mv other site
code 3 kpm update
said EQUIVOCATION cat out`, after: works},
}

// prelude makes a packages repository with three releases published, a copy of the
// site, and a client; and what the scripts say it with: code N COMMAND wants an exit
// code, said TEXT COMMAND a line of what the command prints; both leave that in out.
const prelude = `
code() { want=$1; shift; got=0; "$@" >out 2>&1 || got=$?; [ $got = $want ] || { cat out; echo "exit code $got, want $want: $*"; exit 99; }; }
said() { text=$1; shift; "$@" >.said 2>&1 || { cat .said; exit 99; }; mv .said out; grep -qF -- "$text" out || { cat out; echo "not said: $text"; return 1; }; }
`

// setUp is what the publisher did before, and client makes a client.
const setUp = `
mkdir -p packages/pony/manifests trust
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pony\n' > packages/pony/manifests/pony.yaml
kpm-indexer trust init --out keys --name acme
cp keys/1.json trust/
first=--first
for v in 1.0.0 1.1.0 1.2.0; do
  printf 'name: pony\nversion: %s\ndescription: A Kube to test with\n' $v > packages/pony/K3.yaml
  kpm-indexer build --out site --key keys/index.key --trust trust $first
  first=
done
cp -a site backup
`

const client = `
kpm repo add acme "$PWD/site" --trust "$(kpm-indexer trust show site | sed -n 's/.*Pin: //p')"
`

// sigstore is an instance of a private Sigstore, whose files lie where the recipes run.
type sigstore struct {
	*signingtest.Services
	t   *testing.T
	dir string
	env []string
}

func newSigstore(t *testing.T, dir string) *sigstore {
	const repo, evil = "https://github.com/acme/packages", "https://github.com/evil/packages"
	s := &sigstore{Services: signingtest.Serve(t, 2), t: t, dir: dir, env: []string{
		"SAN=" + signingtest.SAN, "ISSUER=" + signingtest.Issuer, "REPO=" + repo,
		"SIGSTORE_ID_TOKEN=" + signingtest.Token(signingtest.SAN, repo), "OTHER_TOKEN=" + signingtest.Token(signingtest.SAN, evil),
	}}
	s.write("signing_config.json", s.Config())
	s.write("trusted_root.json", s.TrustedRoot())
	return s
}

func (s *sigstore) write(name string, text []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sigstore) rotate() {
	s.t.Helper()
	s.Rotate()
	s.write("trusted_root.json", s.TrustedRoot())
}

// then is an environment in which it is as it was so many days ago.
func then(days int) []string {
	if days == 0 {
		return nil
	}
	return []string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(time.Now().Add(-time.Duration(days)*24*time.Hour).Unix(), 10)}
}

// Each recipe is run as it is typed on the page, in at most six lines, and heals what it
// is for: a client that was there before goes on.
func TestRecipes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the recipes are typed in a shell of Unix")
	}
	bin := binaries(t)
	run := func(t *testing.T, dir, what, script string, env ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-euc", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+dir, "KPM_HOME="+filepath.Join(dir, "home"), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		cmd.Env = append(cmd.Env, env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, out)
		}
	}
	made := map[int]string{} // repositories that were set up so many days ago
	all := recipes(t)
	tested := map[string]bool{}
	for _, s := range sessions {
		block, ok := all[s.heading]
		if !ok {
			t.Errorf("operate.md has no recipe %q", s.heading)
			continue
		}
		tested[s.heading] = true
		if made[s.ago] == "" {
			made[s.ago] = t.TempDir()
			run(t, made[s.ago], "setting up", setUp, then(s.ago)...)
		}
		from := os.DirFS(made[s.ago])
		t.Run(fmt.Sprintf("%s, %d days", s.heading, s.ago), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			sigstore := newSigstore(t, dir)
			if err := os.CopyFS(dir, from); err != nil {
				t.Fatal(err)
			}
			run(t, dir, "adding the repository", client)
			if s.ago == 0 {
				run(t, dir, "updating", "kpm update")
			}
			run(t, dir, "before", prelude+s.before, sigstore.env...)
			if s.rotated != "" {
				sigstore.rotate()
				run(t, dir, "after the rotation", prelude+s.rotated, sigstore.env...)
			}
			run(t, dir, "the recipe", block, sigstore.env...)
			run(t, dir, "after", prelude+s.after, sigstore.env...)
		})
	}
	for heading := range all {
		if !tested[heading] {
			t.Errorf("no test runs the recipe %q", heading)
		}
	}
}

// The links of the page lead somewhere in it.
func TestOperateLinks(t *testing.T) {
	text, err := docs.Files.ReadFile("operate.md")
	if err != nil {
		t.Fatal(err)
	}
	strip := regexp.MustCompile(`[^a-z0-9 -]`)
	anchors := map[string]bool{}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		heading, _, _ := strings.Cut(section, "\n")
		anchors[strings.ReplaceAll(strip.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
		if !anchors[m[1]] {
			t.Errorf("no heading is #%s", m[1])
		}
	}
}
