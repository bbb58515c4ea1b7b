package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// whilePublished copies a site in one pass of rsync, over and over, while it is published
// into, and has a user update from the copy after each: he sees what there was or what
// there is, or that something is missing or behind.
const whilePublished = `
mkdir -p packages/pony/manifests copy
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pony\n' > packages/pony/manifests/pony.yaml
kpm-indexer trust init --out keys --name acme
release() { printf 'name: pony\nversion: %s\ndescription: A Kube to test with\n' "$1" > packages/pony/K3.yaml; kpm-indexer build --out site --key keys/index.key --trust keys ${2-}; }
release 1.0.0 --first
rsync -rt --exclude '/.*' site/ copy/
kpm repo add acme "$PWD/copy" --trust "$(kpm-indexer trust show site | sed -n 's/.*Pin: //p')"
kpm update
for i in $(seq $ROUNDS); do
  release 1.0.$i >build.log 2>&1 &
  while kill -0 $! 2>/dev/null; do
    rsync -rt --bwlimit=200 --exclude '/.*' --exclude '.kpm-*' site/ copy/ 2>rsync.log || { [ $? = 24 ] || [ $? = 23 ]; } || { cat rsync.log; exit 1; }
    got=0; kpm update >out 2>&1 || got=$?
    case $got in
    0) echo whole ;;
    8) grep -q 'error: MISSING' out || { cat out; exit 1; }; echo missing ;;
    3) grep -q 'error: ROLLBACK' out || { cat out; exit 1; }; echo behind ;;
    *) cat out; exit 1 ;;
    esac
    kpm search pony >/dev/null
  done
  wait $! || { cat build.log; exit 1; }
done >seen
rsync -rt --exclude '/.*' site/ copy/
kpm update
kpm get pony@1.0.$ROUNDS -y
kpm-indexer audit copy
sort seen | uniq -c
`

// TestRsyncWhilePublishing: somebody copies with rsync, in one pass, at any time.
func TestRsyncWhilePublishing(t *testing.T) {
	tool(t, "rsync")
	bin, dir, rounds := binaries(t), t.TempDir(), "3"
	if os.Getenv("KPM_SOAK") != "" {
		rounds = "60"
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", whilePublished)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+dir, "KPM_HOME="+filepath.Join(dir, "home"), "ROUNDS="+rounds)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}
