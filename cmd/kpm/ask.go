package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

// ask puts a question to the user. agreed answers it with yes. Without somebody
// to answer it is an error, never a wait.
func (s *stdio) ask(ctx context.Context, q client.Question, agreed bool) error {
	for _, fact := range q.Facts {
		s.warn(fact)
	}
	if agreed && !q.InPerson {
		return nil
	}
	err := s.confirm(ctx, q.Ask, kube.Clean(q.Ask, false)+" [y/N] ")
	var unanswered *unansweredError
	if errors.As(err, &unanswered) {
		unanswered.inPerson = q.InPerson
	}
	return err
}

// confirm prints a prompt and wants yes. question is what it says without it.
func (s *stdio) confirm(ctx context.Context, question, prompt string) error {
	if !s.inTerminal || !s.errTerminal {
		return &unansweredError{question: question}
	}
	fmt.Fprint(s.err, prompt)
	answer, err := s.readLine(ctx)
	if err != nil {
		fmt.Fprintln(s.err)
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

// errDeclined says that the user said no.
var errDeclined = errcode.New(errcode.Declined, "declined; nothing was changed")

// errPartly says that the user said no after others had been installed.
var errPartly = errcode.New(errcode.Partly, "declined; what was installed before stays")

// unansweredError is a question that nobody was there to answer.
type unansweredError struct {
	question string
	inPerson bool // -y does not answer it
}

func (e *unansweredError) Error() string {
	return fmt.Sprintf("this needs an answer, and there is no terminal to ask on: %s", e.question)
}

// ErrorCode is QUESTION.
func (e *unansweredError) ErrorCode() errcode.Code { return errcode.Question }

// ErrorFacts says whether -y was no answer.
func (e *unansweredError) ErrorFacts() errcode.Facts {
	if !e.inPerson {
		return nil
	}
	return errcode.Facts{"in person": true}
}

// readLine reads a line, or stops when ctx does. The read itself cannot be
// stopped; the process ends soon after.
func (s *stdio) readLine(ctx context.Context) (string, error) {
	type result struct {
		text string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		text, err := bufio.NewReader(s.in).ReadString('\n')
		read <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-read:
		if errors.Is(r.err, io.EOF) {
			return r.text, nil // no answer is no
		}
		return r.text, r.err
	}
}
