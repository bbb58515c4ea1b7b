package docs_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kpm-sh/kpm/signing/signingtest"
)

// real is a repository from its first publish to what a user has of it, with Sigstore's
// own services: jobs of one repository sign, those of another that call the same workflow
// do not; a stock cosign agrees.
const real = `
mkdir -p packages/pony/manifests trust
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pony\n' > packages/pony/manifests/pony.yaml
kpm-indexer trust init --out keys --name acme --identity "$SAN" --source-repository "$REPO" --issuer "$ISSUER" --sigstore ours --trusted-root trusted_root.json
test ! -e keys/index.key
cp keys/*.json trust/
printf 'name: pony\nversion: 1.0.0\ndescription: A Kube to test with\n' > packages/pony/K3.yaml
code 3 env SIGSTORE_ID_TOKEN="$OTHER_TOKEN" kpm-indexer build --out site --trust trust --first --keyless --signing-config signing_config.json
said "at hand is $SAN for https://github.com/evil/packages" cat out
code 8 env SIGSTORE_ID_TOKEN="$EXPIRED" kpm-indexer build --out site --trust trust --first --keyless --signing-config signing_config.json
said 'getting a certificate of' cat out
said 'nothing was published' cat out
test ! -e site/v1/index.json
kpm-indexer build --out site --trust trust --first --keyless --signing-config signing_config.json
printf 'name: pony\nversion: 1.1.0\ndescription: A Kube to test with\n' > packages/pony/K3.yaml
printf %s "$SIGSTORE_ID_TOKEN" > token; chmod 600 token
env -u SIGSTORE_ID_TOKEN kpm-indexer build --out site --keyless --signing-config signing_config.json --identity-token-file token
kpm-indexer audit site
kpm repo add acme "$PWD/site" --trust "$(kpm-indexer trust show site | sed -n 's/.*Pin: //p')"
kpm update
said "$SAN for $REPO" kpm verify pony@1.0.0
kpm get pony@1.0.0 -y
if [ -n "${KPM_E2E_KUBECONFIG-}" ]; then
  export KUBECONFIG=$KPM_E2E_KUBECONFIG
  kpm install pony -y
  said pony kpm list
  kpm uninstall pony -y
fi
jq -j .payload site/v1/index.json > payload
jq .signatures[0] site/v1/index.json > bundle.json
if command -v cosign >/dev/null; then
  set -- cosign verify-blob --bundle bundle.json --trusted-root trusted_root.json --certificate-identity "$SAN" --certificate-oidc-issuer "$ISSUER" $STAMPED --insecure-ignore-sct
  "$@" payload
  printf ' ' >> payload
  code 1 "$@" payload
  jq -j .payload site/v1/index.json > payload
  code 1 cosign verify-blob --bundle bundle.json --trusted-root trusted_root.json --certificate-identity "$SAN.evil" --certificate-oidc-issuer "$ISSUER" $STAMPED --insecure-ignore-sct payload
  echo "cosign agrees"
else
  echo "skipped: cosign is not in PATH"
fi
`

// TestRealSigstore signs with fulcio, rekor and timestamp-authority as Sigstore releases
// them, on loopback: with a log of version 2; and with one of version 1, alone and with a
// timestamp beside it, as the public instance has.
func TestRealSigstore(t *testing.T) {
	bin := os.Getenv("KPM_SIGSTORE")
	if bin == "" {
		t.Skip("KPM_SIGSTORE names no folder of Sigstore's programs: make soak builds them")
	}
	if all, err := net.Interfaces(); err != nil || len(all) != 1 {
		t.Skipf("fulcio tells its metrics to all networks, and here are %d: it runs in an empty network namespace alone (%v)", len(all), err)
	}
	ours := binaries(t)
	t.Run("log of version 2", func(t *testing.T) {
		useSigstore(t, ours, signingtest.Run(t, bin, 2), true)
	})
	t.Run("log of version 1", func(t *testing.T) {
		if missing := signingtest.RekorV1(bin); missing != "" {
			t.Skipf("%s is missing", missing)
		}
		s := signingtest.Run(t, bin, 1)
		t.Run("alone", func(t *testing.T) { useSigstore(t, ours, s, false) })
		t.Run("with timestamps", func(t *testing.T) { useSigstore(t, ours, s, true) })
	})
}

// useSigstore runs the script with an instance.
func useSigstore(t *testing.T, ours string, s *signingtest.Real, stamped bool) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string][]byte{"signing_config.json": s.Config(stamped), "trusted_root.json": s.TrustedRoot()} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	flag := ""
	if stamped {
		flag = "--use-signed-timestamps"
	}
	const workflow = "shared/workflows/.github/workflows/publish.yml@refs/heads/main"
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", prelude+real)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+ours+":"+os.Getenv("PATH"), "HOME="+dir, "KPM_HOME="+filepath.Join(dir, "home"), "STAMPED="+flag,
		"SAN=https://github.com/"+workflow, "REPO=https://github.com/acme/packages", "ISSUER="+s.Issuer(),
		"SIGSTORE_ID_TOKEN="+s.Token("acme/packages", workflow), "OTHER_TOKEN="+s.Token("evil/packages", workflow), "EXPIRED=e30.eyJzdWIiOiJ4In0.e30")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
