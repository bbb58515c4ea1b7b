package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

func ExampleOpen() {
	files := map[string]string{"/v1/index.json": "a head", "/objects/ab/ab": "an object"}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprint(w, body)
	}))
	defer srv.Close()

	s, err := fetch.Open(srv.URL, fetch.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	ctx := context.Background()
	head, err := s.Get(ctx, index.HeadPath, fetch.Get{Limit: index.MaxHead, AcceptGzip: true})
	fmt.Printf("%s, %v\n", head.Body, err)
	object, err := s.Object(ctx, "objects/ab/ab", index.RefOf([]byte("an object")), false)
	fmt.Printf("%s, %v\n", object, err)
	_, err = s.Get(ctx, index.TrustPath(2), fetch.Get{Limit: index.MaxTrust})
	fmt.Println(errors.Is(err, fetch.ErrNotFound))
	fmt.Println(s.Stats())
	// Output:
	// a head, <nil>
	// an object, <nil>
	// true
	// 3 15
}
