//go:build !unix

package indexer_test

func limitFiles(uint64) { panic("no limit of file sizes on this system") }
