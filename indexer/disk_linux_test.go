package indexer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFullDisk publishes on a disk that has less and less room. Where there is
// not enough the publish fails, the old state stays whole, and the same build
// succeeds once there is room.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	k := newKit(t)
	k.site = filepath.Join(k.dir, "disk/site")
	disk := filepath.Dir(k.site)
	if err := os.MkdirAll(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	k.first()
	failed := 0
	for room := 0; room <= 80<<10; room += 4 << 10 {
		k.kube("pony", fmt.Sprintf("1.%d.0", room))
		before := tree(t, k.site)
		fill(t, filepath.Join(disk, "filler"), room)
		_, err := k.try()
		if err != nil {
			failed++
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("with %d bytes of room: %v", room, err)
			}
			after := tree(t, k.site)
			for path, d := range before {
				if after[path] != d {
					t.Errorf("with %d bytes of room: %s changed", room, path)
				}
			}
			k.audit()
		}
		if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			if _, err := k.try(); err != nil {
				t.Fatalf("with room again: %v", err)
			}
			k.audit()
		}
	}
	if failed == 0 || failed == 21 {
		t.Errorf("%d of 21 publishes failed", failed)
	}
}

// fill writes a file until room bytes are left on its disk.
func fill(t *testing.T, at string, room int) {
	t.Helper()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(at), &disk); err != nil {
		t.Fatal(err)
	}
	free := int(disk.Bavail) * int(disk.Bsize)
	if err := os.WriteFile(at, make([]byte, max(0, free-room)), 0o644); err != nil {
		t.Fatal(err)
	}
}
