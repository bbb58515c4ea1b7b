package hook

import "time"

// maxCPU is how many seconds of a processor each process of a hook has, where the system
// can bound that.
const maxCPU = 60

// tookAll reports whether what was killed had used its time: what is counted afterwards is
// a little less than what the limit counts.
func tookAll(used time.Duration) bool { return used >= maxCPU*time.Second*9/10 }
