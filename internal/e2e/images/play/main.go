// Command play is what the containers of the tests run. Its arguments say how it
// behaves:
//
//	play serve [REFUSALS]    answers /ready on port 8080: the first REFUSALS times with 503
//	play end CODE [LINE...]  writes the lines and ends with the code
//	play hog                 takes memory until it is stopped
//	play convert DIR         converts custom resources, with tls.crt and tls.key of DIR, on port 8443
//	play operate SERVER PATH makes custom resources ready and takes part in their deletion
//
// A number of REFUSALS, and no time, makes a probe say no, so that tests need no
// clock; "always" refuses for ever. Each answer is a line on standard output.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
)

func main() {
	if len(os.Args) < 2 {
		fail("say serve, end, hog, convert or operate")
	}
	switch args := os.Args[2:]; os.Args[1] {
	case "serve":
		serve(args)
	case "end":
		end(args)
	case "hog":
		hog()
	case "convert":
		convert(args)
	case "operate":
		operate(args)
	default:
		fail("unknown word " + os.Args[1])
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "play:", why)
	os.Exit(2)
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		fail(err.Error())
	}
	return n
}

func serve(args []string) {
	refusals := 0
	switch {
	case len(args) == 0:
	case args[0] == "always":
		refusals = int(^uint(0) >> 1)
	default:
		refusals = number(args[0])
	}
	asked := atomic.Int64{}
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		n := asked.Add(1)
		if n <= int64(refusals) {
			fmt.Printf("asked %d times: not ready\n", n)
			http.Error(w, "the play has not begun", http.StatusServiceUnavailable)
			return
		}
		fmt.Printf("asked %d times: ready\n", n)
		fmt.Fprintln(w, "version", os.Getenv("VERSION"))
	})
	endAtOnce()
	fmt.Println("serving version", os.Getenv("VERSION"))
	fail(http.ListenAndServe(":8080", nil).Error())
}

// endAtOnce ends with SIGTERM, which the first process of a container else does not.
func endAtOnce() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		os.Exit(0)
	}()
}

func end(args []string) {
	if len(args) == 0 {
		fail("say with which code to end")
	}
	for _, line := range args[1:] {
		fmt.Println(line)
	}
	os.Exit(number(args[0]))
}

// hog touches each page, so that the memory is really taken.
func hog() {
	var all [][]byte
	for {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		all = append(all, block)
		if len(all)%16 == 0 {
			fmt.Println("took", len(all), "MiB")
		}
	}
}
