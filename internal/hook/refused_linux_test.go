package hook

import (
	"strings"
	"testing"
)

// A strict run ends a hook where it reaches for what it may not, also one that would go
// on without it; what Python and its libraries look for by themselves is no reaching.
func TestStrict(t *testing.T) {
	t.Parallel()
	const swallow = "\nexcept BaseException: pass\nopen('hook-values.yaml', 'w').write('a: 1')\n"
	for name, c := range map[string]struct{ script, want string }{
		"network":      {"try:\n import socket; socket.create_connection(('127.0.0.1', 9), 1)" + swallow, "it opens a socket"},
		"in a child":   {"try:\n import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'])" + swallow, "it opens a socket"},
		"a key":        {"try:\n import os; open(os.path.expanduser('~/.ssh/id_rsa')).read()" + swallow, "it reads ~/.ssh/id_rsa"},
		"a folder":     {"try:\n import os; os.listdir('/root')" + swallow, "it reads /root"},
		"a host's key": {"try:\n open('/etc/ssh/ssh_host_rsa_key').read()" + swallow, "it reads /etc/ssh/ssh_host_rsa_key"},
		"out of it":    {"try:\n open('/usr/../etc/hosts', 'a')" + swallow, "it writes /etc/hosts"},
		"a new folder": {"try:\n import os; os.mkdir('/opt/a')" + swallow, "it writes /opt/a"},
		"good": {`import getpass, hashlib, json, os, pathlib, pwd, secrets, shutil, socket, ssl, subprocess, sys, tempfile, urllib.request, uuid, zipfile
os.path.exists('/root/.ssh')
with tempfile.TemporaryDirectory() as d: pathlib.Path(d, 'a').write_text(secrets.token_hex())
subprocess.run([sys.executable, '-c', 'import json'], check=True)
try: pwd.getpwuid(os.getuid())
except KeyError: pass
os.mkdir('sub'); os.rename('sub', 'other'); shutil.rmtree('other'); open('/dev/null', 'w').write('a')
open('hook-values.yaml', 'w').write('a: 1')
`, ""},
	} {
		for _, level := range levels() {
			t.Run(name+" "+level.String(), func(t *testing.T) {
				has(t, level)
				c0, out := call(t, c.script)
				c0.Strict = true
				if level == Landlock && strings.Contains(c.script, "subprocess") {
					t.Skip("at this level a hook starts no other process")
				}
				got, err := run(t.Context(), c0, []Level{level})
				switch {
				case c.want == "" && (err != nil || string(got.Values) != "a: 1"):
					t.Errorf("%v, %q\n%s", err, got.Values, out)
				case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
					t.Errorf("got %v, want %s\n%s", err, c.want, out)
				}
			})
		}
	}
}
