// Package fetch gets bytes from one source: a repository on a web server
// (https, http) or in a directory (file). It knows sizes and digests, not what
// the bytes mean and not whom to trust.
//
// What holds for every transfer:
//
//   - A caller gives the most bytes it will take. An announced length above
//     that is refused before a byte is read.
//   - At most 8 transfers of one Source run at once, over at most 8
//     connections; more wait for their turn.
//   - Objects are asked for with `Accept-Encoding: identity` and hashed as
//     received, whatever Content-Encoding the answer claims. Nothing is
//     decompressed but the answer to a Get with AcceptGzip.
//   - A server that says nothing for 30 s, or that sends less than 1 KiB/s
//     over any 60 s, is left.
//   - A broken connection and the statuses 429 and 5xx are tried again, twice,
//     after a short pause; what the client did wrong (other 4xx) never is.
//   - At most 5 redirects are followed, none from https to anything else and
//     none back to where it came from.
//   - A credential is sent only to the scheme, host and port that the user
//     typed, never after a redirect to another, and over http only to this
//     machine. It stands in no URL: user:password@ is refused.
//   - Below a file source only regular files are opened; links may point
//     within the tree but not out of it; a FIFO or a device is refused without
//     being opened.
//   - URLs in messages carry neither query nor credential.
//
// Errors. ErrNotFound, ErrForbidden and ErrUnreachable say which kind of
// trouble it was; *StatusError, *TooLongError and *index.MismatchError say
// more. When the caller's context ends, errors.Is finds its Err.
package fetch
