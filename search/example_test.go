package search_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/search"
)

func ExampleCatalog_Search() {
	dir, err := os.MkdirTemp("", "catalog")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	store := search.Store{Dir: dir}
	ctx := context.Background()

	writer, err := store.Lock(ctx)
	if err != nil {
		log.Fatal(err)
	}
	line := index.Line{Raw: []byte(`{"name":"etcd","rev":1,"version":"2.2.0","description":"A distributed key-value store","kinds":["StatefulSet"]}`)}
	if err := index.Decode(line.Raw, &line.Record); err != nil {
		log.Fatal(err)
	}
	if err := writer.Replace(ctx, each([]index.Line{line}), []byte(`{}`)); err != nil {
		log.Fatal(err)
	}
	writer.Unlock()

	catalog, err := store.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer catalog.Close() //nolint:errcheck // open for reading only
	found, err := catalog.Search(ctx, "store kind:statefulset", 20)
	if err != nil {
		log.Fatal(err)
	}
	for _, hit := range found.Hits {
		fmt.Printf("%s %s: %s\n", hit.Name, hit.Version, hit.Description)
	}
	// Output: etcd 2.2.0: A distributed key-value store
}
