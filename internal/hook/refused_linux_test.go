package hook

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// A strict run ends a hook where it reaches for what it may not, also one that would go
// on without it; what Python and its libraries look for by themselves is no reaching.
// Each way to reach is tried at one level, at all of them where KPM_SOAK is set.
func TestStrict(t *testing.T) {
	t.Parallel()
	const swallow = "\nexcept BaseException: pass\nopen('hook-values.yaml', 'w').write('a: 1')\n"
	ways := map[string]struct{ script, want string }{
		"network":      {"try:\n import socket; socket.create_connection(('127.0.0.1', 9), 1)" + swallow, "it opens a socket"},
		"in a child":   {"try:\n import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'])" + swallow, "it opens a socket"},
		"a key":        {"try:\n import os; open(os.path.expanduser('~/.ssh/id_rsa')).read()" + swallow, "it reads ~/.ssh/id_rsa"},
		"a folder":     {"try:\n import os; os.listdir('/root')" + swallow, "it reads /root"},
		"a host's key": {"try:\n open('/etc/ssh/ssh_host_rsa_key').read()" + swallow, "it reads /etc/ssh/ssh_host_rsa_key"},
		"stat":         {"try:\n import os; os.stat('/root/.ssh/id_rsa')" + swallow, "it looks for /root/.ssh/id_rsa"},
		"exists":       {"try:\n import os; os.path.exists(os.path.expanduser('~/.kube/config'))" + swallow, "it looks for ~/.kube/config"},
		"access":       {"try:\n import os; os.access('/etc/shadow', os.R_OK)" + swallow, "it looks for /etc/shadow"},
		"readlink":     {"try:\n import os; os.readlink('/root/.vimrc')" + swallow, "it looks for /root/.vimrc"},
		"docker":       {"try:\n import socket; socket.socket(socket.AF_UNIX).connect('/run/docker.sock')" + swallow, "it connects to the socket \"/run/docker.sock\""},
		"abstract":     {"try:\n import socket; socket.socket(socket.AF_UNIX).connect('\\0kpm')" + swallow, "it connects to the socket \"@kpm\""},
		"datagram":     {"try:\n import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'a', '/dev/log')" + swallow, "it connects to the socket \"/dev/log\""},
		"serves":       {"try:\n import socket; socket.socket(socket.AF_UNIX).bind('a.sock')" + swallow, "it connects to the socket \"a.sock\""},
		"netlink":      {"try:\n import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)" + swallow, "it asks the kernel by netlink"},
		"openat2":      {"try:\n import ctypes; how = (ctypes.c_uint64 * 3)(0, 0, 0); ctypes.CDLL(None).syscall(437, -100, b'/etc/ssh/ssh_host_rsa_key', how, 24)" + swallow, "it reads /etc/ssh/ssh_host_rsa_key"},
		"openat2 new":  {"try:\n import ctypes; how = (ctypes.c_uint64 * 3)(0o101, 0o600, 0); ctypes.CDLL(None).syscall(437, -100, b'/opt/a', how, 24)" + swallow, "it writes /opt/a"},
		"a link":       {"try:\n import os; os.link('scripts/pre-install.py', '/opt/a')" + swallow, "it writes /opt/a"},
		"out of it":    {"try:\n open('/usr/../etc/hosts', 'a')" + swallow, "it writes /etc/hosts"},
		"a new folder": {"try:\n import os; os.mkdir('/opt/a')" + swallow, "it writes /opt/a"},
		"good": {`import getpass, hashlib, json, os, pathlib, pwd, secrets, shutil, socket, ssl, subprocess, sys, tempfile, urllib.request, uuid, zipfile
os.path.exists('/etc'); os.stat('/usr'); os.path.realpath(__file__); os.stat(os.path.expanduser('~'))
with tempfile.TemporaryDirectory() as d: pathlib.Path(d, 'a').write_text(secrets.token_hex())
subprocess.run([sys.executable, '-c', 'import json'], check=True)
try: pwd.getpwuid(os.getuid())
except KeyError: pass
try: pwd.getpwnam('nobody-of-this-name')
except KeyError: pass
try: socket.if_nameindex()
except OSError: pass
os.mkdir('sub'); os.rename('sub', 'other'); shutil.rmtree('other'); open('/dev/null', 'w').write('a')
open('hook-values.yaml', 'w').write('a: 1')
`, ""},
	}
	for i, name := range slices.Sorted(maps.Keys(ways)) {
		c, tried := ways[name], levels()
		if c.want != "" && os.Getenv("KPM_SOAK") == "" {
			tried = tried[i%len(tried):][:1]
		}
		for _, level := range tried {
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
