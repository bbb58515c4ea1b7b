package admit

import "maps"

// checks are the rules between the fields of one object, by type.
var checks = gather(podChecks, containerChecks, serviceChecks, workloadChecks, jobChecks, networkChecks, policyChecks, storageChecks, configChecks, definitionChecks)

func gather(groups ...map[string][]check) map[string][]check {
	all := map[string][]check{}
	for _, g := range groups {
		maps.Copy(all, g)
	}
	return all
}
