// Package atomicfile replaces a file or a directory in one step: whoever looks,
// at any moment and also after a crash, finds the old one whole or the new one
// whole.
//
// New content is written beside its destination under a temporary name that
// starts with TempPrefix, is brought to the disk (fsync), and is then renamed.
// Windows cannot fsync a directory: there a crash shortly after a replacement
// may bring the old content back, whole.
//
// What a crash can leave, and what mends it:
//
//   - a temporary file or directory: Sweep removes it;
//   - where the file system cannot exchange two directories (Windows, some
//     network file systems), a directory that was moved aside while its
//     successor was not yet in place: the next ReplaceDir of the same
//     directory, or Sweep, moves it back or removes it.
//
// A destination that is a symbolic link is replaced, not followed.
//
// Lock keeps two processes apart. The other functions lock nothing.
package atomicfile
