//go:build linux

package netns

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// inside tells the test binary that it runs in a namespace of its own.
const inside = "NETNS_TEST_INSIDE"

func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" {
		if err := visit(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// visit is what the test binary does inside the namespace.
func visit() error {
	if err := Check(); err != nil {
		return err
	}
	if _, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		if c, err := net.Dial("udp", "127.0.0.1:9"); err == nil {
			return fmt.Errorf("loopback is up before LoopbackUp: %v", c.LocalAddr())
		}
	}
	for range 2 {
		if err := LoopbackUp(); err != nil {
			return err
		}
	}
	if err := Check(); err != nil {
		return fmt.Errorf("with loopback up: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err != nil {
		return err
	}
	_, err = net.Dial("udp", "192.0.2.1:9")
	if err == nil {
		return errors.New("dialing out went well")
	}
	if !errors.Is(err, syscall.ENETUNREACH) {
		return fmt.Errorf("dialing out: %w, want %w", err, syscall.ENETUNREACH)
	}
	if err := DropCapabilities(); err != nil {
		return err
	}
	fmt.Println("uid", os.Geteuid())
	return nil
}

func TestAttributes(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attr, err := Attributes()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("this machine gives users no namespaces: %v", err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := fmt.Sprintln("uid", os.Geteuid()); string(out) != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestCheckDevices(t *testing.T) {
	lo := net.Interface{Name: "lo", Flags: net.FlagUp | net.FlagLoopback}
	for name, tt := range map[string]struct {
		devices []net.Interface
		want    string
	}{
		"loopback":         {devices: []net.Interface{lo}},
		"none":             {},
		"sleeping tunnel":  {devices: []net.Interface{lo, {Name: "sit0"}}},
		"awake tunnel":     {devices: []net.Interface{lo, {Name: "sit0", Flags: net.FlagUp}}, want: "network interface sit0 exists"},
		"card":             {devices: []net.Interface{lo, {Name: "eth0", Flags: net.FlagUp}}, want: "network interface eth0 exists"},
		"card that sleeps": {devices: []net.Interface{{Name: "eth0"}}, want: "network interface eth0 exists"},
	} {
		t.Run(name, func(t *testing.T) { diff(t, checkDevices(tt.devices), tt.want) })
	}
}

func TestCheckRoutes(t *testing.T) {
	const title = "Iface\tDestination\tGateway\tFlags\n"
	for name, tt := range map[string]struct {
		table  string
		device func([]string) string
		want   string
	}{
		"v4 none":     {table: title, device: ipv4Device},
		"v4 loopback": {table: title + "lo\t0000007F\t00000000\t0001\n", device: ipv4Device},
		"v4 default":  {table: title + "eth0\t00000000\t0100A8C0\t0003\neth0\t0000A8C0\t00000000\t0001\n", device: ipv4Device, want: "a route leads through eth0"},
		"v6 none":     {device: ipv6Device},
		"v6 loopback": {table: "00000000 00 00000000 00 00000000 ffffffff 00000001 00000000 00200200       lo\n", device: ipv6Device},
		"v6 default":  {table: "00000000 00 00000000 00 fe800000 00000400 00000001 00000000 00000003     eth0\n", device: ipv6Device, want: "a route leads through eth0"},
	} {
		t.Run(name, func(t *testing.T) { diff(t, checkRoutes(bytes.NewBufferString(tt.table), tt.device), tt.want) })
	}
}

func diff(t *testing.T, err error, want string) {
	t.Helper()
	got := strings.TrimPrefix(fmt.Sprint(err), "<nil>")
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
