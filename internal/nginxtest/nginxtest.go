// Package nginxtest serves what a test made by the nginx of the system.
package nginxtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Start runs nginx until the test ends, with the server blocks that server makes for an
// address such as 127.0.0.1:40123, and gives that address. It is listened at before nginx
// starts, which inherits the socket as it does from an nginx that it replaces: nobody else
// can take the address, and what asks at once is answered. The test is skipped where nginx
// is not installed.
func Start(t *testing.T, server func(address string) string) string {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Skip("nginx is not installed; on Debian: apt-get install nginx-light")
		}
	}
	address, socket := listen(t)
	own := t.TempDir()
	conf := filepath.Join(own, "nginx.conf")
	if err := os.WriteFile(conf, []byte(config(own, server(address))), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", own, "-c", conf)
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Env = append(os.Environ(), "NGINX=3;") // ngx_add_inherited_sockets in src/core/nginx.c
	if err := errors.Join(cmd.Start(), socket.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			t.Errorf("nginx: %v", err)
		}
		if log, err := os.ReadFile(filepath.Join(own, "log")); t.Failed() {
			t.Logf("nginx: %v\n%s", err, log)
		}
	})
	return address
}

// listen gives a socket that listens on loopback, and its address.
func listen(t *testing.T) (string, *os.File) {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	socket, err := l.File()
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String(), socket
}

// config has nginx stay in the foreground, as the user who runs the test, with all that it
// writes in own. It keeps its master process: without one it cannot take over a socket.
func config(own, server string) string {
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n"
	}
	return fmt.Sprintf(`%sdaemon off;
pid %[2]s/pid;
error_log %[2]s/log;
events {}
http {
access_log off;
client_body_temp_path %[2]s/a;
proxy_temp_path %[2]s/b;
fastcgi_temp_path %[2]s/c;
uwsgi_temp_path %[2]s/d;
scgi_temp_path %[2]s/e;
%[3]s
}
`, user, own, server)
}
