package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/signing/signer"
)

// passphraseFlag is shared by the commands that use keys.
type passphraseFlag struct {
	PassphraseFile string `placeholder:"FILE" help:"File that holds the passphrase of the key; its last newline does not count."`
}

// newKeyFlags are shared by the commands that make keys.
type newKeyFlags struct {
	passphraseFlag
	Passphrase bool `help:"Ask for a passphrase on the terminal."`
}

// newPassphrase is the passphrase of new keys, asked for twice; nil for none.
func (f newKeyFlags) newPassphrase(ctx context.Context, std stdio) ([]byte, error) {
	switch {
	case !f.Passphrase:
		return f.passphrase()
	case f.PassphraseFile != "":
		return nil, usage("--passphrase and --passphrase-file: one of them")
	case std.secret == nil:
		return nil, usage("--passphrase asks, and there is no terminal; say --passphrase-file")
	}
	first, err := std.secret(ctx, "Passphrase of the new keys: ")
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, usage("the passphrase is empty; without --passphrase there is none")
	}
	again, err := std.secret(ctx, "Once more: ")
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(first, again) {
		return nil, usage("these are two passphrases")
	}
	return first, nil
}

func (p passphraseFlag) passphrase() ([]byte, error) {
	if p.PassphraseFile == "" {
		return nil, nil
	}
	data, err := inputfile.Read(p.PassphraseFile, inputfile.MaxKey)
	if err != nil {
		return nil, fmt.Errorf("reading the passphrase: %w", err)
	}
	data = bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
	if len(data) == 0 {
		return nil, usage("%s holds no passphrase", p.PassphraseFile)
	}
	return data, nil
}

// keyFlags are shared by the commands that sign.
type keyFlags struct {
	passphraseFlag
	Key string `required:"" placeholder:"FILE" help:"Private key to sign with."`
}

// key reads the key, and warns when others can read it too. A passphrase that no file
// has is asked for on the terminal.
func (k keyFlags) key(ctx context.Context, std stdio) (*signer.Key, error) {
	pass, err := k.passphrase()
	if err != nil {
		return nil, err
	}
	text, err := inputfile.Read(k.Key, inputfile.MaxKey)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	for _, path := range []string{k.Key, k.PassphraseFile} {
		if mode := openMode(path); mode != 0 {
			std.warn("%s has mode %04o: others on this host can use it; chmod 600 %s", path, mode, path)
		}
	}
	key, err := signer.ParseKey(text, pass)
	if errors.Is(err, signer.ErrPassphrase) && k.PassphraseFile == "" && std.secret != nil {
		if pass, err = std.secret(ctx, fmt.Sprintf("Passphrase of %s: ", k.Key)); err != nil {
			return nil, err
		}
		if key, err = signer.ParseKey(text, pass); errors.Is(err, signer.ErrPassphrase) {
			return nil, fmt.Errorf("%s: %w", k.Key, err)
		}
	}
	if errors.Is(err, signer.ErrPassphrase) {
		return nil, fmt.Errorf("%s: %w; give it with --passphrase-file", k.Key, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.Key, err)
	}
	return key, nil
}

// openMode is the mode of a regular file that others than its owner can read or
// write, and 0 of any other. Windows has no such modes.
func openMode(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 {
		return 0
	}
	return info.Mode().Perm()
}

type keygenCmd struct {
	newKeyFlags
	File string `arg:"" help:"Where the private key goes; the public one goes to FILE.pub."`
}

// Run makes one key and prints where it is.
func (c keygenCmd) Run(ctx context.Context, std stdio) error {
	pass, err := c.newPassphrase(ctx, std)
	if err != nil {
		return err
	}
	key, err := signer.GenerateKey()
	if err != nil {
		return err
	}
	files, err := keyFiles(c.File, key, pass)
	if err != nil {
		return err
	}
	if err := writeAll(files); err != nil {
		return err
	}
	std.say("Wrote %s (keep it secret) and %s.pub", c.File, c.File)
	return nil
}

// newFile is a file that is not there yet. Its mode is perm whatever the umask,
// but for asUsual.
type newFile struct {
	path string
	data []byte
	perm fs.FileMode
}

// asUsual is the mode of files that nothing is asked of: the umask decides.
const asUsual = 0o666

// keyFiles are a private key, for its owner alone, and its public half beside
// it.
func keyFiles(path string, key *signer.Key, passphrase []byte) ([]newFile, error) {
	private, err := key.PEM(passphrase)
	if err != nil {
		return nil, err
	}
	return []newFile{{path, private, 0o600}, {path + ".pub", key.Public().PEM(), 0o644}}, nil
}

// writeAll writes new files, all or none: not when one of them is there
// already, and not when the disk is full.
func writeAll(files []newFile) error {
	for _, f := range files {
		if _, err := os.Lstat(f.path); err == nil {
			return fmt.Errorf("%s exists already; it is not replaced", f.path)
		}
	}
	for i, f := range files {
		err := os.MkdirAll(filepath.Dir(f.path), 0o755)
		if err == nil {
			err = writeNew(f.path, f.data, f.perm)
		}
		if err != nil {
			for _, done := range files[:i] {
				err = errors.Join(err, os.Remove(done.path))
			}
			return err
		}
	}
	return nil
}

// writeNew writes a file, whole or not at all, but never replaces one.
func writeNew(path string, data []byte, perm fs.FileMode) error {
	dir := filepath.Dir(path)
	temporary := filepath.Join(dir, atomicfile.TempPrefix+filepath.Base(path)) // with the mode that the umask leaves
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // what is left of one that was killed
	}
	defer os.Remove(temporary) //nolint:errcheck // the next one removes what stays
	if err := writeSynced(temporary, data, perm); err != nil {
		return err
	}
	err := os.Link(temporary, path)
	if err != nil && !errors.Is(err, fs.ErrExist) { // a file system without links
		if _, missing := os.Lstat(path); errors.Is(missing, fs.ErrNotExist) {
			err = os.Rename(temporary, path)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already; it is not replaced", path)
	}
	return errors.Join(err, atomicfile.SyncDir(dir))
}

func writeSynced(path string, data []byte, perm fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if perm != asUsual {
		err = f.Chmod(perm)
	}
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
