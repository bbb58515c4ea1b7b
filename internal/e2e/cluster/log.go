package cluster

import (
	"flag"
	"fmt"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// LogName is the name of the log below Config.Dir.
const LogName = "cluster.log"

// openLog sends the logs of all components to one file.
func openLog(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{
		"logtostderr":     "false",
		"alsologtostderr": "false",
		"stderrthreshold": "FATAL",
		"one_output":      "true",
	} {
		if err := flags.Set(name, value); err != nil {
			return f, fmt.Errorf("setting klog's %s: %w", name, err)
		}
	}
	klog.SetOutput(f)
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	return f, nil
}

func closeLog(f *os.File) error {
	klog.Flush()
	return f.Close()
}
