package mirror

import (
	"errors"
	"io/fs"

	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
)

// note reads mirror.json; without one, or with one that cannot be read, nothing is known
// of the folder.
func (f folder) note() (mirrorfile.File, error) {
	data, err := inputfile.Read(f.at(mirrorfile.Path), mirrorfile.Max)
	if errors.Is(err, fs.ErrNotExist) {
		return mirrorfile.File{}, nil
	}
	if err != nil {
		return mirrorfile.File{}, err
	}
	n, err := mirrorfile.Decode(data)
	if err != nil {
		return mirrorfile.File{}, nil //nolint:nilerr // it is written anew
	}
	return n, nil
}

func (f folder) writeNote(n mirrorfile.File) error {
	data, err := n.Encode()
	if err != nil {
		return err
	}
	return f.write(mirrorfile.Path, data)
}
