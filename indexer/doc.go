// Package indexer turns a packages folder into a published site: signed,
// versioned archives and a signed index, as static files.
//
//	packages folder ─ readFolder ─ revise, pack, attest ─► revision ─ build ─► index.Publication ─ write ─ sign ─ replay ─ putHead ─► site
//
// The publisher is a client of its own site. It opens what is published as a
// client would (repository), so a site that somebody else rewrote stops it; and
// before it replaces the head it replays the new one as a client would.
//
// Rules that hold whatever a build is asked:
//
//   - What is published stays: a released version keeps its bytes for ever, and
//     a record line is written once. A changed Kube without a new version is
//     refused, by name, with what differs.
//   - Absence is not removal: a published Kube that the packages folder lacks is
//     an error. Removal, yanking and revoking are written in releases.yaml.
//   - The head is written last and in one step. A crash or a full disk at any
//     write leaves the published site as it was.
//
// Every signing is a publish: its sequence number is one higher, also when
// nothing but the time changed.
package indexer
