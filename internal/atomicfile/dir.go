package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ReplaceDir puts the directory tmp in the place of dst, which may exist or
// not, and removes the old dst. Both must be in the same directory, tmp best
// made by TempDir, so that Sweep finds it after a crash.
//
// The content of tmp is brought to the disk first. On Linux and macOS the two
// are exchanged in one step. Where the file system has no such step, the old
// one is moved aside first: a crash between the two moves leaves no dst until
// the next ReplaceDir of dst, or Sweep, which bring the old one back.
//
// After an error dst is the old directory, except when the error says that the
// old one could not be removed.
func ReplaceDir(tmp, dst string) error {
	if err := replaceDir(filepath.Clean(tmp), filepath.Clean(dst)); err != nil {
		return fmt.Errorf("replacing %s: %w", dst, err)
	}
	return nil
}

func replaceDir(tmp, dst string) error {
	if filepath.Dir(tmp) != filepath.Dir(dst) || tmp == dst {
		return fmt.Errorf("%s is not beside it", tmp)
	}
	if err := syncTree(tmp); err != nil {
		return err
	}
	if err := heal(dst); err != nil {
		return err
	}
	old, err := swap(tmp, dst)
	if err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(dst)); err != nil {
		return err
	}
	if old == "" {
		return nil
	}
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("removing what it was: %w", err)
	}
	return nil
}

// swap puts tmp in the place of dst and says where the old dst is now, if
// there was one.
func swap(tmp, dst string) (old string, err error) {
	_, err = os.Lstat(dst)
	if errors.Is(err, fs.ErrNotExist) {
		return "", rename(tmp, dst)
	}
	if err != nil {
		return "", err
	}
	err = exchange(tmp, dst)
	if errors.Is(err, errors.ErrUnsupported) {
		return swapInSteps(tmp, dst)
	}
	return tmp, err
}

// swapInSteps is swap for file systems that cannot exchange two names.
func swapInSteps(tmp, dst string) (old string, err error) {
	old = aside(dst)
	if err := rename(dst, old); err != nil {
		return "", err
	}
	if err := rename(tmp, dst); err != nil {
		return "", errors.Join(err, rename(old, dst))
	}
	return old, nil
}

// aside is where dst stands while its successor is moved in.
func aside(dst string) string {
	return filepath.Join(filepath.Dir(dst), asidePrefix+filepath.Base(dst))
}

// heal ends a replacement of dst that was cut short: the old directory goes
// back if nothing took its place, and is removed if something did.
func heal(dst string) error {
	old := aside(dst)
	if _, err := os.Lstat(old); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(dst); errors.Is(err, fs.ErrNotExist) {
		return rename(old, dst)
	}
	return os.RemoveAll(old)
}

// syncTree brings every file and directory below dir to the disk.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == dir && !d.IsDir():
			return fmt.Errorf("%s is not a directory", dir)
		case d.IsDir():
			return SyncDir(path)
		case d.Type().IsRegular():
			return SyncFile(path)
		}
		return nil
	})
}

// MakeFolder makes a folder, and those above it that are missing, for everybody
// to read, whatever the umask: a web server often runs as somebody else. One
// that is there keeps its mode.
func MakeFolder(at string) error {
	err := os.Mkdir(at, 0o755)
	if up := filepath.Dir(at); errors.Is(err, fs.ErrNotExist) && up != at {
		if err := MakeFolder(up); err != nil {
			return err
		}
		err = os.Mkdir(at, 0o755)
	}
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	info, err := os.Stat(at)
	if err != nil {
		return err
	}
	return os.Chmod(at, info.Mode()|0o755) // with a group that it inherits
}
